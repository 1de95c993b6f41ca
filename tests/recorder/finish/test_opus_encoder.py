"""Both ways to libopus make the same packets."""

import dataclasses

import numpy as np
import pytest

from recorder.errors import FinishError
from recorder.finish import libopus
from recorder.finish.opus_encoder import FfmpegEncoder, LibopusEncoder, OpusSettings, open_encoder
from tests.recorder.finish.packets import voice

SETTINGS = OpusSettings(8000, 12_000, 60, 0, "voip")


@pytest.fixture
def opus():
    found = libopus.library()
    if found is None:
        pytest.skip("libopus cannot be found here but inside FFmpeg")
    return found


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"rate": 16_000, "bitrate": 16_000},
        {"rate": 48_000, "bitrate": 64_000, "frame_duration": 20, "complexity": 5, "application": "audio"},
        {"frame_duration": 40},
    ],
)
def test_packets_are_those_of_ffmpeg(opus, changes):
    settings = dataclasses.replace(SETTINGS, **changes)
    whole = np.resize(voice(3.0), settings.frame * 60)
    ours, theirs = LibopusEncoder(opus, settings), FfmpegEncoder(settings)
    parts = np.split(whole, [settings.frame * 7, settings.frame * 30])
    for part in parts:
        assert ours.encode(part) == theirs.encode(part)
    assert ours.pre_skip == theirs.pre_skip


def test_samples_that_do_not_lie_side_by_side(opus):
    pcm = np.stack([voice(0.6), -voice(0.6)], axis=1)
    encoded = [LibopusEncoder(opus, SETTINGS).encode(one) for one in (pcm[:, 0], pcm[:, 0].copy())]
    assert encoded[0] == encoded[1]
    assert len(encoded[0]) == 10


def test_without_libopus_ffmpeg_encodes(monkeypatch):
    monkeypatch.setattr(libopus, "library", lambda: None)
    assert isinstance(open_encoder(SETTINGS), FfmpegEncoder)


def test_what_libopus_refuses_is_told(opus):
    with pytest.raises(FinishError, match=r"libopus refuses .*11025"):
        LibopusEncoder(opus, dataclasses.replace(SETTINGS, rate=11_025))
