"""Dates as LIST shows them: with months by name in the languages that servers speak, or in numbers only."""

import re
from datetime import UTC, datetime, timedelta

TIME = r"\d{1,2}:\d\d"
_LONG_TIME = TIME + r"(?::\d\d(?:\.\d+)?)?"
_NUMBERED = r"\d{1,2}[月월]"
_WORD = r"[^\s\d:]+"
_NAMED = (
    rf"(?:(?:{_WORD}\s+|{_NUMBERED}\s*)\d{{1,2}}[.日일]?|\d{{1,2}}\.?\s+{_WORD})\s+(?:{_LONG_TIME}|\d{{4}})"
)
_NUMBERS = (
    rf"(?:\d{{4}}(?P<sep>[-./])\d\d?(?P=sep)\d\d?|\d\d?\.\d\d?\.\d{{4}}\.?|\d\d-\d\d)\s+{_LONG_TIME}"
    r"(?: [-+]\d{4})?"
)
_DAY_ONLY = r"\d{4}-\d\d-\d\d(?: (?= ))?|\d\d?\.\d\d?\.\d{4}\.?"
UNIX = f"(?:{_NAMED}|{_NUMBERS}|{_DAY_ONLY})"
"""What may stand between size and name. The month may be any word: what it means is asked for afterwards."""

_MONTHS = (
    "jan january januar janv janvier ene enero gen gennaio янв января",
    "feb february februar fév févr février febrero fev febbraio фев февр февраля",
    "mar march mär märz mrz mars marzo mrt maart мар марта",
    "apr april avr avril abr abril aprile апр апреля",
    "may mai mei mayo mag maggio maj май мая",
    "jun june juni juin junio giu giugno июн июня",
    "jul july juli juil juillet julio lug luglio июл июля",
    "aug august aoû août ago agosto авг августа",
    "sep sept september septembre septiembre set settembre сен сент сентября",
    "oct october okt oktober octobre octubre ott ottobre out окт октября",
    "nov november novembre noviembre ноя нояб ноября",
    "dec december dez dezember déc décembre dic diciembre dicembre дек декабря",
)
_BY_NAME = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_FORMS = [
    re.compile(form)
    for form in (
        r"(?P<year>\d{4})[-./](?P<month>\d\d?)[-./](?P<day>\d\d?)\b",
        r"(?P<day>\d\d?)\.(?P<month>\d\d?)\.(?P<year>\d{4}|\d\d)\b",
        r"(?P<month>\d\d)-(?P<day>\d\d)-(?P<year>\d{4}|\d\d)\b",
        r"(?P<month>\d\d)-(?P<day>\d\d)\b",
        r"(?P<month>\d{1,2})[月월]\s*(?P<day>\d{1,2})[日일]?(?:\s+(?P<year>\d{4})$)?",
        rf"(?P<name>{_WORD})\s+(?P<day>\d{{1,2}})\.?\s+(?:(?P<year>\d{{4}})$)?",
        rf"(?P<day>\d{{1,2}})\.?\s+(?P<name>{_WORD})\s+(?:(?P<year>\d{{4}})$)?",
    )
]
_CLOCK = re.compile(r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::\d\d(?:\.\d+)?)?\s*(?P<half>[AP]M)?")


def parse_date(text: str, now: datetime) -> datetime | None:
    """The server's own wall clock, marked as UTC; None where the date is of a kind that is not known.

    A date without a year lies within the twelve months before ``now``; one without a time of day means the
    beginning of that day.
    """
    found = next(filter(None, (form.match(text) for form in _FORMS)), None)
    if found is None:
        return None
    parts = found.groupdict()
    month = int(parts.get("month") or 0) or _BY_NAME.get((parts.get("name") or "").lower().rstrip("."), 0)
    hour, minute = _clock(text)
    if year := parts.get("year"):
        return _time(_full(int(year)), month, int(parts["day"]), hour, minute)
    # A day of grace: the clock of the server may show a time zone ahead of UTC.
    years = (_time(now.year - back, month, int(parts["day"]), hour, minute) for back in (-1, 0, 1, 2, 3, 4))
    return next((time for time in years if time and time <= now + timedelta(days=1)), None)


def _clock(text: str) -> tuple[int, int]:
    found = _CLOCK.search(text)
    if found is None:
        return 0, 0
    hour = int(found["hour"])
    if found["half"]:
        hour = hour % 12 + (12 if found["half"] == "PM" else 0)
    return hour, int(found["minute"])


def _full(year: int) -> int:
    if year >= 100:
        return year
    return year + (2000 if year < 70 else 1900)


def _time(year: int, month: int, day: int, hour: int, minute: int) -> datetime | None:
    try:
        return datetime(year, month, day, hour, minute, tzinfo=UTC)
    except ValueError:
        return None
