"""How alike two recordings sound, piece by piece.

Piece by piece, as a PBX that records slips by a packet now and then: the whole would not fit at one shift.
"""

from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float64]
RATE = 8000
PIECE = 2 * RATE
SLIP = RATE // 10
"""Samples by which a piece may be off its place."""


def heard(path: Path) -> Sound:
    """The file's audio at 8 kHz, of shape (channels, samples)."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="fltp", rate=RATE)
        frames = [one for frame in container.decode(stream) for one in resampler.resample(frame)]
        frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray() for frame in frames], axis=1).astype(np.float64)


def likeness(one: Sound, other: Sound) -> float:
    """The median over pieces of two seconds of their best correlation; 1 is the same sound."""
    starts = range(SLIP, min(len(one), len(other)) - PIECE - SLIP, PIECE)
    return float(
        np.median([_best(one[at - SLIP : at + PIECE + SLIP], other[at : at + PIECE]) for at in starts])
    )


def _best(around: Sound, piece: Sound) -> float:
    """The best normalised correlation of ``piece`` with any part of ``around`` that is as long."""
    # By way of the spectrum and of running sums: done straight, this took most of the time of its tests.
    size, shifts = len(around), len(around) - len(piece) + 1
    spectrum = np.fft.rfft(around) * np.conj(np.fft.rfft(piece, size))
    products = np.fft.irfft(spectrum, size)[:shifts]
    sums = np.concatenate([[0.0], np.cumsum(around**2)])
    energy = sums[len(piece) :] - sums[:shifts]
    return float(np.max(np.abs(products) / np.sqrt(np.maximum(energy, 1e-12) * np.sum(piece**2) + 1e-12)))
