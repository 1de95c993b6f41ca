"""The chain of seals of each signing key, as far as the catalogue has committed it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from storage.catalogue.engine import Database
from storage.catalogue.keeping_tables import seals
from storage.catalogue.portions import portions
from storage.errors import ChainMoved

_GENESIS = "0" * 64
_COLUMNS = tuple(column.name for column in seals.columns)


@dataclass(frozen=True, slots=True)
class SealRow:
    """A seal in its place. ``previous`` is the hash of the seal before it, 64 zeros for the first."""

    chain: str
    number: int
    call_id: str
    hash: str
    previous: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SealHead:
    """The newest seal of a chain: number 0 and 64 zeros where it has none."""

    number: int
    hash: str


class Seals:
    """Reads the chains. Seals are written with the call that they are of, see ``calls``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def head(self, chain: str) -> SealHead:
        """The newest seal of the chain."""
        with self._database.read() as connection:
            return _head(connection, chain)

    def of_calls(self, call_ids: Sequence[str]) -> dict[str, list[SealRow]]:
        """The seals that each of these calls has and had, oldest first; calls without any are left out."""
        found: dict[str, list[SealRow]] = defaultdict(list)
        with self._database.read() as connection:
            for ids in portions(call_ids):
                query = select(seals).where(seals.c.call_id.in_(ids))
                for row in connection.execute(query.order_by(seals.c.at, seals.c.number)):
                    found[row.call_id].append(_seal(row))
        return dict(found)

    def chains(self) -> list[str]:
        """The ids of all chains."""
        with self._database.read() as connection:
            return list(
                connection.execute(select(seals.c.chain).distinct().order_by(seals.c.chain)).scalars()
            )

    def page(self, chain: str, after: int = 0, limit: int = 1000) -> list[SealRow]:
        """At most ``limit`` seals of the chain with numbers above ``after``, in order."""
        query = select(seals).where(seals.c.chain == chain, seals.c.number > after)
        with self._database.read() as connection:
            return [_seal(row) for row in connection.execute(query.order_by(seals.c.number).limit(limit))]

    def restore(self, rows: Iterable[SealRow]) -> int:
        """Write seals that were found on a target, where their numbers are free; how many that were."""
        written = 0
        with self._database.write() as connection:
            for row in rows:
                place = (seals.c.chain == row.chain, seals.c.number == row.number)
                if connection.execute(select(seals.c.hash).where(*place)).first() is None:
                    connection.execute(insert(seals).values(_values(row)))
                    written += 1
        return written


def append_seals(connection: Connection, rows: Sequence[SealRow]) -> None:
    """Write the next seals of one chain. The caller holds the lock of the change feed.

    Raises ``ChainMoved`` where somebody else has written that number since.
    """
    if not rows:
        return
    head = _head(connection, rows[0].chain)
    if (head.number + 1, head.hash) != (rows[0].number, rows[0].previous):
        raise ChainMoved(f"Seal {rows[0].number} of the chain {rows[0].chain} was given out meanwhile.")
    connection.execute(insert(seals), [_values(row) for row in rows])


def _head(connection: Connection, chain: str) -> SealHead:
    query = select(seals.c.number, seals.c.hash).where(seals.c.chain == chain)
    row = connection.execute(query.order_by(seals.c.number.desc()).limit(1)).one_or_none()
    return SealHead(row.number, row.hash) if row else SealHead(0, _GENESIS)


def _values(row: SealRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _COLUMNS}


def _seal(row: Row[Any]) -> SealRow:
    return SealRow(row.chain, row.number, row.call_id, row.hash, row.previous, row.at)
