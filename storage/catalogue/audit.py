"""The audit log: a chain in which every event holds the hash of the one before it.

The hash of an event is SHA-256 over the hash before it (64 hexadecimal digits, zeros for the first) followed
by the canonical JSON of the event: UTF-8, keys sorted, no spaces, times in RFC 3339. Whoever changes, adds,
removes or swaps an event breaks the chain there; whoever cuts the end off contradicts the head. Against
somebody who writes the whole chain anew, keep a head elsewhere and hand it to ``verify``.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from storage.catalogue.engine import Database
from storage.catalogue.heads import AUDIT, Head, lock_head, move_head, read_head
from storage.catalogue.tables import audit_events
from storage.model import rfc3339

_GENESIS = "0" * 64
_CHUNK = 1000

Properties = Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One thing that somebody did to something, and the properties that changed by it, as JSON values."""

    at: datetime
    actor: str
    action: str
    address: str = ""
    object_kind: str = ""
    object_id: str = ""
    reason: str = ""
    before: Properties = None
    after: Properties = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent(AuditEntry):
    """An entry in its place in the chain."""

    position: int
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What ``verify`` found. ``altered_at`` is the position of the first event that does not fit."""

    intact: bool
    checked: int
    altered_at: int | None = None


class Audit:
    """Writes, reads and verifies the log. There is no way to change it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, entry: AuditEntry) -> int:
        """Append an event and return its position, 1 for the first."""
        with self._database.write() as connection:
            return append_events(connection, [entry])

    def page(
        self,
        before: int | None = None,
        limit: int = 100,
        *,
        actor: str = "",
        action: str = "",
        object_id: str = "",
    ) -> list[AuditEvent]:
        """At most ``limit`` events before this position, newest first; empty filters match all."""
        query = select(audit_events).order_by(audit_events.c.position.desc()).limit(limit)
        if before is not None:
            query = query.where(audit_events.c.position < before)
        for column, wanted in (("actor", actor), ("action", action), ("object_id", object_id)):
            if wanted:
                query = query.where(audit_events.c[column] == wanted)
        with self._database.read() as connection:
            return [_event(row) for row in connection.execute(query)]

    def head(self) -> Head:
        """The newest position and hash, to be kept where the writer of the catalogue cannot reach."""
        with self._database.read() as connection:
            return read_head(connection, AUDIT)

    def verify(self, anchor: Head | None = None) -> Verdict:
        """Walk the chain: does it hold, and is ``anchor``, an earlier head, still in it?"""
        with self._database.read() as connection:
            head = read_head(connection, AUDIT)
            known = {point.position: point.hash for point in (anchor, head) if point and point.position}
            position, previous = 0, _GENESIS
            for row in _rows(connection):
                if (
                    not _follows(row, position, previous)
                    or known.get(position + 1, row["hash"]) != row["hash"]
                ):
                    return Verdict(intact=False, checked=position, altered_at=position + 1)
                position, previous = position + 1, row["hash"]
        if position != max((head.position, *known)):
            return Verdict(intact=False, checked=position, altered_at=position + 1)
        return Verdict(intact=True, checked=position)


def append_events(connection: Connection, entries: Sequence[AuditEntry]) -> int:
    """Append events in the transaction that does what they tell; the position of the last one.

    A transaction that locks the feed of changes too does that first.
    """
    head = lock_head(connection, AUDIT)
    rows = []
    for entry in entries:
        row = asdict(entry) | {"before": _json(entry.before), "after": _json(entry.after)}
        row |= {"position": head.position + 1, "previous": head.hash or _GENESIS}
        row["hash"] = _hash(row)
        rows.append(row)
        head = Head(row["position"], row["hash"])
    if rows:
        connection.execute(insert(audit_events), rows)
        move_head(connection, AUDIT, head)
    return head.position


def _rows(connection: Connection) -> Iterator[dict[str, Any]]:
    position = -1
    while True:
        query = select(audit_events).where(audit_events.c.position > position)
        rows = connection.execute(query.order_by(audit_events.c.position).limit(_CHUNK)).mappings().all()
        if not rows:
            return
        yield from map(dict, rows)
        position = rows[-1]["position"]


def _follows(row: Mapping[str, Any], position: int, previous: str) -> bool:
    expected = (position + 1, previous, _hash(row))
    return (row["position"], row["previous"], row["hash"]) == expected


def _hash(row: Mapping[str, Any]) -> str:
    content = {key: value for key, value in row.items() if key not in {"previous", "hash"}}
    content["at"] = rfc3339(row["at"])
    return hashlib.sha256(row["previous"].encode() + _canonical(content).encode()).hexdigest()


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _json(properties: Properties) -> str | None:
    return None if properties is None else _canonical(dict(properties))


def _event(row: Row[Any]) -> AuditEvent:
    values = dict(row._mapping)
    for key in ("before", "after"):
        values[key] = None if values[key] is None else json.loads(values[key])
    return AuditEvent(**values)
