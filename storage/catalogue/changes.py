"""The change feed: what happened to calls, in order, for those who follow the catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, insert, select

from storage.catalogue.engine import Database
from storage.catalogue.heads import CHANGES, Head, lock_head, move_head, read_head
from storage.catalogue.tables import changes


class ChangeKind(StrEnum):
    """What happened to a call."""

    ADDED = "added"
    CHANGED = "changed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the feed. Positions begin at 1, rise by one, and become visible in their order."""

    position: int
    call_id: str
    kind: ChangeKind


class Changes:
    """Reads the feed. Who follows it keeps the last position that was dealt with."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def after(self, position: int = 0, limit: int = 1000) -> list[Change]:
        """The changes after ``position``, oldest first, at most ``limit``."""
        query = select(changes).where(changes.c.position > position).order_by(changes.c.position).limit(limit)
        with self._database.read() as connection:
            return [
                Change(row.position, row.call_id, ChangeKind(row.kind)) for row in connection.execute(query)
            ]

    def position(self) -> int:
        """The position of the newest change, 0 where there is none."""
        with self._database.read() as connection:
            return read_head(connection, CHANGES).position


def deleted_among(connection: Connection, call_ids: Sequence[str]) -> set[str]:
    """Those of the calls (some hundred at most) that were deleted once. Walks the whole feed."""
    query = select(changes.c.call_id).where(
        changes.c.call_id.in_(call_ids), changes.c.kind == ChangeKind.DELETED.value
    )
    return set(connection.execute(query).scalars()) if call_ids else set()


def moved_since(connection: Connection, position: int, call_ids: Sequence[str]) -> set[str]:
    """Those of the calls (some hundred at most) to which something happened after ``position``."""
    query = select(changes.c.call_id).where(changes.c.position > position, changes.c.call_id.in_(call_ids))
    return set(connection.execute(query).scalars()) if call_ids else set()


def lock_feed(connection: Connection) -> Head:
    """Begin to write to the feed: whatever else the transaction changes of calls comes after this."""
    return lock_head(connection, CHANGES)


def append_changes(connection: Connection, head: Head, kind: ChangeKind, call_ids: Sequence[str]) -> None:
    """Append one change for each id, after the ``head`` that ``lock_feed`` gave in this transaction."""
    if not call_ids:
        return
    rows = [
        {"position": position, "call_id": call_id, "kind": kind.value}
        for position, call_id in enumerate(call_ids, head.position + 1)
    ]
    connection.execute(insert(changes), rows)
    move_head(connection, CHANGES, Head(head.position + len(rows)))
