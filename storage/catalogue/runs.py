"""Runs: long work on the archive, how far it has come and how it ended, for people who watch and who ask."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, and_, case, func, insert, not_, select, update

from storage.catalogue.engine import Database
from storage.catalogue.keeping_tables import runs
from storage.errors import NotInCatalogue, NotNow


class RunKind(StrEnum):
    """What a run does."""

    BACKUP = "backup"
    SCRUB = "scrub"
    RETENTION = "retention"
    VERIFY = "verify"
    SNAPSHOT = "snapshot"
    REWRAP = "rewrap"


class RunState(StrEnum):
    """How a run is. ``ASKED`` waits for whoever does such work, ``STOPPED`` was asked to end early,
    ``INTERRUPTED`` died without a word."""

    ASKED = "asked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Run:
    """One piece of long work; ``target`` is empty where it is not about one.

    ``done`` of ``total`` are what the run counts (calls, blobs); ``total`` is None where nobody knows.
    ``seen`` is its last sign of life; ``report`` holds JSON values. ``asked_by`` and ``stop_asked_by`` are
    user names, empty where it began by itself and nobody stops it.
    """

    id: str
    kind: RunKind
    target: str
    started: datetime
    seen: datetime
    ended: datetime | None = None
    state: RunState = RunState.RUNNING
    done: int = 0
    total: int | None = None
    bytes: int = 0
    message: str = ""
    report: Mapping[str, Any] = field(default_factory=dict)
    asked_by: str = ""
    stop_asked_by: str = ""


_OPEN = (RunState.ASKED.value, RunState.RUNNING.value)


class Runs:
    """Begins, follows and lists runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(
        self, kind: RunKind, target: str, now: datetime, total: int | None = None, *, by: str = ""
    ) -> Run:
        """A new run, which ``by`` began by hand; empty where it began by itself."""
        run = Run(str(uuid.uuid4()), kind, target, started=now, seen=now, total=total, asked_by=by)
        with self._database.write() as connection:
            connection.execute(insert(runs).values(_begun(run)))
        return run

    def ask(self, kind: RunKind, target: str, by: str, now: datetime) -> Run:
        """Ask for a run; whoever does such work finds it by ``asked`` and begins it by ``take``.

        Raises ``NotNow`` where one of the kind waits or works at the target already.
        """
        run = Run(str(uuid.uuid4()), kind, target, now, now, state=RunState.ASKED, asked_by=by)
        same = (runs.c.kind == kind.value, runs.c.target == target)
        with self._database.write() as connection:
            if connection.execute(select(runs.c.id).where(*same, runs.c.state.in_(_OPEN))).first():
                raise NotNow(f"There is a {kind} at work already. Wait for it, or stop it first.")
            connection.execute(insert(runs).values(_begun(run)))
        return run

    def asked(self, kind: RunKind | None = None) -> list[Run]:
        """The runs that wait for somebody to do them, earliest first."""
        query = select(runs).where(runs.c.state == RunState.ASKED.value).order_by(runs.c.started, runs.c.id)
        if kind is not None:
            query = query.where(runs.c.kind == kind.value)
        with self._database.read() as connection:
            return [_run(row) for row in connection.execute(query)]

    def take(self, run_id: str, now: datetime, total: int | None = None) -> bool:
        """Begin a run that was asked for; False where another did, or it was stopped before."""
        query = update(runs).where(runs.c.id == run_id, runs.c.state == RunState.ASKED.value)
        values = {"state": RunState.RUNNING.value, "started": now, "seen": now, "total": total}
        with self._database.write() as connection:
            return connection.execute(query.values(values)).rowcount == 1

    def ask_stop(self, run_id: str, by: str, now: datetime) -> Run:
        """Ask that the run end early; one that nobody has begun ends at once.

        Raises ``NotNow`` for one that is over, ``NotInCatalogue``.
        """
        waiting = (runs.c.id == run_id, runs.c.state == RunState.ASKED.value)
        working = (runs.c.id == run_id, runs.c.state == RunState.RUNNING.value)
        stopped = {"state": RunState.STOPPED.value, "ended": now, "seen": now, "stop_asked_by": by}
        with self._database.write() as connection:
            touched = connection.execute(update(runs).where(*waiting).values(stopped)).rowcount
            if not touched:
                touched = connection.execute(update(runs).where(*working).values(stop_asked_by=by)).rowcount
            row = connection.execute(select(runs).where(runs.c.id == run_id)).one_or_none()
            if row is None:
                raise NotInCatalogue(f"The catalogue has no run {run_id}.")
            if not touched:
                raise NotNow(f"The run is {row.state}: there is nothing to stop.")
        return _run(row)

    def stop_asked(self, run_id: str) -> bool:
        """Whether somebody asked that the run end early."""
        found = self.get(run_id)
        return found is not None and bool(found.stop_asked_by)

    def progress(
        self, run_id: str, now: datetime, done: int, size: int = 0, total: int | None = None
    ) -> None:
        """The run lives and has done so much, ``size`` being bytes. Without ``total`` it stays as it was.
        It grows along with what is done: more may have come meanwhile.

        A run that was taken for dead is running again.
        """
        values: dict[str, Any] = {"seen": now, "done": done, "bytes": size}
        values |= {"state": RunState.RUNNING.value, "ended": None}
        if total is not None:
            values["total"] = max(total, done)
        else:
            values["total"] = case((runs.c.total < done, done), else_=runs.c.total)
        with self._database.write() as connection:
            connection.execute(update(runs).where(runs.c.id == run_id).values(values))

    def end(
        self,
        run_id: str,
        state: RunState,
        now: datetime,
        message: str = "",
        report: Mapping[str, Any] | None = None,
    ) -> None:
        """The run is over. Raises ``NotInCatalogue``."""
        values = {
            "seen": now,
            "ended": now,
            "state": state.value,
            "message": message,
            "report": json.dumps(report or {}, ensure_ascii=False),
        }
        with self._database.write() as connection:
            if connection.execute(update(runs).where(runs.c.id == run_id).values(values)).rowcount == 0:
                raise NotInCatalogue(f"The catalogue has no run {run_id}.")

    def report(self, run_id: str, report: Mapping[str, Any]) -> None:
        """The run, which is over, has this report now: of what it found something became. Nothing where the
        run is forgotten."""
        query = update(runs).where(runs.c.id == run_id, runs.c.state.not_in(_OPEN))
        with self._database.write() as connection:
            connection.execute(query.values(report=json.dumps(report, ensure_ascii=False)))

    def get(self, run_id: str) -> Run | None:
        """The run with this id."""
        with self._database.read() as connection:
            row = connection.execute(select(runs).where(runs.c.id == run_id)).one_or_none()
        return _run(row) if row else None

    def page(
        self,
        *,
        kind: RunKind | None = None,
        target: str | None = None,
        state: RunState | None = None,
        before: datetime | None = None,
        limit: int = 50,
    ) -> list[Run]:
        """At most ``limit`` runs, latest start first; None means any."""
        query = select(runs).order_by(runs.c.started.desc(), runs.c.id.desc()).limit(limit)
        for column, wanted in ((runs.c.kind, kind), (runs.c.target, target), (runs.c.state, state)):
            if wanted is not None:
                query = query.where(column == str(wanted))
        if before is not None:
            query = query.where(runs.c.started < before)
        with self._database.read() as connection:
            return [_run(row) for row in connection.execute(query)]

    def last(self, kind: RunKind, target: str, state: RunState | None = None) -> Run | None:
        """The run of this kind that started last, in this state where one is given."""
        found = self.page(kind=kind, target=target, state=state, limit=1)
        return found[0] if found else None

    def latest(self, kind: RunKind, state: RunState | None = None) -> dict[str, Run]:
        """By target the run of this kind that started last, in this state where one is given."""
        among = [runs.c.kind == kind.value] + ([runs.c.state == state.value] if state else [])
        newest = select(runs.c.target, func.max(runs.c.started).label("started")).where(*among)
        last = newest.group_by(runs.c.target).subquery()
        found = and_(runs.c.target == last.c.target, runs.c.started == last.c.started)
        query = select(runs).join(last, found).where(*among).order_by(runs.c.id)
        with self._database.read() as connection:
            return {row.target: _run(row) for row in connection.execute(query)}

    def interrupt_silent(self, now: datetime, silence: timedelta) -> list[Run]:
        """Mark those as interrupted that gave no sign of life for so long; they are returned.

        A run whose last sign of life is later than ``now`` by more than that was seen before the clock was
        set back, and counts as silent too.
        """
        gone = (runs.c.seen < now - silence) | (runs.c.seen > now + silence)
        query = select(runs).where(runs.c.state == RunState.RUNNING.value, gone)
        values = {"state": RunState.INTERRUPTED.value, "ended": runs.c.seen}
        with self._database.write() as connection:
            found = [_run(row) for row in connection.execute(query)]
            for run in found:
                connection.execute(update(runs).where(runs.c.id == run.id).values(values))
        return found

    def trim(self, before: datetime) -> int:
        """Forget the runs that ended before; how many.

        Of each kind and target the newest stays that was done: who does such work goes on from it, also when
        it stood still for long, or the clock jumped.
        """
        other = runs.alias()
        same = (other.c.kind == runs.c.kind, other.c.target == runs.c.target, other.c.ended < before)
        done = select(func.max(other.c.started)).where(*same, other.c.state == RunState.DONE.value)
        needed = (runs.c.state == RunState.DONE.value) & (runs.c.started == done.scalar_subquery())
        with self._database.write() as connection:
            return connection.execute(runs.delete().where(runs.c.ended < before, not_(needed))).rowcount


def _begun(run: Run) -> dict[str, Any]:
    """The row of a run that did nothing yet."""
    return {
        "id": run.id,
        "kind": run.kind.value,
        "target": run.target,
        "started": run.started,
        "seen": run.seen,
        "state": run.state.value,
        "total": run.total,
        "asked_by": run.asked_by,
    }


def _run(row: Row[Any]) -> Run:
    values = dict(row._mapping)
    values["kind"], values["state"] = RunKind(row.kind), RunState(row.state)
    values["report"] = json.loads(row.report)
    return Run(**values)
