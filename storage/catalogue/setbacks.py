"""Setbacks: times at which a clock was behind, and so the calls that may bear wrong times.

A call that was recorded then is dated by that clock, to years ago perhaps. Which calls these are is known by
their place in the change feed, whoever added them, and by what the clock said: no call starts later than it.
Those that were recorded then and came in afterwards start at such times too.

Each is kept among the followers, one row a field, so that snapshots and ``migrate`` take it along.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select

from storage.catalogue.changes import lock_feed
from storage.catalogue.engine import Database
from storage.catalogue.keeping_tables import followers
from storage.catalogue.moments import BELIEVED, moment_in
from storage.clock import EARLIEST, NEAR

_PREFIX = "clock behind "
_POSITIONS = ("upto",)
_TIMES = ("lowest", "highest", "believed", "over", "counted")


@dataclass(frozen=True, slots=True)
class Setback:
    """A clock that said ``lowest`` to ``highest`` when it was at least ``believed`` already.

    Calls that were added behind the position ``after`` of the feed, as far as ``upto``, came meanwhile.
    ``over`` is when the clock was found right again, None where it was not yet. ``counted`` is from when the
    age of those calls counts, None until a person says that they are dated wrongly. Times are whole seconds.
    """

    after: int
    upto: int
    lowest: datetime
    highest: datetime
    believed: datetime
    over: datetime | None = None
    counted: datetime | None = None

    @property
    def decided(self) -> bool:
        """Whether a person said what is right."""
        return self.counted is not None


class Setbacks:
    """Tells and notes setbacks. ``note_behind`` does so together with the calls that are added."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Setback]:
        """All of them, earliest first; those whose calls were dated right are forgotten."""
        with self._database.read() as connection:
            return setbacks_in(connection)

    def behind(self, now: datetime) -> datetime | None:
        """The time that it was already, as is known, where a clock that says ``now`` is behind it."""
        with self._database.read() as connection:
            return _behind(connection, setbacks_in(connection), now)

    def note(self, now: datetime) -> datetime | None:
        """As ``behind``, and a clock that is behind is noted: calls are dated by it from now on."""
        known = self.behind(now)
        if known is not None:
            with self._database.write() as connection:
                note_behind(connection, lock_feed(connection).position, 0, now)
        return known

    def found(self, setback: Setback) -> None:
        """Keep a setback that was found by what lies in the archive."""
        with self._database.write() as connection:
            lock_feed(connection)
            _put(connection, setback)

    def end(self, now: datetime) -> None:
        """The clock is right: those that were not over are so at ``now``."""
        if all(each.over is not None for each in self.all()):
            return
        with self._database.write() as connection:
            lock_feed(connection)
            for each in setbacks_in(connection):
                if each.over is None:
                    _put(connection, replace(each, over=now))

    def count(self, now: datetime) -> list[Setback]:
        """The age of calls of which nothing was said yet counts from when the clock was right again, which it
        is ``now``; the setbacks that this decides."""
        with self._database.write() as connection:
            lock_feed(connection)
            decided = [
                replace(each, over=each.over or now, counted=each.over or now)
                for each in setbacks_in(connection)
                if not each.decided
            ]
            for each in decided:
                _put(connection, each)
        return decided

    def forget(self) -> list[Setback]:
        """Calls of which nothing was said yet are dated right; the setbacks that are no more."""
        with self._database.write() as connection:
            lock_feed(connection)
            gone = [each for each in setbacks_in(connection) if not each.decided]
            for each in gone:
                _remove(connection, each.after)
        return gone


def setbacks_in(connection: Connection) -> list[Setback]:
    """As ``Setbacks.all``, as this transaction sees it."""
    query = select(followers).where(followers.c.name.startswith(_PREFIX, autoescape=True))
    fields: dict[int, dict[str, int]] = defaultdict(dict)
    for row in connection.execute(query):
        after, field = row.name.removeprefix(_PREFIX).split(" ")
        fields[int(after)][field] = row.position
    return [_setback(after, fields[after]) for after in sorted(fields)]


def note_behind(connection: Connection, after: int, added: int, now: datetime) -> None:
    """Note it where a clock that says ``now`` is behind, and that ``added`` calls came in behind ``after``.

    The caller holds the lock of the feed.
    """
    found = setbacks_in(connection)
    known = _behind(connection, found, now)
    if known is None:
        return
    going = [each for each in found if not each.decided and _is_of(each, now)]
    last = going[-1] if going else Setback(after, after, now, now, known)
    _put(
        connection,
        replace(
            last,
            upto=after + added if added else last.upto,
            lowest=min(last.lowest, now),
            highest=max(last.highest, now),
            believed=max(last.believed, known),
            over=None,
        ),
    )


def _behind(connection: Connection, found: Sequence[Setback], now: datetime) -> datetime | None:
    """As ``Setbacks.behind``. What is believed moves to a clock that is steady; setbacks that nobody spoke of
    stand for what was believed before."""
    known = [EARLIEST, *(each.believed for each in found if not each.decided)]
    believed = moment_in(connection, BELIEVED)
    latest = max([*known, believed] if believed else known)
    return latest if now < latest - NEAR else None


def _is_of(setback: Setback, now: datetime) -> bool:
    """Whether this goes on, or came back: dead clocks begin at the same time again and again."""
    return setback.over is None or setback.lowest - NEAR <= now <= setback.highest + NEAR


def _put(connection: Connection, setback: Setback) -> None:
    values = {field: getattr(setback, field) for field in _POSITIONS}
    times = {field: getattr(setback, field) for field in _TIMES}
    values |= {field: math.floor(at.timestamp()) for field, at in times.items() if at is not None}
    _remove(connection, setback.after)
    rows = [
        {"name": f"{_PREFIX}{setback.after} {field}", "position": value} for field, value in values.items()
    ]
    connection.execute(insert(followers), rows)


def _remove(connection: Connection, after: int) -> None:
    own = followers.c.name.startswith(f"{_PREFIX}{after} ", autoescape=True)
    connection.execute(delete(followers).where(own))


def _setback(after: int, fields: dict[str, int]) -> Setback:
    times = {field: datetime.fromtimestamp(fields[field], UTC) for field in _TIMES if field in fields}
    return Setback(after, fields["upto"], **times)
