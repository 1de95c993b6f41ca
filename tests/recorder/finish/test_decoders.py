"""Payload to samples, against the numbers of ITU-T G.711 and FFmpeg's own encoders."""

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder.finish.decoders import open_decoder
from recorder.media import Format
from tests.recorder.finish.encoders import amr_payload, encoded
from tests.recorder.finish.packets import payload, voice


@pytest.mark.parametrize(
    ("encoding", "codes", "samples"),
    [
        ("PCMU", [0xFF, 0x7F, 0x80, 0x00, 0xFE], [0, 0, 32124, -32124, 8]),
        ("PCMA", [0xD5, 0x55, 0xAA, 0x2A], [8, -8, 32256, -32256]),
    ],
)
def test_known_codes(encoding, codes, samples):
    decoder = open_decoder(Format(encoding))
    assert decoder.decode(np.array(codes, np.uint8)).tolist() == samples
    assert decoder.samples(np.zeros(160, np.uint8)) == 160


def test_g722_in_pieces_is_the_same_as_in_one():
    data = np.frombuffer(payload(voice(1, rate=16000), 9), np.uint8)
    whole, pieces = open_decoder(Format("G722")), open_decoder(Format("G722"))
    joined = np.concatenate([pieces.decode(data[i : i + 160]) for i in range(0, len(data), 160)])
    assert np.array_equal(whole.decode(data), joined)
    assert len(joined) == 16000 == whole.samples(data)


def said(codec, seconds=2.0, rate=8000):
    """Speech-like sound and its payloads of 20 ms (30 ms for G.723.1) as FFmpeg's encoder makes them."""
    sound = voice(seconds, rate=rate)
    return sound, encoded(codec, sound, rate)


def decoded(format_, payloads):
    """All payloads, run by run of one size as a track feeds them."""
    decoder = open_decoder(format_)
    parts = []
    for _, group in groupby(payloads, key=len):
        run = list(group)
        parts.append(decoder.decode(np.frombuffer(b"".join(run), np.uint8), len(run)))
        assert decoder.unreadable == []
    return np.concatenate(parts)


def likeness(one, other, within=800):
    """The best correlation of the second sound with the first at up to ``within`` samples of delay."""
    size = min(len(one), len(other)) - within
    return max(np.corrcoef(one[:size], other[lag : lag + size])[0, 1] for lag in range(within))


