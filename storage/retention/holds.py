"""Legal holds: what they cover is never deleted, whatever a rule or an erasure says.

One person places a hold. To release it takes two: one who asks, with a reason, and another one who agrees.
Until then a call that it covers stays covered, whatever is changed of the call (``storage.catalogue.cover``).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from storage.catalogue import Catalogue, CatalogueCall
from storage.catalogue.changes import lock_feed
from storage.catalogue.cover import StandingHold, holds_of, stated_criteria
from storage.catalogue.keeping_tables import hold_calls, holds
from storage.catalogue.portions import portions
from storage.catalogue.tables import calls
from storage.criteria import Criteria
from storage.errors import BadRule, NotInCatalogue, NotNow
from storage.retention.people import person, reasoned, second_person, worded
from storage.retention.stated import known


class HoldState(StrEnum):
    """Where a hold stands. ``RELEASE_ASKED`` holds still."""

    IN_FORCE = "in-force"
    RELEASE_ASKED = "release-asked"
    RELEASED = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """``criteria`` is None where the hold covers only the calls that it names, ``named`` in number."""

    id: str
    name: str
    reason: str
    criteria: Criteria | None
    placed_by: str
    placed_at: datetime
    release_asked_by: str = ""
    release_asked_at: datetime | None = None
    release_reason: str = ""
    released_by: str = ""
    released_at: datetime | None = None
    named: int = 0

    @property
    def state(self) -> HoldState:
        """Where it stands."""
        if self.released_at is not None:
            return HoldState.RELEASED
        return HoldState.RELEASE_ASKED if self.release_asked_at else HoldState.IN_FORCE


class Holds:
    """Places, releases and lists holds. Every change is one transaction."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._database = catalogue.database

    def place(
        self,
        name: str,
        reason: str,
        *,
        by: str,
        now: datetime,
        criteria: Criteria | None = None,
        call_ids: Sequence[str] = (),
    ) -> Hold:
        """Hold the calls that meet ``criteria``, those that come later too, and the calls named.

        Once this returns, no deletion touches them. Teams may be named. Raises ``BadRule`` for a hold of
        nothing and for unknown teams, ``NotInCatalogue`` for calls that are not there.
        """
        if criteria is None and not call_ids:
            raise BadRule("A hold needs criteria, or calls that it names.")
        hold = Hold(
            id=str(uuid.uuid4()),
            name=worded("The name of a hold", name),
            reason=reasoned(reason),
            criteria=criteria,
            placed_by=person(by),
            placed_at=now,
        )
        with self._database.write() as connection:
            lock_feed(connection)
            stated = replace(hold, criteria=known(connection, criteria)) if criteria is not None else hold
            connection.execute(insert(holds).values(_row(stated)))
            _name_calls(connection, hold.id, call_ids)
            return _one(connection, hold.id)

    def add_calls(self, hold_id: str, call_ids: Sequence[str]) -> Hold:
        """Name more calls. Raises ``NotNow`` for a released hold, ``NotInCatalogue``."""
        with self._database.write() as connection:
            hold = _locked(connection, hold_id, {HoldState.IN_FORCE, HoldState.RELEASE_ASKED})
            _name_calls(connection, hold.id, call_ids)
            return _one(connection, hold.id)

    def ask_release(self, hold_id: str, reason: str, by: str, now: datetime) -> Hold:
        """Ask that the hold be released; it holds still. Raises ``NotNow``, ``NotInCatalogue``."""
        values = {
            "release_asked_by": person(by),
            "release_asked_at": now,
            "release_reason": reasoned(reason),
        }
        with self._database.write() as connection:
            return _change(connection, _locked(connection, hold_id, {HoldState.IN_FORCE}), values)

    def release(self, hold_id: str, by: str, now: datetime) -> Hold:
        """Release the hold. Raises ``SamePerson`` for who asked for it, ``NotNow``, ``NotInCatalogue``."""
        with self._database.write() as connection:
            hold = _locked(connection, hold_id, {HoldState.RELEASE_ASKED})
            by = second_person(hold.release_asked_by, by, "the release of this hold")
            return _change(connection, hold, {"released_by": by, "released_at": now})

    def keep(self, hold_id: str) -> Hold:
        """Let the hold stand after all. Raises ``NotNow``, ``NotInCatalogue``."""
        values = {"release_asked_by": "", "release_asked_at": None, "release_reason": ""}
        with self._database.write() as connection:
            return _change(connection, _locked(connection, hold_id, {HoldState.RELEASE_ASKED}), values)

    def get(self, hold_id: str) -> Hold:
        """The hold with this id. Raises ``NotInCatalogue``."""
        with self._database.read() as connection:
            return _one(connection, hold_id)

    def all(self) -> list[Hold]:
        """Every hold that ever was, latest first."""
        with self._database.read() as connection:
            return [_hold(row) for row in connection.execute(_query().order_by(*_LATEST))]

    def placed_since(self, moment: datetime) -> bool:
        """Whether a hold in force was placed then or later: it may cover what was gone before it."""
        query = select(holds.c.id).where(holds.c.released_at.is_(None), holds.c.placed_at >= moment)
        with self._database.read() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def calls_of(self, hold_id: str, after: str = "", limit: int = 1000) -> list[str]:
        """Ids of the calls that the hold names, in order, from behind ``after`` on."""
        query = select(hold_calls.c.call_id).where(hold_calls.c.hold_id == hold_id)
        query = query.where(hold_calls.c.call_id > after).order_by(hold_calls.c.call_id).limit(limit)
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())

    def covering(self, found: Sequence[CatalogueCall]) -> dict[str, tuple[StandingHold, ...]]:
        """The holds in force of those of the calls that are covered by any, by id of the call."""
        with self._database.read() as connection:
            return holds_of(connection, found)


