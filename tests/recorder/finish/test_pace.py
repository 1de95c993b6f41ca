"""Timestamps that say nothing of where their packets belong."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder.finish.finisher import Finisher
from recorder.finish.pace import Pace
from recorder.finish.policy import ArchivePolicy
from recorder.finish.run import runs
from recorder.media import MediaBlock
from tests.recorder.finish.packets import START, decode, packets, plan, voice

CLOCK, TICKS, PACKET_NS, BLOCK = 8000, 160, 20_000_000, 25


def block(sequences, timestamps, times, packet_bytes=1):
    count = len(sequences)
    return MediaBlock(
        stream="a",
        times=np.asarray(times, np.int64),
        sequences=np.asarray(sequences, np.int64),
        timestamps=np.asarray(timestamps, np.int64),
        payload_types=np.zeros(count, np.uint8),
        markers=np.zeros(count, np.bool_),
        lengths=np.full(count, packet_bytes, np.int32),
        payload=np.zeros(count * packet_bytes, np.uint8),
    )


def mended(timestamps, times=None, sequences=None):
    """The timestamps of packets of 20 ms as they are put right, in the order of arrival, half a second of
    packets at a time."""
    pace = Pace(CLOCK)
    numbers = np.arange(len(timestamps)) if sequences is None else np.asarray(sequences)
    captured = START + np.arange(len(timestamps)) * PACKET_NS if times is None else np.asarray(times)
    found = []
    for start in range(0, len(timestamps), BLOCK):
        some = slice(start, start + BLOCK)
        made = runs(
            block(numbers[some], np.asarray(timestamps)[some], captured[some]),
            lambda _type, _payload: (TICKS, CLOCK),
            CLOCK,
        )
        found += [int(stamp) for run in pace.mended(made) for stamp in run.timestamps]
    return np.array(found)


@pytest.mark.parametrize("step", [0, 1, 80, 320, 960, -160])
def test_timestamps_that_do_not_go_with_what_packets_hold_are_made_anew(step):
    stamps = 5000 + np.arange(200) * step
    assert (np.diff(mended(stamps)) == TICKS).all()


def test_timestamps_at_random():
    stamps = np.random.default_rng(2).integers(0, 1 << 32, 200)
    assert (np.diff(mended(stamps)) == TICKS).all()


def test_timestamps_a_few_samples_off_leave_no_holes():
    stamps = 5000 + np.arange(200) * TICKS + np.random.default_rng(1).integers(-16, 17, 200)
    assert (np.diff(mended(stamps)) == TICKS).all()


def test_lost_packets_keep_their_place_where_timestamps_stand_still():
    numbers = np.delete(np.arange(100), np.s_[40:45])
    found = mended(np.full(95, 7), START + numbers * PACKET_NS, numbers)
    assert (found == 7 + numbers * TICKS).all()


def test_a_sender_that_comes_to_its_senses_is_believed_again():
    stamps = np.concatenate((np.full(100, 7), 50_000 + np.arange(100) * TICKS))
    assert (mended(stamps)[125:] == stamps[125:]).all()


def test_a_pause_is_no_fault():
    index = np.arange(200)
    pause = (index // 10) * 30
    stamps = 5000 + (index + pause) * TICKS
    assert (mended(stamps, START + (index + pause) * PACKET_NS) == stamps).all()


def test_noise_descriptions_far_apart_are_no_fault():
    stamps = 5000 + np.arange(60) * 1280
    assert (mended(stamps, START + np.arange(60) * 8 * PACKET_NS) == stamps).all()


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("....ldp"), st.integers(0, 60_000_000)), min_size=30, max_size=150))
def test_timestamps_that_are_right_stay_as_they_are(fates):
    """Through loss, delay and pauses."""
    numbers, stamps, times = [], [], []
    at = 0
    for number, (fate, jitter) in enumerate(fates):
        at += 15 if fate == "p" else 1
        if fate != "l":
            numbers.append(number)
            stamps.append(9000 + at * TICKS)
            times.append(START + at * PACKET_NS + (jitter if fate == "d" else 0))
    order = np.argsort(times, kind="stable")
    took = [np.array(one)[order] for one in (stamps, times, numbers)]
    assert (mended(*took) == took[0]).all()


@pytest.mark.parametrize("step", [0, 320])
def test_a_call_with_such_timestamps_is_heard_whole(tmp_path, step):
    said = voice(6)
    stream = packets(said)
    stream.timestamps[:] = 5000 + np.arange(len(stream)) * step
    finisher = Finisher(plan(("a",), ()), tmp_path / "call.wav", ArchivePolicy(format="wav"))
    for start in range(0, len(stream), BLOCK):
        finisher.feed(stream.part(start, min(start + BLOCK, len(stream))))
    done = finisher.close(START + 6_000_000_000)
    right = Finisher(plan(("a",), ()), tmp_path / "right.wav", ArchivePolicy(format="wav"))
    right.feed(packets(said))
    expected = right.close(START + 6_000_000_000)
    assert done.late == {"a": 0}
    assert (decode(done.path, 8000) == decode(expected.path, 8000)).all()
