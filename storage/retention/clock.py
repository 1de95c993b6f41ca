"""Whether the clock can be believed by what deletes by it.

A clock that jumps ahead would make every rule let go at once what it should keep for years; before one that
falls back the newest snapshots seem to be of a time to come. So the time up to which the clock was believed
is kept in the catalogue, and moves on while calls are kept. A time far from it is doubted, until the clock is
back or a person says that it is right.

- Within a process the clock may go ``NEAR`` ahead of what went by since then, and ``STANDSTILL`` across a
  start; it may always be ``NEAR`` behind.
- Where no time is kept yet (an older version wrote the catalogue, or a restore did without a snapshot), the
  newest call and the newest approval of a rule stand in for it, with ``STANDSTILL``. Without any call there
  is nothing to lose, and no doubt.
- A clock that is doubted and steady all of ``NEAR`` is what holds, unless it is ahead and a rule lets calls
  go. Where none does, two people see what goes before one is in force.

One that is behind dates calls to when they were not made, so that is noted too, by whoever looks and by
intake (``storage.catalogue.setbacks``). No rule lets those calls go once it is right, until a person says
from when their age counts (``count_from_then``), or that it was right all the time (``dated_right``). A clock
that says a time before ``EARLIEST`` is behind, whatever was believed, and never believed however steady.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from storage.catalogue import Catalogue, Setback
from storage.catalogue.moments import BELIEVED
from storage.catalogue.tables import calls
from storage.clock import EARLIEST, NEAR, elapsed
from storage.errors import NotNow
from storage.retention.rules import Rules

STANDSTILL = timedelta(days=7)
_AHEAD = (
    "No rule deletes calls until that is clear: if the clock is right, run `earwitness retention apply`; "
    "if it is not, set it right."
)
_BEHIND = (
    "Set it right: calls are dated by it, and old snapshots stay until it is. "
    "Two days on, snapshots go by it as it is."
)
_STILL = "Set it right: calls are dated by it."
_IS_RIGHT = "If it is right, say so: `earwitness retention clock --was-right`."
_FIRST = "Set the clock right first."
_OR_APPLY = "If it is right, run `earwitness retention apply`, which asks for that word."


@dataclass(frozen=True, slots=True)
class Doubt:
    """The clock says ``now``, which is too far from ``last``. ``noted``: it was believed until then; else
    that is when the newest call came or a rule was approved. ``idle``: no rule lets calls go anyway."""

    now: datetime
    last: datetime
    noted: bool = True
    idle: bool = False

    @property
    def behind(self) -> bool:
        """Whether the clock is behind: by it too little is let go, never too much."""
        return self.now < self.last

    @property
    def reason(self) -> str:
        """For people."""
        now, last = _told(self.now), _told(self.last)
        if self.behind:
            return f"The clock says {now}, but retention ran at {last} already."
        if self.noted:
            return f"The clock says {now}, but retention last ran at {last}."
        return f"The clock says {now}, but the newest call or approval of a rule is of {last}."

    @property
    def alarm(self) -> str:
        """The same, and what to do; empty where nobody has to do anything."""
        if self.behind:
            return f"{self.reason} {_BEHIND} {_IS_RIGHT}"
        return "" if self.idle else f"{self.reason} {_AHEAD}"


class Clock:
    """Believes the clock or doubts it, in one process. Safe from several threads."""

    def __init__(self, catalogue: Catalogue, seconds: Callable[[], float] = elapsed) -> None:
        self._catalogue = catalogue
        self._seconds = seconds
        self._lock = threading.Lock()
        self._last: datetime | None = None
        self._first_seen: float | None = None
        self._going_since: float | None = None
        """When this process knew that ``_last`` was no earlier; None where it stood still perhaps."""
        self._looked: float | None = None

    def look(self, now: datetime) -> Doubt | None:
        """Whether ``now`` is to be doubted; where not, that it was believed is kept. Where the clock is
        behind, that is noted."""
        with self._lock:
            return self._look(now)

    def _look(self, now: datetime) -> Doubt | None:
        moments, seconds = self._catalogue.moments, self._seconds()
        last = moments.get(BELIEVED)
        if last != self._last or self._first_seen is None:
            self._last, self._first_seen, self._going_since = last, seconds, self._looked
        self._looked = seconds
        bound = STANDSTILL
        if self._going_since is not None:
            bound = NEAR + timedelta(seconds=seconds - self._going_since)
        doubt = _doubt(self._catalogue, last, now, bound)
        settled = timedelta(seconds=seconds - self._first_seen) >= NEAR
        holds = settled and (doubt is None or doubt.behind or doubt.idle)
        is_behind = self._catalogue.setbacks.note(now) is not None
        if doubt is None and not is_behind:
            self._catalogue.setbacks.end(now)
        if (holds or (doubt is None and (last is None or now > last))) and now > EARLIEST - NEAR:
            moments.move(BELIEVED, last, now)
        return doubt


def doubt_at_start(catalogue: Catalogue, now: datetime) -> Doubt | None:
    """Whether ``now`` is to be doubted by a process that only just started."""
    return _doubt(catalogue, catalogue.moments.get(BELIEVED), now, STANDSTILL)


def believe(catalogue: Catalogue, now: datetime) -> None:
    """A person says that the clock is right, and not ahead; one that is behind says nothing of that."""
    last = catalogue.moments.get(BELIEVED)
    if last is None or now > last:
        catalogue.moments.note(BELIEVED, now)


def alarm(catalogue: Catalogue, doubt: Doubt | None, now: datetime) -> str:
    """What is wrong with the clock, for people, given what ``Clock`` says of ``now``; empty where nobody has
    to do anything."""
    if doubt is not None:
        return doubt.alarm
    known = catalogue.setbacks.behind(now)
    if known is None:
        return ""
    # That one that cannot be right is right is nothing that a person may say.
    return f"{_behind(now, known)} {_STILL}" + (f" {_IS_RIGHT}" if known > EARLIEST else "")


def refuse_to_count(catalogue: Catalogue, now: datetime) -> None:
    """Raise ``NotNow`` where ``count_from_then`` does: where the clock is behind still, or may be ahead, so
    that calls would be kept for too long."""
    known = catalogue.setbacks.behind(now)
    if known is not None:
        raise NotNow(f"{_behind(now, known)} {_FIRST}")
    doubt = doubt_at_start(catalogue, now)
    if doubt is not None and not doubt.behind:
        raise NotNow(f"{doubt.reason} {_FIRST} {_OR_APPLY}")


def count_from_then(catalogue: Catalogue, now: datetime) -> list[Setback]:
    """A person says that calls were dated by a clock that was behind: their age counts from when it was right
    again. What that decides. Raises ``NotNow``."""
    refuse_to_count(catalogue, now)
    return catalogue.setbacks.count(now)


def refuse_as_wrong(now: datetime) -> None:
    """Raise ``NotNow`` where ``dated_right`` does: where the clock says a time that cannot be."""
    if now < EARLIEST - NEAR:
        raise NotNow(f"{_behind(now, EARLIEST)} {_FIRST}")


def dated_right(catalogue: Catalogue, now: datetime) -> list[Setback]:
    """A person says that calls were dated right, and that the clock is right: they age from their start.
    What that decides. Raises ``NotNow``."""
    refuse_as_wrong(now)
    if catalogue.setbacks.behind(now) is not None:
        catalogue.moments.note(BELIEVED, now)
    return catalogue.setbacks.forget()


def _doubt(catalogue: Catalogue, last: datetime | None, now: datetime, bound: timedelta) -> Doubt | None:
    if last is not None and last - NEAR <= now <= last + bound:
        return None
    with catalogue.database.read() as connection:
        newest: datetime | None = connection.execute(select(func.max(calls.c.start))).scalar_one_or_none()
    if newest is None:
        return None
    ends = [rule for rule in Rules(catalogue).in_force() if rule.keep_days is not None]
    if last is not None:
        return Doubt(now, last, idle=not ends)
    shown = max([newest, *(rule.approved_at for rule in ends if rule.approved_at is not None)])
    return Doubt(now, shown, noted=False, idle=not ends) if now > shown + STANDSTILL else None


def _behind(now: datetime, known: datetime) -> str:
    if known == EARLIEST:
        return f"The clock says {_told(now)}, and Earwitness is not as old as that."
    return f"The clock says {_told(now)}, but it was {_told(known)} already."


def _told(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
