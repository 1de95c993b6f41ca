"""The life of a part, and the pauses between its restarts."""

import signal

from earwitness.supervision.backoff import LONGEST, STEADY, Backoff
from earwitness.supervision.part import Part
from earwitness.supervision.watch import Phase, Watch, manner


def test_delays_double_up_to_a_bound_and_are_forgotten() -> None:
    backoff = Backoff()
    delays = [backoff.crashed(ran=1.0) for _ in range(9)]
    assert delays[:4] == [0.5, 1.0, 2.0, 4.0]
    assert delays[-1] == LONGEST
    assert backoff.crashed(ran=STEADY) == 0.5


def test_a_crashed_part_waits_and_is_due_again() -> None:
    watch = Watch(Part("api", ()))
    assert watch.due(0.0)
    watch.running(42, 0.0)
    assert not watch.due(1.0)
    assert watch.exited(-signal.SIGKILL, 10.0, stopping=False) == 0.5
    assert (watch.phase, watch.restarts, watch.last_exit) == (Phase.WAITING, 1, "was ended by SIGKILL")
    assert not watch.due(10.4)
    assert watch.due(10.5)


def test_a_part_that_may_end_ends_only_well() -> None:
    watch = Watch(Part("file", (), once=True))
    watch.running(1, 0.0)
    assert watch.exited(1, 1.0, stopping=False) is not None
    watch.running(2, 2.0)
    assert watch.exited(0, 3.0, stopping=False) is None
    assert watch.phase is Phase.ENDED


def test_a_stopped_part_stays_down() -> None:
    watch = Watch(Part("api", ()))
    watch.running(1, 0.0)
    assert watch.exited(-signal.SIGTERM, 1.0, stopping=True) is None


def test_ends_are_put_into_words() -> None:
    assert manner(0) == "ended with status 0"
    assert manner(-250) == "was ended by signal 250"
