"""Snapshots of catalogue and index on every target that calls go to by themselves, but for the archive folder
of this machine: by their schedule, and soon after people did something.

Calls come back from their sidecars, but users, rules, holds and the audit log from nothing else. So a
snapshot is also taken where the audit log has grown, as often as it costs little, and at an orderly end. They
come outside of the window of a target, too: they are small then, for the index does not go along.

The first that knows of an erasure takes the place of all before it, for they hold the keys and numbers of
what was erased; an index comes again with the next. One that was begun before and comes later, of another
process, goes as soon as either is over, or at the next look where a kill came between.
"""

import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from earwitness import encrypting
from earwitness.keeping.chores import Chore
from earwitness.keeping.means import Means
from indexer.snapshot import pack
from storage.catalogue import Run, RunKind, RunState
from storage.copies.schedule import Schedule, Window
from storage.copies.snapshot import Snapshot, newest_index, remove_outlived, take, time_of, trim
from storage.copies.snapshot_notes import Note, SnapshotNotes
from storage.encryption.keyring import KeyOpener
from storage.errors import StorageError, TargetError
from storage.restore.event import history
from storage.retention.clock import doubt_at_start
from storage.retention.erased import erased_since

log = structlog.get_logger("jobs")
LOOK_SECONDS = 15.0
THERE_SECONDS = 3600.0
"""Between two looks whether the newest still lies there."""
_AGAIN = timedelta(minutes=10)
"""After a snapshot that failed."""
_SOON, _LATER = timedelta(seconds=30), timedelta(minutes=10)
"""After people changed something, and after they did anything at all, such as listening; longer where taking
one is so much work that it would be more than a twentieth of the time."""
_PAUSES = 20
_CHANGES = ("user.", "password.", "hold.", "retention.", "erasure.", "call.tag", "call.untag", "call.release")
"""What is done with these actions comes back from nothing but a snapshot."""
_MOST_EVENTS = 200
_ADVICE = "Soon after the next start there is one; `earwitness backup` takes one now."
_REPLACED = "A call was erased meanwhile, and another snapshot has taken the place of this one."
_TICK = timedelta(microseconds=1)


def chores(means: Means) -> Iterator[Chore]:
    """Two for each target: to take them, and to see that the newest lies there."""
    for name in means.elsewhere():
        snapshots = Snapshots(means, name)
        take, look = partial(_take, snapshots), snapshots.look
        yield Chore(f"snapshot to {name}", LOOK_SECONDS, take, snapshots.wanted, target=name)
        yield Chore(f"snapshot on {name}", THERE_SECONDS, look, snapshots.possible, target=name)


def _take(snapshots: "Snapshots") -> None:
    snapshots.run()


def last_ones(means: Means, left: timedelta) -> None:
    """One for each target that does not have what people did last, where the time that is ``left`` is long
    enough; where it is not, the log says so."""
    end = means.now() + left
    for name in means.elsewhere():
        snapshots = Snapshots(means, name)
        if not snapshots.outdated():
            continue
        if snapshots.possible() and means.now() + snapshots.took() <= end:
            snapshots.run()
        else:
            log.warning("what people did last is in no snapshot", target=name, advice=_ADVICE)


