"""The Ogg Opus file itself: pages, positions, headers, and how quiet is left out."""

import struct
from collections import Counter

import av
import numpy as np
import pytest

from recorder.errors import FinishError
from recorder.finish.ogg import checksum
from recorder.finish.opus import OpusSink
from recorder.finish.policy import ArchivePolicy
from recorder.finish.stretch import stretch
from tests.recorder.finish.packets import decode, voice


def write(path, sides, rate=8000, samples=None, **policy):
    """Encode whole quanta of these sounds; ``samples`` cuts the end off."""
    sink = OpusSink(path, rate, len(sides), 77, ArchivePolicy(**policy))
    size = len(sides[0])
    sink.write([stretch(side, size, rate) for side in sides], samples or size)
    sink.close()
    return path


def pages(data):
    """(flags, granule, serial, number, packets, whether the checksum is right) of every page."""
    found = []
    at = 0
    while at < len(data):
        magic, version, flags, granule, serial, number, crc, count = struct.unpack_from(
            "<4sBBqIIIB", data, at
        )
        assert (magic, version) == (b"OggS", 0)
        lacing = data[at + 27 : at + 27 + count]
        end = at + 27 + count + sum(lacing)
        packets = sum(value < 255 for value in lacing)
        right = checksum(data[at : at + 22] + bytes(4) + data[at + 26 : end]) == crc
        found.append((flags, granule, serial, number, packets, right))
        at = end
    return found


def test_pages_are_numbered_checked_and_end_at_the_last_sample(tmp_path):
    found = pages(write(tmp_path / "a.opus", [voice(9)] * 2, samples=70_001).read_bytes())
    flags, granules, serials, numbers, packets, right = zip(*found, strict=True)
    assert all(right)
    assert set(serials) == {77}
    assert numbers == tuple(range(len(found)))
    assert flags == (2, *[0] * (len(found) - 2), 4)
    assert granules[:2] == (0, 0)
    assert granules[-1] == 70_001 * 6 + 312
    sums = np.cumsum(packets[2:])
    assert list(granules[2:-1]) == [2880 * total for total in sums[:-1]]
    assert 0 <= 2880 * sums[-1] - granules[-1] < 2880


def test_the_header_says_two_streams_none_coupled(tmp_path):
    data = write(tmp_path / "a.opus", [voice(0.6)] * 2).read_bytes()
    head = data[data.index(b"OpusHead") :][:23]
    assert head == struct.pack("<8sBBHIhBBBBB", b"OpusHead", 1, 2, 312, 8000, 0, 255, 2, 0, 0, 1)


def test_one_channel_is_plain_mono(tmp_path):
    data = write(tmp_path / "a.opus", [voice(0.6)]).read_bytes()
    assert data[data.index(b"OpusHead") :][:19] == struct.pack(
        "<8sBBHIhB", b"OpusHead", 1, 1, 312, 8000, 0, 0
    )
    assert decode(tmp_path / "a.opus", 48000).shape == (1, 28800)


@pytest.mark.parametrize("decoder", ["opus", "libopus"])
def test_quiet_is_silence_in_every_decoder(tmp_path, decoder):
    side = voice(6)
    side[16000:32000] = np.random.default_rng(1).integers(-8, 9, 16000)
    path = write(tmp_path / "a.opus", [side, side[::-1].copy()])
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        context = av.CodecContext.create(decoder, "r")
        context.extradata, context.sample_rate, context.layout = (
            stream.codec_context.extradata,
            48000,
            "stereo",
        )
        frames = [
            frame.to_ndarray() for packet in container.demux(stream) for frame in context.decode(packet)
        ]
    scale = 1 if frames[0].dtype == np.int16 else 32768
    got = np.concatenate([f.reshape(-1, 2).T if len(f) == 1 else f for f in frames], axis=1) * scale
    assert np.abs(got[:, int(2.5 * 48000) : int(3.9 * 48000)]).max() <= 3
    assert np.abs(got[:, : 2 * 48000]).max() > 5000
    assert np.abs(got[:, int(4.2 * 48000) :]).max() > 5000


def test_quiet_costs_next_to_nothing_and_speech_is_kept(tmp_path):
    talk = voice(12)
    rest = np.zeros_like(talk)
    both = write(tmp_path / "a.opus", [talk, talk]).stat().st_size
    one = write(tmp_path / "b.opus", [talk, rest]).stat().st_size
    none = write(tmp_path / "c.opus", [rest, rest]).stat().st_size
    assert one < 0.65 * both
    assert none < 0.2 * both


def test_without_dtx_everything_is_encoded(tmp_path):
    faint = np.random.default_rng(2).integers(-20, 21, 96000).astype(np.int16)
    kept = write(tmp_path / "a.opus", [faint], dtx=False).stat().st_size
    left_out = write(tmp_path / "b.opus", [faint]).stat().st_size
    assert kept > 2 * left_out


@pytest.mark.parametrize("frame_duration", [20, 40, 60])
@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_every_frame_length_and_rate_decodes(tmp_path, rate, frame_duration):
    sides = [voice(1.2, rate, seed=n) for n in (1, 2)]
    path = write(tmp_path / "a.opus", sides, rate, frame_duration=frame_duration, wideband_bitrate=96_000)
    got = decode(path, rate)
    assert abs(got.shape[1] - len(sides[0])) <= rate // 1000
    for channel in (0, 1):
        one, other = sides[channel][100:-300].astype(float), got[channel].astype(float)
        assert max(np.corrcoef(one, other[k : k + len(one)])[0, 1] for k in range(60, 160)) > 0.75


def test_a_page_never_holds_more_than_it_can(tmp_path):
    loud = np.random.default_rng(3).integers(-20000, 20000, 230_400).astype(np.int16)
    path = write(tmp_path / "a.opus", [loud, loud], 48000, frame_duration=60, wideband_bitrate=500_000)
    found = pages(path.read_bytes())
    assert all(right for *_, right in found)
    assert decode(path, 48000).shape[1] == 230_400
    assert Counter(page[4] for page in found)[33] == 0


def test_players_can_seek(tmp_path):
    path = write(tmp_path / "a.opus", [voice(60)] * 2)
    with av.open(str(path)) as container:
        assert abs(container.duration / 1e6 - 60) < 0.01
        container.seek(40_000_000)
        first = next(container.decode(audio=0))
        assert 36 < first.time <= 40


def test_a_rate_that_opus_does_not_take(tmp_path):
    with pytest.raises(FinishError, match="plan another rate"):
        OpusSink(tmp_path / "a.opus", 11000, 2, 1, ArchivePolicy())
