"""Keys pressed as tones in the audio: DTMF by ITU-T Q.23, with the limits of Q.24."""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from recorder.finish.stretch import FRAMES_PER_SECOND, Stretch, power_of

Samples = NDArray[np.int16]
Floats = NDArray[np.float32]

_LOW = (697.0, 770.0, 852.0, 941.0)
_HIGH = (1209.0, 1336.0, 1477.0, 1633.0)
_KEYS = ("123A", "456B", "789C", "*0#D")
_DETUNED = (0.989, 1.0, 1.011)
"""Frequencies that are tried, as shares of the true one: a sender may be 1.5 % off."""
_LEAST = power_of(-38.0)
"""Power of each of the two tones at least."""
_PURE_AT_FIRST = 0.4
_PURE = 0.88
"""Share of all power that is in the two tones at least: before the exact frequency is known, and after."""
_SHARE_AT_FIRST = 0.05
"""Share of the weaker tone at least, before the exact frequency is known."""
_TWIST = (10 ** (-9 / 10), 10 ** (5 / 10))
"""Power of the high tone over that of the low one, 1 dB beyond what is allowed: 8 dB less, 4 dB more."""
_DISTINCT = 4.0
"""Power of a tone over that of the next one of its group, 6 dB."""
_COARSE_RATE = 4000
"""Samples a second for a first look: what is above 2 kHz folds down, and keys have nothing there."""
_HOP = 0.005
_WINDOWS = 4
"""Windows of 20 ms, 5 ms apart, that must agree: tones of 40 ms always have so many, of 30 ms never."""
_PAUSE = 0.03
"""A shorter pause, seconds, does not end a key."""
_ONE_CORE = 1 << 17
"""Multiplications that OpenBLAS leaves to one core for certain; its limit is twice as many."""
_AROUND = 2
"""Frames looked at before and behind one in which tones may be."""


@dataclass(slots=True)
class _Tone:
    key: str
    start: int
    end: int


