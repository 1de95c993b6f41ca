"""What waits to be copied to each target, remembered for some seconds: counting walks all that waits."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Lock

from storage.catalogue import Catalogue
from storage.catalogue.copy_tasks import Waiting


class Backlogs:
    """Counts once in ``kept``, however many people look. Time is an argument."""

    def __init__(self, kept: timedelta = timedelta(seconds=3)) -> None:
        self._kept = kept
        self._at: datetime | None = None
        self._found: Mapping[str, Waiting] = {}
        self._lock = Lock()

    def of(self, catalogue: Catalogue, now: datetime) -> Mapping[str, Waiting]:
        """The backlog of every target that has one."""
        with self._lock:
            if self._at is None or not timedelta() <= now - self._at < self._kept:
                self._found, self._at = catalogue.copy_tasks.waiting(now), now
            return self._found
