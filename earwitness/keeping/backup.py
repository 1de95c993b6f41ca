"""A backup by hand: copies now, whatever schedules and windows say, in this process.

Safe while ``serve`` copies as well: both take tasks that the other has not taken, and this one waits for
those that the other has.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from earwitness.keeping.copy_team import CopyTeam
from earwitness.settings import Settings
from storage.catalogue import Catalogue, Run, RunKind, RunState
from storage.clock import utc_now
from storage.copies.backlog import Backlog
from storage.copies.copier import Batch, Copier
from storage.copies.placement import Placement
from storage.targets import Target

_UNTRIED = 1


@dataclass(slots=True)
class Backup:
    """How far the backup to one target is. ``failed`` has the reason by call id; ``trouble`` says what is
    wrong with the target; ``left`` is how many calls were not copied by anybody, ``later`` how many are for
    the target once they are older; ``snapshot`` says whether the catalogue was put there too, ``waits`` that
    others have taken what is left."""

    target: str
    total: int
    calls: int = 0
    bytes: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    trouble: str = ""
    left: int = 0
    later: int = 0
    snapshot: bool = False
    waits: bool = False

    @property
    def whole(self) -> bool:
        """Whether nothing is left to do."""
        return not self.left and not self.trouble


class Backups:
    """Makes backups. ``wait`` waits for so many seconds, at most until somebody asks to stop, and says
    whether somebody did. With ``settings`` helpers may be started by them (see ``CopyTeam``)."""

    def __init__(
        self,
        catalogue: Catalogue,
        targets: dict[str, Target],
        placement: Placement,
        home: str,
        wait: Callable[[float], bool],
        now: Callable[[], datetime] = utc_now,
        settings: Settings | None = None,
    ) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._tasks = catalogue.copy_tasks
        self._placement = placement
        self._backlog = Backlog(catalogue, placement, home)
        self._copier = Copier(catalogue, targets, placement, home, now)
        self._wait = wait
        self._now = now

    def prepare(self, target: str, call_ids: Sequence[str] | None) -> Backup:
        """Find out what there is to copy: these calls, or all that the target should hold by now."""
        self._copier.free(target)
        if call_ids is not None:
            return Backup(target, self._backlog.ask(target, call_ids, self._now()))
        while not self._wait(0) and self._backlog.fill(target, self._now()):
            pass
        self._tasks.hurry(target, self._now())
        waiting = self._tasks.waiting(self._now()).get(target)
        return Backup(target, waiting.calls if waiting else 0)

    def make(
        self,
        backup: Backup,
        call_ids: Sequence[str] | None,
        shown: Callable[[Backup], None],
        run: Run | None = None,
        by: str = "",
    ) -> None:
        """Copy until nothing is left, the target is in trouble, or somebody asks to stop; as ``run``, or as
        a run of its own, which ``by`` began.

        ``shown`` is told each time that ``backup`` has come further. Raises ``CatalogueError``.
        """
        runs = self._catalogue.runs
        if run is None:
            run = runs.begin(RunKind.BACKUP, backup.target, self._now(), backup.total, by=by)
        runs.progress(run.id, self._now(), 0, total=backup.total)
        state = RunState.FAILED
        team = self._team(backup.target)
        try:
            while not self._wait(0):
                batch = self._batch(team, backup, run.id, call_ids, shown)
                if batch.trouble is not None:
                    backup.trouble = batch.trouble.detail
                    break
                backup.waits = not batch.taken and self._others_at_it(backup, call_ids)
                if backup.waits:
                    shown(backup)
                if not batch.taken and (not backup.waits or self._wait(0.5)):
                    break
            backup.left, backup.later = self._left(backup, call_ids)
            if backup.whole:
                state = RunState.DONE
            elif self._wait(0):
                state = RunState.STOPPED
        finally:
            team.close()
            message = backup.trouble or next(iter(backup.failed.values()), "")
            report = {"by_hand": True, "failed": len(backup.failed), "left": backup.left}
            runs.end(run.id, state, self._now(), message, report)

    def _team(self, target: str) -> CopyTeam:
        if self._settings is None:
            return CopyTeam(self._copier, target)
        return CopyTeam.of(self._settings, self._copier, target)

    def _batch(
        self,
        team: CopyTeam,
        backup: Backup,
        run: str,
        call_ids: Sequence[str] | None,
        shown: Callable[[Backup], None],
    ) -> Batch:
        calls, size = backup.calls, backup.bytes

        def noted(batch: Batch) -> None:
            backup.calls, backup.bytes = calls + len(batch.copied), size + batch.bytes
            # Calls that came meanwhile are copied too.
            backup.total = max(backup.total, backup.calls)
            self._catalogue.runs.progress(run, self._now(), backup.calls, backup.bytes)
            shown(backup)

        batch = team.batch(lambda: self._wait(0), by_hand=call_ids is not None, noted=noted)
        backup.failed = {id_: why for id_, why in backup.failed.items() if id_ not in batch.copied}
        backup.failed |= batch.failed
        return batch

    def _others_at_it(self, backup: Backup, call_ids: Sequence[str] | None) -> bool:
        """Whether somebody else has taken calls that are wanted here."""
        if call_ids is None:
            return self._tasks.unfinished(backup.target, self._now(), _UNTRIED)
        return any(task.attempts < _UNTRIED for task in self._tasks.open(backup.target, call_ids))

    def _left(self, backup: Backup, call_ids: Sequence[str] | None) -> tuple[int, int]:
        """How many calls are left, and how many of all are not due yet."""
        if call_ids is not None:
            return len(self._tasks.open(backup.target, call_ids)), 0
        waiting = self._tasks.waiting(self._now()).get(backup.target)
        return (waiting.calls, waiting.later) if waiting else (0, 0)
