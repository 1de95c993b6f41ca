"""Finishing whole calls: packets in, one file out."""

import numpy as np
import pytest
import soundfile

from recorder.finish.finisher import Finisher
from recorder.finish.policy import ArchivePolicy
from tests.recorder.finish.packets import MS, START, decode, packets, plan, voice

WAV = ArchivePolicy(format="wav")


@pytest.mark.parametrize("format_", ["opus", "wav", "flac"])
def test_two_parties_become_one_file_of_exact_length(tmp_path, format_):
    path = tmp_path / f"call.{format_}"
    finisher = Finisher(plan(("a",), ("b",)), path, ArchivePolicy(format=format_))
    finisher.feed(packets(voice(25, seed=1), stream="a"))
    finisher.feed(packets(voice(25, seed=2), stream="b"))
    finisher.advance(START + 10_000 * MS)
    done = finisher.close(START + 25_000 * MS)
    assert done.path == path
    assert done.seconds == 25.0
    assert done.bytes == path.stat().st_size
    assert decode(path, 48000).shape == (2, 25 * 48000)
    assert list(tmp_path.iterdir()) == [path]


def test_wav_holds_the_very_samples(tmp_path):
    path = tmp_path / "call.wav"
    sound = voice(3)
    finisher = Finisher(plan(("a",), ("b",)), path, WAV)
    finisher.feed(packets(sound))
    finisher.close(START + 3_000 * MS)
    got, rate = soundfile.read(path, dtype="int16")
    assert rate == 8000
    assert np.abs(got[:, 0].astype(int) - sound).max() <= 520  # half a step of mu-law at the top
    assert not got[:, 1].any()
