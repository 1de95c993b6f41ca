"""The tags of calls, as a transaction sees them."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from storage.catalogue.keeping_tables import call_tags


def tags_of(connection: Connection, call_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The tags of those calls (some hundred at most) that bear any, each in order."""
    query = select(call_tags.c.call_id, call_tags.c.tag).where(call_tags.c.call_id.in_(call_ids))
    found: dict[str, tuple[str, ...]] = {}
    for row in connection.execute(query.order_by(call_tags.c.tag)):
        found[row.call_id] = (*found.get(row.call_id, ()), row.tag)
    return found
