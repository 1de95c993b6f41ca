"""Finishing whole calls: packets in, one file out."""

import tracemalloc

import numpy as np
import pytest
import soundfile

from recorder.errors import FinishError
from recorder.finish.finisher import Finisher
from recorder.finish.policy import ArchivePolicy
from recorder.media import RecordingPlan
from storage.model import Side
from tests.recorder.finish.finishing import STEP, WAV, finish, likeness, signal_to_noise
from tests.recorder.finish.packets import MS, START, decode, packets, pick, plan, voice


@pytest.mark.parametrize("format_", ["opus", "wav", "flac", "g711"])
def test_two_parties_become_one_file_of_exact_length(tmp_path, format_):
    blocks = [packets(voice(25, seed=1), stream="a"), packets(voice(25, seed=2), stream="b")]
    policy = ArchivePolicy(format=format_)
    done, sound = finish(tmp_path, plan(("a",), ("b",)), blocks, 25, policy, step=4000 * MS)
    assert (done.seconds, done.rate, done.channels, done.format) == (25.0, 8000, 2, format_)
    assert done.bytes == done.path.stat().st_size
    assert len(done.sha256) == 64
    assert sound.shape == (25 * 8000, 2)
    assert decode(done.path, 48000).shape == (2, 25 * 48000)
    assert list(tmp_path.iterdir()) == [done.path]


@pytest.mark.parametrize("payload_type", [0, 8])
def test_g711_comes_out_as_it_was_said(tmp_path, payload_type):
    said = voice(3)
    _, got = finish(tmp_path, plan(("a",), ("b",)), [packets(said, payload_type)], 3)
    assert signal_to_noise(said, got[:, 0]) > 35
    assert not got[:, 1].any()


def test_g722_keeps_its_band(tmp_path):
    said = voice(3, rate=16000)
    _, got = finish(tmp_path, plan(("a",), ("b",), rate=16000), [packets(said, 9)], 3)
    delay = 22  # of the codec's filters, at both ends together
    assert signal_to_noise(said[1600:-delay], got[1600 + delay :, 0]) > 12
    assert len(got) == 48000


def test_opus_sounds_like_what_was_said_and_keeps_the_parties_apart(tmp_path):
    first, second = voice(6, seed=1), voice(6, seed=2)
    blocks = [packets(first, stream="a"), packets(second, stream="b")]
    _, got = finish(tmp_path, plan(("a",), ("b",)), blocks, 6, ArchivePolicy())
    assert likeness(first, got[:, 0]) > 0.8
    assert likeness(second, got[:, 1]) > 0.8
    assert abs(likeness(first, got[:, 1])) < 0.1


@pytest.mark.parametrize("speaker", [0, 1])
def test_a_silent_party_stays_silent(tmp_path, speaker):
    blocks = [packets(voice(5), stream="ab"[speaker])]
    _, got = finish(tmp_path, plan(("a",), ("b",)), blocks, 5, ArchivePolicy())
    assert np.abs(got[:, 1 - speaker]).max() <= 2
    assert np.abs(got[:, speaker]).max() > 3000


@pytest.mark.parametrize("format_", ["wav", "opus", "flac", "g711", "adpcm", "gsm"])
def test_small_steps_make_the_same_file_as_one(tmp_path, format_):
    said = packets(voice(8, seed=3), stream="a")
    lossy = pick(said, np.random.default_rng(5).random(len(said)) > 0.1)
    other = packets(voice(4, seed=4), stream="b", at=2.013)
    policy = ArchivePolicy(format=format_)
    results = [
        finish(tmp_path, plan(("a",), ("b",)), [lossy, other], 8.017, policy, step)[0]
        for step in (None, STEP, 3700 * MS)
    ]
    assert len({done.sha256 for done in results}) == 1
    assert len({done.peaks for done in results}) == 1
    assert len({done.gaps for done in results}) == 1
    assert len({done.measures for done in results}) == 1


def test_loss_is_silence_of_the_right_length_and_listed(tmp_path):
    said = voice(4)
    block = packets(said)
    index = np.arange(len(block))
    kept = pick(block, (index < 50) | (index >= 80))
    done, got = finish(tmp_path, plan(("a",), ("b",)), [kept], 4)
    assert not got[8000:12800, 0].any()
    assert signal_to_noise(said[12800:], got[12800:, 0]) > 35
    assert [(gap.side, gap.start, gap.seconds, gap.cause) for gap in done.gaps] == [
        (Side.A, 1.0, 0.6, "lost")
    ]


def test_packets_out_of_order_are_put_right(tmp_path):
    said = voice(2)
    block = packets(said)
    order = np.arange(len(block))
    order[40:44] = [43, 41, 40, 42]
    shuffled = pick(block, order)
    shuffled.times = np.sort(block.times + 40 * MS * (order != np.arange(len(order))))
    done, got = finish(tmp_path, plan(("a",), ("b",)), [shuffled], 2)
    assert signal_to_noise(said, got[:, 0]) > 35
    assert done.gaps == ()
    assert done.late == {"a": 0, "b": 0}