_LATEST = (holds.c.placed_at.desc(), holds.c.id)


def _name_calls(connection: Connection, hold_id: str, call_ids: Sequence[str]) -> None:
    wanted = sorted(set(call_ids))
    for some in portions(wanted):
        known = set(connection.execute(select(calls.c.id).where(calls.c.id.in_(some))).scalars())
        if missing := [call_id for call_id in some if call_id not in known]:
            raise NotInCatalogue(f"The catalogue has no call {missing[0]}.")
        named = select(hold_calls.c.call_id).where(
            hold_calls.c.hold_id == hold_id, hold_calls.c.call_id.in_(some)
        )
        already = set(connection.execute(named).scalars())
        rows = [{"hold_id": hold_id, "call_id": call_id} for call_id in some if call_id not in already]
        if rows:
            connection.execute(insert(hold_calls), rows)


def _locked(connection: Connection, hold_id: str, states: set[HoldState]) -> Hold:
    # With the feed locked nobody deletes calls by the holds as they were before.
    lock_feed(connection)
    hold = _one(connection, hold_id)
    if hold.state not in states:
        wanted = " or ".join(sorted(states))
        raise NotNow(f"The hold {hold.name} is {hold.state}; for this it would have to be {wanted}.")
    return hold


def _query() -> Any:
    named = select(func.count()).where(hold_calls.c.hold_id == holds.c.id).scalar_subquery()
    return select(holds, named.label("named"))


def _one(connection: Connection, hold_id: str) -> Hold:
    row = connection.execute(_query().where(holds.c.id == hold_id)).one_or_none()
    if row is None:
        raise NotInCatalogue(f"There is no legal hold {hold_id}.")
    return _hold(row)


def _change(connection: Connection, hold: Hold, values: dict[str, Any]) -> Hold:
    connection.execute(update(holds).where(holds.c.id == hold.id).values(values))
    return _one(connection, hold.id)


def _row(hold: Hold) -> dict[str, Any]:
    row = {column.name: getattr(hold, column.name) for column in holds.columns}
    criteria = "" if hold.criteria is None else hold.criteria.model_dump_json(exclude_defaults=True)
    return row | {"criteria": criteria}


def _hold(row: Row[Any]) -> Hold:
    return Hold(**{**row._mapping, "criteria": stated_criteria(row.criteria)})
