"""From samples to RTP payload for the codecs that the simulator speaks: PCMU, PCMA and G.722.

All three carry 64 kbit/s, so that a payload has ``BYTES_PER_MS`` bytes a millisecond whichever it is.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import av
import numpy as np
from numpy.typing import NDArray

from recorder.simulate.errors import BadOptions

BYTES_PER_MS = 8
CLOCK_RATE = 8000
"""RTP timestamp rate of all three, Hz; G.722 too, although it samples at 16 kHz (RFC 3551, 4.5.2)."""

Samples = NDArray[np.int16]
Payload = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Codec:
    """A codec by its RTP name, static payload type (RFC 3551, table 4) and sampling rate in Hz."""

    name: str
    payload_type: int
    rate: int


CODECS = {
    codec.name: codec for codec in (Codec("PCMU", 0, 8000), Codec("PCMA", 8, 8000), Codec("G722", 9, 16000))
}


def codec(name: str) -> Codec:
    """The codec of that name in any case; ``BadOptions`` where there is none."""
    found = CODECS.get(name.upper().replace(".", ""))
    if found is None:
        raise BadOptions(f"the simulator does not speak {name!r}; choose from {', '.join(CODECS)}")
    return found


def encode(codec: Codec, samples: Samples) -> Payload:
    """Payload bytes, uint8 of shape (samples * 8000 / rate,), of mono samples at the codec's rate."""
    if codec.name == "G722":
        return _encode_g722(samples)
    table = _table(codec.name)
    return np.asarray(table[samples.view(np.uint16)])


@cache
def _table(name: str) -> Payload:
    """Code of every 16-bit sample, indexed by its bits as unsigned."""
    samples = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    return _ulaw(samples) if name == "PCMU" else _alaw(samples)


def _ulaw(samples: NDArray[np.int32]) -> Payload:
    """ITU-T G.711, table 2: 14 bit, biased by 33, eight segments, all bits inverted."""
    magnitude = np.minimum(np.abs(samples) >> 2, 8158) + 33
    segment = np.floor(np.log2(magnitude)).astype(np.int32) - 5
    code = (segment << 4) | ((magnitude >> (segment + 1)) & 0x0F)
    return np.asarray(~(np.where(samples < 0, 0x80, 0) | code) & 0xFF, np.uint8)


def _alaw(samples: NDArray[np.int32]) -> Payload:
    """ITU-T G.711, table 1: 13 bit, 16 linear steps and seven segments, even bits inverted."""
    magnitude = np.where(samples < 0, -samples - 1, samples) >> 4
    segment = np.maximum(np.floor(np.log2(np.maximum(magnitude, 1))).astype(np.int32) - 3, 0)
    mantissa = (magnitude >> np.maximum(segment - 1, 0)) & 0x0F
    code = np.where(samples < 0, 0, 0x80) | (segment << 4) | mantissa
    return np.asarray(code ^ 0x55, np.uint8)


def _encode_g722(samples: Samples) -> Payload:
    context = av.CodecContext.create("g722", "w")
    assert isinstance(context, av.AudioCodecContext)
    context.sample_rate = 16000
    context.time_base = Fraction(1, 16000)
    context.layout = "mono"
    context.format = av.AudioFormat("s16")
    frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
    frame.sample_rate = 16000
    packets = [*context.encode(frame), *context.encode(None)]
    return np.frombuffer(b"".join(bytes(packet) for packet in packets), np.uint8)
