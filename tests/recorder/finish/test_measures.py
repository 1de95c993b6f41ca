"""Talk, overtalk and silence."""

import numpy as np
import pytest

from recorder.finish.measures import Meter
from recorder.finish.stretch import stretch
from tests.recorder.finish.packets import voice

SECONDS = 30


def side(*talks, noise=0.0, seed=0):
    """30 s of one party that talks in these (start, end) seconds over noise."""
    rng = np.random.default_rng(seed)
    sound = rng.normal(0, noise, SECONDS * 8000) if noise else np.zeros(SECONDS * 8000)
    for start, end in talks:
        sound[start * 8000 : end * 8000] += voice(end - start, seed=seed)
    return np.clip(sound, -32768, 32767).astype(np.int16)


def measure(*sides, step=4800):
    meter = Meter(len(sides))
    for start in range(0, SECONDS * 8000, step):
        parts = [sound[start : start + step] for sound in sides]
        meter.write([stretch(part, len(part), 8000) for part in parts], len(parts[0]) / 8000)
    return meter.measures()


@pytest.mark.parametrize("noise", [0, 10, 60])
def test_who_talks_when(noise):
    found = measure(side((2, 10), (20, 24), noise=noise), side((8, 12), noise=noise, seed=1))
    assert found.talk_a == pytest.approx(12, abs=0.8)
    assert found.talk_b == pytest.approx(4, abs=0.5)
    assert found.overtalk == pytest.approx(2, abs=0.4)
    assert found.silence == pytest.approx(30 - 14, abs=0.8)
    assert found.longest_silence == pytest.approx(8, abs=0.5)


def test_steps_do_not_matter():
    sides = side((1, 5), (9, 20), noise=30), side((5, 9), noise=5, seed=2)
    assert measure(*sides, step=4800) == measure(*sides, step=24000) == measure(*sides, step=240000)


def test_steady_noise_is_not_talk():
    found = measure(side(noise=300), side())
    assert found.talk_a < 12
    late = measure(side(noise=90), side())
    assert late.talk_a < 1


def test_silence_all_along():
    found = measure(side(), side())
    assert (found.silence, found.longest_silence, found.talk_a) == (30, 30, 0)


def test_one_channel():
    found = measure(side((0, 30)))
    assert found.talk_b == found.overtalk == 0
    assert found.talk_a > 28
