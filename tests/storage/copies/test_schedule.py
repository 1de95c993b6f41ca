"""Schedules: when it is time, in whose time zone, and what a clock that jumps does to that: nothing bad."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from storage.copies.schedule import Schedule, Window
from storage.errors import BadSchedule, BadWindow

BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)


def at(text):
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "now", "expected"),
    [
        ("hourly", "2026-11-21T12:00:00+01:00", "2026-11-21T13:00:00+01:00"),
        ("daily", "2026-11-21T12:34:56+01:00", "2026-11-22T02:00:00+01:00"),
        ("weekly", "2026-11-21T12:00:00+01:00", "2026-11-22T02:00:00+01:00"),
        ("monthly", "2026-11-21T12:00:00+01:00", "2026-12-01T02:00:00+01:00"),
        ("30 2 * * 1-5", "2026-11-20T12:00:00+01:00", "2026-11-23T02:30:00+01:00"),
        # Where the clocks skip the hour it is an hour later, where they repeat it the first of both.
        ("30 2 * * *", "2026-03-28T12:00:00+01:00", "2026-03-29T03:30:00+02:00"),
        ("30 2 * * *", "2026-10-24T12:00:00+02:00", "2026-10-25T02:30:00+02:00"),
        ("30 2 * * *", "2026-10-25T02:30:00+01:00", "2026-10-26T02:30:00+01:00"),
        ("30 2 * * *", "2026-03-29T03:10:00+02:00", "2026-03-29T03:30:00+02:00"),
        ("*/10 * * * *", "2026-10-25T02:10:00+01:00", "2026-10-25T02:20:00+01:00"),
        ("30 1-5 * * *", "2026-10-25T02:30:00+02:00", "2026-10-25T03:30:00+01:00"),
    ],
)
def test_the_next_time(text, now, expected):
    assert Schedule.parse(text, BERLIN).after(at(now)) == at(expected)


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
@pytest.mark.parametrize(("text", "minutes"), [("hourly", 60), ("30 * * * *", 60), ("*/15 * * * *", 15)])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Antarctica/Troll"])
def test_what_comes_every_so_often_does_so_where_clocks_are_changed(text, minutes, day, zone):
    schedule, now = Schedule.parse(text, ZoneInfo(zone)), at(f"{day}T00:00:00+12:00")
    now = schedule.after(now)
    while now < at(f"{day}T06:00:00+00:00"):
        before, now = now, schedule.after(now)
        assert now - before == timedelta(minutes=minutes)


def test_the_zone_of_this_machine_is_the_default():
    found = Schedule.parse("daily").after(at("2026-11-21T12:00:00+00:00"))
    assert found.astimezone().replace(tzinfo=None).time().hour == 2


def test_continuous_is_always_due():
    plan = Schedule.parse("continuous").plan(None, at("2026-11-21T12:00:00+00:00"))
    assert (plan.due, plan.next_run) == (True, None)


@pytest.mark.parametrize(
    "text", ["", "sometimes", "1 2 3", "61 * * * *", "0 0 30 2 *", "* * * * * *", "@daily"]
)
def test_what_is_no_schedule(text):
    with pytest.raises(BadSchedule, match="is no schedule"):
        Schedule.parse(text)


def test_a_plan_waits_for_its_time_and_stays_due():
    schedule = Schedule.parse("daily", UTC)
    noon = at("2026-11-21T12:00:00+00:00")
    first = schedule.plan(None, noon)
    assert (first.due, first.next_run) == (False, at("2026-11-22T02:00:00+00:00"))
    assert not schedule.plan(first.next_run, noon + 13 * timedelta(hours=1)).due
    late = schedule.plan(first.next_run, noon + DAY)
    assert (late.due, late.next_run) == (True, first.next_run)


def test_a_clock_that_jumps_forth_makes_one_run():
    schedule = Schedule.parse("hourly", UTC)
    noon = at("2026-11-21T12:30:00+00:00")
    planned = schedule.plan(None, noon).next_run
    year_later = noon + 365 * DAY
    assert schedule.plan(planned, year_later).due
    assert not schedule.plan(schedule.after(year_later), year_later).due


def test_a_clock_that_jumps_back_does_not_stop_it():
    schedule = Schedule.parse("hourly", UTC)
    noon = at("2026-11-21T12:30:00+00:00")
    planned = schedule.plan(None, noon + 365 * DAY).next_run
    again = schedule.plan(planned, noon)
    assert (again.due, again.next_run) == (False, at("2026-11-21T13:00:00+00:00"))


@pytest.mark.parametrize(
    ("text", "time", "is_open"),
    [
        ("", "12:00", True),
        ("20:00-06:00", "19:59", False),
        ("20:00-06:00", "20:00", True),
        ("20:00-06:00", "05:59", True),
        ("20:00-06:00", "06:00", False),
        ("08:00-18:00", "12:00", True),
        ("08:00-18:00", "18:00", False),
        ("08:00-08:00", "12:00", True),
    ],
)
def test_windows(text, time, is_open):
    now = at(f"2026-11-21T{time}:00+01:00")
    assert Window.parse(text, BERLIN).is_open(now) is is_open


def test_when_a_window_opens():
    window = Window.parse("20:00-06:00", BERLIN)
    assert window.opens(at("2026-11-21T12:00:00+01:00")) == at("2026-11-21T20:00:00+01:00")
    assert window.opens(at("2026-11-21T21:00:00+01:00")) == at("2026-11-21T21:00:00+01:00")
    morning = Window.parse("08:00-10:00", BERLIN)
    assert morning.opens(at("2026-11-21T12:00:00+01:00")) == at("2026-11-22T08:00:00+01:00")
    skipped = Window.parse("02:15-02:45", BERLIN)
    assert skipped.opens(at("2026-03-28T12:00:00+01:00")) == at("2026-03-30T02:15:00+02:00")
    for wrong in ("evenings", "20-06", "20:00-24:00", "20:00"):
        with pytest.raises(BadWindow, match="is no window"):
            Window.parse(wrong)
