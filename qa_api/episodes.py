"""Tells one act from the many requests that it is made of. Time is an argument.

A playback is dozens of range requests, and a list that is open is asked for again and again: the audit log
gets one event for each episode, not for each request.
"""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Lock


class Episodes:
    """Who is doing what. An episode ends when nothing of it was asked for during ``quiet``.

    At most ``capacity`` are remembered; one that is forgotten early is only counted once more.
    """

    def __init__(self, quiet: timedelta = timedelta(minutes=10), capacity: int = 10_000) -> None:
        self._quiet = quiet
        self._capacity = capacity
        self._last: OrderedDict[tuple[str, ...], datetime] = OrderedDict()
        self._lock = Lock()

    @contextmanager
    def beginning(self, *key: str, now: datetime) -> Iterator[bool]:
        """Note a request; gives True when it begins an episode, which is then to be audited.

        When the block fails (the audit event could not be written), the episode has not begun.
        """
        begins = self._note(key, now)
        try:
            yield begins
        except BaseException:
            if begins:
                with self._lock:
                    self._last.pop(key, None)
            raise

    def _note(self, key: tuple[str, ...], now: datetime) -> bool:
        with self._lock:
            before = self._last.pop(key, None)
            self._last[key] = now
            while len(self._last) > self._capacity:
                self._last.popitem(last=False)
        return before is None or now - before > self._quiet
