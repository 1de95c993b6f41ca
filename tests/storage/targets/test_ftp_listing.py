"""What FTP servers say about files, as servers of the world write it."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.targets.ftp_listing import (
    has_time_of_day,
    looks_like_entry,
    parse_facts,
    parse_list,
    parse_time,
    shifted,
    zone_between,
)
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
        ("-rw-r--r-- 1 o g 7 Mär 22 02:58 a", Entry("a", False, 7, at(2026, 3, 22, 2, 58))),
        ("-rw-r--r-- 1 o g 7 déc.  3  2025 a", Entry("a", False, 7, at(2025, 12, 3))),
        ("-rw-r--r-- 1 o g 7 22 Nov 02:58 a", Entry("a", False, 7, at(2026, 11, 22, 2, 58))),
        ("-rw-r--r-- 1 o g 7 22. Nov. 2025 a", Entry("a", False, 7, at(2025, 11, 22))),
        ("-rw-r--r-- 1 o g 7 11月 22 02:58 a b", Entry("a b", False, 7, at(2026, 11, 22, 2, 58))),
        ("drwxr-xr-x 2 o g 7 1月  3  2025 a", Entry("a", True, 7, at(2025, 1, 3))),
        ("-rw-r--r-- 1 o g 7 11月22日 02:58 a", Entry("a", False, 7, at(2026, 11, 22, 2, 58))),
        ("-rw-r--r-- 1 o g 7 2026-11-22 02:58 a", Entry("a", False, 7, at(2026, 11, 22, 2, 58))),
        (
            "-rw-r--r-- 1 o g 7 2026-11-22 02:58:33.123456789 +0100 a",
            Entry("a", False, 7, at(2026, 11, 22, 2, 58)),
        ),
        ("-rw-r--r-- 1 o g 7 11-22 02:58 a", Entry("a", False, 7, at(2026, 11, 22, 2, 58))),
        ("-rw-r--r-- 1 o g 7 2025-11-22  a", Entry("a", False, 7, at(2025, 11, 22))),
        ("-rw-r--r-- 1 o g 7 22.11.2026 02:58 a", Entry("a", False, 7, at(2026, 11, 22, 2, 58))),
        ("-rw-r--r-- 1 o g 7 22.11.2026 a", Entry("a", False, 7, at(2026, 11, 22))),
        ("-rw-r--r-- 1 o g 7 Foo 22 02:58 a", Entry("a", False, 7, None)),
        ("-rw-r--r-- 1 o g 7 22 M\ufffd\ufffdr 2025 a", Entry("a", False, 7, None)),
        ("total 12", None),
        ("11-22-26  02:58PM       1234 a b.opus", Entry("a b.opus", False, 1234, at(2026, 11, 22, 14, 58))),
        ("11-22-26  12:01AM       <DIR>          2026", Entry("2026", True, None, at(2026, 11, 22, 0, 1))),
        ("11-22-2026  14:58       1234 a", Entry("a", False, 1234, at(2026, 11, 22, 14, 58))),
        ("22.11.2026  14:58       1234 a", Entry("a", False, 1234, at(2026, 11, 22, 14, 58))),
        ("2026-11-22  14:58       <DIR> a", Entry("a", True, None, at(2026, 11, 22, 14, 58))),
        ("22/11/2026  14:58       1234 a", Entry("a", False, 1234, None)),
        ("13-40-26  02:58PM       1234 a", Entry("a", False, 1234, None)),
        ("", None),
    ],
)
def test_lists(line, entry):
    assert parse_list(line, NOW) == entry


def test_a_day_that_was_not_in_every_year():
    line = "-rw-r--r-- 1 o g 7 Feb 29 02:58 a"
    assert parse_list(line, NOW).modified == at(2024, 2, 29, 2, 58)


DATES = [
    "Nov 22 02:58",
    "Nov 22  2025",
    "22 Nov 02:58",
    "Foo 22 2025",
    "11月 22 02:58",
    "2026-11-22 02:58",
    "22.11.2026",
]


@pytest.mark.parametrize("date", DATES)
def test_numbers_of_owner_and_group_are_no_dates(date):
    owners, groups = ["ftp", "7", "22", "1000", "2025"], ["ftp", "7", "22", "1000", "2025", "domain users"]
    for owner, group, size in product(owners, groups, [0, 7, 22, 2025, 123456]):
        for name in ("a.json", "Nov 22 2025 a"):
            found = parse_list(f"-rw-r--r-- 1 {owner} {group} {size} {date} {name}", NOW)
            assert found is not None
            assert (found.name, found.bytes) == (name, size)


@pytest.mark.parametrize(
    ("line", "looks"),
    [
        ("-rw-r--r-- 1 o g 7 the other day a", True),
        ("-rw-r--r-- o g 7 Nov 22 02:58 a", True),
        ("-????????? ? ? ? ?            ? a", True),
        ("- [R----F--] supervisor 512 Jan 16 18:53 login", True),
        ("+i8388621.29609,m824255902,r,s280,\ta", True),
        ("22 Nov 2026 02:58 1234 a", True),
        ("lrwxrwxrwx 1 o g 7 Nov 22 02:58 link -> a", False),
        ("11-22-26  02:58PM       <JUNCTION>     a [C:\\a]", False),
        ("total 12", False),
        ("insgesamt 12K", False),
        ("总用量 12", False),
        ("total used in directory 12 available 4567", False),
        ("Directory of /calls", False),
        ("", False),
    ],
)
def test_what_is_not_read_and_may_be_a_file(line, looks):
    assert parse_list(line, NOW) is None
    assert looks_like_entry(line) == looks


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("-rw-r--r-- 1 o g 7 Nov 22 02:58 a", True),
        ("-rw-r--r-- 1 o g 7 Nov 22  2025 a 02:58", False),
        ("-rw-r--r-- 1 o g 7 22.11.2025 a", False),
        ("11-22-26  02:58PM       1234 a", True),
        ("total 12", False),
    ],
)
def test_whether_the_minute_is_told(line, told):
    assert has_time_of_day(line) == told


@settings(max_examples=50)
@given(st.text(max_size=80) | st.from_regex(r"[-dl][rwx-]{9} +\d+ \w+ \w+ +\d+ [A-Z][a-z]{2} +\d+ [\d:]+ .*"))
def test_no_line_is_an_error(line):
    for entry in (parse_facts(line), parse_list(line, NOW)):
        assert entry is None or entry.name
    looks_like_entry(line)
    parse_time(line)


@pytest.mark.parametrize("hours", [-11.5, -3, 0, 5.75, 8, 14])
def test_the_time_zone_of_a_server(hours):
    zone = timedelta(hours=hours)
    true = at(2026, 11, 22, 2, 58, 33)
    shown = (true + zone).replace(second=0)
    assert zone_between(shown, true) == -zone
    assert shifted(Entry("a", False, 1, shown), -zone).modified == true.replace(second=0)
    assert shifted(Entry("a", False, 1, None), zone).modified is None
