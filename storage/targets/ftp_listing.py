"""What FTP servers say about files: facts of MLST and MLSD (RFC 3659), and the two usual forms of LIST."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from storage.targets.remote_session import Entry

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_UNIX = re.compile(
    r"(?P<kind>[-dlbcpsD])[-rwxsStTlL]{9}[.+@]?\s+\d+\s+.*?(?P<size>\d+)\s+"
    r"(?P<month>[A-Za-z]{3})\s+(?P<day>\d{1,2})\s+(?:(?P<hour>\d{1,2}):(?P<minute>\d\d)|(?P<year>\d{4}))"
    r" (?P<name>.+)"
)
_DOS = re.compile(
    r"(?P<month>\d\d)-(?P<day>\d\d)-(?P<year>\d{2}(?:\d\d)?)\s+(?P<hour>\d\d):(?P<minute>\d\d)\s*(?P<half>[AP]M)?"
    r"\s+(?:(?P<folder><DIR>)|(?P<size>\d+))\s+(?P<name>.+)"
)
_QUARTER = timedelta(minutes=15)


def parse_facts(line: str) -> Entry | None:
    """An entry of MLSD or MLST: ``type=file;size=3;modify=20261122030405; name``.

    None for what is neither file nor folder: the folder itself, the one above it, and links, which are not
    followed.
    """
    facts_text, _, name = line.lstrip(" ").partition(" ")
    pairs = (fact.partition("=") for fact in facts_text.split(";") if fact)
    facts = {key.lower(): value for key, _, value in pairs}
    kind = facts.get("type", "file").lower()
    if kind not in ("file", "dir") or not name:
        return None
    size = facts.get("size", "")
    return Entry(
        name, kind == "dir", int(size) if size.isdecimal() else None, parse_time(facts.get("modify", ""))
    )


def parse_time(text: str) -> datetime | None:
    """The time of MDTM and of the fact ``modify``: ``YYYYMMDDHHMMSS`` in UTC, fractions left out."""
    try:
        return datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def parse_list(line: str, now: datetime) -> Entry | None:
    """A line of LIST as Unix ``ls -l`` or as DOS ``dir`` writes it; None for all else, links too.

    ``modified`` is the server's own wall clock, marked as UTC: see ``zone_between``. A line without a year
    lies within the twelve months before ``now``; one without a time of day means the beginning of that day.
    """
    if found := _UNIX.fullmatch(line):
        if found["kind"] not in "-d" or found["month"].lower() not in _MONTHS:
            return None
        return Entry(found["name"], found["kind"] == "d", int(found["size"]), _unix_time(found, now))
    if found := _DOS.fullmatch(line):
        size = None if found["folder"] else int(found["size"])
        return Entry(found["name"], bool(found["folder"]), size, _dos_time(found))
    return None


def zone_between(shown: datetime, true: datetime) -> timedelta:
    """What to add to listed times of a server that lists ``true`` as ``shown``.

    Listed times are cut to the minute; time zones are whole quarters of an hour.
    """
    return round((true - shown) / _QUARTER) * _QUARTER


def shifted(entry: Entry, zone: timedelta) -> Entry:
    """The entry with its time moved by ``zone``."""
    return entry if entry.modified is None else replace(entry, modified=entry.modified + zone)


def has_time_of_day(line: str) -> bool:
    """Whether a line of LIST tells the minute, not only the day."""
    found = _UNIX.fullmatch(line)
    return bool(found["hour"]) if found else bool(_DOS.fullmatch(line))


def _unix_time(found: re.Match[str], now: datetime) -> datetime | None:
    month, day = _MONTHS.index(found["month"].lower()) + 1, int(found["day"])
    hour, minute = int(found["hour"] or 0), int(found["minute"] or 0)
    if found["year"]:
        return _time(int(found["year"]), month, day, hour, minute)
    # A day of grace: the clock of the server may show a time zone ahead of UTC.
    years = (_time(now.year - back, month, day, hour, minute) for back in (-1, 0, 1, 2, 3, 4))
    return next((time for time in years if time and time <= now + timedelta(days=1)), None)


def _dos_time(found: re.Match[str]) -> datetime | None:
    year, hour = int(found["year"]), int(found["hour"])
    if year < 100:
        year += 2000 if year < 70 else 1900
    if found["half"]:
        hour = hour % 12 + (12 if found["half"] == "PM" else 0)
    return _time(year, int(found["month"]), int(found["day"]), hour, int(found["minute"]))


def _time(year: int, month: int, day: int, hour: int, minute: int) -> datetime | None:
    try:
        return datetime(year, month, day, hour, minute, tzinfo=UTC)
    except ValueError:
        return None
