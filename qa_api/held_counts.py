"""How many calls each target holds, counted now and then: counting walks all copies, which may take long."""

from collections.abc import Mapping
from threading import Lock, Thread
from time import perf_counter

from storage.catalogue import Catalogue
from storage.copies.census import calls_held
from storage.errors import CatalogueError

_PAUSES = 50
"""Between two counts pass so many times the time that one takes."""


class HeldCounts:
    """Counts in a thread of its own, so that nobody waits longer than ``patience`` seconds for it.

    What was counted is kept for ``kept`` seconds, or longer where counting takes long.
    """

    def __init__(self, kept: float = 10.0, patience: float = 0.5) -> None:
        self._kept = kept
        self._patience = patience
        self._due = 0.0
        self._found: Mapping[str, int] | None = None
        self._counting: Thread | None = None
        self._lock = Lock()

    def of(self, catalogue: Catalogue) -> Mapping[str, int] | None:
        """Calls by target as they were counted last, None until they are."""
        with self._lock:
            if self._counting is None and perf_counter() >= self._due:
                self._counting = Thread(
                    target=self._count, args=(catalogue,), name="held-counts", daemon=True
                )
                self._counting.start()
            counting = self._counting
        if counting is not None:
            counting.join(self._patience)
        return self._found

    def _count(self, catalogue: Catalogue) -> None:
        begun = perf_counter()
        try:
            self._found = calls_held(catalogue)
        except CatalogueError:
            pass  # whoever asks for more than numbers hears of it; here the ones before stand
        finally:
            ended = perf_counter()
            with self._lock:
                self._due = ended + max(self._kept, (ended - begun) * _PAUSES)
                self._counting = None
