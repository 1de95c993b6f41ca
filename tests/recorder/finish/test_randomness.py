"""Payload that is random, and sounds that are not."""

import random

import numpy as np
import pytest
import soundfile

from recorder.finish.randomness import WINDOW, is_random
from recorder.simulate.bank import payload_bank
from tests.recorder.finish.packets import payload, voice

CODECS = {"PCMU": 0, "PCMA": 8}


def windows(encoded: bytes, size: int = 8000) -> list[np.ndarray]:
    data = np.frombuffer(encoded, np.uint8)
    return [data[at : at + size] for at in range(0, len(data) - size + 1, size)]


@pytest.mark.parametrize("size", [WINDOW, 4000, 8000, 8500])
def test_what_a_cipher_makes_is_random(size):
    generator = random.Random(size)
    for _ in range(200):
        assert is_random(np.frombuffer(generator.randbytes(size), np.uint8))


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
@pytest.mark.parametrize("level", [10, 300, 4000, 12000, 30000])
def test_noise_of_any_loudness_is_a_sound(codec, level):
    for pcm in (voice(8, level=level), np.random.default_rng(1).normal(0, level, 64000).clip(-32000, 32000)):
        assert not any(map(is_random, windows(payload(pcm.astype(np.int16), codec))))


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
def test_silence_tones_and_music_are_sounds(codec):
    at = np.arange(64000) / 8000
    chord = sum(np.sin(2 * np.pi * f * at) for f in (220, 277.2, 329.6, 440)) * 7000
    fading = chord * np.exp(-(at % 1) * 6)
    for pcm in (np.zeros(64000), chord, fading, np.sin(2 * np.pi * 1000 * at) * 32000):
        assert not any(map(is_random, windows(payload(pcm.astype(np.int16), codec))))


def test_too_little_is_not_judged():
    assert not is_random(np.frombuffer(random.Random(0).randbytes(WINDOW - 1), np.uint8))


@pytest.mark.parametrize("codec", CODECS)
def test_the_voices_and_the_music_of_the_simulator_are_sounds(codec):
    assert not any(map(is_random, windows(payload_bank((codec,), 20).rows.tobytes())))


@pytest.mark.captures
@pytest.mark.parametrize("gain", [1, 4, 20])
def test_real_voices_are_sounds_also_where_they_are_too_loud(captures, gain):
    for path in sorted(captures.glob("*/recordings/*.flac"))[:20]:
        pcm, rate = soundfile.read(path, dtype="int16")
        if rate == 8000:
            louder = (pcm * float(gain)).clip(-32768, 32767).astype(np.int16)
            assert not any(map(is_random, windows(payload(louder, 0), 4000))), path