@pytest.mark.parametrize("bits", [2, 3, 4, 5])
@pytest.mark.parametrize(("prefix", "codec"), [("", "g726le"), ("AAL2-", "g726")])
def test_g726_in_both_packings(prefix, codec, bits):
    sound = voice(2)
    stream = b"".join(encoded(codec, sound, 8000, bit_rate=bits * 8000))
    payloads = [stream[at : at + 20 * bits] for at in range(0, len(sound) // 160 * 20 * bits, 20 * bits)]
    format_ = Format(f"{prefix}G726-{bits * 8}")
    heard = decoded(format_, [one for one in payloads if len(one) == 20 * bits])
    assert likeness(sound, heard, 4) > (0.7, 0.9, 0.95, 0.98)[bits - 2]
    other = Format(f"{'' if prefix else 'AAL2-'}G726-{bits * 8}")
    assert likeness(sound, decoded(other, payloads[:50]), 4) < 0.7


def test_g723_at_its_high_rate():
    sound, payloads = said("g723_1")
    assert {len(one) for one in payloads} == {24}
    assert likeness(sound, decoded(Format("G723"), payloads)) > 0.6


def test_g723_noise_frames_and_frames_that_are_not_sent_keep_their_time():
    _, payloads = said("g723_1", 0.3)
    pause = [bytes.fromhex("02000000"), b"\x03", b"\x03"]
    mixed = [*payloads[:5], *pause, *payloads[5:]]
    assert len(decoded(Format("G723"), mixed)) == 240 * len(mixed)
    together = [b"".join([payloads[0], *pause])]
    assert len(decoded(Format("G723"), together)) == 240 * 4


@pytest.mark.parametrize("frames", [1, 2, 6])
@pytest.mark.parametrize("aligned", [True, False])
def test_amr_narrowband(aligned, frames):
    sound, storage = said("libopencore_amrnb")
    payloads = [amr_payload(storage[at : at + frames], aligned) for at in range(0, 96, frames)]
    format_ = Format("AMR", parameters="mode-set=7; octet-align=1" if aligned else "mode-set=7")
    heard = decoded(format_, payloads)
    assert len(heard) == 96 * 160
    assert likeness(sound[: 96 * 160], heard, 200) > 0.8
    assert open_decoder(format_).samples(np.frombuffer(payloads[0], np.uint8)) == 160 * frames


@pytest.mark.parametrize("frames", [1, 3])
@pytest.mark.parametrize("aligned", [True, False])
def test_amr_that_is_not_what_its_parameters_say(aligned, frames):
    """Read as it is said to be it would be noise, or nothing at all."""
    sound, storage = said("libopencore_amrnb")
    payloads = [amr_payload(storage[at : at + frames], aligned) for at in range(0, 96, frames)]
    heard = decoded(Format("AMR", parameters="" if aligned else "octet-align=1"), payloads)
    assert likeness(sound[: 96 * 160], heard, 200) > 0.8


@pytest.mark.parametrize("parameters", ["octet-align=1; crc=1", "interleaving=30", "robust-sorting=1"])
def test_amr_as_nobody_sends_it_is_not_guessed_at(parameters):
    assert open_decoder(Format("AMR", parameters=parameters)) is None


@pytest.mark.parametrize(("frame_ms", "stereo"), [("10", False), ("20", False), ("60", False), ("20", True)])
def test_opus(frame_ms, stereo):
    sound = voice(2, rate=48000)
    payloads = encoded("libopus", sound, 48000, stereo=stereo, options={"frame_duration": frame_ms})
    heard = decoded(Format("OPUS", 48000, 2), payloads)
    assert len(heard) == len(payloads) * 48 * int(frame_ms)
    assert likeness(sound[::6], heard[::6], 200) > 0.85


@pytest.mark.parametrize("channels", [1, 2])
def test_linear_samples(channels):
    sound = voice(1, rate=16000)
    payload = np.repeat(sound, channels).astype(">i2").view(np.uint8)
    decoder = open_decoder(Format("L16", 16000, channels))
    assert np.array_equal(decoder.decode(payload, 50), sound)
    assert decoder.samples(payload[: 640 * channels]) == 320


TIMES = [
    (Format("G729"), bytes(range(1, 21)), 160),
    (Format("G729"), bytes(range(1, 11)) + b"\x01\x02", 160),
    (Format("G729"), b"\x01\x02", 80),
    (Format("G723"), b"\x01" + bytes(19), 240),
    (Format("GSM"), b"\xd5" + bytes(32), 160),
    (Format("GSM"), (b"\xd5" + bytes(32)) * 3, 480),
    (Format("ILBC", parameters="mode=20"), bytes(76), 320),
    (Format("ILBC", parameters="mode=30"), bytes(50), 240),
    (Format("ILBC", parameters="mode=20"), bytes(50), 240),
    (Format("ILBC", parameters="mode=20"), bytes(950), 25 * 160),
    (Format("ILBC"), bytes(950), 19 * 240),
    (Format("AMR-WB", 16000, parameters="octet-align=1"), b"\xf0\x44" + bytes(60), 320),
    (Format("AMR-WB", 16000, parameters="octet-align=1"), b"\xf0\xc4\x44" + bytes(120), 640),
    (Format("AMR-WB", 16000), b"\xf4\x7f" + bytes(59), 320),
    (Format("SPEEX"), b"\x18" + bytes(19), 160),
    (Format("SPEEX", 16000), b"\x18" + bytes(19) + b"\x90" + bytes(4), 320),
    (Format("EVRC0"), bytes(range(1, 23)), 160),
    (Format("EVRC"), b"\x00\x02\x43\x10" + bytes(range(34)), 480),
    (Format("G7221", 16000, parameters="bitrate=24000"), bytes(range(100, 160)), 320),
    (Format("G7221", 16000, parameters="bitrate=32000"), bytes(range(60, 140)) * 2, 640),
]
"""Constructed payloads of codecs without a free encoder in FFmpeg: that time is kept is all they show."""


@pytest.mark.parametrize(("format_", "payload", "samples"), TIMES)
def test_the_time_of_a_payload(format_, payload, samples):
    decoder = open_decoder(format_)
    data = np.frombuffer(payload, np.uint8)
    assert decoder.samples(data) == samples
    assert len(decoder.decode(np.tile(data, 3), 3)) == 3 * samples
    assert decoder.unreadable == []


def test_what_cannot_be_read_is_told_and_the_rest_goes_on():
    _, payloads = said("libopencore_amrnb")
    good = amr_payload(payloads[:1], True)
    bad = bytes((0xF0, 0x6C)) + good[2:]
    decoder = open_decoder(Format("AMR", parameters="octet-align=1"))
    assert len(decoder.decode(np.frombuffer(good + bad + good, np.uint8), 3)) == 480
    assert decoder.unreadable == [1]
    decoder.decode(np.frombuffer(good + good, np.uint8), 2)
    assert decoder.unreadable == []


FORMATS = [
    Format("PCMU"),
    Format("L16", 44100, 2),
    Format("L16", 8000),
    Format("G722"),
    Format("G729"),
    Format("G723"),
    Format("GSM"),
    Format("ILBC"),
    *(Format(f"{prefix}G726-{rate}") for prefix in ("", "AAL2-") for rate in (16, 24, 32, 40)),
    Format("AMR"),
    Format("AMR", parameters="octet-align=1"),
    Format("AMR-WB", 16000),
    Format("AMR-WB", 16000, parameters="octet-align=1"),
    Format("OPUS", 48000, 2),
    Format("EVRC"),
    Format("EVRC0"),
    Format("G7221", 16000),
    *(Format("SPEEX", rate) for rate in (8000, 16000, 32000)),
]


@pytest.mark.parametrize("format_", FORMATS, ids=str)
@settings(max_examples=25)
@given(runs=st.lists(st.tuples(st.binary(max_size=130), st.integers(1, 3)), max_size=5))
def test_no_bytes_upset_a_decoder(format_, runs):
    decoder = open_decoder(format_)
    for one, count in runs:
        data = np.frombuffer(one * count, np.uint8)
        samples = decoder.samples(data[: len(one)])
        pcm = decoder.decode(data, count)
        assert pcm.dtype == np.int16
        assert len(pcm) == samples * count
        assert all(0 <= number < count for number in decoder.unreadable)
        assert samples or not one
        concealed = decoder.conceal(333)
        assert concealed is None or (len(concealed) == 333 and concealed.dtype == np.int16)


def test_what_cannot_be_decoded():
    assert open_decoder(Format("H261", 90000)) is None
    assert open_decoder(Format("PCMU", 8000, 2)) is None
    assert open_decoder(Format("G7221", 32000)) is None
