"""What runs that take snapshots note before they write anything: under which name, and how far the catalogue
goes that they write.

A snapshot that was begun before a call was erased may come to lie on its target after the one that takes the
place of all before it: two processes write there, and either may stand still or be killed. By its note it is
known for what it is, whenever it comes. Positions are those of the audit log.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from storage.catalogue import Catalogue, RunKind, RunState
from storage.catalogue.heads import AUDIT, lock_head
from storage.catalogue.keeping_tables import runs
from storage.copies.snapshot import catalogue_name, stem_at, stem_of, time_of
from storage.retention.erased import last_erasure

_MOST = 1000
_SILENT = timedelta(days=1)
"""A run that gave no sign of life for so long does not go on."""
_SKEW = timedelta(minutes=1)
_UNFINISHED = (RunState.RUNNING, RunState.INTERRUPTED)


@dataclass(frozen=True, slots=True)
class Note:
    """One snapshot: ``stem`` is what its names begin with, ``audit`` how far its catalogue goes at least,
    ``erasure`` the last erasure then, None where an earlier version wrote the note."""

    run_id: str
    stem: str
    audit: int
    erasure: int | None
    state: RunState
    seen: datetime

    @property
    def name(self) -> str:
        """The name of its catalogue on the target."""
        return catalogue_name(self.stem)

    @property
    def report(self) -> dict[str, Any]:
        """As the report of its run says it."""
        return {"name": self.name, "audit": self.audit, "erasure": self.erasure}


@dataclass(frozen=True, slots=True)
class Standing:
    """All notes of one target, and the last erasure: what was begun before it is outlived."""

    notes: Sequence[Note]
    erasure: int

    def knows(self, note: Note) -> bool:
        """Whether the snapshot knows of the last erasure."""
        return note.audit >= self.erasure

    @property
    def is_first(self) -> bool:
        """Whether no snapshot that was finished knows of the last erasure."""
        done = [note for note in self.notes if note.state is RunState.DONE]
        return self.erasure > 0 and not any(map(self.knows, done))

    @property
    def fresh(self) -> set[str]:
        """The stems of those that know of it."""
        return {note.stem for note in self.notes if self.knows(note)}

    @property
    def outlived(self) -> set[str]:
        """The stems of those that do not: they hold what was erased."""
        return {note.stem for note in self.notes if not self.knows(note)} - self.fresh

    @property
    def whole(self) -> set[str]:
        """The names of the catalogues that know of it and were finished."""
        return {note.name for note in self.notes if note.state is RunState.DONE and self.knows(note)}

    def latest(self, now: datetime) -> datetime:
        """``now``, or the time of one that another machine took by a clock that is a little ahead: who trims
        on both shall mean the same one by the newest."""
        times = (time_of(note.stem) for note in self.notes)
        return max([now, *(at for at in times if at < now + _SKEW)])

    def unfinished(self, now: datetime) -> set[str]:
        """The stems of those that somebody may be writing."""
        alive = [note for note in self.notes if note.state in _UNFINISHED and note.seen > now - _SILENT]
        return {note.stem for note in alive}


class SnapshotNotes:
    """The notes of the snapshots on one target."""

    def __init__(self, catalogue: Catalogue, target: str) -> None:
        self._catalogue = catalogue
        self._target = target

    def begin(self, run_id: str, now: datetime) -> Note:
        """Note, for the run, what is begun now: under a name of its own, so that of two at once neither takes
        the other's place."""
        with self._catalogue.database.write() as connection:
            # Whoever erases holds this lock too: what comes behind is behind the position that is noted.
            head = lock_head(connection, AUDIT)
            standing = self._standing(connection)
            stem = _free(now, {note.stem for note in standing.notes})
            note = Note(run_id, stem, head.position, standing.erasure, RunState.RUNNING, now)
            values = {"report": json.dumps(note.report)}
            connection.execute(update(runs).where(runs.c.id == run_id).values(values))
        return note

    def standing(self) -> Standing:
        """All of them, and the last erasure."""
        with self._catalogue.database.read() as connection:
            return self._standing(connection)

    def _standing(self, connection: Connection) -> Standing:
        notes = [*self._some(connection, done=True), *self._some(connection, done=False)]
        known = [note for note in notes if note.erasure is not None]
        last = max(known, key=lambda note: note.audit, default=None)
        if last is None:
            return Standing(notes, last_erasure(connection))
        return Standing(notes, last_erasure(connection, last.audit) or last.erasure or 0)

    def _some(self, connection: Connection, *, done: bool) -> list[Note]:
        state = runs.c.state == RunState.DONE.value
        here = (runs.c.kind == RunKind.SNAPSHOT.value, runs.c.target == self._target)
        query = select(runs).where(*here, state if done else ~state)
        rows = connection.execute(query.order_by(runs.c.started.desc()).limit(_MOST)).all()
        return [note for row in rows if (note := _note(row)) is not None]


def _free(now: datetime, taken: Collection[str]) -> str:
    while stem_at(now) in taken:
        now += timedelta(seconds=1)
    return stem_at(now)


def _note(row: Row[Any]) -> Note | None:
    report = json.loads(row.report)
    stem = stem_of(str(report.get("name", "")))
    if not stem:
        return None
    erasure: int | None = report.get("erasure")
    return Note(row.id, stem, int(report.get("audit", 0)), erasure, RunState(row.state), row.seen)
