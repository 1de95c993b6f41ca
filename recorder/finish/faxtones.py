"""Tones of fax machines and modems, in the audio of a channel (ITU-T T.30, V.25, V.21)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recorder.finish.stretch import FRAMES_PER_SECOND, Stretch, power_of

_FAINTEST = power_of(-45.0)
"""Tones on a line are louder than -43 dBm0 (ITU-T V.25, 3.1)."""
_STEP = 8
_ENDLESS = 1 << 30
_PURE = 0.8
"""Share of a frame's power that a tone has. Speech reaches it for a frame or two."""
_CNG = (1050.0, 1100.0, 1150.0)
_ANSWER = (2050.0, 2100.0, 2150.0)
"""1100 and 2100 Hz, which may be off by 38 and 15 Hz, and what lies beside them."""
_BAND = tuple(np.arange(1500.0, 2001.0, 50.0).tolist())
"""V.21's upper channel: 1650 Hz is a one, 1850 Hz a zero, 300 bit/s; its energy lies around both."""
_ONE, _ZERO = _BAND.index(1650.0), _BAND.index(1850.0)
_LEAST_OF_ONES, _LEAST_OF_ZEROS = 0.25, 0.03
"""A flag, 01111110, has three times as many ones as zeros."""


class Tone(NamedTuple):
    """A ``kind`` of tone: ``cng`` (calling fax), ``answer`` (fax or modem), ``v21`` (fax talking), that began
    at this ``sample`` of the recording."""

    sample: int
    kind: str


@dataclass(slots=True)
class _Kind:
    """A tone and how long, in frames of 20 ms, it lasts at least and at most."""

    name: str
    shortest: int
    longest: int
    _start: int = 0
    _last: int = -9
    _is_told: bool = False

    def take(self, frames: NDArray[np.bool_], first: int) -> Iterator[int]:
        """The frame in which a tone of this kind began, the first time one is known.

        ``first`` is the number of the first frame on the recording. One frame in which the tone is
        disturbed does not end it: an answering tone turns its phase every 450 ms (ITU-T V.25, 3.1).
        """
        for frame in (np.flatnonzero(frames) + first).tolist():
            if frame - self._last > 2:
                yield from self._heard(self._last)
                self._start = frame
            self._last = frame
        if first + len(frames) - self._last > 2 or self.longest == _ENDLESS:
            yield from self._heard(self._last)

    def _heard(self, last: int) -> Iterator[int]:
        if not self._is_told and self.shortest <= last + 1 - self._start <= self.longest:
            self._is_told = True
            yield self._start


def _kinds() -> list[_Kind]:
    # CNG lasts 0.5 s, an answering tone 2.6 to 4 s, the flags before the first frame 1 s (T.30, 4 and 5.3).
    return [_Kind("cng", 20, 30), _Kind("answer", 50, _ENDLESS), _Kind("v21", 30, _ENDLESS)]


@dataclass(slots=True)
class FaxListener:
    """Follows one channel, stretch by stretch. ``found`` has each kind of tone once, where it began first."""

    rate: int
    found: list[Tone] = field(default_factory=list)
    _kinds: list[_Kind] = field(default_factory=_kinds)
    _frames: int = 0

    def write(self, part: Stretch) -> None:
        """The next stretch of the channel, in whole frames of 20 ms."""
        first, count = self._frames, len(part.power)
        self._frames += count
        hits = np.zeros((len(self._kinds), count), np.bool_)
        if part.pcm is not None:
            frames = part.pcm.reshape(count, -1)
            # Few frames tell whether to look at all: every tone is longer than the steps between them.
            for some in (np.unique([*range(0, count, _STEP), count - 1]), np.arange(count)):
                loud = some[part.power[some] > _FAINTEST]
                hits[:, loud] = _classified(frames[loud], part.power[loud], self.rate)
                if not hits.any():
                    break
        for kind, is_tone in zip(self._kinds, hits, strict=True):
            samples = self.rate // FRAMES_PER_SECOND
            self.found += [Tone(frame * samples, kind.name) for frame in kind.take(is_tone, first)]


def event_of(tones: Sequence[Tone]) -> Tone | None:
    """The first of the tones with what they mean together: ``fax`` or ``modem``; None where there is none.

    Faxes and modems answer with the same tone: it is a fax's where one calls or begins to talk.
    """
    if not tones:
        return None
    is_fax = any(tone.kind in ("cng", "v21") for tone in tones)
    return Tone(min(tone.sample for tone in tones), "fax" if is_fax else "modem")


def _classified(frames: NDArray[np.int16], power: NDArray[np.float32], rate: int) -> NDArray[np.bool_]:
    """Of each frame whether it is CNG, answering tone, V.21: shape (3, frames)."""
    basis = _basis(rate)
    parts = frames.astype(np.float32) @ basis
    half = basis.shape[1] // 2
    energy = (parts[:, :half] ** 2 + parts[:, half:] ** 2) * np.float32(2 / frames.shape[1] ** 2)
    share = energy / power[:, None]
    # The filters are 50 Hz apart, as wide as the frame makes them: their energies add up to the band's.
    cng, answer, band = share[:, :3], share[:, 3:6], share[:, 6:]
    is_v21 = (
        (band.sum(axis=1) > _PURE)
        & (band[:, _ONE - 1 : _ONE + 2].sum(axis=1) > _LEAST_OF_ONES)
        & (band[:, _ZERO - 1 : _ZERO + 2].sum(axis=1) > _LEAST_OF_ZEROS)
    )
    return np.stack([cng.sum(axis=1) > _PURE, answer.sum(axis=1) > _PURE, is_v21])


@cache
def _basis(rate: int) -> NDArray[np.float32]:
    """Cosines, then sines, of all frequencies over one frame: shape (samples, 2 * frequencies)."""
    at = np.arange(rate // FRAMES_PER_SECOND)[:, None] / rate
    angles = 2 * np.pi * at * np.array([*_CNG, *_ANSWER, *_BAND])
    return np.concatenate([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
