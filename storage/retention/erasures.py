"""Erasures: calls that go before their time, asked for by one person and agreed to by another."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from storage.catalogue import Catalogue
from storage.catalogue.calls import calls_in
from storage.catalogue.changes import lock_feed
from storage.catalogue.cover import refuse_held
from storage.catalogue.keeping_tables import erasures
from storage.errors import BadRule, NotInCatalogue, NotNow
from storage.retention.people import person, reasoned, second_person

MOST_CALLS = 1000


class ErasureState(StrEnum):
    """Where an erasure stands. ``DONE``: every call is out of the catalogue, and its removal is under way."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """A request to erase ``call_ids``."""

    id: str
    reason: str
    call_ids: tuple[str, ...]
    requested_by: str
    requested_at: datetime
    decided_by: str = ""
    decided_at: datetime | None = None
    approved: bool | None = None
    done_at: datetime | None = None

    @property
    def state(self) -> ErasureState:
        """Where it stands."""
        if self.done_at is not None:
            return ErasureState.DONE
        if self.approved is None:
            return ErasureState.ASKED
        return ErasureState.APPROVED if self.approved else ErasureState.REFUSED


class Erasures:
    """Asks for, decides and lists erasures. ``Deletion`` carries them out."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._database = catalogue.database

    def request(self, call_ids: Sequence[str], reason: str, *, by: str, now: datetime) -> Erasure:
        """Ask that these calls be erased.

        Raises ``BadRule`` for none or more than ``MOST_CALLS``, ``NotInCatalogue``, ``UnderHold``.
        """
        wanted = tuple(dict.fromkeys(call_ids))
        if not 1 <= len(wanted) <= MOST_CALLS:
            raise BadRule(f"An erasure names 1 to {MOST_CALLS} calls.")
        erasure = Erasure(
            id=str(uuid.uuid4()),
            reason=reasoned(reason),
            call_ids=wanted,
            requested_by=person(by),
            requested_at=now,
        )
        with self._database.write() as connection:
            lock_feed(connection)
            missing = set(wanted) - _refuse_held(connection, wanted)
            if missing:
                raise NotInCatalogue(f"The catalogue has no call {min(missing)}.")
            connection.execute(insert(erasures).values(_row(erasure)))
            return _one(connection, erasure.id)

    def approve(self, erasure_id: str, by: str, now: datetime) -> Erasure:
        """Agree; the calls go with the next deletion.

        Raises ``SamePerson`` for who asked, ``UnderHold``, ``NotNow``, ``NotInCatalogue``.
        """
        with self._database.write() as connection:
            erasure = _asked(connection, erasure_id)
            by = second_person(erasure.requested_by, by, "this erasure")
            _refuse_held(connection, erasure.call_ids)
            return _decide(connection, erasure, by, now, approved=True)

    def refuse(self, erasure_id: str, by: str, now: datetime) -> Erasure:
        """Decline, which who asked may do too. Raises ``NotNow``, ``NotInCatalogue``."""
        with self._database.write() as connection:
            erasure = _asked(connection, erasure_id)
            return _decide(connection, erasure, person(by), now, approved=False)

    def get(self, erasure_id: str) -> Erasure:
        """The erasure with this id. Raises ``NotInCatalogue``."""
        with self._database.read() as connection:
            return _one(connection, erasure_id)

    def page(self, before: datetime | None = None, limit: int = 100) -> list[Erasure]:
        """At most ``limit`` erasures that were asked for before this, latest first."""
        query = select(erasures).order_by(erasures.c.requested_at.desc(), erasures.c.id).limit(limit)
        if before is not None:
            query = query.where(erasures.c.requested_at < before)
        with self._database.read() as connection:
            return [_erasure(row) for row in connection.execute(query)]

    def to_do(self) -> list[Erasure]:
        """Those that are approved and not done, earliest first."""
        query = select(erasures).where(erasures.c.approved.is_(True), erasures.c.done_at.is_(None))
        with self._database.read() as connection:
            return [_erasure(row) for row in connection.execute(query.order_by(erasures.c.decided_at))]


def erasure_in_force(connection: Connection, erasure_id: str) -> Erasure:
    """The erasure, where it is approved and not done. Raises ``NotNow``, ``NotInCatalogue``."""
    erasure = _one(connection, erasure_id)
    if erasure.state is not ErasureState.APPROVED:
        raise NotNow(f"The erasure is {erasure.state}; for this it would have to be approved.")
    return erasure


def finish_erasure(connection: Connection, erasure_id: str, now: datetime) -> None:
    """Note that none of its calls is in the catalogue any more."""
    connection.execute(update(erasures).where(erasures.c.id == erasure_id).values(done_at=now))


def _refuse_held(connection: Connection, call_ids: Sequence[str]) -> set[str]:
    """The ids of those calls that are there. Raises ``UnderHold`` where one of them is covered."""
    found = calls_in(connection, call_ids)
    refuse_held(connection, found)
    return {item.call.id for item in found}


def _asked(connection: Connection, erasure_id: str) -> Erasure:
    lock_feed(connection)
    erasure = _one(connection, erasure_id)
    if erasure.state is not ErasureState.ASKED:
        raise NotNow(f"The erasure is {erasure.state} already.")
    return erasure


def _one(connection: Connection, erasure_id: str) -> Erasure:
    row = connection.execute(select(erasures).where(erasures.c.id == erasure_id)).one_or_none()
    if row is None:
        raise NotInCatalogue(f"There is no erasure {erasure_id}.")
    return _erasure(row)


def _decide(connection: Connection, erasure: Erasure, by: str, now: datetime, *, approved: bool) -> Erasure:
    values = {"decided_by": by, "decided_at": now, "approved": approved}
    connection.execute(update(erasures).where(erasures.c.id == erasure.id).values(values))
    return _one(connection, erasure.id)


def _row(erasure: Erasure) -> dict[str, Any]:
    row = {column.name: getattr(erasure, column.name) for column in erasures.columns}
    return row | {"call_ids": json.dumps(erasure.call_ids)}


def _erasure(row: Row[Any]) -> Erasure:
    return Erasure(**{**row._mapping, "call_ids": tuple(json.loads(row.call_ids))})
