"""RTP packets as the spool keeps them (see ``MediaBlock.heads``) taken apart: headers, bodies, payload."""

import struct
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from recorder.media import MediaBlock

_FIXED = np.dtype(
    [("flags", "u1"), ("type", "u1"), ("sequence", ">u2"), ("timestamp", ">u4"), ("ssrc", ">u4")]
)
_PLAIN = 0x80
_WORDS = struct.Struct("!2xH")
EXTENDED, PADDED = 0x10, 0x20
"""Bits of the first byte of a header (RFC 3550, 5.1)."""


def flags(block: MediaBlock) -> NDArray[np.uint8]:
    """The first byte of the header where the payload holds more than payload, else 0; shape (packets,)."""
    if block.heads is None:
        return np.zeros(len(block), np.uint8)
    return (block.heads & 0xFF).astype(np.uint8)


def whole(block: MediaBlock, ssrc: int) -> tuple[list[bytes], list[bytes]]:
    """The headers as they were on the wire, and what followed each up to the end of the packet."""
    first = flags(block)
    fixed = np.zeros(len(block), _FIXED)
    fixed["flags"] = np.where(first == 0, _PLAIN, first)
    fixed["type"] = block.payload_types | (block.markers.astype(np.uint8) << 7)
    fixed["sequence"] = block.sequences & 0xFFFF
    fixed["timestamp"] = block.timestamps & 0xFFFFFFFF
    fixed["ssrc"] = ssrc
    data = fixed.tobytes()
    heads = [data[at : at + _FIXED.itemsize] for at in range(0, len(data), _FIXED.itemsize)]
    bodies = block.bodies()
    for at in np.flatnonzero(first).tolist():
        size = _more(int(first[at]), bodies[at])
        heads[at] += bodies[at][:size]
        bodies[at] = bodies[at][size:]
    return heads, bodies


def plain(block: MediaBlock, which: NDArray[np.int64]) -> MediaBlock:
    """The block with nothing but payload in the packets at the positions ``which``, which are in clear."""
    first = flags(block)
    some = which[first[which] != 0]
    if not len(some):
        return block
    bodies = block.bodies()
    for at in some.tolist():
        flag, body = int(first[at]), bodies[at]
        bodies[at] = unpadded(flag, body[_more(flag, body) :])
    return with_bodies(block, bodies, some)


def with_bodies(
    block: MediaBlock, bodies: list[bytes], which: NDArray[np.int64], mark: int = 0
) -> MediaBlock:
    """The block with other payloads; those at ``which`` are nothing but payload, and bear the ``mark``."""
    heads = np.zeros(len(block), np.uint16) if block.heads is None else block.heads.copy()
    heads[which] = mark << 8
    return replace(
        block,
        lengths=np.array([len(one) for one in bodies], np.int32),
        payload=np.frombuffer(b"".join(bodies), np.uint8),
        heads=heads,
    )


def unpadded(flag: int, body: bytes) -> bytes:
    """The body without its padding (RFC 3550, 5.1); padding that cannot be true stays."""
    if not flag & PADDED or not body or body[-1] > len(body):
        return body
    return body[: len(body) - body[-1]]


def _more(flag: int, body: bytes) -> int:
    """Bytes of the header behind the fixed ones."""
    size = 4 * (flag & 0x0F)
    if flag & EXTENDED and len(body) >= size + _WORDS.size:
        size += _WORDS.size + 4 * int(_WORDS.unpack_from(body, size)[0])
    return min(size, len(body))