class Snapshots:
    """Those on one target. The first is taken at once."""

    def __init__(self, means: Means, name: str) -> None:
        self._means = means
        self._name = name
        chosen = Schedule.parse(means.settings.snapshots.schedule)
        self._schedule = chosen if chosen.cron else Schedule.parse("hourly")
        spec = next((each for each in means.settings.targets if each.name == name), None)
        self._window = Window.parse(spec.window if spec is not None else "")
        self._notes = SnapshotNotes(means.catalogue, name)

    def possible(self) -> bool:
        """Whether the target can be written to, as far as is known, and may hold snapshots."""
        return self._means.watches[self._name].worth_trying and not self._means.lasting(self._name)

    def wanted(self) -> bool:
        """Whether it is time for one."""
        if not self.possible():
            return False
        now, failed, last = self._means.now(), self._last(RunState.FAILED), self._last()
        if failed is not None and now - failed.started < _AGAIN:
            return False
        if self._window.is_open(now) and self._is_due(last, now):
            return True
        if last is None:
            return self._means.catalogue.audit.head().position > 0
        since = now - last.started
        if since < max(_SOON, self.took() * _PAUSES):
            return False
        return self.outdated() if since >= _LATER else self._changed(last)

    def _is_due(self, last: Run | None, now: datetime) -> bool:
        """Whether the schedule wants one; what was taken outside of the window does not stand in for that."""
        whole = _whole(last)
        return not whole or self._schedule.plan(self._schedule.after(datetime.fromisoformat(whole)), now).due

    def outdated(self) -> bool:
        """Whether the newest one lacks what somebody did."""
        last = self._last()
        return last is None or last.report.get("audit") != self._means.catalogue.audit.head().position

    def _changed(self, last: Run) -> bool:
        """Whether people changed something since; so many events are taken for that, too."""
        known: int = last.report.get("audit", 0)
        news = [
            event for event in self._means.catalogue.audit.page(limit=_MOST_EVENTS) if event.position > known
        ]
        if len(news) == _MOST_EVENTS or any(event.action.startswith(_CHANGES) for event in news):
            return True
        return erased_since(self._means.catalogue, known)

    def took(self) -> timedelta:
        """How long the newest one took."""
        last = self._last()
        return last.ended - last.started if last is not None and last.ended is not None else timedelta()

    def look(self) -> None:
        """Take one where the newest is gone, as from a place that was lost and prepared anew, and remove what
        should be gone."""
        self._sweep()
        last, target = self._last(), self._means.targets[self._name]
        if last is None:
            return
        try:
            there = target.stat(last.report["name"]) is not None
        except TargetError as error:
            log.info("snapshot not looked for", target=self._name, reason=str(error))
            return
        if not there:
            log.warning("snapshot is gone", target=self._name, name=last.report["name"])
            self.run()

    def run(self, run_id: str | None = None, *, by_hand: bool = False) -> str:
        """Take one, as the run of this id or as a new one, and let go what it stands in for. With one that a
        person asked for the index goes along at any time of the day.

        What went wrong, for people; empty where nothing did.
        """
        means = self._means
        runs, now = means.catalogue.runs, means.now()
        number = run_id or runs.begin(RunKind.SNAPSHOT, self._name, now).id
        report: dict[str, Any] = {}
        note: Note | None = None
        try:
            last = self._last()
            note = self._notes.begin(number, now)
            whole = by_hand or run_id is not None or self._window.is_open(now)
            report |= note.report | {"whole": now.isoformat() if whole else _whole(last)}
            erased = self._notes.standing().is_first
            taken, place = self._take(time_of(note.stem), whole=whole and not erased)
            report["index"] = 0 if erased else place
            self._trim(note, now)
        except (StorageError, OSError) as error:
            if note is not None and self._is_replaced(note):
                runs.end(number, RunState.STOPPED, means.now(), _REPLACED, report)
                self._sweep()
                return ""
            runs.end(number, RunState.FAILED, means.now(), str(error), report)
            trouble = f"No snapshot on {self._name}: {error}"
            means.worries.say("snapshot", trouble, self._name)
            return trouble
        runs.progress(number, means.now(), 1, taken.bytes)
        runs.end(number, RunState.DONE, means.now(), report=report)
        self._sweep()
        means.worries.say("snapshot", "", self._name)
        log.info("snapshot taken", target=self._name, name=taken.name, bytes=taken.bytes)
        return ""

    def _trim(self, note: Note, now: datetime) -> None:
        """Let go what the one that was just taken stands in for."""
        means, standing = self._means, self._notes.standing()
        if not standing.knows(note):
            return  # an erasure came meanwhile: another one stands in for this one too
        outlived: Callable[[str], bool] = standing.outlived.__contains__
        if standing.is_first:
            fresh = standing.fresh
            outlived = lambda stem: stem not in fresh  # noqa: E731 - what nobody noted is older
        doubt = doubt_at_start(means.catalogue, now)
        # By a clock that fell back all others would be of a time to come, which go.
        if standing.is_first or doubt is None or not doubt.behind:
            trim(
                means.targets[self._name],
                means.settings.snapshots.keep,
                standing.latest(time_of(note.stem)),
                self._schedule.after,
                outlived=outlived,
                unfinished=standing.unfinished(now) - {note.stem},
            )

    def _is_replaced(self, note: Note) -> bool:
        """Whether another that knows of an erasure, as this one does not, has taken its place meanwhile."""
        standing = self._notes.standing()
        return bool(standing.whole) and not standing.knows(note)

    def _sweep(self) -> None:
        """Remove what was begun before an erasure and came to lie here after it, by whomever."""
        standing, target = self._notes.standing(), self._means.targets[self._name]
        try:
            gone = remove_outlived(target, standing.outlived, standing.whole)
        except TargetError as error:
            log.info("snapshots not looked through", target=self._name, reason=str(error))
            return
        if gone:
            log.warning("snapshot from before an erasure removed", target=self._name, blobs=gone)

    def _take(self, now: datetime, *, whole: bool) -> tuple[Snapshot, int]:
        """The snapshot, and which place in the change feed the newest index on the target has, 0 without one.

        The index goes along with a ``whole`` one, once in each period of the schedule, if it changed: an
        older one is caught up.
        """
        means, target, folder = self._means, self._means.targets[self._name], self._means.settings.data
        opener = KeyOpener(encrypting.masters(means.settings))
        encrypting.refuse_outdated(opener, means.catalogue)
        maker, last = encrypting.maker(means.settings), self._last()
        before = newest_index(target, now)
        place: int = last.report.get("index", 0) if last is not None and before is not None else 0
        period = self._schedule.after
        with tempfile.TemporaryFile(dir=folder) as file:
            # Before the catalogue, so that the index knows nothing that the catalogue does not.
            found = None
            if whole and (before is None or period(before) != period(now)):
                found = pack(means.settings.folders.index, file, history(means.catalogue))
            wanted = found is not None and found != place
            dump, index = means.catalogue.dump, file if wanted else None
            taken = take(target, dump, now, maker=maker, opener=opener, folder=folder, index=index)
        return taken, found if found is not None and wanted else place

    def _last(self, state: RunState = RunState.DONE) -> Run | None:
        """The newest of those that do not come from a time when the clock was ahead."""
        until = self._means.now() + _TICK
        runs = self._means.catalogue.runs
        found = runs.page(kind=RunKind.SNAPSHOT, target=self._name, state=state, before=until, limit=1)
        return found[0] if found else None


def _whole(last: Run | None) -> str:
    """When the newest was taken that was not small, as its run says; empty where none was."""
    return "" if last is None else str(last.report.get("whole", last.started.isoformat()))
