"""Decoders of codecs whose payloads are made of frames."""

from collections.abc import Callable
from dataclasses import dataclass

import av
import numpy as np
from numpy.typing import NDArray

from recorder.finish.ffmpeg import Failure, decode

Samples = NDArray[np.int16]
Frame = tuple[bytes, int]
"""A frame as the codec takes it and the samples it stands for; no bytes are silence that is meant."""

_TYPICAL_SECONDS = 0.02
"""Length of a packet that cannot be read."""


@dataclass(frozen=True, slots=True)
class Framing:
    """How a payload format wraps the frames of its codec.

    ``split`` takes a payload apart and returns nothing where it is malformed. ``open`` makes the codec for
    frames of so many samples; codecs with ``modes`` have one for each length of frame. ``erased`` is the
    frame that makes the codec conceal a lost one, given the last frame that was decoded. ``joinable``
    codecs take any number of frames at once.
    """

    open: Callable[[int], av.AudioCodecContext]
    split: Callable[[bytes], list[Frame]]
    erased: Callable[[bytes], Frame] | None = None
    joinable: bool = False
    modes: bool = False


class FrameDecoder:
    """A ``Decoder`` of frames. Its packets are decoded all at once where codec and payloads allow that."""

    def __init__(self, framing: Framing, rate: int) -> None:
        self.rate = rate
        self.unreadable: list[int] = []
        self._framing = framing
        self._codecs: dict[int, av.AudioCodecContext] = {}
        self._last: Frame | None = None

    def samples(self, payload: NDArray[np.uint8]) -> int:
        """See ``Decoder``."""
        return self._length(self._framing.split(payload.tobytes()))

    def decode(self, payload: NDArray[np.uint8], count: int = 1) -> Samples:
        """See ``Decoder``. All packets are taken to be as long as the first one."""
        data = payload.tobytes()
        size = len(data) // max(count, 1)
        packets = [self._framing.split(data[size * i : size * (i + 1)]) for i in range(count)]
        self.unreadable = [number for number, frames in enumerate(packets) if not frames]
        if not packets:
            return np.zeros(0, np.int16)
        joined = self._joined(packets) if self._framing.joinable and not self.unreadable else None
        if joined is not None:
            return joined
        length = self._length(packets[0])
        self.unreadable = []
        parts = [self._packet(number, frames, length) for number, frames in enumerate(packets)]
        return np.concatenate(parts)

    def conceal(self, samples: int, following: bytes = b"") -> Samples | None:  # noqa: ARG002 - see ``Decoder``
        """See ``Decoder``."""
        if self._framing.erased is None or self._last is None:
            return None
        frame, length = self._framing.erased(self._last[0])
        try:
            parts = [decode(self._codec(length), frame) for _ in range(-(-samples // length))]
        except Failure:
            return None
        return _fitted(np.concatenate(parts), samples) if parts else None

    def _joined(self, packets: list[list[Frame]]) -> Samples | None:
        """All frames decoded at once; None where they must be decoded one by one."""
        frames = [frame for packet in packets for frame in packet]
        length = self._length(packets[0])
        if any(not frame for frame, _ in frames) or any(self._length(packet) != length for packet in packets):
            return None
        try:
            pcm = decode(self._codec(frames[0][1]), b"".join(frame for frame, _ in frames))
        except Failure:
            return None
        if len(pcm) != length * len(packets):
            return None
        self._last = frames[-1]
        return pcm

    def _packet(self, number: int, frames: list[Frame], length: int) -> Samples:
        try:
            parts = [self._frame(frame) for frame in frames]
        except Failure:
            parts = []
        if not parts:
            self.unreadable.append(number)
            return np.zeros(length, np.int16)
        return _fitted(parts[0] if len(parts) == 1 else np.concatenate(parts), length)

    def _frame(self, frame: Frame) -> Samples:
        data, samples = frame
        if not data:
            return np.zeros(samples, np.int16)
        pcm = decode(self._codec(samples), data)
        self._last = frame
        return _fitted(pcm, samples)

    def _codec(self, samples: int) -> av.AudioCodecContext:
        mode = samples if self._framing.modes else 0
        if mode not in self._codecs:
            self._codecs[mode] = self._framing.open(samples)
        return self._codecs[mode]

    def _length(self, frames: list[Frame]) -> int:
        return sum(samples for _, samples in frames) or round(self.rate * _TYPICAL_SECONDS)


def _fitted(pcm: Samples, samples: int) -> Samples:
    """As long as it should be: cut, or filled with silence."""
    if len(pcm) >= samples:
        return pcm[:samples]
    return np.concatenate([pcm, np.zeros(samples - len(pcm), np.int16)])
