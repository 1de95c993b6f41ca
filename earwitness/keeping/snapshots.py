"""Snapshots of the catalogue on every target that gets copies, by their schedule."""

from collections.abc import Iterator
from datetime import timedelta

import structlog

from earwitness import encrypting
from earwitness.keeping.chores import Chore
from earwitness.keeping.means import Means
from storage.catalogue import RunKind, RunState
from storage.copies.schedule import Schedule
from storage.copies.snapshot import take, trim
from storage.errors import StorageError

log = structlog.get_logger("jobs")
LOOK_SECONDS = 60.0
_AGAIN = timedelta(minutes=10)
"""After a snapshot that failed."""


def chores(means: Means) -> Iterator[Chore]:
    """One for each target."""
    for name in means.placement.targets:
        if name in means.targets:
            snapshots = Snapshots(means, name)
            yield Chore(f"snapshot to {name}", LOOK_SECONDS, snapshots.run, snapshots.wanted)


class Snapshots:
    """Those on one target. The first is taken at once."""

    def __init__(self, means: Means, name: str) -> None:
        self._means = means
        self._name = name
        chosen = Schedule.parse(means.settings.snapshots.schedule)
        self._schedule = chosen if chosen.cron else Schedule.parse("hourly")

    def wanted(self) -> bool:
        """Whether it is time for one."""
        means = self._means
        if not means.watches[self._name].worth_trying or means.lasting(self._name):
            return False
        now, runs = means.now(), means.catalogue.runs
        failed = runs.last(RunKind.SNAPSHOT, self._name, RunState.FAILED)
        if failed is not None and timedelta() <= now - failed.started < _AGAIN:
            return False
        last = runs.last(RunKind.SNAPSHOT, self._name, RunState.DONE)
        return last is None or self._schedule.plan(self._schedule.after(last.started), now).due

    def run(self, run_id: str | None = None) -> None:
        """Take one, as the run of this id or as a new one, and let the oldest go."""
        means = self._means
        runs, now = means.catalogue.runs, means.now()
        number = run_id or runs.begin(RunKind.SNAPSHOT, self._name, now).id
        try:
            target = means.targets[self._name]
            maker = encrypting.maker(means.settings)
            taken = take(target, means.catalogue.dump, now, maker=maker, folder=means.settings.data)
            trim(target, means.settings.snapshots.keep, now)
        except (StorageError, OSError) as error:
            runs.end(number, RunState.FAILED, means.now(), str(error))
            means.worries.say(f"snapshot {self._name}", f"No snapshot on {self._name}: {error}")
            return
        runs.progress(number, means.now(), 1, taken.bytes)
        runs.end(number, RunState.DONE, means.now(), report={"name": taken.name})
        means.worries.say(f"snapshot {self._name}", "")
        log.info("snapshot taken", target=self._name, name=taken.name, bytes=taken.bytes)
