"""What FTP servers say about files, as servers of the world write it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.targets.ftp_listing import parse_facts, parse_list, parse_time, shifted, zone_between
from storage.targets.remote_session import Entry

NOW = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        ("type=file;size=3;modify=20261122030405; a b.opus", Entry("a b.opus", False, 3, NOW)),
        ("Type=File;Size=3;Modify=20261122030405.123; a", Entry("a", False, 3, NOW)),
        (" modify=20261122030405;perm=r;size=3;type=file;unique=1U2; /x/a", Entry("/x/a", False, 3, NOW)),
        ("type=dir;modify=20261122030405; 2026", Entry("2026", True, None, NOW)),
        ("type=file;modify=never; a", Entry("a", False, None, None)),
        ("size=3; a", Entry("a", False, 3, None)),
        ("type=file;size=3;  starts with a space", Entry(" starts with a space", False, 3, None)),
        ("type=cdir;modify=20261122030405; .", None),
        ("type=pdir; ..", None),
        ("type=OS.unix=slink:/there; link", None),
        ("type=file;size=3;", None),
        ("", None),
    ],
)
def test_facts(line, entry):
    assert parse_facts(line) == entry


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        (
            "-rw-r--r--   1 owner group  1234 Nov 22 02:58 a b.opus",
            Entry("a b.opus", False, 1234, at(2026, 11, 22, 2, 58)),
        ),
        ("drwxr-xr-x   2 ftp ftp 4096 Jan  3 2025 2025", Entry("2025", True, 4096, at(2025, 1, 3))),
        ("-rw-------   1 1000 1000 0 Dec 31 23:59 .x", Entry(".x", False, 0, at(2025, 12, 31, 23, 59))),
        ("-rw-r--r--. 1 o g 7 Nov 22 12:00 ahead", Entry("ahead", False, 7, at(2026, 11, 22, 12))),
        ("-rw-r--r-- 1 o g with spaces 7 Feb 29 2024 b", Entry("b", False, 7, at(2024, 2, 29))),
        ("-rw-r--r-- 1 o g 7 Feb 30 2024 odd", Entry("odd", False, 7, None)),
        ("-rw-r--r-- 1 o g 7 Nov 22 02:58  led", Entry(" led", False, 7, at(2026, 11, 22, 2, 58))),
        ("lrwxrwxrwx 1 o g 7 Nov 22 02:58 link -> a", None),
        ("-rw-r--r-- 1 o g 7 Foo 22 02:58 a", None),
        ("total 12", None),
        ("11-22-26  02:58PM       1234 a b.opus", Entry("a b.opus", False, 1234, at(2026, 11, 22, 14, 58))),
        ("11-22-26  12:01AM       <DIR>          2026", Entry("2026", True, None, at(2026, 11, 22, 0, 1))),
        ("11-22-2026  14:58       1234 a", Entry("a", False, 1234, at(2026, 11, 22, 14, 58))),
        ("13-40-26  02:58PM       1234 a", Entry("a", False, 1234, None)),
        ("", None),
    ],
)
def test_lists(line, entry):
    assert parse_list(line, NOW) == entry


def test_a_day_that_was_not_in_every_year():
    line = "-rw-r--r-- 1 o g 7 Feb 29 02:58 a"
    assert parse_list(line, NOW).modified == at(2024, 2, 29, 2, 58)


@settings(max_examples=50)
@given(st.text(max_size=80) | st.from_regex(r"[-dl][rwx-]{9} +\d+ \w+ \w+ +\d+ [A-Z][a-z]{2} +\d+ [\d:]+ .*"))
def test_no_line_is_an_error(line):
    for entry in (parse_facts(line), parse_list(line, NOW)):
        assert entry is None or entry.name
    parse_time(line)


@pytest.mark.parametrize("hours", [-11.5, -3, 0, 5.75, 8, 14])
def test_the_time_zone_of_a_server(hours):
    zone = timedelta(hours=hours)
    true = at(2026, 11, 22, 2, 58, 33)
    shown = (true + zone).replace(second=0)
    assert zone_between(shown, true) == -zone
    assert shifted(Entry("a", False, 1, shown), -zone).modified == true.replace(second=0)
    assert shifted(Entry("a", False, 1, None), zone).modified is None
