"""One channel as Opus packets, with silence left out of the encoder's work."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from recorder.finish.opus_encoder import OpusSettings, open_encoder
from recorder.finish.stretch import FRAMES_PER_SECOND, Stretch

_HANGOVER_SECONDS = 0.3
"""Quiet that is still encoded, so that nothing of what was said is cut off."""


@cache
def _silence(settings: OpusSettings) -> bytes:
    """The packet of a frame of silence, made once; it decodes to silence wherever it stands."""
    return open_encoder(settings).encode(np.zeros(settings.frame * 20, np.int16))[-1]


class OpusChannel:
    """Encodes one channel; frames that are quiet for a while become one and the same packet of silence.

    Discontinuous transmission (RFC 6716, 2.1.9) leaves packets without audio, of which FFmpeg's own decoder
    makes noise, so quiet frames get real packets, without encoding.
    """

    def __init__(self, settings: OpusSettings, threshold: float) -> None:
        self._settings = settings
        self._encoder = open_encoder(settings)
        self._silence = _silence(settings)
        self._threshold = threshold
        self._hangover = round(_HANGOVER_SECONDS * 1000 / settings.frame_duration)
        self._quiet_frames = self._hangover
        """Quiet frames in a row so far; a channel begins quiet."""

    @property
    def pre_skip(self) -> int:
        """See ``OpusEncoder``."""
        return self._encoder.pre_skip

    def encode(self, stretch: Stretch) -> list[bytes]:
        """A packet for each frame of the stretch, which is whole frames."""
        keep = self._audible(stretch.power)
        if not keep.any():
            return [self._silence] * len(keep)
        frame = self._settings.frame
        pcm = np.zeros(len(keep) * frame, np.int16) if stretch.pcm is None else stretch.pcm
        if keep.all():
            return self._encoder.encode(pcm)
        encoded = iter(self._encoder.encode(pcm.reshape(-1, frame)[keep].reshape(-1)))
        return [next(encoded) if kept else self._silence for kept in keep.tolist()]

    def _audible(self, power: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Which frames to encode: the loud ones and the first quiet ones after each."""
        parts = self._settings.frame_duration * FRAMES_PER_SECOND // 1000
        loud = power.reshape(-1, parts).max(axis=1) > self._threshold
        index = np.arange(len(loud))
        last_loud = np.maximum.accumulate(np.where(loud, index, -1 - self._quiet_frames))
        self._quiet_frames = len(loud) - 1 - int(last_loud[-1])
        return index - last_loud <= self._hangover
