"""The legal holds in force, and the calls that they cover, as a transaction sees them.

Who changes or removes calls asks here; holds are placed and released in ``storage.retention.holds``. Either
locks the feed first, so that no hold is placed between the question and the change.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from storage.catalogue.call_rows import CatalogueCall
from storage.catalogue.keeping_tables import hold_calls, holds
from storage.catalogue.portions import portions
from storage.criteria import Criteria
from storage.errors import PacketsHeld, UnderHold
from storage.model import Call


@dataclass(frozen=True, slots=True)
class StandingHold:
    """A hold in force. ``criteria`` is None where it covers only the calls that it names."""

    id: str
    name: str
    criteria: Criteria | None

    def met_by(self, found: CatalogueCall) -> bool:
        """Whether it covers the call by its criteria."""
        return self.criteria is not None and self.criteria.met_by(found)


def holds_in_force(connection: Connection) -> list[StandingHold]:
    """The holds in force, latest first."""
    query = select(holds.c.id, holds.c.name, holds.c.criteria).where(holds.c.released_at.is_(None))
    return [
        StandingHold(row.id, row.name, stated_criteria(row.criteria))
        for row in connection.execute(query.order_by(holds.c.placed_at.desc(), holds.c.id))
    ]


def stated_criteria(kept: str) -> Criteria | None:
    """The criteria as the column of a hold keeps them, None where it is empty."""
    return Criteria.model_validate_json(kept) if kept else None


def holds_of(connection: Connection, found: Sequence[CatalogueCall]) -> dict[str, tuple[StandingHold, ...]]:
    """The holds in force of those of the calls that are covered by any, by id of the call."""
    standing = holds_in_force(connection)
    named = set(_naming(connection, [item.call.id for item in found])) if standing else set()
    covered: dict[str, tuple[StandingHold, ...]] = {}
    for item in found:
        over = tuple(hold for hold in standing if (hold.id, item.call.id) in named or hold.met_by(item))
        if over:
            covered[item.call.id] = over
    return covered


def losing(connection: Connection, before: CatalogueCall, after: CatalogueCall) -> tuple[StandingHold, ...]:
    """The holds in force that cover the call as it was and would not cover it as it is to be."""
    met = [hold for hold in holds_in_force(connection) if hold.met_by(before) and not hold.met_by(after)]
    named = {hold_id for hold_id, _ in _naming(connection, [before.call.id])} if met else set()
    return tuple(hold for hold in met if hold.id not in named)


def keep_covered(connection: Connection, before: CatalogueCall, after: CatalogueCall) -> None:
    """Let the holds that the changed call would leave name it, so that they cover it as before."""
    rows = [{"hold_id": hold.id, "call_id": before.call.id} for hold in losing(connection, before, after)]
    if rows:
        connection.execute(insert(hold_calls), rows)


def refuse_held(connection: Connection, found: Sequence[CatalogueCall]) -> None:
    """Raise ``UnderHold`` where one of the calls is covered."""
    if covered := holds_of(connection, found):
        raise UnderHold(list(covered), sorted({hold.name for over in covered.values() for hold in over}))


def refuse_loss(connection: Connection, before: CatalogueCall, after: Call) -> None:
    """Raise ``PacketsHeld`` where the call is under a hold and would lose the packets that are kept of it."""
    if before.call.encrypted is not None and after.encrypted is None:
        for over in holds_of(connection, [before]).values():
            raise PacketsHeld(after.id, sorted(hold.name for hold in over))


def _naming(connection: Connection, call_ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    for some in portions(call_ids):
        for row in connection.execute(select(hold_calls).where(hold_calls.c.call_id.in_(some))):
            yield row.hold_id, row.call_id
