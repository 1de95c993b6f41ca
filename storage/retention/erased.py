"""What the audit log knows of calls that are gone: erased, as two people agreed, or deleted by a rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from storage.catalogue import AuditEntry, Catalogue
from storage.catalogue.audit import append_events
from storage.catalogue.changes import lock_feed
from storage.catalogue.portions import portions
from storage.catalogue.tables import audit_events, calls
from storage.model import rfc3339
from storage.retention.deletion import ACTION, ERASURE
from storage.seals.deletion import Deletion as Statement


def last_erasure(connection: Connection, after: int = 0) -> int:
    """The position of the last erasure of a call behind that position of the audit log, 0 where none is.
    Reads what is behind it."""
    query = select(func.max(audit_events.c.position)).where(
        audit_events.c.position > after,
        audit_events.c.action == ACTION,
        audit_events.c.reason.startswith(ERASURE, autoescape=True),
    )
    return connection.execute(query).scalar_one() or 0


def erased_since(catalogue: Catalogue, position: int) -> bool:
    """Whether a call was erased, not deleted by a rule, after this position of the audit log."""
    with catalogue.database.read() as connection:
        return last_erasure(connection, position) > 0


@dataclass(frozen=True, slots=True)
class Gone:
    """That a call was deleted: when that was done last, and whether it was ``erased`` or went by a rule."""

    at: datetime
    erased: bool


def gone_among(catalogue: Catalogue, call_ids: Sequence[str]) -> dict[str, Gone]:
    """What is known of those of the calls that were deleted ever; of one that was erased too, just that."""
    with catalogue.database.read() as connection:
        return _gone(connection, call_ids)


def note_erasures(catalogue: Catalogue, records: Sequence[Statement], now: datetime) -> None:
    """Let the audit log say of the calls that the catalogue does not have what signed records say: that they
    were erased. Else one would come back from a hand-off. What the log knows it does not say again."""
    erasures = {one.call: one for one in sorted(records, key=_when) if one.rule.startswith(ERASURE)}
    if not erasures:
        return
    with catalogue.database.write() as connection:
        lock_feed(connection)
        known = {call_id for call_id, gone in _gone(connection, list(erasures)).items() if gone.erased}
        for ids in portions(list(erasures)):
            known |= set(connection.execute(select(calls.c.id).where(calls.c.id.in_(ids))).scalars())
        append_events(
            connection, [_event(one, now) for call_id, one in erasures.items() if call_id not in known]
        )


def _gone(connection: Connection, call_ids: Sequence[str]) -> dict[str, Gone]:
    found: dict[str, Gone] = {}
    for ids in portions(call_ids):
        query = select(audit_events.c.object_id, audit_events.c.at, audit_events.c.reason).where(
            audit_events.c.object_kind == "call",
            audit_events.c.object_id.in_(ids),
            audit_events.c.action == ACTION,
        )
        for row in connection.execute(query.order_by(audit_events.c.position)):
            gone = Gone(row.at, row.reason.startswith(ERASURE))
            if gone.erased or row.object_id not in found or not found[row.object_id].erased:
                found[row.object_id] = gone
    return found


def _when(record: Statement) -> datetime:
    return record.at


def _event(record: Statement, now: datetime) -> AuditEntry:
    return AuditEntry(
        at=now,
        actor=record.by,
        action=ACTION,
        object_kind="call",
        object_id=record.call,
        reason=record.rule,
        after={"deleted": rfc3339(record.at)},
    )
