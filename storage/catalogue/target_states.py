"""Target states: how each archive target was when it was last looked at, and when it gets copies next."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage.catalogue.engine import Database
from storage.catalogue.keeping_tables import target_states


class Condition(StrEnum):
    """How a target is. ``DOWN``: a server that nobody reaches, or trouble that somebody has to look at;
    ``ABSENT``: a medium that is not here, or a place where our calls should lie and do not; ``UNKNOWN``:
    nobody looked yet."""

    UP = "up"
    DOWN = "down"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class TargetState:
    """One target. ``since`` is when it came into this condition, ``seen`` when somebody looked last.

    ``free`` and ``total`` are bytes, None where unknown; ``bytes_per_second`` is what the last copies
    reached; ``next_run`` is when copies are made next, None where that is whenever there is one to make.
    """

    name: str
    state: Condition
    detail: str
    since: datetime
    seen: datetime
    free: int | None = None
    total: int | None = None
    bytes_per_second: float | None = None
    next_run: datetime | None = None


class TargetStates:
    """Keeps and tells the states."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def looked(
        self,
        name: str,
        state: Condition,
        now: datetime,
        detail: str = "",
        free: int | None = None,
        total: int | None = None,
    ) -> bool:
        """Somebody looked at the target; whether it is in another condition than before.

        Of a target that is not up, the room that it had stays known.
        """
        with self._database.write() as connection:
            before = _made(connection, name, now)
            values: dict[str, Any] = {"state": state.value, "detail": detail, "seen": now}
            if state is Condition.UP:
                values |= {"free": free, "total": total}
            changed = before.state is not state
            if changed or before.since > now:
                values["since"] = now
            _set(connection, name, values)
        return changed

    def measured(self, name: str, bytes_per_second: float, now: datetime) -> None:
        """Copies to the target came so fast."""
        with self._database.write() as connection:
            _made(connection, name, now)
            _set(connection, name, {"bytes_per_second": bytes_per_second})

    def planned(self, name: str, next_run: datetime | None, now: datetime) -> None:
        """Copies are made from ``next_run`` on; a time that is not after ``now`` means at once."""
        with self._database.write() as connection:
            _made(connection, name, now)
            _set(connection, name, {"next_run": next_run})

    def get(self, name: str) -> TargetState | None:
        """The state of one target, None where nothing is known of it."""
        with self._database.read() as connection:
            row = connection.execute(select(target_states).where(target_states.c.name == name)).one_or_none()
        return _state(row) if row else None

    def all(self) -> dict[str, TargetState]:
        """All of them by name, also of targets that the settings do not name any more."""
        with self._database.read() as connection:
            rows = connection.execute(select(target_states).order_by(target_states.c.name))
            return {row.name: _state(row) for row in rows}

    def forget(self, name: str) -> None:
        """The target is no more."""
        with self._database.write() as connection:
            connection.execute(target_states.delete().where(target_states.c.name == name))


def _made(connection: Connection, name: str, now: datetime) -> TargetState:
    """The row of ``name``, made where there is none, and nobody else's until the transaction ends."""
    query = select(target_states).where(target_states.c.name == name).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        values = {"name": name, "state": Condition.UNKNOWN.value, "since": now, "seen": now}
        try:
            with connection.begin_nested():
                connection.execute(insert(target_states).values(values))
        except IntegrityError:
            pass  # another process made it at the same moment
        row = connection.execute(query).one()
    return _state(row)


def _set(connection: Connection, name: str, values: dict[str, Any]) -> None:
    connection.execute(update(target_states).where(target_states.c.name == name).values(values))


def _state(row: Row[Any]) -> TargetState:
    return TargetState(**{**row._mapping, "state": Condition(row.state)})
