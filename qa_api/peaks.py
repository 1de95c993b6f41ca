"""Reads and thins audiowaveform data, format version 2, 8 bit (see ``docs/design.md``)."""

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_HEADER = struct.Struct("<iIiiIi")
_VERSION = 2
_EIGHT_BIT = 1


class PeaksDamaged(Exception):
    """The file is no such data, or it is cut."""


@dataclass(frozen=True, slots=True)
class Waveform:
    """``pixels`` is int8 of shape (length, channels, 2): minimum and maximum of each pixel."""

    pixels_per_second: float
    pixels: NDArray[np.int8]

    @property
    def length(self) -> int:
        """Pixels."""
        return int(self.pixels.shape[0])

    @property
    def channels(self) -> int:
        """Channels."""
        return int(self.pixels.shape[1])


def read(data: bytes) -> Waveform:
    """Parse a whole ``.peaks.dat``; raises ``PeaksDamaged``."""
    if len(data) < _HEADER.size:
        raise PeaksDamaged("the header is cut")
    version, flags, rate, per_pixel, length, channels = _HEADER.unpack_from(data)
    if version != _VERSION or flags != _EIGHT_BIT or rate <= 0 or per_pixel <= 0 or not 1 <= channels <= 255:
        raise PeaksDamaged("the header is not one of format version 2 with 8 bits")
    body = np.frombuffer(data, dtype=np.int8, offset=_HEADER.size)
    if body.size != length * channels * 2:
        raise PeaksDamaged(f"{length} pixels are announced and {body.size // (channels * 2)} are there")
    return Waveform(rate / per_pixel, body.reshape(length, channels, 2))


def thin(waveform: Waveform, points: int) -> Waveform:
    """At most ``points`` pixels, each the extremes of the pixels it stands for; all cover the same time.

    ``points`` is at least 1. The last pixel may stand for fewer than the others.
    """
    group = -(-waveform.length // points)
    if group <= 1:
        return waveform
    starts = np.arange(0, waveform.length, group)
    low = np.minimum.reduceat(waveform.pixels[:, :, 0], starts, axis=0)
    high = np.maximum.reduceat(waveform.pixels[:, :, 1], starts, axis=0)
    return Waveform(waveform.pixels_per_second / group, np.stack([low, high], axis=2))


def rows(waveform: Waveform) -> tuple[tuple[int, ...], ...]:
    """One row a channel: minimum, maximum, minimum, maximum …"""
    return tuple(tuple(waveform.pixels[:, channel].ravel().tolist()) for channel in range(waveform.channels))
