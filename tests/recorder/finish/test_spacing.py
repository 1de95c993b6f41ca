"""How long packets are of which nothing but their times is known."""

import numpy as np
import pytest

from recorder.finish.spacing import Lengths, Spacing
from recorder.media import MediaBlock
from tests.recorder.finish.packets import MS, packets, pick, voice


def told(block: MediaBlock, times_ms: "list[float] | np.ndarray", clock: int = 8000, size: int = 50) -> float:
    """What is told of the block, whose packets come at these times and are looked at ``size`` at a time."""
    return measured(block, times_ms, clock, size=size)[0]


def measured(
    block: MediaBlock,
    times_ms: "list[float] | np.ndarray",
    clock: int = 8000,
    own: int = 8000,
    size: int = 50,
) -> tuple[float, int]:
    """The same, and the clock that is told; the stream has its ``own``."""
    block.times[:] = (np.asarray(times_ms) * MS).astype(np.int64)
    spacings: dict[int, Spacing] = {}
    lengths = [
        Lengths(spacings, pick(block, np.arange(start, min(start + size, len(block)))))
        for start in range(0, len(block), size)
    ]
    return [one.measured(0, clock, own) for one in lengths][-1]


def said(count: int = 50) -> MediaBlock:
    return packets(voice(count * 0.02))


def stamped(ticks: float) -> MediaBlock:
    """Packets that say that each is so long."""
    block = said()
    block.timestamps[:] = (np.arange(50) * ticks).astype(np.int64)
    return block


@pytest.mark.parametrize("milliseconds", [10, 20, 30, 40, 60, 120])
def test_it_is_the_time_between_them(milliseconds: int) -> None:
    late = np.random.default_rng(1).uniform(0, 4, 50)
    assert told(said(), np.arange(50) * milliseconds + late) == pytest.approx(milliseconds / 1000)


def test_while_few_have_come_it_is_the_usual_one() -> None:
    assert told(said(5), np.arange(5) * 60) == 0.02
    assert told(said(6), np.arange(6) * 60) == 0.06


def test_those_of_a_burst_share_its_time() -> None:
    assert told(said(), np.arange(50) // 3 * 90) == pytest.approx(0.03)


def test_pauses_and_losses_are_not_their_time() -> None:
    block = pick(said(60), np.delete(np.arange(60), np.arange(20, 30)))
    times = (
        np.arange(50) * 30 + np.where(np.arange(50) >= 20, 300, 0) + np.where(np.arange(50) >= 40, 5000, 0)
    )
    assert told(block, times) == pytest.approx(0.03)


def test_what_comes_in_a_pause_does_not_make_them_longer() -> None:
    block = said()
    passed = np.where(np.arange(50) < 25, 20, 160)
    block.timestamps[:] = np.cumsum(passed * 8)
    assert told(block, np.cumsum(passed)) == pytest.approx(0.02)


@pytest.mark.parametrize("size", [50, 25, 13])
@pytest.mark.parametrize("clock", [8000, 16_000, 48_000])
@pytest.mark.parametrize(("milliseconds", "burst"), [(20, 8), (20, 16), (60, 3), (60, 10)])
def test_a_radio_link_that_stands_still_for_a_moment_does_not_make_them_shorter(
    milliseconds: int, burst: int, clock: int, size: int
) -> None:
    """It lets them through in bursts, whose timestamps go on evenly: there was no pause (RFC 3550, 5.1)."""
    block = stamped(milliseconds * clock // 1000)
    assert told(block, np.arange(50) // burst * burst * milliseconds, clock, size) == pytest.approx(
        milliseconds / 1000
    )


@pytest.mark.parametrize(
    ("ticks", "clock"), [(180, 8000), (1024, 48_000), (512, 48_000), (120, 16_000)], ids=str
)
def test_it_is_what_timestamps_say_where_that_is_when_they_come(ticks: int, clock: int) -> None:
    """Those of MELP are 22.5 ms (RFC 8130), of AAC 1024 or 512 samples, of LC3 7.5 ms."""
    assert told(stamped(ticks), np.arange(50) * ticks * 1000 / clock, clock) == ticks / clock


@pytest.mark.parametrize("ticks", [0, 320, 960])
def test_timestamps_in_another_clock_say_nothing(ticks: int) -> None:
    assert told(stamped(ticks), np.arange(50) * 20) == pytest.approx(0.02)


@pytest.mark.parametrize(("ticks", "clock"), [(160, 8000), (320, 16_000), (960, 48_000)])
def test_timestamps_count_in_the_clock_in_which_they_go_with_when_packets_come(
    ticks: int, clock: int
) -> None:
    """A sender may go on in the clock of its stream, whatever is said of one of its payload types."""
    every = np.arange(50) * 20
    assert measured(stamped(ticks), every, clock, 8000) == (0.02, clock)
    assert measured(stamped(ticks), every, 90_000, clock) == (0.02, clock)


def test_the_clock_of_few_packets_is_that_of_their_stream() -> None:
    block = said()
    block.sequences[:] *= 2
    assert measured(block, np.arange(50) * 20, 16_000) == (0.02, 8000)


def test_packets_of_another_type_say_nothing() -> None:
    """A stream changes its codec, and with it the length of its packets."""
    block = said()
    block.payload_types[:40] = 8
    assert told(block, [*range(0, 800, 20), *range(800, 1400, 60)]) == pytest.approx(0.06)


def test_none_is_shorter_or_longer_than_packets_of_speech_are() -> None:
    assert told(said(), np.zeros(50)) == pytest.approx(0.01)
    assert told(said(), np.arange(50) * 149) == pytest.approx(0.12)
