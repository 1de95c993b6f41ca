"""What the audit log knows of erased calls: two people agreed that nothing of them shall be left."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from storage.catalogue import Catalogue
from storage.catalogue.portions import portions
from storage.catalogue.tables import audit_events
from storage.retention.deletion import ACTION, ERASURE


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


def erased_among(catalogue: Catalogue, call_ids: Sequence[str]) -> dict[str, datetime]:
    """Those of the calls that were erased, not deleted by a rule, and when that was done last."""
    found: dict[str, datetime] = {}
    with catalogue.database.read() as connection:
        for ids in portions(call_ids):
            query = select(audit_events.c.object_id, func.max(audit_events.c.at).label("at")).where(
                audit_events.c.object_kind == "call",
                audit_events.c.object_id.in_(ids),
                audit_events.c.action == ACTION,
                audit_events.c.reason.startswith(ERASURE, autoescape=True),
            )
            rows = connection.execute(query.group_by(audit_events.c.object_id))
            found.update((row.object_id, row.at) for row in rows)
    return found
