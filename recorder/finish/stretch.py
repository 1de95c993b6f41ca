"""Composed audio on its way to the file and the measures."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FRAMES_PER_SECOND = 50
"""Frames of 20 ms in which power is measured."""
QUANTUM_SECONDS = 0.6
"""Stretches are whole multiples of this: of 60, 40 and 20 ms frames and of the 50 ms of a peak."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some time of one channel.

    ``pcm`` is int16 of shape (samples,) and None for silence; ``power`` is float32 of shape
    (samples * 50 / rate,), the mean square of each 20 ms frame.
    """

    pcm: NDArray[np.int16] | None
    power: NDArray[np.float32]


def stretch(pcm: NDArray[np.int16] | None, samples: int, rate: int) -> Stretch:
    """Measure the power of whole frames of audio."""
    frame = rate // FRAMES_PER_SECOND
    if pcm is None:
        return Stretch(None, np.zeros(samples // frame, np.float32))
    values = pcm.astype(np.float32).reshape(-1, frame)
    return Stretch(pcm, np.vecdot(values, values) / np.float32(frame))


def power_of(dbfs: float) -> float:
    """Mean square of 16-bit samples at this level in dB under full scale."""
    return float((32768.0 * 10 ** (dbfs / 20)) ** 2)
