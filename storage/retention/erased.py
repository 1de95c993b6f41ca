"""What the audit log knows of erased calls: two people agreed that nothing of them shall be left."""

from sqlalchemy import Connection, func, select

from storage.catalogue.tables import audit_events
from storage.retention.deletion import ACTION

_ERASURE = "erasure: "
"""What the reason of such an event begins with."""


def last_erasure(connection: Connection, after: int = 0) -> int:
    """The position of the last erasure of a call behind that position of the audit log, 0 where none is.
    Reads what is behind it."""
    query = select(func.max(audit_events.c.position)).where(
        audit_events.c.position > after,
        audit_events.c.action == ACTION,
        audit_events.c.reason.startswith(_ERASURE, autoescape=True),
    )
    return connection.execute(query).scalar_one() or 0
