"""RTP packets as the spool keeps them (see ``MediaBlock.heads``) taken apart: headers, bodies, payload."""

import struct
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from recorder.media import MediaBlock
from recorder.protocol import gather

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
    if block.heads is None:
        return block
    first = flags(block)
    some = which[first[which] != 0]
    if not len(some):
        return block
    ends = np.cumsum(block.lengths, dtype=np.int64)
    starts, lengths = ends - block.lengths, block.lengths.copy()
    starts[some], lengths[some] = _payloads(block.payload, first[some], starts[some], ends[some])
    heads = block.heads.copy()
    heads[some] = 0
    payload = gather.payloads(np.ascontiguousarray(block.payload), starts, lengths)
    return replace(block, lengths=lengths, payload=payload, heads=heads)


def _payloads(
    data: NDArray[np.uint8], first: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Where the payloads of packets lie in ``data``, of which ``starts`` to ``ends`` is behind the fixed
    header."""
    starts = np.minimum(starts + 4 * (first & 0x0F).astype(np.int64), ends)
    extended = np.flatnonzero((first & EXTENDED != 0) & (starts + _WORDS.size <= ends))
    at = starts[extended]
    words = data[at + 2].astype(np.int64) << 8 | data[at + 3]
    starts[extended] = np.minimum(at + _WORDS.size + 4 * words, ends[extended])
    lengths = ends - starts
    padded = np.flatnonzero((first & PADDED != 0) & (lengths > 0))
    paddings = data[ends[padded] - 1].astype(np.int64)
    lengths[padded] -= np.where(paddings > lengths[padded], 0, paddings)
    return starts, lengths.astype(np.int32)


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
