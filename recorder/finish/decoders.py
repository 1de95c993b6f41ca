"""From RTP payload to samples: one decoder for one stream and format, fed whole runs of packets."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from recorder import codecs
from recorder.finish import framings, libopus
from recorder.finish.ffmpeg import context, decode
from recorder.finish.framed import FrameDecoder, Framing
from recorder.media import Format

Samples = NDArray[np.int16]
Payload = NDArray[np.uint8]


class Decoder(Protocol):
    """Keeps the state of its codec from call to call; ``rate`` is Hz of what it returns."""

    rate: int
    unreadable: list[int]
    """Which packets of the last run could not be read, counted from 0; silence stands in their place."""

    def samples(self, payload: Payload) -> int:
        """Samples in one payload: at least one, whatever it holds, unless it is empty."""

    def decode(self, payload: Payload, count: int = 1) -> Samples:
        """Mono samples of ``count`` consecutive payloads of one size, joined; int16 of shape (samples,).

        Never raises for what a payload holds.
        """

    def conceal(self, samples: int, following: bytes = b"") -> Samples | None:
        """So many samples in place of lost packets, before the payload ``following``; None where the codec
        knows no concealment."""


@cache
def _g711_table(codec: str) -> Samples:
    table = decode(context(codec, 8000), bytes(range(256)))
    table.setflags(write=False)
    return table


@dataclass(slots=True)
class G711:
    """PCMU or PCMA (ITU-T G.711): every byte is a sample, so decoding is a look-up."""

    table: Samples
    rate: int = 8000
    unreadable: list[int] = field(default_factory=list)

    def samples(self, payload: Payload) -> int:
        """One sample a byte."""
        return len(payload)

    def decode(self, payload: Payload, count: int = 1) -> Samples:  # noqa: ARG002 - bytes know no packets
        """See ``Decoder``."""
        # "clip" is numpy's only mode without a check of every index; a byte cannot be out of range.
        return self.table.take(payload, mode="clip")

    def conceal(self, samples: int, following: bytes = b"") -> None:
        """See ``Decoder``."""


@dataclass(slots=True)
class L16:
    """Linear samples, big-endian and interleaved (RFC 3551, 4.5.11); two channels are mixed."""

    rate: int
    channels: int
    unreadable: list[int] = field(default_factory=list)

    def samples(self, payload: Payload) -> int:
        """Two bytes a sample and channel."""
        return max(len(payload) // (2 * self.channels), 1)

    def decode(self, payload: Payload, count: int = 1) -> Samples:
        """See ``Decoder``. What is behind the last whole sample of a packet is passed over."""
        size = len(payload) // max(count, 1)
        whole = size // (2 * self.channels) * 2 * self.channels
        self.unreadable = [] if whole else list(range(count))
        if not whole:
            return np.zeros(count, np.int16)
        values = np.ascontiguousarray(payload.reshape(count, size)[:, :whole]).view(">i2").ravel()
        if self.channels == 1:
            return values.astype(np.int16)
        return cast(Samples, values.reshape(-1, self.channels).mean(axis=1).astype(np.int16))

    def conceal(self, samples: int, following: bytes = b"") -> None:
        """See ``Decoder``."""


_FRAMED: dict[str, Callable[[Format], Framing | None]] = {
    "G722": framings.g722,
    "G729": framings.g729,
    "G723": framings.g723,
    "GSM": framings.gsm,
    "ILBC": framings.ilbc,
    "AMR": framings.amr,
    "AMR-WB": framings.amr,
    "OPUS": framings.opus,
    "SPEEX": framings.speex,
    "EVRC": framings.evrc,
    "EVRC0": framings.evrc,
    "G7221": framings.g7221,
}


def open_decoder(format_: Format) -> Decoder | None:
    """A fresh decoder for the format; None where it cannot be decoded."""
    rate, name = codecs.sample_rate(format_), codecs.name(format_)
    if rate is None:
        return None
    if name in ("PCMU", "PCMA"):
        return G711(_g711_table("pcm_mulaw" if name == "PCMU" else "pcm_alaw"), rate)
    if name == "L16":
        return L16(rate, format_.channels)
    if name == "OPUS" and (opus := libopus.library()) is not None:
        return libopus.OpusDecoder(opus)
    framing = _FRAMED.get(name, framings.g726)(format_)
    return FrameDecoder(framing, rate) if framing else None
