"""Followers: how far those who follow the change feed, and keep their place in the catalogue, have come."""

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage.catalogue.engine import Database
from storage.catalogue.keeping_tables import followers


class Followers:
    """Tells places and forgets them. ``move_follower`` moves one together with what was found on the way."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def position(self, name: str) -> int:
        """How far the follower has come in the change feed."""
        with self._database.read() as connection:
            return _position(connection, name) or 0

    def forget(self, prefix: str, but: str) -> None:
        """Forget the followers whose names begin so, other than ``but``."""
        others = followers.c.name.startswith(prefix, autoescape=True) & (followers.c.name != but)
        with self._database.write() as connection:
            connection.execute(delete(followers).where(others))


def move_follower(connection: Connection, name: str, way: tuple[int, int]) -> bool:
    """Move the follower from ``way[0]`` to ``way[1]``; False, and nothing done, where another moved it."""
    was, position = way
    if _position(connection, name) is None:
        try:
            with connection.begin_nested():
                connection.execute(insert(followers).values(name=name, position=0))
        except IntegrityError:
            pass  # another process made it at the same moment
    if _position(connection, name) != was:
        return False
    connection.execute(update(followers).where(followers.c.name == name).values(position=position))
    return True


def _position(connection: Connection, name: str) -> int | None:
    query = select(followers.c.position).where(followers.c.name == name).with_for_update()
    found: int | None = connection.execute(query).scalar_one_or_none()
    return found
