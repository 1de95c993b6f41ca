"""Streams that change their codec, and with it their RTP clock, in the middle of a call."""

import numpy as np
import soundfile

from recorder.finish.finisher import Finisher
from recorder.finish.policy import ArchivePolicy
from recorder.media import Channel, Format, MediaBlock, RecordingPlan, Source
from tests.recorder.finish.encoders import encoded
from tests.recorder.finish.packets import MS, START, packets, voice

FORMATS = {0: Format("PCMU"), 111: Format("OPUS", 48000, 2), 97: Format("AMR", parameters="octet-align=1")}


def block(payloads, payload_type, *, at, sequence, timestamp, ticks):
    """Payloads of 20 ms from ``at`` seconds on."""
    index = np.arange(len(payloads))
    return MediaBlock(
        stream="a",
        times=START + round(at * 1e9) + index * 20 * MS,
        sequences=sequence + index,
        timestamps=timestamp + index * ticks,
        payload_types=np.full(len(payloads), payload_type, np.uint8),
        markers=index == 0,
        lengths=np.array([len(payload) for payload in payloads], np.int32),
        payload=np.frombuffer(b"".join(payloads), np.uint8),
    )


def recorded(tmp_path, blocks, seconds, rate=16000):
    sources = (Source("a", FORMATS),)
    plan = RecordingPlan(START, rate, (Channel(sources), Channel(())))
    finisher = Finisher(plan, tmp_path / "call.wav", ArchivePolicy(format="wav"))
    for one in blocks:
        finisher.feed(one)
    done = finisher.close(START + round(seconds * 1e9))
    return done, soundfile.read(done.path, dtype="int16", always_2d=True)[0][:, 0]


def test_from_g711_to_opus_with_another_clock(tmp_path):
    wide = voice(2, rate=48000, seed=1)
    payloads = encoded("libopus", wide, 48000, options={"frame_duration": "20"})
    first = packets(voice(2))
    second = block(payloads, 111, at=2.0, sequence=1100, timestamp=9_000_000, ticks=960)
    done, heard = recorded(tmp_path, [first, second], 4)
    assert done.gaps == ()
    assert done.late == {"a": 0}
    narrow = voice(2)
    assert np.corrcoef(narrow[400:15000], heard[800:30000:2])[0, 1] > 0.99
    found = [np.corrcoef(wide[3000:90000:3], heard[33000 + lag : 62000 + lag])[0, 1] for lag in range(400)]
    assert max(found) > 0.9


def test_what_cannot_be_read_is_a_gap_and_the_rest_is_heard(tmp_path):
    payloads = [bytes((0xF0, *frame)) for frame in encoded("libopencore_amrnb", voice(2), 8000)]
    payloads[40:45] = [b"\xf0\x6c" + payload[2:] for payload in payloads[40:45]]
    stream = block(payloads, 97, at=0.0, sequence=7, timestamp=5, ticks=160)
    done, heard = recorded(tmp_path, [stream], 2, 8000)
    assert [(gap.start, gap.seconds, gap.cause) for gap in done.gaps] == [(0.8, 0.1, "unreadable")]
    assert done.undecodable == {"a": {"AMR": 5}}
    assert not heard[6400:7200].any()
    assert np.abs(heard[7400:].astype(float)).mean() > 500