def test_a_packet_that_comes_too_late_is_counted(tmp_path):
    block = packets(voice(4))
    block.times[50:52] += 2000 * MS
    order = np.argsort(block.times, kind="stable")
    done, _ = finish(tmp_path, plan(("a",), ("b",)), [pick(block, order)], 4)
    assert done.late["a"] == 2
    assert [(gap.start, gap.seconds, gap.cause) for gap in done.gaps] == [(1.0, 0.04, "concealed")]


def test_a_hold_is_a_pause_and_no_gap(tmp_path):
    said = voice(6)
    block = packets(said)
    index = np.arange(len(block))
    held = pick(block, (index < 100) | (index >= 200))
    held.sequences = np.arange(len(held)) + 7
    done, got = finish(tmp_path, plan(("a",), ("b",)), [held], 6)
    assert not got[16000:32000, 0].any()
    assert signal_to_noise(said[32000:], got[32000:, 0]) > 35
    assert done.gaps == ()


def test_a_party_that_joins_later_is_placed_later(tmp_path):
    said = voice(2)
    done, got = finish(tmp_path, plan(("a",), ("b",)), [packets(said, stream="b", at=3.0)], 6)
    assert done.seconds == 6.0
    assert not got[:24000].any()
    assert signal_to_noise(said, got[24000:40000, 1]) > 35
    assert not got[40000:].any()


