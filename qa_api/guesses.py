"""Bounds how many whole numbers somebody who sees masked ones may search for. Time is an argument.

A masked number hides four digits or more, so 10,000 searches would find them. Somebody who knows a number
may search for it; ``allowed`` different ones in an hour serve the work and make guessing take a week.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock

from qa_api.errors import LockedOut


class NumberGuesses:
    """Counts different whole numbers by user over a sliding ``period``; ``capacity`` users are remembered."""

    def __init__(
        self, allowed: int = 60, period: timedelta = timedelta(hours=1), capacity: int = 10_000
    ) -> None:
        self._allowed = allowed
        self._period = period
        self._capacity = capacity
        self._asked: OrderedDict[str, dict[str, datetime]] = OrderedDict()
        self._lock = Lock()

    def ask(self, user: str, number: str, now: datetime) -> None:
        """Note a search; raises ``LockedOut`` when it is one number too many. Repeating one is free."""
        with self._lock:
            asked = {known: at for known, at in self._asked.get(user, {}).items() if now - at < self._period}
            if number not in asked and len(asked) >= self._allowed:
                seconds = -(-(min(asked.values()) + self._period - now) // timedelta(seconds=1))
                raise LockedOut(
                    f"More than {self._allowed} different whole numbers were searched for within an hour.",
                    retry_after=seconds,
                )
            asked.setdefault(number, now)
            self._asked[user] = asked
            self._asked.move_to_end(user)
            while len(self._asked) > self._capacity:
                self._asked.popitem(last=False)
