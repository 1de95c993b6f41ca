"""Locks on calls. Whoever changes rows of several calls takes them first, and so in one order: transactions
that took rows in the order of their own plans would wait for each other in a ring."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from storage.catalogue.portions import portions
from storage.catalogue.tables import calls


def lock_calls(connection: Connection, call_ids: Collection[str], *, alone: bool = False) -> set[str]:
    """Those of the calls that exist; none of them changes or goes before this transaction ends.

    ``alone``: nor does anybody else lock them until then.
    """
    found: set[str] = set()
    for ids in portions(sorted(call_ids)):
        query = select(calls.c.id).where(calls.c.id.in_(ids)).order_by(calls.c.id)
        found.update(connection.execute(query.with_for_update(read=not alone, key_share=alone)).scalars())
    return found
