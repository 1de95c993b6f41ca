"""Who talks when: activity of each channel by its power, and the seconds that follow from it."""

import numpy as np
from numpy.typing import NDArray

from recorder.finish.stretch import FRAMES_PER_SECOND, Stretch, power_of
from storage.model import Measures

_BLOCK = 15
"""Frames after which the noise floor is looked at anew, 0.3 s."""
_OVER_FLOOR = 8.0
"""Power of speech over the noise floor (9 dB)."""
_RISE = 1.06
"""How fast the noise floor may rise in a block: 0.8 dB a second."""
_HANGOVER = 12
"""Frames after speech that still count as speech: 0.24 s, the pauses inside words and between them."""
_LEAST = power_of(-50.0)
"""Quieter than this is never speech."""


class _Voice:
    """Activity of one channel: frames louder than the noise floor, which follows the quietest frames."""

    def __init__(self) -> None:
        self._floor = _LEAST / _OVER_FLOOR
        self._since = _HANGOVER + 1

    def active(self, power: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Which 20 ms frames hold speech; bool of shape (frames,)."""
        floors = []
        floor = self._floor
        for least in power.reshape(-1, _BLOCK).min(axis=1).tolist():
            floor = max(min(least, floor * _RISE), 1.0)
            floors.append(floor)
        self._floor = floor
        thresholds = np.maximum(np.repeat(floors, _BLOCK) * _OVER_FLOOR, _LEAST)
        index = np.arange(len(power))
        last = np.maximum.accumulate(np.where(power > thresholds, index, -self._since))
        self._since = len(power) - int(last[-1])
        return index - last <= _HANGOVER


class Meter:
    """Adds up talk, overtalk and silence of a recording of one or two channels, in frames of 20 ms."""

    def __init__(self, channels: int) -> None:
        self._voices = [_Voice() for _ in range(channels)]
        self._talk = [0, 0]
        self._overtalk = self._silence = self._longest = self._quiet = 0

    def write(self, stretches: list[Stretch], seconds: float) -> None:
        """Take in the first ``seconds`` of a stretch of every channel; whole blocks of frames."""
        frames = round(seconds * FRAMES_PER_SECOND)
        active = [
            voice.active(stretch.power)[:frames]
            for voice, stretch in zip(self._voices, stretches, strict=True)
        ]
        for channel, frames_active in enumerate(active[:2]):
            self._talk[channel] += int(np.count_nonzero(frames_active))
        if len(active) > 1:
            self._overtalk += int(np.count_nonzero(active[0] & active[1]))
        self._add_silence(~np.logical_or.reduce(active))

    def measures(self) -> Measures:
        """The sums in seconds."""
        return Measures(
            talk_a=self._talk[0] / FRAMES_PER_SECOND,
            talk_b=self._talk[1] / FRAMES_PER_SECOND,
            overtalk=self._overtalk / FRAMES_PER_SECOND,
            silence=self._silence / FRAMES_PER_SECOND,
            longest_silence=self._longest / FRAMES_PER_SECOND,
        )

    def _add_silence(self, silent: NDArray[np.bool_]) -> None:
        self._silence += int(np.count_nonzero(silent))
        spoken = np.flatnonzero(~silent)
        if len(spoken):
            between = int(np.diff(spoken).max(initial=1)) - 1
            self._longest = max(self._longest, self._quiet + int(spoken[0]), between)
            self._quiet = len(silent) - 1 - int(spoken[-1])
        else:
            self._quiet += len(silent)
        self._longest = max(self._longest, self._quiet)
