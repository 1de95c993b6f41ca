"""From when the age of a call counts: its start, unless a clock was behind when it was recorded or came in.

Of such a call nobody knows how old it is, and no rule lets it go, until a person says that its time is right,
or that its age counts from when the clock was right again: it is kept as long as a call of that day, then.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, case, false, func, literal, or_, select

from storage.catalogue import Catalogue, CatalogueCall, Setback
from storage.catalogue.changes import ChangeKind
from storage.catalogue.portions import portions
from storage.catalogue.setbacks import setbacks_in
from storage.catalogue.tables import calls, changes
from storage.clock import NEAR, elapsed

_AGAIN = 3600.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Ages:
    """Expressions on a row of ``calls``: whether it is ``undated``; if it is not, ``since`` when it ages."""

    undated: ColumnElement[bool]
    since: ColumnElement[datetime]


def ages(connection: Connection) -> Ages:
    """As this transaction sees it."""
    found = setbacks_in(connection)
    undated = [_is_of(each) for each in found if not each.decided]
    counted = sorted(((each.counted, each) for each in found if each.counted), key=lambda one: one[0])
    moment = calls.c.start.type
    since = [(_is_of(each), literal(at, moment)) for at, each in reversed(counted)]
    return Ages(or_(false(), *undated), case(*since, else_=calls.c.start) if since else calls.c.start)


def ages_of(connection: Connection, found: Sequence[CatalogueCall]) -> dict[str, datetime | None]:
    """Since when each of the calls ages, by id; None where nobody knows."""
    known = ages(connection)
    columns = (calls.c.id, case((known.undated, 1), else_=0).label("undated"), known.since.label("since"))
    since: dict[str, datetime | None] = {}
    for ids in portions([item.call.id for item in found]):
        for row in connection.execute(select(*columns).where(calls.c.id.in_(ids))):
            since[row.id] = None if row.undated else row.since
    return since


def count_undated(catalogue: Catalogue, setback: Setback | None = None) -> int:
    """How many calls there are whose age nobody knows, or those that are dated by a clock as it was in this
    setback."""
    with catalogue.database.read() as connection:
        which = ages(connection).undated if setback is None else _is_of(setback)
        return connection.execute(select(func.count()).select_from(calls).where(which)).scalar_one()


def undated_alarm(catalogue: Catalogue) -> str:
    """That there are calls whose age nobody knows, and what to do, for people; empty where there are none."""
    if all(each.decided for each in catalogue.setbacks.all()):
        return ""
    number = count_undated(catalogue)
    if not number:
        return ""
    return (
        f"Calls that came while a clock was behind: {number:,}. Nobody knows how old they are, and no rule "
        "lets them go until a person says what is right: `earwitness retention clock` shows how."
    )


class UndatedAlarm:
    """``undated_alarm`` for who asks again and again: to count may take a second of a million calls, so it is
    done once an hour, and when more is known of the clock."""

    def __init__(self, catalogue: Catalogue, seconds: Callable[[], float] = elapsed) -> None:
        self._catalogue = catalogue
        self._seconds = seconds
        self._known: list[Setback] = []
        self._counted = -math.inf
        self._text = ""

    def text(self) -> str:
        """For people; empty where all is well."""
        found, seconds = self._catalogue.setbacks.all(), self._seconds()
        if found != self._known or seconds - self._counted >= _AGAIN:
            self._text = undated_alarm(self._catalogue)
            self._known, self._counted = found, seconds
        return self._text


def _is_of(setback: Setback) -> ColumnElement[bool]:
    """Whether the call came in meanwhile, or came in later and starts at a time that the clock said then."""
    came = select(changes.c.call_id).where(
        changes.c.kind == ChangeKind.ADDED.value, changes.c.position > setback.after
    )
    meanwhile = came.where(changes.c.position <= setback.upto)
    start = calls.c.start
    moment = start.type
    earliest, latest = setback.lowest - NEAR, setback.highest + NEAR
    return and_(
        start <= literal(latest, moment),
        or_(
            calls.c.id.in_(meanwhile),
            and_(start >= literal(earliest, moment), calls.c.id.in_(came)),
        ),
    )
