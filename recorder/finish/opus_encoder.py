"""Opus packets of one mono stream: by libopus itself, else through FFmpeg, which makes the same ones more
slowly."""

import ctypes
import struct
from dataclasses import dataclass
from typing import Protocol, cast

import av
import numpy as np
from numpy.typing import NDArray

from recorder.errors import FinishError
from recorder.finish import libopus

Samples = NDArray[np.int16]

_APPLICATIONS = {"voip": 2048, "audio": 2049}
_SET_BITRATE, _SET_COMPLEXITY, _SET_VBR_CONSTRAINT, _GET_LOOKAHEAD = 4002, 4010, 4020, 4027
"""Constants of libopus' opus_defines.h."""
_LARGEST = 1275 * 6
"""Bytes of a packet of 120 ms at most (RFC 6716, 3.4)."""
_GRANULE_RATE = 48_000


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


class OpusEncoder(Protocol):
    """Keeps the state of its codec from call to call."""

    @property
    def pre_skip(self) -> int:
        """Samples at 48 kHz that a decoder drops at the start (RFC 7845, 5.1)."""

    def encode(self, pcm: Samples) -> list[bytes]:
        """A packet for each frame of the samples, which are whole frames."""


def open_encoder(settings: OpusSettings) -> OpusEncoder:
    """A fresh encoder."""
    opus = libopus.library()
    return FfmpegEncoder(settings) if opus is None else LibopusEncoder(opus, settings)


class LibopusEncoder:
    """An ``OpusEncoder`` that calls libopus packet by packet."""

    def __init__(self, opus: ctypes.CDLL, settings: OpusSettings) -> None:
        self._encode = opus.opus_encode
        self._state = ctypes.create_string_buffer(opus.opus_encoder_get_size(1))
        self._frame = settings.frame
        self._packet = ctypes.create_string_buffer(_LARGEST)
        ahead = ctypes.c_int32()
        done = (
            opus.opus_encoder_init(self._state, settings.rate, 1, _APPLICATIONS[settings.application]),
            opus.opus_encoder_ctl(self._state, _SET_BITRATE, ctypes.c_int32(settings.bitrate)),
            opus.opus_encoder_ctl(self._state, _SET_COMPLEXITY, ctypes.c_int32(settings.complexity)),
            # As FFmpeg does: what is easy leaves its bits to what is not.
            opus.opus_encoder_ctl(self._state, _SET_VBR_CONSTRAINT, ctypes.c_int32(0)),
            opus.opus_encoder_ctl(self._state, _GET_LOOKAHEAD, ctypes.byref(ahead)),
        )
        if any(done):
            raise FinishError(f"libopus refuses {settings}: choose another archive format")
        self.pre_skip = ahead.value * _GRANULE_RATE // settings.rate

    def encode(self, pcm: Samples) -> list[bytes]:
        """See ``OpusEncoder``."""
        samples = np.ascontiguousarray(pcm)
        first, step = samples.ctypes.data, samples.itemsize * self._frame
        encode, state, frame, packet = self._encode, self._state, self._frame, self._packet
        packets: list[bytes] = []
        for at in range(first, first + samples.nbytes, step):
            size = encode(state, at, frame, packet, _LARGEST)
            if size < 0:
                raise FinishError(f"libopus cannot encode a frame of {frame} samples: error {size}")
            packets.append(ctypes.string_at(packet, size))
        return packets


class FfmpegEncoder:
    """An ``OpusEncoder`` where libopus cannot be found but inside FFmpeg."""

    def __init__(self, settings: OpusSettings) -> None:
        context = av.CodecContext.create("libopus", "w")
        context.sample_rate = settings.rate
        context.layout = "mono"
        context.format = "s16"
        context.bit_rate = settings.bitrate
        context.thread_count = 1
        context.options = {
            "application": settings.application,
            "frame_duration": str(settings.frame_duration),
            "compression_level": str(settings.complexity),
        }
        context.open()
        self._context = context

    @property
    def pre_skip(self) -> int:
        """See ``OpusEncoder``."""
        header = self._context.extradata
        if header is None or len(header) < 12:
            raise FinishError("this build of FFmpeg gives no Opus header: install PyAV from its wheel")
        return cast(int, struct.unpack_from("<H", header, 10)[0])

    def encode(self, pcm: Samples) -> list[bytes]:
        """See ``OpusEncoder``."""
        frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm))
        frame.planes[0].update(cast(bytes, np.ascontiguousarray(pcm)))
        frame.sample_rate = self._context.sample_rate
        return [bytes(packet) for packet in self._context.encode(frame)]
