"""Payloads of the codecs for which FFmpeg has an encoder."""

from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray


def encoded(
    codec: str,
    pcm: NDArray[np.int16],
    rate: int,
    *,
    bit_rate: int = 0,
    stereo: bool = False,
    options: dict[str, str] | None = None,
) -> list[bytes]:
    """The frames that the encoder makes of mono samples; what fills no whole frame is left out."""
    context = av.CodecContext.create(codec, "w")
    context.sample_rate, context.format = rate, "s16"
    context.layout = "stereo" if stereo else "mono"
    context.time_base = Fraction(1, rate)
    context.options = options or {}
    context.bit_rate = bit_rate or {"g723_1": 6300, "libopencore_amrnb": 12200}.get(codec, 32000)
    context.open()
    size = context.frame_size or len(pcm)
    found = []
    for start in range(0, len(pcm) - size + 1, size):
        part = np.repeat(pcm[start : start + size], 2) if stereo else pcm[start : start + size]
        frame = av.AudioFrame.from_ndarray(part[None], format="s16", layout=context.layout.name)
        frame.sample_rate, frame.pts = rate, start
        found += [bytes(packet) for packet in context.encode(frame)]
    return found


def amr_payload(storage: list[bytes], aligned: bool) -> bytes:
    """12.2 kbit/s frames of the AMR file format as one RTP payload (RFC 4867, 4.3 and 4.4), no mode asked."""
    heads = [frame[0] | (0x80 if number < len(storage) - 1 else 0) for number, frame in enumerate(storage)]
    if aligned:
        return bytes((0xF0, *heads)) + b"".join(frame[1:] for frame in storage)
    bits = "1111" + "".join(f"{head >> 2:06b}" for head in heads)
    bits += "".join(f"{int.from_bytes(frame[1:]):0{8 * len(frame) - 8}b}"[:244] for frame in storage)
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8)