@pytest.mark.parametrize(("payload_type", "rate", "target"), [(9, 16000, 8000), (0, 8000, 16000)])
def test_a_stream_at_another_rate_is_converted(tmp_path, payload_type, rate, target):
    said = voice(4, rate=rate)
    same = voice(4, rate=rate)[:: rate // target] if rate > target else None
    _, got = finish(tmp_path, plan(("a",), ("b",), rate=target), [packets(said, payload_type, at=1.0)], 5)
    assert len(got) == 5 * target
    assert np.abs(got[: target - 50, 0]).max() < 20
    if same is not None:
        assert likeness(same[400:], got[8000 + 400 :, 0]) > 0.9
    else:
        assert likeness(said[400:], got[16000 + 800 :: 2, 0]) > 0.99


def test_a_codec_that_changes_in_the_call_is_followed(tmp_path):
    narrow, wide = voice(2), voice(2, rate=16000, seed=1)
    first = packets(narrow, 0)
    second = packets(wide, 9, at=2.0, sequence=1100, timestamp=50_000 + 16000)
    _, got = finish(tmp_path, plan(("a",), ("b",), rate=16000), [first, second], 4)
    assert likeness(narrow[400:], got[800:32000:2, 0]) > 0.99
    assert likeness(wide[400:-100], got[32400:, 0]) > 0.9


def test_digits_are_read_and_are_not_heard(tmp_path):
    said = packets(voice(2))
    events = packets(voice(2))
    events.payload_types[:] = 101
    number = np.arange(len(events)) // 10
    events.timestamps = 50_000 + number * 1600
    payload = [bytes((n % 16, 0x80 if i % 10 > 6 else 0, (i % 10) >> 1, 0)) for i, n in enumerate(number)]
    events.payload = np.frombuffer(b"".join(payload), np.uint8)
    events.lengths[:] = 4
    events.stream = "b"
    done, got = finish(tmp_path, plan(("a",), ("b",)), [said, events], 2)
    assert "".join(digit.digit for digit in done.dtmf) == "0123456789"
    assert {digit.side for digit in done.dtmf} == {1}
    assert [digit.time - START for digit in done.dtmf] == [n * 200 * MS for n in range(10)]
    assert not got[:, 1].any()
    assert done.gaps == ()


@pytest.mark.parametrize(("second", "keys"), [("a>b/2", "5555"), ("c>d/2", "55")])
def test_keys_are_copies_only_where_they_came_another_way(tmp_path, second, keys):
    """A sender that begins another stream in the middle of a call may be pressed the same key again."""
    streams = []
    for at, name in ((0.0, "a>b/1"), (0.5, second)):
        events = packets(voice(0.4), stream=name, at=at)
        events.payload_types[:] = 101
        events.timestamps = 50_000 + np.arange(len(events)) // 10 * 1600
        events.payload = np.frombuffer(bytes((5, 0x80, 3, 0x20)) * len(events), np.uint8)
        events.lengths[:] = 4
        streams.append(events)
    done, _ = finish(tmp_path, plan(("a>b/1", second), ()), streams, 2)
    assert "".join(digit.digit for digit in done.dtmf) == keys


def test_an_unknown_codec_is_silence_that_is_marked(tmp_path):
    strange = packets(voice(2), stream="b")
    strange.payload_types[:] = 15
    unnamed = packets(voice(1), stream="b", at=2.0, sequence=1100, timestamp=50_000 + 16000)
    unnamed.payload_types[:] = 77
    done, got = finish(tmp_path, plan(("a",), ("b",)), [packets(voice(3)), strange, unnamed], 3)
    assert done.undecodable == {"b": {"G728": 100, "PT77": 50}}
    assert [(gap.side, gap.start, gap.seconds, gap.cause) for gap in done.gaps] == [
        (Side.B, 0.0, 3.0, "codec")
    ]
    assert not got[:, 1].any()


def test_comfort_noise_is_a_pause(tmp_path):
    block = packets(voice(3))
    index = np.arange(len(block))
    noise = pick(block, np.array([60]))
    noise.payload_types[:] = 13
    noise.lengths[:] = 1
    noise.payload = np.array([70], np.uint8)
    late = pick(block, index >= 100)
    for part, first in ((noise, 1060), (late, 1061)):
        part.sequences = first + np.arange(len(part))
    done, got = finish(tmp_path, plan(("a",), ("b",)), [pick(block, index < 60), noise, late], 3)
    assert done.gaps == ()
    assert not got[9600:16000, 0].any()
    assert got[16000:, 0].any()


def test_nothing_heard_leaves_no_file(tmp_path):
    done, _ = finish(tmp_path, plan(("a",), ("b",)), [], 5)
    assert done.path is None
    assert (done.bytes, done.seconds, done.sha256) == (0, 0.0, "")
    assert list(tmp_path.iterdir()) == []


def test_a_plan_without_streams(tmp_path):
    finisher = Finisher(plan((), ()), tmp_path / "call.opus", ArchivePolicy())
    finisher.advance(START + 1000 * MS)
    assert finisher.close(START).path is None


def test_a_call_of_one_packet(tmp_path):
    done, _ = finish(tmp_path, plan(("a",), ("b",)), [packets(voice(0.02))], 0.02, ArchivePolicy())
    assert done.seconds == 0.02
    # FFmpeg's own decoder keeps half a millisecond to itself at the end of a stream.
    assert 960 - 24 <= decode(done.path, 48000).shape[1] <= 960


def test_an_end_before_the_last_packet_cuts_them_off(tmp_path):
    path = tmp_path / "call.wav"
    finisher = Finisher(plan(("a",), ("b",)), path, WAV)
    finisher.feed(packets(voice(3)))
    assert finisher.close(START + 1234 * MS).seconds == 1.234
    assert soundfile.info(path).frames == 1234 * 8


def test_packets_before_the_start_are_not_heard(tmp_path):
    said = voice(2)
    done, got = finish(tmp_path, plan(("a",), ("b",)), [packets(said, at=-1.0)], 1, step=None)
    assert signal_to_noise(said[8000:], got[:, 0]) > 35
    assert done.late["a"] == 50


def test_blocks_of_other_streams_are_passed_over(tmp_path):
    done, _ = finish(tmp_path, plan(("a",), ("b",)), [packets(voice(1), stream="stranger")], 1)
    assert done.path is None


def test_giving_up_leaves_nothing(tmp_path):
    finisher = Finisher(plan(("a",), ("b",)), tmp_path / "call.opus", ArchivePolicy())
    finisher.feed(packets(voice(3)))
    finisher.advance(START + 2500 * MS)
    assert list(tmp_path.iterdir()) == [tmp_path / "call.opus.part"]
    finisher.abort()
    assert list(tmp_path.iterdir()) == []


def test_a_plan_that_cannot_be_recorded_is_refused(tmp_path):
    channels = plan(("a",), ("b",)).channels
    with pytest.raises(FinishError, match="one or two channels, not 3"):
        Finisher(RecordingPlan(START, 8000, (*channels, channels[0])), tmp_path / "x", WAV)
    with pytest.raises(FinishError, match="cannot record at 11025 Hz"):
        Finisher(RecordingPlan(START, 11025, channels), tmp_path / "x", WAV)


def test_memory_does_not_grow_with_the_call(tmp_path):
    """Beyond the peaks, 80 bytes a second."""
    block = packets(voice(10))
    other = packets(voice(10, seed=1), stream="b")
    finisher = Finisher(plan(("a",), ("b",)), tmp_path / "call.wav", WAV)

    def run(first, last):
        for turn in range(first, last):
            for part in (block, other):
                moved = pick(part, np.arange(len(part)))
                moved.times = part.times + turn * 10_000 * MS
                moved.sequences = part.sequences + turn * 500
                moved.timestamps = part.timestamps + turn * 80_000
                finisher.feed(moved)
            finisher.advance(START + (turn + 1) * 10_000 * MS - 200 * MS)

    tracemalloc.start()
    try:
        run(0, 2)
        before, _ = tracemalloc.get_traced_memory()
        run(2, 32)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    finisher.abort()
    assert after - before < 300 * 80 * 2


@pytest.mark.parametrize(
    ("later", "is_woven_in"),
    [
        ((("a",), ("b",)), True),
        ((("a", "c"), ("b",)), True),
        ((("c", "a"), ("b",)), True),
        ((("b",), ("a",)), False),
        ((("a", "b"), ()), False),
        ((("a", "b"), ("b",)), False),
        ((("a",), ("c",)), False),
    ],
)
def test_a_plan_that_puts_somebody_on_another_channel_is_begun_again(tmp_path, later, is_woven_in):
    finisher = Finisher(plan(("a",), ("b",)), tmp_path / "call.wav", WAV)
    assert finisher.extend(plan(*later)) is is_woven_in
