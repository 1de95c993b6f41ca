"""Schedules: when copies are made. Pure; times are arguments, and a clock that jumps neither stops nor
storms them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from cronsim import CronSim, CronSimError

from storage.errors import BadSchedule, BadWindow

_TIME = r"([01]\d|2[0-3]):[0-5]\d"
_WINDOW = re.compile(f"{_TIME}-{_TIME}")
_LONGEST_JUMP = timedelta(hours=2)
"""By how much clocks go back at most, where summer ends."""
CONTINUOUS = "continuous"
NAMED = {
    "hourly": "0 * * * *",
    "daily": "0 2 * * *",
    "weekly": "0 2 * * 0",
    "monthly": "0 2 1 * *",
}
"""At the full hour; at two at night; on Sundays; on the first of the month."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Whether it is time, and when it is (again). ``next_run`` None: whenever there is something to do."""

    due: bool
    next_run: datetime | None


@dataclass(frozen=True, slots=True)
class Schedule:
    """A cron expression of five fields in the time zone ``zone``, None being that of this machine; an empty
    expression means always."""

    cron: str
    zone: tzinfo | None = None

    @classmethod
    def parse(cls, text: str, zone: tzinfo | None = None) -> "Schedule":
        """``continuous``, one of ``NAMED``, or a cron expression. Raises ``BadSchedule``."""
        if text == CONTINUOUS:
            return cls("", zone)
        cron = NAMED.get(text, text)
        try:
            if len(cron.split()) != 5:
                raise CronSimError("it needs five fields")
            next(CronSim(cron, datetime(2000, 1, 1)))  # noqa: DTZ001 - of no zone
        except (CronSimError, StopIteration) as error:
            raise BadSchedule(text, str(error)) from error
        return cls(cron, zone)

    def after(self, now: datetime) -> datetime | None:
        """The first moment after ``now``, in UTC; None where it is always time.

        Where clocks go back, what comes every so many minutes or hours goes on in the hour that they show
        twice; what has its time of day comes once.
        """
        if not self.cron:
            return None
        local = now.astimezone(self.zone).replace(tzinfo=None, fold=0)
        recurs = any(field.startswith("*") for field in self.cron.split()[:2])
        coming: list[datetime] = []
        for moment in CronSim(self.cron, local - _LONGEST_JUMP):
            found = [_instant(moment, self.zone), *(_again(moment, self.zone) if recurs else ())]
            coming += [each for each in found if each > now]
            if coming and moment > local:
                return min(coming)
        return None

    def plan(self, planned: datetime | None, now: datetime) -> Plan:
        """What is to be done at ``now`` when ``planned`` was the next time so far, None where none was.

        Stays due until somebody plans anew behind ``now`` (``after``): missed times are made up for by one
        run, however many they are. A planned time further away than the schedule can mean is drawn nearer.
        """
        coming = self.after(now)
        if coming is None:
            return Plan(due=True, next_run=None)
        next_run = min(planned or coming, coming)
        return Plan(due=next_run <= now, next_run=next_run)


@dataclass(frozen=True, slots=True)
class Window:
    """A part of each day; the whole day where both ends are the same. The end may lie behind midnight."""

    begin: time = time()
    end: time = time()
    zone: tzinfo | None = None

    @classmethod
    def parse(cls, text: str, zone: tzinfo | None = None) -> "Window":
        """``20:00-06:00``; an empty text is the whole day. Raises ``BadWindow``."""
        if not text:
            return cls(zone=zone)
        if not _WINDOW.fullmatch(text):
            raise BadWindow(text)
        begin, end = map(time.fromisoformat, text.split("-"))
        return cls(begin, end, zone)

    def is_open(self, now: datetime) -> bool:
        """Whether ``now`` lies in it, the end excluded."""
        local = now.astimezone(self.zone).time()
        if self.begin < self.end:
            return self.begin <= local < self.end
        return self.begin == self.end or local >= self.begin or local < self.end

    def opens(self, now: datetime) -> datetime:
        """``now`` where it is open, else when it opens next, in UTC."""
        if self.is_open(now):
            return now
        local = now.astimezone(self.zone).replace(tzinfo=None)
        opening = datetime.combine(local.date(), self.begin)
        opening += timedelta(days=0 if opening > local else 1)
        found = _instant(opening, self.zone)
        # It may lie wholly in the hour that clocks leave out: on that day it does not open.
        return found if self.is_open(found) else _instant(opening + timedelta(days=1), self.zone)


def _instant(local: datetime, zone: tzinfo | None) -> datetime:
    """The moment at which the clocks of the zone show ``local``; the first, where they do so twice."""
    return (local.replace(tzinfo=zone) if zone else local).astimezone(UTC)


def _again(local: datetime, zone: tzinfo | None) -> list[datetime]:
    """The second moment at which the clocks of the zone show ``local``, where there is one."""
    second = _instant(local.replace(fold=1), zone)
    return [second] if second > _instant(local, zone) else []
