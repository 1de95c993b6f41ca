from datetime import UTC, datetime, timedelta

import pytest

from qa_api.errors import LockedOut
from qa_api.guard import network_of
from qa_api.guesses import NumberGuesses
from qa_api.lockout import Allowance, Lockout

START = datetime(2026, 11, 21, tzinfo=UTC)


def wait_of(lockout: Lockout, user: str, address: str, now: datetime) -> int:
    """Seconds to wait, 0 where the attempt was let through."""
    try:
        lockout.begin(user, address, now)
    except LockedOut as error:
        return error.parameters["retry_after"]
    return 0


def test_the_delay_grows_with_each_failure_up_to_its_longest() -> None:
    lockout, now, waits = Lockout(), START, []
    for _ in range(14):
        while wait := wait_of(lockout, "agent", "10.0.0.1", now):
            waits.append(wait)
            now += timedelta(seconds=wait)
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 900]


def test_attempts_during_a_lock_out_do_not_make_it_longer() -> None:
    lockout = Lockout()
    for _ in range(5):
        lockout.begin("agent", "10.0.0.1", START)
    for second in range(5):
        assert wait_of(lockout, "agent", "10.0.0.1", START + timedelta(seconds=second)) == 5 - second
    assert wait_of(lockout, "agent", "10.0.0.1", START + timedelta(seconds=5)) == 0


def test_a_name_counts_in_any_case_and_from_any_address() -> None:
    lockout = Lockout()
    for number, name in enumerate(("agent", "Agent", "AGENT", "aGent", "agenT")):
        lockout.begin(name, f"10.0.0.{number}", START)
    assert wait_of(lockout, "agent", "10.0.0.99", START) == 5
    assert wait_of(lockout, "other", "10.0.0.1", START) == 0


def test_an_address_is_locked_whatever_names_it_tries_and_however_often_it_succeeds() -> None:
    lockout = Lockout()
    for number in range(19):
        lockout.begin(f"user{number}", "10.0.0.1", START)
        lockout.begin("mine", "10.0.0.1", START)
        lockout.succeeded("mine", "10.0.0.1")
    lockout.begin("user19", "10.0.0.1", START)
    assert wait_of(lockout, "mine", "10.0.0.1", START) == 5
    assert wait_of(lockout, "mine", "10.0.0.2", START) == 0


def test_each_lock_out_is_announced_once() -> None:
    lockout, now = Lockout(), START
    for _ in range(5):
        lockout.begin("agent", "10.0.0.1", now)
    assert [lockout.announces("agent", "10.0.0.1", now) for _ in range(3)] == [True, False, False]
    assert not lockout.announces("agent", "10.0.0.2", now)
    later = now + timedelta(seconds=5)
    lockout.begin("agent", "10.0.0.1", later)
    assert lockout.announces("agent", "10.0.0.1", later)


def test_a_locked_address_is_announced_once_whatever_names_it_tries() -> None:
    lockout = Lockout()
    for number in range(20):
        lockout.begin(f"user{number}", "10.0.0.1", START)
    assert sum(lockout.announces(f"user{number}", "10.0.0.1", START) for number in range(100)) == 1


def test_success_forgives_the_name() -> None:
    lockout = Lockout()
    for _ in range(4):
        lockout.begin("agent", "10.0.0.1", START)
    lockout.begin("agent", "10.0.0.1", START)
    lockout.succeeded("agent", "10.0.0.1")
    for _ in range(5):
        assert wait_of(lockout, "agent", "10.0.0.1", START) == 0


def test_failures_are_forgotten_after_an_hour() -> None:
    lockout = Lockout()
    for _ in range(5):
        lockout.begin("agent", "10.0.0.1", START)
    later = START + timedelta(hours=1)
    for _ in range(5):
        assert wait_of(lockout, "agent", "10.0.0.1", later) == 0


def test_what_is_remembered_is_bounded() -> None:
    lockout = Lockout(user=Allowance(free=1), address=Allowance(free=10**6), capacity=3)
    for number in range(10):
        lockout.begin(f"user{number}", "10.0.0.1", START)
    assert wait_of(lockout, "user0", "10.0.0.1", START) == 0
    assert wait_of(lockout, "user9", "10.0.0.1", START) == 5


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_guessing_is_counted_by_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_different_whole_numbers_are_bounded_within_an_hour() -> None:
    guesses = NumberGuesses(allowed=2)
    guesses.ask("a", "1", START)
    guesses.ask("a", "2", START + timedelta(minutes=20))
    guesses.ask("a", "1", START + timedelta(minutes=30))
    guesses.ask("b", "3", START)
    with pytest.raises(LockedOut) as refused:
        guesses.ask("a", "3", START + timedelta(minutes=30))
    assert refused.value.parameters == {"retry_after": 1800}
    guesses.ask("a", "3", START + timedelta(minutes=60))
