"""Target states: since when a target is how it is, its room, its next run."""

import threading
from datetime import UTC, datetime, timedelta

from storage.catalogue import Condition

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_since_is_when_the_condition_began(catalogue):
    states = catalogue.target_states
    assert states.get("nas") is None
    assert states.looked("nas", Condition.UP, NOW, free=10, total=100)
    assert not states.looked("nas", Condition.UP, NOW + MINUTE, free=9, total=100)
    found = states.get("nas")
    assert (found.state, found.since, found.seen, found.free) == (Condition.UP, NOW, NOW + MINUTE, 9)
    assert states.looked("nas", Condition.DOWN, NOW + 2 * MINUTE, "no answer")
    found = states.get("nas")
    assert (found.state, found.detail, found.since) == (Condition.DOWN, "no answer", NOW + 2 * MINUTE)
    assert (found.free, found.total) == (9, 100)


def test_a_clock_that_was_set_back_begins_anew(catalogue):
    catalogue.target_states.looked("nas", Condition.DOWN, NOW)
    catalogue.target_states.looked("nas", Condition.DOWN, NOW - 60 * MINUTE)
    assert catalogue.target_states.get("nas").since == NOW - 60 * MINUTE


def test_speed_and_next_run_stand_beside_it(catalogue):
    states = catalogue.target_states
    states.planned("nas", NOW + MINUTE, NOW)
    states.measured("nas", 2.5e6, NOW)
    found = states.get("nas")
    assert (found.state, found.next_run, found.bytes_per_second) == (Condition.UNKNOWN, NOW + MINUTE, 2.5e6)
    states.planned("nas", None, NOW)
    states.looked("usb", Condition.ABSENT, NOW)
    assert list(states.all()) == ["nas", "usb"]
    assert states.all()["nas"].next_run is None
    states.forget("nas")
    assert list(states.all()) == ["usb"]


def test_several_make_the_same_row_at_once(catalogue):
    threads = [
        threading.Thread(target=catalogue.target_states.looked, args=("nas", Condition.UP, NOW))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert catalogue.target_states.get("nas").state is Condition.UP
