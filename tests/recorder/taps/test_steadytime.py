"""Steady time goes on evenly whatever is done to the clock."""

import numpy as np
import pytest

from recorder.taps.steadytime import STEP, SteadyTime, clocks
from tests.recorder import frames
from tests.recorder.frames import SECOND, START

FRAME = frames.ethernet(b"")


def batch(*times: float):
    """Frames captured so many seconds after the start, by the clock."""
    made = frames.batch([FRAME] * len(times))
    made.times[:] = [START + round(at * SECOND) for at in times]
    return made


def seconds(times: np.ndarray) -> list[float]:
    return [round((at - START) / SECOND, 3) for at in times.tolist()]


def at(when: float) -> int:
    return START + round(when * SECOND)


def test_a_clock_that_is_never_set_is_steady_time() -> None:
    even = SteadyTime()
    for when in range(1, 5):
        assert even.look(at(when), when * SECOND) == 0
        one = batch(when - 0.5, when)
        assert even.steady(one, at(when)) is one
    assert even.shift == 0


def test_a_clock_that_is_slewed_takes_steady_time_along() -> None:
    even = SteadyTime()
    for when in range(1000):
        assert even.look(at(when * 1.1), when * SECOND) == 0
    assert even.shift == 0


@pytest.mark.parametrize("by", [-3600, -5, 5, 3600])
def test_packets_on_both_sides_of_a_step_stand_as_they_came(by: float) -> None:
    even = SteadyTime()
    even.look(at(1), SECOND)
    even.steady(batch(0.9, 0.95), at(1))
    assert even.look(at(2 + by), 2 * SECOND) == by * SECOND
    found = even.steady(batch(1.2, 1.4, 1.6 + by, 1.8 + by), at(2 + by))
    assert seconds(found.times) == [1.2, 1.4, 1.6, 1.8]
    assert even.look(at(3 + by), 3 * SECOND) == 0
    assert seconds(even.steady(batch(2.5 + by), at(3 + by)).times) == [2.5]


def test_packets_of_before_a_step_may_come_after_it_was_seen() -> None:
    even = SteadyTime()
    even.look(at(1), SECOND)
    even.steady(batch(0.9), at(1))
    even.look(at(2 - 60), 2 * SECOND)
    assert seconds(even.steady(batch(), at(2 - 60)).times) == []
    even.look(at(2.1 - 60), round(2.1 * SECOND))
    assert seconds(even.steady(batch(1.95, 2.05 - 60), at(2.1 - 60)).times) == [1.95, 2.05]


def test_calls_of_the_engine_before_are_not_of_the_future() -> None:
    even = SteadyTime(shift=0, last=at(100))
    even.look(at(40), SECOND)
    assert seconds(even.steady(batch(39.9, 40), at(40)).times) == [99.9, 100]


def test_packets_that_waited_while_calls_were_taken_up_come_behind_those_of_the_engine_before() -> None:
    """The clock was set back by 50 s while no engine ran."""
    even = SteadyTime(shift=0, last=at(100))
    waited = batch(50.5, 52, 54)
    even.look(at(54.1), 1000 * SECOND, at(50.5))
    assert seconds(even.steady(waited, at(54.1)).times) == [100.0, 101.5, 103.5]
    assert even.look(at(54.2), 1000 * SECOND + SECOND // 10, at(54.15)) == 0


def test_both_clocks_are_read_in_one_moment() -> None:
    first, second = clocks(), clocks()
    assert abs((second[0] - first[0]) - (second[1] - first[1])) < STEP
