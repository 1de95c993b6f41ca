"""What the installation found by itself when it read copies back: runs like those that people ask for, whose
reports say which copies were bad, and which of them are good again."""

import threading
from collections.abc import Sequence
from datetime import datetime

from storage.catalogue import Catalogue, RunKind, RunState
from storage.scrub.repair import good_again
from storage.scrub.report import as_json
from storage.scrub.scrub import Bad


class Findings:
    """Those whose copies are not all good again. Safe from several threads."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._lock = threading.Lock()
        self._open: dict[str, tuple[Sequence[Bad], int]] = {}

    def note(
        self, target: str, bad: Sequence[Bad], *, began: datetime, now: datetime, copies: int, size: int = 0
    ) -> None:
        """Of so many ``copies`` that were looked at, and ``size`` bytes, these were ``bad``, if any."""
        if not bad:
            return
        runs = self._catalogue.runs
        run = runs.begin(RunKind.SCRUB, target, began, copies)
        runs.progress(run.id, now, copies, size)
        runs.end(run.id, RunState.DONE, now, report=as_json(bad, ()))
        with self._lock:
            self._open[run.id] = (bad, 0)

    @property
    def any(self) -> bool:
        """Whether something is left to be said of any."""
        return bool(self._open)

    def bring_up(self, *, left: bool) -> None:
        """Say in the reports what is good again. Nothing more comes where no bad copy is ``left`` at all."""
        with self._lock:
            for run_id, (bad, before) in list(self._open.items()):
                good = good_again(self._catalogue, bad)
                if len(good) != before:
                    self._catalogue.runs.report(run_id, as_json(bad, good))
                if len(good) == len(bad) or not left:
                    del self._open[run_id]
                else:
                    self._open[run_id] = (bad, len(good))
