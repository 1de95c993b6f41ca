"""Moments: until when something is known to have gone on, whichever process did it last.

Kept among the followers: these follow time, and their positions are seconds since 1970.
"""

import math
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage.catalogue.engine import Database
from storage.catalogue.keeping_tables import followers

BELIEVED = "retention"
"""Until when the clock was believed by what deletes by it, see ``retention.clock``."""

_PREFIX = "time of "


class Moments:
    """Tells and moves moments, which are whole seconds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str) -> datetime | None:
        """The moment of this name, None where nobody noted one."""
        with self._database.read() as connection:
            return moment_in(connection, name)

    def note(self, name: str, at: datetime) -> None:
        """It is ``at`` now, whatever it was."""
        with self._database.write() as connection:
            if not _moved(connection, name, at, None):
                _made(connection, name, at)

    def move(self, name: str, was: datetime | None, at: datetime) -> bool:
        """It is ``at`` now, unless somebody else moved it from what it ``was``; whether it is."""
        with self._database.write() as connection:
            return _made(connection, name, at) if was is None else _moved(connection, name, at, was)


def moment_in(connection: Connection, name: str) -> datetime | None:
    """As ``Moments.get``, as this transaction sees it."""
    query = select(followers.c.position).where(followers.c.name == _PREFIX + name)
    found = connection.execute(query).scalar_one_or_none()
    return None if found is None else datetime.fromtimestamp(found, UTC)


def _moved(connection: Connection, name: str, at: datetime, was: datetime | None) -> bool:
    query = update(followers).where(followers.c.name == _PREFIX + name)
    if was is not None:
        query = query.where(followers.c.position == _seconds(was))
    return connection.execute(query.values(position=_seconds(at))).rowcount == 1


def _made(connection: Connection, name: str, at: datetime) -> bool:
    try:
        with connection.begin_nested():
            connection.execute(insert(followers).values(name=_PREFIX + name, position=_seconds(at)))
    except IntegrityError:
        return False  # another process made it at the same moment
    return True


def _seconds(at: datetime) -> int:
    return math.floor(at.timestamp())
