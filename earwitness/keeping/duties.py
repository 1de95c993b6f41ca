"""What the part ``jobs`` does: its chores, and what it says of itself."""

import threading
import time
from collections.abc import Callable, Container, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from earwitness.keeping import (
    errands,
    left_snapshots,
    lone_keys,
    medium_lists,
    missing_teams,
    places,
    records,
    retaining,
    room,
    scrubbing,
    snapshots,
    standing_in,
    sweeping,
)
from earwitness.keeping.alarms import Alarms, Inflow, remarks, wrong
from earwitness.keeping.chores import Chore
from earwitness.keeping.copy_team import CopyTeam
from earwitness.keeping.copying import Copying
from earwitness.keeping.means import Means
from earwitness.keeping.target_watch import TargetWatch
from earwitness.settings import Settings
from storage import handoff
from storage.catalogue import Catalogue, Condition, TargetState
from storage.catalogue.copy_tasks import Waiting
from storage.clock import utc_now
from storage.copies.backlog import Backlog
from storage.copies.copier import Copier
from storage.targets import Target
from storage.targets.timely import writing_for

log = structlog.get_logger("jobs")
LOOK_SECONDS = 30.0
"""Between two looks at a target."""
ALARM_SECONDS = 10.0
SOON = 1.0
"""Between two looks whether there is something to copy."""
REFILL_SECONDS = 60.0
"""Between two looks at the change feed where its position did not tell that there is something."""
SILENCE = timedelta(minutes=5)
"""A run that gave no sign of life for so long is dead."""
REMEMBERED = timedelta(days=90)
"""For so long runs are kept in mind."""
LONG_WRITE = timedelta(minutes=30)
"""A write to a folder that takes longer may never end, although the folder answers."""


