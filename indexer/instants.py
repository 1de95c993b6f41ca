"""Dates and times as people write them, in a zone, at a present time."""

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from indexer import durations

_DATE = r"(?P<year>[0-9]{4})(?:[-/.年](?P<month>[0-9]{1,2})(?:[-/.月](?P<day>[0-9]{1,2})日?|月)?|年)"
_TIME = r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.](?P<fraction>[0-9]{1,6}))?)?"
_ZONE = r"(?P<zone>[Zz]|[+-][0-9]{2}:?[0-9]{2})"
_ABSOLUTE = re.compile(rf"{_DATE}(?:[T\s]\s*{_TIME}\s*{_ZONE}?)?", re.IGNORECASE)
_CLOCK = re.compile(_TIME)
_AGO = re.compile(r"-(?P<length>.+)")
_DAYS = {"today": 0, "今天": 0, "yesterday": 1, "昨天": 1, "前天": 2}
_NOW = frozenset({"now", "现在"})


@dataclass(frozen=True, slots=True)
class Clock:
    """What relative and zoneless times are read by: the present (with its zone) and the reader's zone."""

    now: datetime
    zone: tzinfo = UTC

    def midnight(self, days_ago: int = 0) -> datetime:
        """The start of the day ``days_ago`` in the reader's zone."""
        day = self.now.astimezone(self.zone).date() - timedelta(days=days_ago)
        return datetime.combine(day, time(), self.zone)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, ``end`` not included; both in UTC. An instant has no length."""

    start: datetime
    end: datetime


def parse(text: str, clock: Clock) -> Span:
    """What ``text`` names: a year, month or day as a whole, or an instant.

    Known are ``2026-11-21T18:00:30.5+08:00`` and its beginnings, also with ``/`` or 年月日, ``18:00`` today,
    ``now``, ``today``, ``yesterday`` and ``-7d``. Raises ``ValueError`` otherwise.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    try:
        span = _relative(text.casefold(), clock) or _absolute(text, clock)
        return Span(span.start.astimezone(UTC), span.end.astimezone(UTC))
    except OverflowError as error:
        raise ValueError(text) from error


def _relative(text: str, clock: Clock) -> Span | None:
    if text in _NOW:
        return Span(clock.now, clock.now)
    if text in _DAYS:
        return Span(clock.midnight(_DAYS[text]), clock.midnight(_DAYS[text] - 1))
    if ago := _AGO.fullmatch(text):
        milliseconds, _ = durations.parse(ago["length"])
        at = clock.now - timedelta(milliseconds=milliseconds)
        return Span(at, at)
    if match := _CLOCK.fullmatch(text):
        at = datetime.combine(clock.midnight().date(), _time(match), clock.zone)
        return Span(at, at)
    return None


def _absolute(text: str, clock: Clock) -> Span:
    match = _ABSOLUTE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    year, month, day = (int(match[part]) if match[part] else None for part in ("year", "month", "day"))
    start = datetime(year or 1, month or 1, day or 1, tzinfo=clock.zone)
    if match["hour"] is not None:
        if day is None:
            raise ValueError(text)
        at = datetime.combine(start.date(), _time(match), _zone(match["zone"]) or clock.zone)
        return Span(at, at)
    if month is None:
        length = 366 if monthrange(start.year, 2)[1] == 29 else 365
    else:
        length = 1 if day else monthrange(start.year, start.month)[1]
    return Span(start, datetime.combine(start.date() + timedelta(days=length), time(), clock.zone))


def _time(match: re.Match[str]) -> time:
    fraction = (match["fraction"] or "").ljust(6, "0")
    return time(int(match["hour"]), int(match["minute"]), int(match["second"] or 0), int(fraction))


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    return datetime.strptime(text.upper(), "%z").tzinfo
