"""The simulator as a tap, with a clock that the test holds."""

import threading

import numpy as np
import pytest

from recorder.simulate.options import ALL_ANSWERED, SimulationOptions
from recorder.taps.simulator import SimulatorTap
from tests.waiting import PATIENCE

SECOND = 1_000_000_000
OPTIONS = SimulationOptions(
    concurrent=3,
    calls=3,
    duration=None,
    ramp_seconds=0.5,
    talk_seconds=2,
    talk_spread=0,
    ring_seconds=0.2,
    outcomes=ALL_ANSWERED,
)


class Clock:
    """Time goes on only while somebody sleeps, and a little with each look."""

    def __init__(self) -> None:
        self.now = 1_795_000_000 * SECOND
        self.slept: list[float] = []

    def __call__(self) -> int:
        self.now += 1000
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += round(seconds * SECOND)


@pytest.mark.parametrize("speed", [0.5, 1.0, 20.0])
def test_batches_come_when_their_time_has_come(speed: float) -> None:
    clock = Clock()
    start = clock.now
    tap = SimulatorTap(OPTIONS, speed, step_seconds=0.1, clock=clock, sleep=clock.sleep)
    frames = 0
    for batch in tap:
        frames += len(batch)
        passed = clock.now - start
        if len(batch):
            assert batch.times[-1] - start <= passed * speed
            assert batch.times[0] - start >= passed * speed - 0.25 * SECOND - 0.05 * SECOND * speed
    assert frames == tap.truths().frames > 1000
    assert all(pause <= 0.1 / speed for pause in clock.slept)


def test_a_reader_that_was_late_gets_all_of_it_at_once() -> None:
    clock = Clock()
    tap = SimulatorTap(OPTIONS, 1.0, clock=clock, sleep=clock.sleep)
    batches = iter(tap)
    next(batches)
    clock.now += 1 * SECOND
    late = next(batches)
    assert late.times[-1] - late.times[0] > 0.5 * SECOND
    assert np.all(np.diff(late.times) >= 0)


def test_without_a_speed_nobody_waits_and_times_are_those_of_the_options() -> None:
    def never(_: float) -> None:
        raise AssertionError("it waits")

    tap = SimulatorTap(OPTIONS, None, step_seconds=0.5, sleep=never)
    batches = list(tap)
    assert batches[0].times[0] - OPTIONS.start_ns < SECOND
    assert sum(map(len, batches)) == tap.truths().frames


def test_close_wakes_a_tap_that_waits() -> None:
    with SimulatorTap(OPTIONS, 0.001, step_seconds=1.0) as tap:
        reader = threading.Thread(target=lambda: list(tap))
        reader.start()
        tap.close()
        reader.join(PATIENCE)
        assert not reader.is_alive()
