"""Alarms: what is wrong with targets and backlogs, said once."""

from datetime import UTC, datetime, timedelta

from earwitness.keeping.alarms import Alarms, Inflow, remarks, wrong
from earwitness.keeping.places import Times
from storage.catalogue import Condition, TargetState
from storage.catalogue.copy_tasks import Waiting
from storage.copies.schedule import Schedule, Window

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def times(schedule="continuous", removable=False):
    return {"nas": Times(Schedule.parse(schedule, UTC), Window(), removable)}


def state(condition=Condition.UP, since=NOW, next_run=None):
    return {"nas": TargetState("nas", condition, "no answer", since, NOW, next_run=next_run)}


def waiting(oldest):
    return {"nas": Waiting(1234, 5, oldest)}


def test_down_for_ten_minutes():
    assert wrong(times(), state(Condition.DOWN, NOW - 10 * MINUTE), {}, NOW) == {}
    found = wrong(times(), state(Condition.DOWN, NOW - 11 * MINUTE), {}, NOW)
    assert found == {"down nas": "The archive target nas is down since 2026-11-22 11:49 UTC: no answer"}
    away = state(Condition.ABSENT, NOW - DAY)
    assert wrong(times(removable=True), away, {}, NOW) == {}
    assert "is absent since" in wrong(times(), away, {}, NOW)["down nas"], "nobody carries a folder about"


def test_behind_for_a_day():
    assert wrong(times(), state(), waiting(NOW - DAY), NOW) == {}
    assert "1,234 calls wait" in wrong(times(), state(), waiting(NOW - DAY - MINUTE), NOW)["behind nas"]


def test_what_waits_for_its_schedule_is_not_behind():
    for next_run in (None, NOW + DAY, NOW - DAY):
        assert wrong(times("weekly"), state(next_run=next_run), waiting(NOW - 6 * DAY), NOW) == {}
    late = state(next_run=NOW - DAY - MINUTE)
    assert set(wrong(times("weekly"), late, waiting(NOW - 6 * DAY), NOW)) == {"behind nas"}


def test_a_medium_that_people_carry_about_has_more_time():
    away = state(Condition.ABSENT, NOW - 6 * DAY)
    assert wrong(times(removable=True), away, waiting(NOW - 6 * DAY), NOW) == {}
    assert set(wrong(times(removable=True), away, waiting(NOW - 8 * DAY), NOW)) == {"behind nas"}


def test_targets_that_the_settings_do_not_name_give_no_alarm():
    gone = {"old": TargetState("old", Condition.DOWN, "", NOW - DAY, NOW)}
    assert wrong(times(), gone, {"old": Waiting(1, 1, NOW - 9 * DAY)}, NOW) == {}


class Log:
    def __init__(self):
        self.lines = []

    def error(self, _text, **fields):
        assert fields["alarm"]
        self.lines.append(f"begins: {fields['trouble']}")

    def info(self, _text, **fields):
        self.lines.append(f"over: {fields['trouble']}")


def test_each_is_said_when_it_begins_and_when_it_is_over():
    log = Log()
    alarms = Alarms(log)
    assert alarms.stand({}) == ""
    assert alarms.stand({"b": "two", "a": "one"}) == "one\ntwo"
    alarms.stand({"a": "one, still"})
    alarms.stand({"a": "one, still"})
    assert sorted(log.lines) == ["begins: one", "begins: two", "over: two"]


def test_what_does_not_go_away_by_itself_is_wrong_at_once():
    assert set(wrong(times(), state(Condition.DOWN), {}, NOW, {"nas"})) == {"down nas"}
    assert wrong(times(), state(Condition.UP), {}, NOW, {"nas"}) == {}


def test_what_is_no_alarm_yet_is_told_all_the_same():
    down = state(Condition.DOWN)
    assert remarks(times(), down, {}).startswith(
        "The archive target nas is down since 2026-11-22 12:00 UTC: no answer It is tried again"
    )
    assert remarks(times(), down, {"down nas": "the same"}) == remarks(times(), state(), {}) == ""
    assert remarks(times(removable=True), state(Condition.ABSENT), {}) == ""


def test_the_target_where_calls_come_in_is_missed_too_and_what_waits_for_it_is_told():
    inflow = Inflow("nas", 1234, NOW - 5 * MINUTE)
    for condition in (Condition.DOWN, Condition.ABSENT):
        down = state(condition, NOW - 11 * MINUTE)
        for watched in ({}, times(removable=True)):
            found = wrong(watched, down, {}, NOW, (), inflow)
            assert found == {
                "down nas": f"The archive target nas is {condition} since 2026-11-22 11:49 UTC: no answer "
                "Waiting in the hand-off folder: 1,234 calls, the oldest since 2026-11-22 11:55 UTC; "
                "none is lost while the data disk has room."
            }
            assert remarks(watched, down, found, inflow) == ""
    down = state(Condition.DOWN)
    assert wrong({}, down, {}, NOW, (), inflow) == {}
    assert remarks({}, down, {}, Inflow("nas")) == (
        "The archive target nas is down since 2026-11-22 12:00 UTC: no answer New calls wait in the hand-off "
        "folder; none is lost while the data disk has room. It is tried again all the time, and catches up "
        "by itself."
    )
    assert set(wrong({}, down, {}, NOW, {"nas"}, inflow)) == {"down nas"}
    assert wrong({}, state(), {}, NOW, {"nas"}, inflow) == {}
