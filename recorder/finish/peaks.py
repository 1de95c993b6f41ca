"""The waveform for the eye: audiowaveform data format, version 2, 8 bit, 20 pixels a second."""

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recorder.errors import FinishError
from recorder.finish.stretch import Stretch

PIXELS_PER_SECOND = 20
_HEADER = struct.Struct("<iIiiIi")


class PeakWriter:
    """Collects the least and greatest sample of every pixel and channel, 40 bytes a second a channel."""

    def __init__(self, rate: int, channels: int) -> None:
        self._rate = rate
        self._channels = channels
        self._pixel = rate // PIXELS_PER_SECOND
        self._data = bytearray()

    def write(self, stretches: list[Stretch], samples: int) -> None:
        """Take in the first ``samples`` of a stretch of every channel; what is behind them is silence."""
        pixels = -(-samples // self._pixel)
        block = np.zeros((pixels, self._channels, 2), np.int8)
        for channel, stretch in enumerate(stretches):
            if stretch.pcm is not None:
                values = stretch.pcm[: pixels * self._pixel].reshape(pixels, self._pixel)
                block[:, channel, 0] = values.min(axis=1) >> 8
                block[:, channel, 1] = values.max(axis=1) >> 8
        self._data += block.tobytes()

    def data(self) -> bytes:
        """The file's content so far."""
        length = len(self._data) // (2 * self._channels)
        header = _HEADER.pack(2, 1, self._rate, self._pixel, length, self._channels)
        return header + bytes(self._data)


@dataclass(frozen=True, slots=True)
class Peaks:
    """``values`` is int8 of shape (pixels, channels, 2): least and greatest; ``rate`` in Hz."""

    rate: int
    samples_per_pixel: int
    values: NDArray[np.int8]


def read_peaks(data: bytes) -> Peaks:
    """Parse what ``PeakWriter`` made; ``FinishError`` where it is something else or cut short."""
    if len(data) < _HEADER.size:
        raise FinishError("the peaks file is cut short: make it anew from the audio")
    version, flags, rate, samples_per_pixel, length, channels = _HEADER.unpack_from(data)
    if (version, flags) != (2, 1) or channels < 1 or len(data) != _HEADER.size + length * channels * 2:
        raise FinishError(
            "the peaks file is not 8-bit audiowaveform data, version 2: make it anew from the audio"
        )
    values = np.frombuffer(data, np.int8, offset=_HEADER.size).reshape(length, channels, 2)
    return Peaks(rate, samples_per_pixel, values)
