"""A clock that jumps lets no rule delete; one that is right again, or that a person vouches for, does."""

from datetime import timedelta

import pytest

from storage.retention.clock import NEAR, STANDSTILL, Clock, believe, doubt_at_start
from tests.storage.retention.archived import NOW, archive, rule
from tests.storage.retention.site import Machine

MINUTE = timedelta(minutes=1)


class Settable(Machine):
    def set_ahead(self, time):
        self.now += time

    def believed(self):
        return self.clock.look(self.now) is None


@pytest.fixture
def machine(catalogue):
    archive(catalogue, {}, [100])
    rule(catalogue, 365)
    made = Settable(catalogue)
    assert made.believed()
    return made


def test_time_that_goes_by_is_believed_however_much(machine):
    for time in (MINUTE, timedelta(hours=1), timedelta(days=30)):
        machine.pass_by(time)
        assert machine.believed()


def test_a_jump_within_a_process_is_doubted_until_the_clock_is_back(machine):
    machine.pass_by(MINUTE)
    machine.set_ahead(NEAR - MINUTE)
    assert machine.believed()
    machine.set_ahead(NEAR + MINUTE)
    assert not machine.believed()
    machine.pass_by(timedelta(days=5))
    assert not machine.believed(), "a wrong clock goes on, too"
    machine.set_ahead(-NEAR)
    assert machine.believed()


def test_a_standstill_is_believed_and_one_too_long_is_not(machine):
    machine.set_ahead(STANDSTILL - MINUTE)
    machine.start()
    assert machine.believed()
    machine.set_ahead(STANDSTILL + MINUTE)
    machine.start()
    doubt = machine.clock.look(machine.now)
    assert doubt.reason == (
        f"The clock says {machine.now:%Y-%m-%d %H:%M} UTC, but retention last ran at "
        f"{machine.now - STANDSTILL - MINUTE:%Y-%m-%d %H:%M} UTC."
    )
    assert "`earwitness retention apply`" in doubt.alarm
    assert doubt_at_start(machine.catalogue, machine.now) == doubt


def test_a_person_ends_the_doubt_in_every_process(machine):
    machine.set_ahead(timedelta(days=800))
    assert not machine.believed()
    believe(machine.catalogue, machine.now)
    assert machine.believed()
    machine.pass_by(timedelta(hours=1))
    assert machine.believed()
    machine.start()
    assert machine.believed()


def test_a_clock_that_is_behind_is_told_and_believed_again_when_it_is_put_right(machine):
    machine.pass_by(MINUTE)
    machine.set_ahead(-NEAR)
    assert machine.believed()
    machine.set_ahead(-2 * MINUTE)
    doubt = machine.clock.look(machine.now)
    assert doubt.behind
    assert doubt.reason.endswith(" UTC already.")
    machine.set_ahead(timedelta(days=-20_000))
    machine.pass_by(MINUTE)
    assert machine.clock.look(machine.now).behind
    believe(machine.catalogue, machine.now)
    machine.set_ahead(timedelta(days=20_000) + NEAR)
    assert machine.believed()


def test_a_time_that_a_person_believed_wrongly_does_not_hold_for_ever(machine):
    right = machine.now
    machine.set_ahead(timedelta(days=800))
    believe(machine.catalogue, machine.now)
    assert machine.believed()
    machine.now = right
    assert machine.clock.look(machine.now).behind
    machine.pass_by(NEAR)
    assert machine.clock.look(machine.now).behind
    assert machine.believed(), "it was steady"
    machine.set_ahead(timedelta(days=700))
    assert not machine.believed(), "the time that was kept is the right one again"


def test_a_machine_whose_clock_is_behind_does_not_set_others_back(catalogue, machine):
    other = Settable(catalogue)
    other.set_ahead(timedelta(days=-30))
    for _ in range(6):
        for each in (machine, other):
            each.pass_by(timedelta(days=1))
        assert machine.believed()
        assert other.clock.look(other.now).behind


def test_a_machine_whose_clock_jumped_does_not_pull_others_along(catalogue, machine):
    other = Settable(catalogue)
    assert other.believed()
    other.set_ahead(timedelta(days=800))
    for _ in range(3):
        machine.pass_by(timedelta(hours=1))
        other.pass_by(timedelta(hours=1))
        assert machine.believed()
        assert not other.believed()


def test_without_a_rule_that_lets_calls_go_a_steady_clock_is_taken_as_it_is(catalogue):
    archive(catalogue, {}, [100])
    machine = Settable(catalogue)
    rule(catalogue, None)
    assert machine.believed()
    machine.set_ahead(timedelta(days=30))
    doubt = machine.clock.look(machine.now)
    assert (doubt.idle, doubt.alarm) == (True, "")
    machine.pass_by(NEAR)
    assert machine.clock.look(machine.now).idle
    rule(catalogue, 365)
    assert machine.believed()


def test_without_calls_any_clock_is_believed(catalogue):
    machine = Settable(catalogue)
    rule(catalogue, 365)
    for time in (timedelta(), timedelta(days=-20_000), timedelta(days=40_000)):
        machine.set_ahead(time)
        assert machine.believed()


def test_where_nothing_was_kept_yet_the_approval_of_a_rule_tells(catalogue):
    archive(catalogue, {}, [0])
    rule(catalogue, 30)
    assert Clock(catalogue).look(NOW + timedelta(days=5)) is None
    assert doubt_at_start(catalogue, NOW + timedelta(days=11)) is None, "it is kept now"


def test_where_nothing_was_kept_yet_the_newest_call_tells(catalogue):
    archive(catalogue, {}, [0, 150])
    rule(catalogue, 30)
    assert Clock(catalogue).look(NOW + timedelta(days=56)) is None


def test_calls_that_came_back_with_old_rules_wait_for_a_person(catalogue):
    archive(catalogue, {}, [0])
    rule(catalogue, 30)
    late = NOW + STANDSTILL + MINUTE
    doubt = Clock(catalogue).look(late)
    assert "but the newest call or approval of a rule is of 20" in doubt.reason
    assert doubt_at_start(catalogue, late) == doubt
    assert catalogue.moments.get("retention") is None