class Duties:
    """The chores of keeping. ``targets`` are all by name, without any decryption; ``stopping`` is asked
    again and again by those that take long."""

    def __init__(
        self,
        settings: Settings,
        catalogue: Catalogue,
        targets: Mapping[str, Target],
        stopping: Callable[[], bool],
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._catalogue = catalogue
        self._stopping = stopping
        self._now = now
        self._times = {name: each for name, each in places.times(settings).items() if name in targets}
        self._means = Means.of(settings, catalogue, targets, stopping, now)
        self._watches = self._means.watches
        self._placement, home = self._means.placement, self._means.home
        self._backlog = Backlog(catalogue, self._placement, home)
        self._copier = Copier(catalogue, targets, self._placement, home, now)
        self._filled = -1
        self._filled_at = 0.0
        self._alarms = Alarms(log)
        self.trouble = ""
        """What is wrong with the targets, for people; empty where nothing is."""
        self.remark = ""
        """What people should know of the targets before it is an alarm."""
        self.numbers: Mapping[str, float] = {}
        """For the metrics; names may end in ``:`` and the name of a target."""

    def chores(self) -> list[Chore]:
        """All of them."""
        found = [Chore("backlog", SOON, self._fill, self._may_fill)]
        for name, watch in self._watches.items():
            look = partial(self._look_at, watch)
            found.append(Chore(f"look at {name}", LOOK_SECONDS, look, target=name, looks=True))
        for name, times in self._times.items():
            team = CopyTeam.of(self._means.settings, self._copier, name)
            copying = Copying(self._catalogue, team, self._watches[name], times, self._now, self._stopping)
            found.append(Chore(f"copy to {name}", SOON, copying.run, copying.wanted, target=name))
        found.append(Chore("alarms", ALARM_SECONDS, self._look_after))
        for work in (
            errands,
            standing_in,
            snapshots,
            left_snapshots,
            lone_keys,
            medium_lists,
            retaining,
            room,
            records,
            scrubbing,
            sweeping,
        ):
            found += work.chores(self._means)
        return found

    def watch_over(self) -> None:
        """See whether a target does not answer those who look at it. Never waits for any."""
        for watch in self._watches.values():
            watch.overdue(self._now())

    def is_given_up(self, chore: Chore) -> bool:
        """Whether the chore is at a target that is in trouble, so that nobody has to wait for its end."""
        return bool(chore.target) and not self._watches[chore.target].worth_trying

    def wind_up(self, left: timedelta) -> bool:
        """The last thing, when no chore works any more and this much time is left: what people did since
        shall not be lost. Whether all is done; on a target that hangs it may go on for ever."""
        end = time.monotonic() + left.total_seconds()
        # Each by itself, so that one that hangs keeps no other from getting its last snapshot.
        alone = [replace(self._means, targets={name: self._means.targets[name]}) for name in self._watches]
        last = [
            threading.Thread(target=snapshots.last_ones, args=(means, left), daemon=True) for means in alone
        ]
        for thread in last:
            thread.start()
        for thread in last:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in last)

    def _look_at(self, watch: TargetWatch) -> None:
        watch.look(self._now())

    def _may_fill(self) -> bool:
        due = time.monotonic() - self._filled_at > REFILL_SECONDS
        return bool(self._placement.targets) and (due or self._catalogue.changes.position() != self._filled)

    def _fill(self) -> None:
        """One page of the change feed for each target in turn, so that none waits for another's old calls."""
        position = self._catalogue.changes.position()
        behind = list(self._placement.targets)
        while behind and not self._stopping():
            behind = [name for name in behind if self._backlog.fill(name, self._now())]
        self._filled, self._filled_at = position, time.monotonic()

    def _look_after(self) -> None:
        now = self._now()
        for run in self._catalogue.runs.interrupt_silent(now, SILENCE):
            log.warning("run was interrupted", kind=run.kind, target=run.target, run=run.id)
        self._catalogue.runs.trim(now - REMEMBERED)
        states = self._catalogue.target_states.all()
        waiting = self._catalogue.copy_tasks.waiting(now)
        lasting = {name for name, watch in self._watches.items() if watch.lasting}
        away = {name for name, state in states.items() if state.state is not Condition.UP}
        inflow = self._inflow(away)
        # Nobody misses a target that gets only what people send, unless something waits for it.
        missed = {name: times for name, times in self._times.items() if not times.by_hand or name in waiting}
        found = wrong(missed, states, waiting, now, lasting, inflow) | self._means.worries.all(away)
        self.trouble = self._alarms.stand(found)
        self.remark = self._remark(remarks(missed, states, found, inflow))
        self.numbers = self._numbers(now, states, waiting)

    def _remark(self, of_targets: str) -> str:
        teams = missing_teams.missing(self._means.settings, self._catalogue.teams.all())
        slow = (_writes(name, target) for name, target in self._means.targets.items())
        return "\n".join(filter(None, [of_targets, *slow, *map(missing_teams.said, teams)]))

    def _numbers(
        self, now: datetime, states: Mapping[str, TargetState], waiting: Mapping[str, Waiting]
    ) -> dict[str, float]:
        numbers: dict[str, float] = {}
        for name in self._times:
            backlog = waiting.get(name)
            state = states.get(name)
            numbers[f"backlog_calls:{name}"] = backlog.calls if backlog else 0
            numbers[f"backlog_bytes:{name}"] = backlog.bytes if backlog else 0
            numbers[f"backlog_failing_calls:{name}"] = backlog.failing if backlog else 0
            oldest = backlog.oldest if backlog else None
            numbers[f"backlog_oldest_seconds:{name}"] = (now - oldest).total_seconds() if oldest else 0
            numbers[f"copy_bytes_per_second:{name}"] = (state.bytes_per_second or 0) if state else 0
        for name in self._watches:
            state = states.get(name)
            numbers[f"target_up:{name}"] = float(state is not None and state.state == "up")
            if state is not None and state.free is not None:
                numbers[f"target_free_bytes:{name}"] = state.free
        return numbers

    def _inflow(self, away: Container[str]) -> Inflow:
        """What waits to come in is counted only while it cannot."""
        home = self._means.home
        if home not in away:
            return Inflow(home)
        return Inflow(home, *handoff.waiting(self._means.settings.folders.handoff))


def _writes(name: str, target: Target) -> str:
    """What people should know of a folder to which something has been written for long; empty otherwise."""
    minutes = writing_for(target) // 60
    if minutes < LONG_WRITE.total_seconds() // 60:
        return ""
    return (
        f"Something has been written to {name} for {minutes:.0f} minutes and has not come to an end. What "
        "writes there does nothing else meanwhile. If no large recording explains it, see what `dmesg` says "
        "of its disk or its server."
    )