class InbandReader:
    """Finds the keys in one channel of ``rate`` Hz that is given from front to back."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._frame = rate // FRAMES_PER_SECOND
        self._every = rate // _COARSE_RATE
        self._coarse = _basis((*_LOW, *_HIGH), _COARSE_RATE, _COARSE_RATE // FRAMES_PER_SECOND)
        fine = tuple(frequency * share for frequency in (*_LOW, *_HIGH) for share in _DETUNED)
        self._fine = _basis(fine, rate, self._frame)
        self._tail = np.zeros(0, np.int16)
        self._suspects = np.zeros(0, np.bool_)
        self._last: _Tone | None = None

    def read(self, part: Stretch, position: int) -> list[tuple[int, str]]:
        """Keys found in the stretch that begins at this sample: where each begins, and which it is.

        Those of its last 40 ms are found with the next stretch.
        """
        if part.pcm is None:
            self._tail, self._suspects = self._tail[:0], self._suspects[:0]
            return []
        suspects = self._suspected(part.pcm, part.power)
        tail = len(self._tail) // self._frame
        held = np.concatenate([self._suspects, suspects])
        found = []
        if held.any():
            samples = np.concatenate([self._tail, part.pcm])
            ready = held.copy()
            ready[len(held) - _AROUND :] = False
            for low, high in _groups(np.flatnonzero(ready).tolist()):
                start, end = max(low - _AROUND, 0), min(high + 1 + _AROUND, len(held))
                region = samples[start * self._frame : end * self._frame]
                found += self._keys(region, position + (start - tail) * self._frame)
        keep = 2 * _AROUND
        self._tail = np.concatenate([self._tail, part.pcm[-keep * self._frame :]])[-keep * self._frame :]
        self._suspects = held[-keep:].copy()
        self._suspects[: len(self._suspects) - _AROUND] = False
        return found

    def _suspected(self, pcm: Samples, power: Floats) -> NDArray[np.bool_]:
        """Frames that may hold two tones, bool of shape (frames,)."""
        suspects = np.zeros(len(power), np.bool_)
        loud = np.flatnonzero(power > 2 * _LEAST)
        if len(loud):
            frames = pcm.reshape(-1, self._frame)[loud, :: self._every].astype(np.float32)
            tones = _powers(frames, self._coarse)
            low, high = tones[:, :4].max(axis=1), tones[:, 4:].max(axis=1)
            pure = low + high > _PURE_AT_FIRST * power[loud]
            suspects[loud] = pure & (np.minimum(low, high) > _SHARE_AT_FIRST * power[loud])
        return suspects

    def _keys(self, region: Samples, position: int) -> list[tuple[int, str]]:
        """Keys in a region that begins at this sample; those already told of are only made longer."""
        hop = round(_HOP * self._rate)
        windows = np.lib.stride_tricks.sliding_window_view(region.astype(np.float32), self._frame)[::hop]
        numbers = self._numbers(windows)
        bounds = np.flatnonzero(np.diff(numbers, prepend=-2, append=-2)).tolist()
        found = []
        for low, high in pairwise(bounds):
            if numbers[low] < 0 or high - low < _WINDOWS:
                continue
            row, column = divmod(int(numbers[low]), 4)
            tone = _Tone(_KEYS[row][column], position + low * hop, position + (high - 1) * hop + self._frame)
            last = self._last
            if last and last.key == tone.key and tone.start <= last.end + _PAUSE * self._rate:
                last.end = max(last.end, tone.end)
            else:
                found.append((tone.start, tone.key))
                self._last = tone
        return found

    def _numbers(self, windows: Floats) -> NDArray[np.int64]:
        """Number of the key in each window, row by row of the keypad; -1 where there is none."""
        power = np.vecdot(windows, windows) / self._frame
        tones = _powers(windows, self._fine).reshape(len(windows), 8, len(_DETUNED)).max(axis=2)
        low, high = np.sort(tones[:, :4], axis=1), np.sort(tones[:, 4:], axis=1)
        best_low, best_high = low[:, 3], high[:, 3]
        twist = best_high / np.maximum(best_low, 1.0)
        clear = (np.minimum(best_low, best_high) > _LEAST) & (best_low + best_high > _PURE * power)
        clear &= (twist > _TWIST[0]) & (twist < _TWIST[1])
        clear &= (best_low > _DISTINCT * low[:, 2]) & (best_high > _DISTINCT * high[:, 2])
        return np.where(clear, tones[:, :4].argmax(axis=1) * 4 + tones[:, 4:].argmax(axis=1), -1)


@cache
def _basis(frequencies: tuple[float, ...], rate: int, samples: int) -> Floats:
    """Cosines, then sines, of shape (samples, 2 * frequencies), scaled for ``_powers``."""
    angles = 2 * np.pi * np.outer(np.arange(samples), frequencies) / rate
    return np.hstack([np.cos(angles), np.sin(angles)]).astype(np.float32) * np.float32(np.sqrt(2) / samples)


def _powers(frames: Floats, basis: Floats) -> Floats:
    """Power of each frequency in each frame, float32 of shape (frames, frequencies): Goertzel's sums."""
    half = basis.shape[1] // 2
    # Larger products go to all cores, which then wait for each other at ten times the cost of the work.
    step = max(_ONE_CORE // basis.size, 1)
    powers = np.empty((len(frames), half), np.float32)
    for start in range(0, len(frames), step):
        sums = frames[start : start + step] @ basis
        powers[start : start + step] = sums[:, :half] ** 2 + sums[:, half:] ** 2
    return powers


def _groups(frames: list[int]) -> list[tuple[int, int]]:
    """First and last of the numbers that are near each other, so that no region is looked at twice."""
    groups: list[tuple[int, int]] = []
    for frame in frames:
        if groups and frame - groups[-1][1] <= 2 * _AROUND:
            groups[-1] = (groups[-1][0], frame)
        else:
            groups.append((frame, frame))
    return groups
