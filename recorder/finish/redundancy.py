"""Packets that carry copies of those before them (RFC 2198), as what they carry themselves."""

from collections.abc import Set as AbstractSet
from dataclasses import replace

import numpy as np

from recorder.media import MediaBlock

_MORE = 0x80
_HEAD = 4
"""Bytes of the head of a copy; the last block, which is the packet's own, has one byte."""
_TYPE = 0x7F


def primary(block: MediaBlock, redundant: AbstractSet[int]) -> MediaBlock:
    """The block with the last block of each packet whose payload type is among ``redundant``, under its own
    payload type; the bits above that stay. What is malformed stays as it is."""
    if redundant.isdisjoint(block.payload_types.tolist()):
        return block
    types, bodies = block.payload_types.copy(), block.bodies()
    for at, number in enumerate(block.payload_types.tolist()):
        own = _own(bodies[at]) if number in redundant else None
        if own is not None:
            types[at] = number & ~_TYPE | own[0]
            bodies[at] = own[1]
    return replace(
        block,
        payload_types=types,
        lengths=np.array([len(one) for one in bodies], np.int32),
        payload=np.frombuffer(b"".join(bodies), np.uint8),
    )


def _own(body: bytes) -> tuple[int, bytes] | None:
    """Payload type and payload of the packet itself (RFC 2198, 3); None where the heads do not fit it."""
    at = copies = 0
    while at < len(body) and body[at] & _MORE:
        if at + _HEAD > len(body):
            return None
        copies += int.from_bytes(body[at + 2 : at + _HEAD]) & 0x3FF
        at += _HEAD
    start = at + 1 + copies
    return (body[at], body[start:]) if at < len(body) and start <= len(body) else None
