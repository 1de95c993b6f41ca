"""What FTP servers say about files: facts of MLST and MLSD (RFC 3659), and the two usual forms of LIST."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from storage.targets import ftp_dates
from storage.targets.remote_session import Entry

_UNIX = re.compile(
    r"(?P<kind>[-dlbcpsD])[-rwxsStTlL]{9}[.+@]?\s+\d+\s+.*?(?P<size>\d+)\s+"
    rf"(?P<date>{ftp_dates.UNIX}) (?P<name>.+)"
)
_DOS = re.compile(
    rf"(?P<date>\d{{1,4}}(?P<sep>[-./])\d\d?(?P=sep)\d{{1,4}}\.?\s+{ftp_dates.TIME}\s*(?:[AP]M)?)"
    r"\s+(?:(?P<folder><DIR>)|(?P<size>\d+))\s+(?P<name>.+)"
)
_BESIDE = re.compile(r"[lbcpsD][-rwxsStTlL]{9}|.*\s<(?!DIR>)\w+>\s|total\b|\S+\s+\d+\S*$", re.I)
"""What is no entry to us: links and devices, which are not followed, and how much there is in all."""
_ENTRY = re.compile(r"[-d?][-rwxsStTlL?]{9}|[-d]\s?\[|\+\S*,\t|.*(?:^|\s)(?:\d+|<DIR>)\s+\S", re.I)
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

    ``modified`` is the server's own wall clock, marked as UTC: see ``zone_between`` and ``parse_date``. It is
    None where only the date cannot be read.
    """
    if found := _UNIX.fullmatch(line):
        if found["kind"] not in "-d":
            return None
        date = ftp_dates.parse_date(found["date"], now)
        return Entry(found["name"], found["kind"] == "d", int(found["size"]), date)
    if found := _DOS.fullmatch(line):
        size = None if found["folder"] else int(found["size"])
        return Entry(found["name"], bool(found["folder"]), size, ftp_dates.parse_date(found["date"], now))
    return None


def looks_like_entry(line: str) -> bool:
    """Whether a line of LIST that ``parse_list`` does not read may speak of a file or folder all the same."""
    return not _BESIDE.match(line) and bool(_ENTRY.match(line))


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
    found = _UNIX.fullmatch(line) or _DOS.fullmatch(line)
    return found is not None and ":" in found["date"]
