"""Whether the clock can be believed by rules that delete by it.

A clock that jumps ahead would make every rule let go at once what it should keep for years. So the time up to
which the clock was believed is kept in the catalogue, and moves on while calls are kept. A time far behind it
is doubted, and no rule deletes anything, until the clock is back or a person says that it is right.

- Within a process the clock may go ``AHEAD`` of what went by since then, and ``STANDSTILL`` across a start.
- Where nothing is kept yet (an older version wrote the catalogue, or a restore did without a snapshot), the
  newest call and the newest approval of a rule stand in for it, with ``STANDSTILL``.
- Where no rule lets anything go, the time is kept as it is: to put a rule in force takes two people, who see
  before what goes.
- A clock that is behind deletes too little, never too much, and is believed; the time that is kept stays, for
  such a clock is mostly put right soon. Once it was behind all of ``AHEAD`` it is what holds.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from storage.catalogue import Catalogue
from storage.catalogue.tables import calls
from storage.clock import elapsed
from storage.retention.rules import Rule, Rules

AHEAD = timedelta(days=2)
STANDSTILL = timedelta(days=7)
_BELIEVED = "retention"
_ADVICE = (
    "No rule deletes calls until that is clear: if the clock is right, run `earwitness retention apply`; "
    "if it is not, set it right."
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """The clock says ``now``, which is too far behind ``last``. ``noted``: it was believed until then; else
    that is when the newest call came or a rule was approved."""

    now: datetime
    last: datetime
    noted: bool = True

    @property
    def reason(self) -> str:
        """For people."""
        if self.noted:
            return f"The clock says {_told(self.now)}, but retention last ran at {_told(self.last)}."
        return (
            f"The clock says {_told(self.now)}, but the newest call or approval of a rule is "
            f"of {_told(self.last)}."
        )

    @property
    def alarm(self) -> str:
        """The same, and what to do."""
        return f"{self.reason} {_ADVICE}"


class Clock:
    """Believes the clock or doubts it, in one process. Safe from several threads."""

    def __init__(self, catalogue: Catalogue, seconds: Callable[[], float] = elapsed) -> None:
        self._catalogue = catalogue
        self._seconds = seconds
        self._lock = threading.Lock()
        self._last: datetime | None = None
        self._first_seen = 0.0
        self._going_since: float | None = None
        """When this process knew that ``_last`` was no earlier; None where it stood still perhaps."""
        self._looked: float | None = None

    def look(self, now: datetime) -> Doubt | None:
        """Whether ``now`` is to be doubted; where not, that it was believed is kept."""
        with self._lock:
            return self._look(now)

    def _look(self, now: datetime) -> Doubt | None:
        moments, seconds = self._catalogue.moments, self._seconds()
        last = moments.get(_BELIEVED)
        if last != self._last:
            self._last, self._first_seen, self._going_since = last, seconds, self._looked
        self._looked = seconds
        ends = _ends(self._catalogue)
        if not ends:
            moments.note(_BELIEVED, now)
            return None
        bound = STANDSTILL
        if self._going_since is not None:
            bound = AHEAD + timedelta(seconds=seconds - self._going_since)
        doubt = _doubt(self._catalogue, last, ends, now, bound)
        settled = timedelta(seconds=seconds - self._first_seen) >= AHEAD
        if doubt is None and (last is None or now > last or settled):
            moments.move(_BELIEVED, last, now)
        return doubt


def doubt_at_start(catalogue: Catalogue, now: datetime) -> Doubt | None:
    """Whether ``now`` is to be doubted by a process that only just started."""
    return _doubt(catalogue, catalogue.moments.get(_BELIEVED), _ends(catalogue), now, STANDSTILL)


def believe(catalogue: Catalogue, now: datetime) -> None:
    """A person says that the clock is right."""
    catalogue.moments.note(_BELIEVED, now)


def _ends(catalogue: Catalogue) -> list[Rule]:
    """The rules that let calls go one day."""
    return [rule for rule in Rules(catalogue).in_force() if rule.keep_days is not None]


def _doubt(
    catalogue: Catalogue, last: datetime | None, ends: Sequence[Rule], now: datetime, bound: timedelta
) -> Doubt | None:
    if not ends:
        return None
    if last is not None:
        return Doubt(now, last) if now > last + bound else None
    newest = _newest(catalogue, ends)
    return Doubt(now, newest, noted=False) if now > newest + STANDSTILL else None


def _newest(catalogue: Catalogue, ends: Sequence[Rule]) -> datetime:
    with catalogue.database.read() as connection:
        call: datetime | None = connection.execute(select(func.max(calls.c.start))).scalar_one_or_none()
    return max(filter(None, [call, *(rule.approved_at for rule in ends)]))


def _told(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
