"""From RTP payload to samples: one decoder for one stream and format, fed whole runs of packets."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Protocol, cast

import av
import numpy as np
from numpy.typing import NDArray

from recorder.media import Format

Samples = NDArray[np.int16]
Payload = NDArray[np.uint8]


class Decoder(Protocol):
    """Keeps the state of its codec from call to call; ``rate`` is Hz of what it returns."""

    rate: int

    def samples(self, size: int) -> int:
        """Samples in a payload of so many bytes."""

    def decode(self, payload: Payload) -> Samples:
        """Mono samples of the payloads of consecutive packets, joined; int16 of shape (samples,)."""


@cache
def _g711_table(codec: str) -> Samples:
    table = _decode(_context(codec, 8000), bytes(range(256)))
    table.setflags(write=False)
    return table


def _context(codec: str, rate: int) -> av.AudioCodecContext:
    context = cast(av.AudioCodecContext, av.CodecContext.create(codec, "r"))
    context.sample_rate = rate
    context.layout = "mono"
    return context


def _decode(context: av.AudioCodecContext, payload: bytes) -> Samples:
    decoded = [frame.to_ndarray()[0] for frame in context.decode(av.Packet(payload))]
    if not decoded:
        return np.zeros(0, np.int16)
    return cast(Samples, decoded[0] if len(decoded) == 1 else np.concatenate(decoded))


@dataclass(slots=True)
class G711:
    """PCMU or PCMA (ITU-T G.711): every byte is a sample, so decoding is a look-up."""

    table: Samples
    rate: int = 8000

    def samples(self, size: int) -> int:
        """One sample a byte."""
        return size

    def decode(self, payload: Payload) -> Samples:
        """See ``Decoder``."""
        # "clip" is numpy's only mode without a check of every index; a byte cannot be out of range.
        return self.table.take(payload, mode="clip")


@dataclass(slots=True)
class G722:
    """G722 at 64 kbit/s: a byte is two samples at 16 kHz (RFC 3551, 4.5.2)."""

    context: av.AudioCodecContext
    rate: int = 16000

    def samples(self, size: int) -> int:
        """Two samples a byte."""
        return size * 2

    def decode(self, payload: Payload) -> Samples:
        """See ``Decoder``."""
        return _decode(self.context, payload.tobytes())


_OPEN: dict[str, Callable[[], Decoder]] = {
    "PCMU": lambda: G711(_g711_table("pcm_mulaw")),
    "PCMA": lambda: G711(_g711_table("pcm_alaw")),
    "G722": lambda: G722(_context("g722", 16000)),
}
_RATES = {"PCMU": 8000, "PCMA": 8000, "G722": 16000}


def sample_rate(format_: Format) -> int | None:
    """Samples per second that the format decodes to, Hz; None where it cannot be decoded."""
    return _RATES.get(format_.encoding) if format_.channels == 1 else None


def open_decoder(format_: Format) -> Decoder | None:
    """A fresh decoder for the format; None where it cannot be decoded."""
    return _OPEN[format_.encoding]() if sample_rate(format_) else None
