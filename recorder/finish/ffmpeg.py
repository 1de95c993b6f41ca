"""FFmpeg's decoders as plain calls: bytes in, mono samples out."""

from typing import cast

import av
import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]
Failure = av.FFmpegError
"""What ``decode`` raises where FFmpeg cannot read the bytes."""


def context(codec: str, rate: int, bit_rate: int = 0) -> av.AudioCodecContext:
    """A mono decoder by FFmpeg's name, ``rate`` in Hz; ``bit_rate`` (bit/s) where it chooses the mode."""
    made = cast(av.AudioCodecContext, av.CodecContext.create(codec, "r"))
    made.sample_rate = rate
    made.layout = "mono"
    if bit_rate:
        made.bit_rate = bit_rate
    return made


def decode(context: av.AudioCodecContext, data: bytes) -> Samples:
    """What the bytes decode to, int16 of shape (samples,); ``Failure`` where they cannot be read."""
    if not data:
        # FFmpeg takes an empty packet for the end of the stream and decodes nothing ever after.
        return np.zeros(0, np.int16)
    decoded = [frame.to_ndarray()[0] for frame in context.decode(av.Packet(data))]
    if not decoded:
        return np.zeros(0, np.int16)
    joined = decoded[0] if len(decoded) == 1 else np.concatenate(decoded)
    if joined.dtype == np.int16:
        return cast(Samples, joined)
    # A damaged frame may decode to what is no number.
    scaled = np.nan_to_num(joined, nan=0.0, posinf=1.0, neginf=-1.0) * 32767.0
    return cast(Samples, np.clip(scaled, -32768, 32767).astype(np.int16))
