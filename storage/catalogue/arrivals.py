"""Which calls came to a target, in the order in which they did."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import literal, select, tuple_

from storage.catalogue.engine import Database
from storage.catalogue.tables import copies

_ROWS_A_READ = 1000


@dataclass(frozen=True, slots=True)
class Arrival:
    """A blob of a call that a target got, or got anew, at this time."""

    at: datetime
    call_id: str


class Arrivals:
    """Reads ``copies`` in the order of time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def after(self, target: str, last: Arrival | None = None, limit: int = 1000) -> list[Arrival]:
        """At most ``limit`` arrivals behind ``last``, oldest first; a call may be there several times."""
        query = select(copies.c.at, copies.c.call_id).where(copies.c.target == target)
        if last is not None:
            key = tuple_(literal(last.at, copies.c.at.type), literal(last.call_id, copies.c.call_id.type))
            query = query.where(tuple_(copies.c.at, copies.c.call_id) > key)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(copies.c.at, copies.c.call_id).limit(limit))
            return [Arrival(row.at, row.call_id) for row in rows]

    def calls(self, target: str) -> Iterator[str]:
        """The ids of all calls of which the target holds anything, each once, in order."""
        query = select(copies.c.call_id).where(copies.c.target == target).distinct()
        with self._database.read() as connection:
            reading = connection.execution_options(yield_per=_ROWS_A_READ)
            yield from reading.execute(query.order_by(copies.c.call_id)).scalars()
