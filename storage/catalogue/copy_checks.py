"""Checks of copies: which were not read back for longest, what reading them showed, and which are bad."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    func,
    insert,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)

from storage.catalogue.call_keys import KEY
from storage.catalogue.call_locks import lock_calls
from storage.catalogue.call_rows import Copy, copy_from, copy_rows
from storage.catalogue.engine import Database
from storage.catalogue.keeping_tables import copy_tasks
from storage.catalogue.tables import calls, copies

# As a literal: a database finds its index of the bad ones by this very text.
_BAD = copies.c.condition != literal_column("'good'")

SKEW = timedelta(days=1)
"""So much the clocks of machines that share a catalogue may differ: a check may bear such a later time."""


class Condition(StrEnum):
    """What reading a copy back shows."""

    GOOD = "good"
    DAMAGED = "damaged"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Held:
    """A copy and the call that it is of."""

    call_id: str
    copy: Copy


class CopyChecks:
    """Keeps what is known of the condition of copies."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, target: str, before: datetime, limit: int, *, now: datetime) -> list[Held]:
        """At most ``limit`` copies on the target that were not read back since ``before``, oldest check
        first; those that nobody ever read back come before all others, or at a time that is to come: when
        the clock was ahead."""
        here = select(copies).where(copies.c.target == target)
        never = here.where(copies.c.checked.is_(None))
        ahead = here.where(copies.c.checked > now + SKEW)
        late = here.where(copies.c.checked < before).order_by(copies.c.checked)
        found = list[Held]()
        with self._database.read() as connection:
            for query in (never, ahead, late):
                if len(found) < limit:
                    rows = connection.execute(query.limit(limit - len(found)))
                    found += [Held(row.call_id, copy_from(row)) for row in rows]
        return found

    def count(self, target: str, before: datetime | None = None) -> tuple[int, int]:
        """How many copies the target holds, and their bytes; with ``before`` those that are due by then."""
        query = select(func.count(), func.coalesce(func.sum(copies.c.bytes), 0))
        query = query.where(copies.c.target == target)
        if before is not None:
            query = query.where(or_(copies.c.checked.is_(None), copies.c.checked < before))
        with self._database.read() as connection:
            number, size = connection.execute(query).one()
        return number, int(size)

    def calls(self, target: str) -> int:
        """How many calls the target holds something of."""
        query = select(func.count(copies.c.call_id.distinct())).where(copies.c.target == target)
        with self._database.read() as connection:
            return connection.execute(query).scalar_one()

    def names(self, target: str, limit: int) -> list[str]:
        """Names of at most ``limit`` copies that the target holds, good ones, the newest first."""
        good = copies.c.condition == Condition.GOOD.value
        query = select(copies.c.name).where(copies.c.target == target, good)
        query = query.order_by(copies.c.at.desc()).limit(limit)
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())

    def note(self, seen: Sequence[tuple[Held, Condition]], now: datetime) -> list[tuple[Held, Condition]]:
        """Keep what was seen of copies that are still what they were; those of them that are bad."""
        in_order = sorted(seen, key=lambda one: (one[0].call_id, one[0].copy.target, one[0].copy.name))
        good = [held for held, condition in in_order if condition is Condition.GOOD]
        bad: list[tuple[Held, Condition]] = []
        with self._database.write() as connection:
            lock_calls(connection, {held.call_id for held, _ in seen})
            if good:
                values = {"checked": now, "condition": Condition.GOOD.value}
                query = update(copies).where(*_SAME).values(values)
                connection.execute(query, [_key(held) for held in good])
            for held, condition in in_order:
                if condition is not Condition.GOOD:
                    query = update(copies).where(*_SAME).values(checked=now, condition=condition.value)
                    if connection.execute(query, _key(held)).rowcount:
                        bad.append((held, condition))
        return bad

    def replaced(self, held: Held, now: datetime, *, size: int, sha256: str) -> None:
        """The copy was put anew and read back."""
        values = {
            "checked": now,
            "condition": Condition.GOOD.value,
            "at": now,
            "bytes": size,
            "sha256": sha256,
        }
        with self._database.write() as connection:
            connection.execute(update(copies).where(*_SAME).values(values), _key(held))

    def bad(self, target: str, after: Held | None = None, limit: int = 100) -> list[Held]:
        """At most ``limit`` copies on the target that are damaged or missing, in the order of their calls."""
        query = select(copies).where(copies.c.target == target, _BAD)
        if after is not None:
            place = tuple_(copies.c.call_id, copies.c.name)
            query = query.where(place > tuple_(*map(_text, (after.call_id, after.copy.name))))
        query = query.order_by(copies.c.call_id, copies.c.name).limit(limit)
        with self._database.read() as connection:
            return [Held(row.call_id, copy_from(row)) for row in connection.execute(query)]

    def good(self, call_ids: Sequence[str]) -> set[tuple[str, str]]:
        """Targets and names of those copies of the calls (some hundred at most) that are good as far as is
        known."""
        query = select(copies.c.target, copies.c.name)
        query = query.where(copies.c.call_id.in_(call_ids), copies.c.condition == Condition.GOOD.value)
        with self._database.read() as connection:
            return {(row.target, row.name) for row in connection.execute(query)}

    def bad_counts(self) -> dict[str, dict[Condition, int]]:
        """How many copies are damaged and missing, by target; targets without any are left out."""
        query = select(copies.c.target, copies.c.condition, func.count().label("number")).where(_BAD)
        found: dict[str, dict[Condition, int]] = {}
        with self._database.read() as connection:
            for row in connection.execute(query.group_by(copies.c.target, copies.c.condition)):
                found.setdefault(row.target, {})[Condition(row.condition)] = row.number
        return found

    def of_day(self, target: str, day: date) -> dict[str, Held]:
        """The copies on the target of the calls that started on this day (UTC), by name."""
        query = select(copies).join(calls, calls.c.id == copies.c.call_id)
        query = query.where(copies.c.target == target, *_on(day))
        with self._database.read() as connection:
            return {row.name: Held(row.call_id, copy_from(row)) for row in connection.execute(query)}

    def next_day(self, day: date | None) -> date | None:
        """The first day (UTC) after ``day``, or at all, on which a call started."""
        query = select(func.min(calls.c.start))
        if day is not None:
            query = query.where(calls.c.start >= _midnight(day + timedelta(days=1)))
        with self._database.read() as connection:
            first = connection.execute(query).scalar_one()
        return first.date() if first else None

    def being_copied(self, target: str, call_ids: Sequence[str]) -> set[str]:
        """Those of the calls (some hundred at most) that are to be copied to the target still."""
        query = select(copy_tasks.c.call_id).where(
            copy_tasks.c.target == target, copy_tasks.c.call_id.in_(call_ids)
        )
        with self._database.read() as connection:
            return set(connection.execute(query).scalars())

    def adopt(self, call_id: str, copy: Copy) -> bool:
        """Add a copy that lies on its target and was read back; False where it is known, its call gone, or
        it is the key of the call as that was wrapped before: no other copy is the same any more."""
        with self._database.write() as connection:
            there = select(copies.c.name).where(
                copies.c.call_id == call_id, copies.c.target == copy.target, copies.c.name == copy.name
            )
            if not _known(connection, call_id) or connection.execute(there).first():
                return False
            if copy.name.endswith(KEY) and not _has_other(connection, call_id, copy):
                return False
            connection.execute(insert(copies), copy_rows(call_id, [copy]))
        return True


def _known(connection: Connection, call_id: str) -> bool:
    query = select(calls.c.id).where(calls.c.id == call_id).with_for_update()
    return connection.execute(query).first() is not None


def _has_other(connection: Connection, call_id: str, copy: Copy) -> bool:
    query = select(copies.c.name).where(copies.c.call_id == call_id, copies.c.name == copy.name)
    return connection.execute(query.where(copies.c.sha256 == copy.sha256)).first() is not None


_SAME = (
    copies.c.call_id == bindparam("same_call"),
    copies.c.target == bindparam("same_target"),
    copies.c.name == bindparam("same_name"),
    copies.c.sha256 == bindparam("same_sha256"),
)


def _key(held: Held) -> dict[str, str]:
    copy = held.copy
    return {
        "same_call": held.call_id,
        "same_target": copy.target,
        "same_name": copy.name,
        "same_sha256": copy.sha256,
    }


def _text(value: str) -> ColumnElement[str]:
    return bindparam(None, value, copies.c.name.type)


def _on(day: date) -> tuple[ColumnElement[bool]]:
    return (and_(calls.c.start >= _midnight(day), calls.c.start < _midnight(day + timedelta(days=1))),)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
