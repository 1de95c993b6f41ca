"""The tags of calls: short words by which people sort them and rules choose them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, delete, insert, select

from storage.catalogue.calls import calls_in
from storage.catalogue.changes import ChangeKind, append_changes, lock_feed
from storage.catalogue.cover import losing
from storage.catalogue.engine import Database
from storage.catalogue.keeping_tables import call_tags
from storage.catalogue.tables import calls
from storage.errors import BadTag, NotInCatalogue, TagHeld

LONGEST = 64


class Tags:
    """Puts tags on calls and takes them off. A change of tags is a change of the call in the feed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, call_id: str, tag: str, by: str, at: datetime) -> bool:
        """Tag the call; False where it bears the tag already. Raises ``NotInCatalogue``, ``BadTag``."""
        tag = checked_tag(tag)
        with self._database.write() as connection:
            head = lock_feed(connection)
            if connection.execute(select(calls.c.id).where(calls.c.id == call_id)).first() is None:
                raise NotInCatalogue(f"The catalogue has no call {call_id}.")
            if connection.execute(select(call_tags).where(*_of(call_id, tag))).first() is not None:
                return False
            connection.execute(insert(call_tags).values(call_id=call_id, tag=tag, by=by, at=at))
            append_changes(connection, head, ChangeKind.CHANGED, [call_id])
        return True

    def remove(self, call_id: str, tag: str) -> bool:
        """Take the tag off the call; False where it does not bear it.

        Raises ``TagHeld`` where a legal hold covers the call by this tag: one person would undo it.
        """
        with self._database.write() as connection:
            head = lock_feed(connection)
            found = next(iter(calls_in(connection, [call_id])), None)
            if found is None or tag not in found.tags:
                return False
            without = replace(found, tags=tuple(one for one in found.tags if one != tag))
            if needing := losing(connection, found, without):
                raise TagHeld(call_id, tag, sorted(hold.name for hold in needing))
            connection.execute(delete(call_tags).where(*_of(call_id, tag)))
            append_changes(connection, head, ChangeKind.CHANGED, [call_id])
        return True

    def all(self, limit: int = 1000, *, teams: Sequence[str] | None = None) -> list[str]:
        """Every tag that some call bears, of these teams where they are given, in order."""
        query = select(call_tags.c.tag).distinct().order_by(call_tags.c.tag).limit(limit)
        if teams is not None:
            query = query.join(calls, calls.c.id == call_tags.c.call_id).where(calls.c.team_id.in_(teams))
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())


def checked_tag(tag: str) -> str:
    """The tag as it is kept: without blanks around it. Raises ``BadTag``."""
    tag = tag.strip()
    if not tag or len(tag) > LONGEST or not tag.isprintable():
        raise BadTag(f"A tag has 1 to {LONGEST} visible characters.")
    return tag


def _of(call_id: str, tag: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (call_tags.c.call_id == call_id, call_tags.c.tag == tag)
