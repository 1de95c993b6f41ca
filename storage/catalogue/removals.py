"""Removals: blobs that targets hold still though their calls are deleted, until every one of them is gone."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from storage.catalogue.engine import Database
from storage.catalogue.keeping_tables import removals
from storage.catalogue.portions import portions
from storage.catalogue.tables import copies
from storage.errors import BeingRemoved

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
_NEVER_SO_LONG = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Removal:
    """The blobs ``names`` of one call on one target, in the order in which they go.

    ``cause`` says why the call was deleted, ``by`` by whom; both are empty where the call stays and only
    these blobs go. ``encrypted``: its key is erased, so that what cannot be removed cannot be read either.
    """

    call_id: str
    target: str
    names: tuple[str, ...]
    since: datetime
    not_before: datetime
    cause: str = ""
    by: str = ""
    encrypted: bool = False
    attempts: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one target: how many calls, since when, and the error of the one that waits longest."""

    calls: int
    since: datetime
    error: str


class Removals:
    """What is still to be removed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, target: str, now: datetime, limit: int = 100) -> list[Removal]:
        """At most ``limit`` removals whose turn it is; those that wait longer than anything does were told so
        when the clock was ahead."""
        turn = or_(removals.c.not_before <= now, removals.c.not_before > now + _NEVER_SO_LONG)
        query = select(removals).where(removals.c.target == target, turn)
        query = query.order_by(removals.c.not_before, removals.c.call_id).limit(limit)
        with self._database.read() as connection:
            return [_removal(row) for row in connection.execute(query)]

    def done(self, done: Iterable[Removal]) -> None:
        """The blobs of these are gone. Where names joined meanwhile, their turn is still to come."""
        query = delete(removals).where(
            removals.c.call_id == bindparam("of_call"),
            removals.c.target == bindparam("at_target"),
            removals.c.names == bindparam("as_names"),
        )
        rows = [
            {"of_call": each.call_id, "at_target": each.target, "as_names": json.dumps(each.names)}
            for each in done
        ]
        if rows:
            with self._database.write() as connection:
                connection.execute(query, rows)

    def failed(self, removal: Removal, error: str, now: datetime, wait: timedelta | None = None) -> None:
        """It did not work; tried again after ``wait``, or else later each time."""
        values = {
            "attempts": removal.attempts + 1,
            "error": error,
            "not_before": now + (wait or min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(removal.attempts, 20))),
        }
        with self._database.write() as connection:
            connection.execute(update(removals).where(_same(removal)).values(values))

    def retry(self, target: str, now: datetime) -> None:
        """Let everything that waits for the target have its turn: it is back."""
        with self._database.write() as connection:
            late = (removals.c.target == target, removals.c.not_before > now)
            connection.execute(update(removals).where(*late).values(not_before=now))

    def pending(self, call_ids: Sequence[str]) -> set[str]:
        """Those of the calls that are not wholly removed yet."""
        with self._database.read() as connection:
            return pending_among(connection, call_ids)

    def named_again(self, removal: Removal) -> set[str]:
        """Those of its names that the catalogue names as a copy of the call on the target."""
        query = select(copies.c.name).where(
            copies.c.call_id == removal.call_id, copies.c.target == removal.target
        )
        with self._database.read() as connection:
            return set(connection.execute(query).scalars()) & set(removal.names)

    def of_calls(self, call_ids: Sequence[str]) -> list[Removal]:
        """The removals of these calls (some hundred at most)."""
        query = select(removals).where(removals.c.call_id.in_(call_ids))
        with self._database.read() as connection:
            return [_removal(row) for row in connection.execute(query.order_by(removals.c.target))]

    def waiting(self) -> dict[str, Waiting]:
        """What waits, by target."""
        oldest = select(removals.c.target, func.min(removals.c.since).label("since"), func.count().label("n"))
        with self._database.read() as connection:
            found = connection.execute(oldest.group_by(removals.c.target)).all()
            return {row.target: Waiting(row.n, row.since, _error(connection, row.target)) for row in found}


def add_removals(connection: Connection, wanted: Collection[Removal]) -> None:
    """Add removals; names of a call that waits for the same target already join those."""
    known = _known(connection, sorted({removal.call_id for removal in wanted}))
    fresh = [_row(removal) for removal in wanted if (removal.call_id, removal.target) not in known]
    if fresh:
        connection.execute(insert(removals), fresh)
    for removal in wanted:
        before = known.get((removal.call_id, removal.target))
        if before is not None:
            _join(connection, before, removal)


def _known(connection: Connection, call_ids: Sequence[str]) -> dict[tuple[str, str], Removal]:
    found: dict[tuple[str, str], Removal] = {}
    for ids in portions(call_ids):
        query = select(removals).where(removals.c.call_id.in_(ids))
        for row in connection.execute(query.with_for_update()):
            found[row.call_id, row.target] = _removal(row)
    return found


def _join(connection: Connection, before: Removal, removal: Removal) -> None:
    values = {
        "names": json.dumps(tuple(dict.fromkeys((*removal.names, *before.names)))),
        "cause": removal.cause or before.cause,
        "by": removal.by or before.by,
        "encrypted": removal.encrypted or before.encrypted,
    }
    connection.execute(update(removals).where(_same(removal)).values(values))


def pending_among(connection: Connection, call_ids: Sequence[str]) -> set[str]:
    """As ``Removals.pending``, as this transaction sees it."""
    found: set[str] = set()
    for ids in portions(call_ids):
        query = select(removals.c.call_id).where(removals.c.call_id.in_(ids), removals.c.cause != "")
        found.update(connection.execute(query).scalars())
    return found


def refuse_pending(connection: Connection, call_ids: Sequence[str]) -> None:
    """Raise ``BeingRemoved`` where one of the calls is deleted and not wholly removed yet."""
    pending = pending_among(connection, call_ids)
    if pending:
        raise BeingRemoved(min(pending))


def _error(connection: Connection, target: str) -> str:
    query = select(removals.c.error).where(removals.c.target == target)
    return str(connection.execute(query.order_by(removals.c.since).limit(1)).scalar_one_or_none() or "")


def _same(removal: Removal) -> ColumnElement[bool]:
    return and_(removals.c.call_id == removal.call_id, removals.c.target == removal.target)


def _row(removal: Removal) -> dict[str, Any]:
    row = {column.name: getattr(removal, column.name) for column in removals.columns}
    return row | {"names": json.dumps(removal.names)}


def _removal(row: Row[Any]) -> Removal:
    return Removal(**{**row._mapping, "names": tuple(json.loads(row.names))})
