"""How long packets are of which nothing but their times is known."""

import numpy as np
import pytest

from recorder.finish.spacing import Spacing
from recorder.media import MediaBlock
from tests.recorder.finish.packets import MS, packets, pick, voice


def told(block: MediaBlock, times_ms: "list[float] | np.ndarray") -> float:
    block.times[:] = (np.asarray(times_ms) * MS).astype(np.int64)
    spacing = Spacing()
    spacing.note(block)
    return spacing.seconds


def said(count: int = 50) -> MediaBlock:
    return packets(voice(count * 0.02))


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
    passed = np.where(np.arange(50) < 25, 20, 160)
    assert told(said(), np.cumsum(passed)) == pytest.approx(0.02)


def test_none_is_shorter_or_longer_than_packets_of_speech_are() -> None:
    assert told(said(), np.zeros(50)) == pytest.approx(0.01)
    assert told(said(), np.arange(50) * 149) == pytest.approx(0.12)
