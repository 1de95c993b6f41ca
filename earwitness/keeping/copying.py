"""Copies to one target: when it is time, batch after batch, with a run that people can watch."""

import time
from collections.abc import Callable
from datetime import datetime

import structlog

from earwitness.keeping.copy_team import CopyTeam
from earwitness.keeping.places import Times
from earwitness.keeping.target_watch import TargetWatch
from storage.catalogue import Catalogue, Run, RunKind, RunState
from storage.copies.copier import BATCH, Batch

log = structlog.get_logger("jobs")
_FASTEST = 0.001
_WRITE = 1.0
_TRIES = 5
"""A call that failed so often in a scheduled run waits for the next one."""


class Copying:
    """The copies of one target, in the part ``jobs``. ``now`` tells the time, ``stopping`` when to end."""

    def __init__(
        self,
        catalogue: Catalogue,
        team: CopyTeam,
        watch: TargetWatch,
        times: Times,
        now: Callable[[], datetime],
        stopping: Callable[[], bool],
    ) -> None:
        self._catalogue = catalogue
        self._team = team
        self._watch = watch
        self._times = times
        self._now = now
        self._stopping = stopping
        self._name = watch.name
        self._freed = False

    def wanted(self) -> bool:
        """Whether there is something to copy and it is time for it."""
        if not self._watch.worth_trying:
            return False
        if not self._freed:
            self._freed = True
            self._team.free()
        now = self._now()
        by_rule = self._is_time(now)
        if self._catalogue.copy_claims.claimable(self._name, now, by_hand=not by_rule):
            return True
        if by_rule and not self._catalogue.copy_tasks.unfinished(self._name, now, _TRIES):
            self._plan_next(now)
        return False

    def run(self) -> None:
        """Copy until nothing is due any more, it is not time any more, or the target is in trouble."""
        with self._team:
            self._run()

    def _run(self) -> None:
        run: Run | None = None
        done = size = 0
        failed: dict[str, str] = {}
        while not self._stopping():
            batch = self._batch(self._telling(run, done, size))
            done, size = done + len(batch.copied), size + batch.bytes
            failed |= batch.failed
            if run is None and batch.taken >= BATCH:
                run = self._catalogue.runs.begin(RunKind.BACKUP, self._name, self._now(), self._total(done))
            if run is not None:
                self._catalogue.runs.progress(run.id, self._now(), done, size)
            if not batch.taken or batch.trouble is not None:
                break
        if run is not None:
            self._end(run, failed)

    def _telling(self, run: Run | None, done: int, size: int) -> Callable[[Batch], None]:
        """Writes down how far the run is with a batch after so many calls and bytes, once a second."""
        written = time.monotonic()

        def told(batch: Batch) -> None:
            nonlocal written
            if run is not None and time.monotonic() - written >= _WRITE:
                written = time.monotonic()
                count = done + len(batch.copied)
                self._catalogue.runs.progress(run.id, self._now(), count, size + batch.bytes)

        return told

    def _batch(self, told: Callable[[Batch], None]) -> Batch:
        begun = time.monotonic()
        by_rule = self._is_time(self._now())
        batch = self._team.batch(self._ends_early(by_rule), by_hand=not by_rule, noted=told)
        if batch.bytes:
            speed = batch.bytes / max(time.monotonic() - begun, _FASTEST)
            self._catalogue.target_states.measured(self._name, speed, self._now())
        if batch.trouble is not None:
            self._watch.troubled(batch.trouble, self._now())
        elif batch.copied:
            self._watch.copied(self._now())
        for call_id, reason in batch.failed.items():
            log.warning("call not copied", target=self._name, call=call_id, reason=reason)
        for call_id, copies in batch.damaged.items():
            for copy in copies:
                log.error(
                    "copy is bad", call=call_id, target=copy.target, condition=copy.condition, alarm=True
                )
        return batch

    def _ends_early(self, by_rule: bool) -> Callable[[], bool]:
        """Calls are not begun any more when the window closes, unless a person waits for them."""

        def ends() -> bool:
            return self._stopping() or (by_rule and not self._times.window.is_open(self._now()))

        return ends

    def _is_time(self, now: datetime) -> bool:
        state = self._catalogue.target_states.get(self._name)
        planned = state.next_run if state else None
        plan = self._times.schedule.plan(planned, now)
        if plan.next_run != planned:
            self._catalogue.target_states.planned(self._name, plan.next_run, now)
        return plan.due and self._times.window.is_open(now)

    def _plan_next(self, now: datetime) -> None:
        """Nothing is left of what was due: until the next time."""
        coming = self._times.schedule.after(now)
        if coming is not None:
            self._catalogue.target_states.planned(self._name, coming, now)

    def _total(self, done: int) -> int:
        waiting = self._catalogue.copy_tasks.waiting(self._now()).get(self._name)
        return done + (waiting.calls if waiting else 0)

    def _end(self, run: Run, failed: dict[str, str]) -> None:
        state = self._watch_state()
        message = next(iter(failed.values()), "")
        report = {"failed": len(failed)}
        self._catalogue.runs.end(run.id, state, self._now(), message, report)

    def _watch_state(self) -> RunState:
        if self._stopping():
            return RunState.STOPPED
        return RunState.DONE if self._watch.worth_trying else RunState.FAILED
