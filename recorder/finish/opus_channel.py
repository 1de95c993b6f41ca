"""One channel as Opus packets, with silence left out of the encoder's work."""

import struct
from dataclasses import dataclass
from functools import cache
from typing import cast

import av
import numpy as np
from numpy.typing import NDArray

from recorder.errors import FinishError
from recorder.finish.stretch import FRAMES_PER_SECOND, Stretch

Samples = NDArray[np.int16]

_HANGOVER_SECONDS = 0.3
"""Quiet that is still encoded, so that nothing of what was said is cut off."""


@dataclass(frozen=True, slots=True)
class OpusSettings:
    """How one channel is encoded: Hz, bit/s, milliseconds."""

    rate: int
    bitrate: int
    frame_duration: int
    complexity: int
    application: str

    @property
    def frame(self) -> int:
        """Samples in a packet."""
        return self.rate * self.frame_duration // 1000

    def context(self) -> av.AudioCodecContext:
        """A fresh encoder."""
        context = av.CodecContext.create("libopus", "w")
        context.sample_rate = self.rate
        context.layout = "mono"
        context.format = "s16"
        context.bit_rate = self.bitrate
        context.thread_count = 1
        context.options = {
            "application": self.application,
            "frame_duration": str(self.frame_duration),
            "compression_level": str(self.complexity),
        }
        context.open()
        return context


def _encode(context: av.AudioCodecContext, pcm: Samples) -> list[bytes]:
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm))
    frame.planes[0].update(cast(bytes, np.ascontiguousarray(pcm)))
    frame.sample_rate = context.sample_rate
    return [bytes(packet) for packet in context.encode(frame)]


@cache
def _silence(settings: OpusSettings) -> bytes:
    """The packet of a frame of silence, made once; it decodes to silence wherever it stands."""
    return _encode(settings.context(), np.zeros(settings.frame * 20, np.int16))[-1]


class OpusChannel:
    """Encodes one channel; frames that are quiet for a while become one and the same packet of silence.

    FFmpeg's libopus has no switch for discontinuous transmission (RFC 6716, 2.1.9), and FFmpeg's own
    decoder makes noise of packets without audio, so quiet frames get real packets, without encoding.
    """

    def __init__(self, settings: OpusSettings, threshold: float) -> None:
        self._settings = settings
        self._context = settings.context()
        self._silence = _silence(settings)
        self._threshold = threshold
        self._hangover = round(_HANGOVER_SECONDS * 1000 / settings.frame_duration)
        self._quiet_frames = self._hangover
        """Quiet frames in a row so far; a channel begins quiet."""

    @property
    def pre_skip(self) -> int:
        """Samples at 48 kHz that a decoder drops at the start, from the encoder's header (RFC 7845, 5.1)."""
        header = self._context.extradata
        if header is None or len(header) < 12:
            raise FinishError("this build of FFmpeg gives no Opus header: install PyAV from its wheel")
        return cast(int, struct.unpack_from("<H", header, 10)[0])

    def encode(self, stretch: Stretch) -> list[bytes]:
        """A packet for each frame of the stretch, which is whole frames."""
        keep = self._audible(stretch.power)
        if not keep.any():
            return [self._silence] * len(keep)
        frame = self._settings.frame
        pcm = np.zeros(len(keep) * frame, np.int16) if stretch.pcm is None else stretch.pcm
        if keep.all():
            return _encode(self._context, pcm)
        encoded = iter(_encode(self._context, pcm.reshape(-1, frame)[keep].reshape(-1)))
        return [next(encoded) if kept else self._silence for kept in keep.tolist()]

    def _audible(self, power: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Which frames to encode: the loud ones and the first quiet ones after each."""
        parts = self._settings.frame_duration * FRAMES_PER_SECOND // 1000
        loud = power.reshape(-1, parts).max(axis=1) > self._threshold
        index = np.arange(len(loud))
        last_loud = np.maximum.accumulate(np.where(loud, index, -1 - self._quiet_frames))
        self._quiet_frames = len(loud) - 1 - int(last_loud[-1])
        return index - last_loud <= self._hangover
