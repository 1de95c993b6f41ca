"""Several streams of one side: one after the other, beside each other, and copies."""

import numpy as np
import pytest

from tests.recorder.finish.finishing import finish, likeness, signal_to_noise
from tests.recorder.finish.packets import packets, pick, plan, voice


def test_a_second_stream_goes_on_where_the_first_ends(tmp_path):
    said = voice(4)
    first = packets(said[:16000], stream="a1")
    second = packets(said[16000:], stream="a2", at=2.0, sequence=30000, timestamp=9)
    _, got = finish(tmp_path, plan(("a1", "a2"), ("b",)), [first, second], 4)
    assert signal_to_noise(said, got[:, 0]) > 35


def test_a_second_stream_is_not_heard_through_short_holes_of_the_first(tmp_path):
    block = packets(voice(4, seed=1), stream="a1")
    index = np.arange(len(block))
    first = pick(block, (index < 50) | ((index >= 55) & (index < 100)) | (index >= 150))
    other = voice(4, seed=2)
    done, got = finish(tmp_path, plan(("a1", "a2"), ("b",)), [first, packets(other, stream="a2")], 4)
    assert not got[8000:8800, 0].any()
    assert signal_to_noise(other[16000:24000], got[16000:24000, 0]) > 35
    assert [(gap.start, gap.seconds) for gap in done.gaps] == [(1.0, 0.1)]


@pytest.mark.parametrize("second", ["a>b/2", "c>b/2"])
def test_two_sources_at_one_place_are_heard_together(tmp_path, second):
    """Media of who rang goes on for a moment when somebody answers; on another way it may be a copy."""
    one, two = voice(2, seed=1), voice(2, seed=2)
    streams = [packets(one, stream="a>b/1"), packets(two, stream=second, at=1.0)]
    _, got = finish(tmp_path, plan(("a>b/1", second), ()), streams, 3)
    both = one[8000:].astype(np.int32) + two[:8000] if second == "a>b/2" else one[8000:]
    assert likeness(one[:8000], got[:8000, 0]) > 0.99
    assert likeness(both, got[8000:16000, 0]) > 0.99
    assert likeness(two[8000:], got[16000:24000, 0]) > 0.99


def test_a_sender_that_starts_again_is_heard_once_however_many_legs_carry_it(tmp_path):
    """Each leg shows it under two sources, one after the other; the later leg is a copy all the time."""
    said = voice(2, seed=1)
    streams = [
        packets(part, stream=f"{way}/{number}", at=number + delay)
        for number, part in enumerate((said[:8000], said[8000:]))
        for way, delay in (("a>b", 0.0), ("b>c", 0.005))
    ]
    ways = ("a>b/0", "a>b/1", "b>c/0", "b>c/1")
    _, got = finish(tmp_path, plan(ways, ()), streams, 3)
    assert likeness(said, got[:16000, 0]) > 0.99
    loudest = np.abs(said).max()
    assert np.abs(got[:16000, 0]).max() < 1.2 * loudest


def test_a_first_choice_that_begins_a_moment_later_is_waited_for(tmp_path):
    said, other = voice(2, seed=1), voice(2, seed=2)
    first = packets(said, stream="a1", at=0.06)
    _, got = finish(tmp_path, plan(("a1", "a2"), ("b",)), [first, packets(other, stream="a2")], 2)
    assert not got[:480, 0].any()
    assert signal_to_noise(said[:-480], got[480:, 0]) > 35
