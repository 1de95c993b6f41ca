"""Calls that the rules let go, as SQL over one stretch of the catalogue after the other.

A stretch is some thousand calls, oldest first: no query runs for long, whatever the size of the catalogue.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Subquery,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from storage.catalogue import CallKey
from storage.catalogue.cover import StandingHold, holds_in_force
from storage.catalogue.engine import Database
from storage.catalogue.keeping_tables import hold_calls, holds
from storage.catalogue.tables import calls, copies
from storage.retention.age import ages
from storage.retention.condition import meets
from storage.retention.rules import Rule

STRETCH = 20_000


@dataclass(frozen=True, slots=True)
class Stretch:
    """The calls behind ``after`` up to ``last``, oldest first; ``after`` None is from the beginning on."""

    after: CallKey | None
    last: CallKey


def latest_end(rules: Sequence[Rule], now: datetime) -> datetime | None:
    """Calls that started at this or later are kept by every rule; None where all are."""
    return max(filter(None, (rule.ends_before(now) for rule in rules)), default=None)


def stretches(
    database: Database, before: datetime, after: CallKey | None = None, size: int = STRETCH
) -> Iterator[Stretch]:
    """The calls behind ``after`` that started before ``before``, ``size`` at a time."""
    while True:
        with database.read() as connection:
            last = _reach(connection, before, after, size)
        if last is None:
            return
        yield Stretch(after, last)
        after = last


def going(connection: Connection, stretch: Stretch, rules: Sequence[Rule], now: datetime) -> Subquery:
    """Those calls of the stretch whose rule does not keep them any longer.

    Columns: ``id``, ``start``, ``seconds`` of audio, ``bytes`` of all copies, ``rule`` (its place among
    ``rules``), ``held`` (whether a hold in force covers the call, 0 or 1), ``undated`` (whether it stays for
    another reason: it would be over by its own start, and nobody knows whether that is right).
    """
    known = ages(connection)
    size = select(func.coalesce(func.sum(copies.c.bytes), 0)).where(copies.c.call_id == calls.c.id)
    sifted = (
        select(
            calls.c.id,
            calls.c.start,
            func.coalesce(calls.c.recording_seconds, 0.0).label("seconds"),
            size.scalar_subquery().label("bytes"),
            _deciding(rules).label("rule"),
            known.since.label("since"),
            case((known.undated, 1), else_=0).label("undated"),
            case((_held(holds_in_force(connection)), 1), else_=0).label("held"),
        )
        .where(*_within(stretch))
        .subquery()
    )
    over = [
        and_(sifted.c.rule == place, sifted.c.since < ends)
        for place, rule in enumerate(rules)
        if (ends := rule.ends_before(now)) is not None
    ]
    return select(sifted).where(or_(false(), *over)).subquery()


def _deciding(rules: Sequence[Rule]) -> ColumnElement[int]:
    if not rules:
        return literal(-1)
    return case(*((meets(rule.criteria), place) for place, rule in enumerate(rules)), else_=-1)


def _held(standing: Sequence[StandingHold]) -> ColumnElement[bool]:
    if not standing:
        return false()
    named = exists().where(
        hold_calls.c.call_id == calls.c.id, holds.c.id == hold_calls.c.hold_id, holds.c.released_at.is_(None)
    )
    return or_(named, *(meets(hold.criteria) for hold in standing if hold.criteria is not None))


def _reach(connection: Connection, before: datetime, after: CallKey | None, size: int) -> CallKey | None:
    query = select(calls.c.start, calls.c.id).where(calls.c.start < before)
    if after is not None:
        query = query.where(_place() > _key(after))
    query = query.order_by(calls.c.start, calls.c.id)
    row = connection.execute(query.offset(size - 1).limit(1)).one_or_none()
    if row is None:
        back = query.order_by(None).order_by(calls.c.start.desc(), calls.c.id.desc()).limit(1)
        row = connection.execute(back).one_or_none()
    return CallKey(row.start, row.id) if row else None


def _within(stretch: Stretch) -> Iterator[ColumnElement[bool]]:
    yield _place() <= _key(stretch.last)
    if stretch.after is not None:
        yield _place() > _key(stretch.after)


def _place() -> ColumnElement[tuple[datetime, str]]:
    return tuple_(calls.c.start, calls.c.id)


def _key(key: CallKey) -> ColumnElement[tuple[datetime, str]]:
    return tuple_(literal(key.start, calls.c.start.type), literal(key.id, calls.c.id.type))
