"""The heads of the append-only tables: one writer at a time, positions without holes."""

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from storage.catalogue.tables import heads
from storage.errors import CatalogueError

CHANGES = "changes"
AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class Head:
    """The last position that was given out, and the hash at it where the table is a chain."""

    position: int
    hash: str = ""


def lock_head(connection: Connection, name: str) -> Head:
    """The head of ``name``, which nobody else can move until this transaction ends.

    A transaction that needs both heads takes that of the changes first.
    """
    return _select(connection, name, locked=True)


def read_head(connection: Connection, name: str) -> Head:
    """The head of ``name`` as this transaction sees it."""
    return _select(connection, name, locked=False)


def move_head(connection: Connection, name: str, head: Head) -> None:
    """Set the head that ``lock_head`` locked."""
    connection.execute(
        update(heads).where(heads.c.name == name).values(position=head.position, hash=head.hash)
    )


def _select(connection: Connection, name: str, *, locked: bool) -> Head:
    query = select(heads.c.position, heads.c.hash).where(heads.c.name == name)
    row = connection.execute(query.with_for_update() if locked else query).one_or_none()
    if row is None:
        raise CatalogueError(f"The catalogue has lost its head row of {name}. Restore it from a backup.")
    return Head(row.position, row.hash)
