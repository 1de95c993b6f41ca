"""Tells a playback from the many range requests that it is made of. Time is an argument."""

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock


class Playbacks:
    """Who is playing what. A playback ends when nothing of it was asked for during ``quiet``.

    At most ``capacity`` are remembered; one that is forgotten early is only counted once more.
    """

    def __init__(self, quiet: timedelta = timedelta(minutes=10), capacity: int = 10_000) -> None:
        self._quiet = quiet
        self._capacity = capacity
        self._heard: OrderedDict[tuple[str, str], datetime] = OrderedDict()
        self._lock = Lock()

    def begins(self, session: str, call: str, now: datetime) -> bool:
        """Note a request for audio; True when it begins a playback, which is then to be audited."""
        key = (session, call)
        with self._lock:
            before = self._heard.pop(key, None)
            self._heard[key] = now
            while len(self._heard) > self._capacity:
                self._heard.popitem(last=False)
        return before is None or now - before > self._quiet

    def undo(self, session: str, call: str) -> None:
        """The playback did not begin after all (its audit event could not be written)."""
        with self._lock:
            self._heard.pop((session, call), None)
