"""Whole calls finished in tests, and how near sounds are to each other."""

import numpy as np
import soundfile

from recorder.finish.finisher import Finisher
from recorder.finish.policy import ArchivePolicy
from tests.recorder.finish.packets import MS, START, decode, pick

WAV = ArchivePolicy(format="wav")
STEP = 500 * MS


def finish(tmp_path, plan_, blocks, seconds, policy=WAV, step=STEP):
    """The blocks fed and encoded ``step`` ns at a time, or all at once; the result and its samples."""
    path = tmp_path / f"call-{step}.{policy.suffix}"
    finisher = Finisher(plan_, path, policy)
    end = START + round(seconds * 1e9)
    if step is None:
        for block in blocks:
            finisher.feed(block)
    else:
        for until in range(START + step, end + step, step):
            for block in blocks:
                finisher.feed(pick(block, (block.times >= until - step) & (block.times < until)))
            finisher.advance(min(until, end) - 100 * MS)
    done = finisher.close(end)
    if done.path is None:
        return done, np.zeros((0, len(plan_.channels)), np.int16)
    if policy.format == "opus":
        return done, decode(path, plan_.rate).T
    return done, soundfile.read(path, dtype="int16", always_2d=True)[0]


def likeness(one, other):
    """Correlation of two sounds at the best of a few samples' shift."""
    one, other = np.asarray(one, float), np.asarray(other, float)
    size = min(len(one), len(other)) - 40
    return max(np.corrcoef(one[10 : 10 + size], other[k : k + size])[0, 1] for k in range(40))


def signal_to_noise(sound, got):
    """How much louder (dB) a sound is than what was made of it differs from it."""
    noise = np.asarray(got, float) - np.asarray(sound, float)
    return 10 * np.log10(np.mean(np.asarray(sound, float) ** 2) / np.mean(noise**2))
