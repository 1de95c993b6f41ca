"""Wrong times of capture."""

import numpy as np
import pytest

from recorder.taps.steady import steadied
from tests.recorder import frames

SECOND = frames.SECOND


@pytest.mark.parametrize("wrong", [90 * SECOND, -90 * SECOND, 10**6 * SECOND, -(10**6) * SECOND])
@pytest.mark.parametrize("at", [1, 50, 98])
def test_a_time_that_is_far_from_those_around_it_is_that_of_the_packet_before(at: int, wrong: int) -> None:
    batch = frames.batch([b"frame"] * 100)
    times = batch.times.copy()
    batch.times[at] += wrong
    found, count = steadied(batch)
    times[at] = times[at - 1]
    assert (found.times.tolist(), count) == (times.tolist(), 1)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_packets_have_the_times_they_have(count: int) -> None:
    batch = frames.batch([b"frame"] * count)
    assert steadied(batch) == (batch, 0)


def test_a_quiet_line_a_set_clock_and_packets_out_of_order_are_no_mistakes() -> None:
    batch = frames.batch([b"frame"] * 8)
    batch.times[:] = np.array([0, 1, 200, 400, 401, 300, 302, 299]) * SECOND
    assert steadied(batch)[1] == 0
