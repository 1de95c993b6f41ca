"""Blocks of an AF_PACKET TPACKET_V3 ring as frames (linux/if_packet.h, Documentation/networking/packet_mmap).

A block is filled by the kernel with as many frames as fit, whatever their sizes, and handed over when full
or when its time is up; so one copy moves hundreds of frames, and a jumbo frame needs no slot of its own
size. Nothing here makes a system call.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recorder.batch import Batch

BLOCK_STATUS, BLOCK_PACKETS, BLOCK_FIRST, BLOCK_LENGTH = 2, 3, 4, 5
"""Words of 32 bit in ``struct tpacket_block_desc``."""
KERNEL, USER = 0, 1
VLAN_VALID, VLAN_TPID_VALID = 1 << 4, 1 << 6
TAG_BYTES = 4
RESERVE = 16
"""Bytes asked for before each frame (PACKET_RESERVE), so that a tag can be put back in place."""

_HEADER_WORDS = 10
_SECONDS, _NANOSECONDS, _CAPTURED, _WIRE, _STATUS, _PLACES, _TCI, _TPID = 1, 2, 3, 4, 5, 6, 8, 9
_ADDRESSES = 12
"""Bytes of the hardware addresses at the start of an Ethernet frame."""


@dataclass(frozen=True, slots=True)
class Block:
    """A copied block: where it starts in the buffer, its frames, and the first one's place in the block."""

    start: int
    frames: int
    first: int


def unpack(data: NDArray[np.uint8], blocks: Sequence[Block], dropped: int = 0) -> Batch:
    """The frames of copied blocks as one batch around ``data``, with the VLAN tags that the kernel took out.

    ``data`` (uint8) starts and each block in it starts at a multiple of eight bytes.
    """
    headers = np.array(_walk(data, blocks), np.int64)
    words = data.view("<u4" if _LITTLE else ">u4")
    fields = words[(headers >> 2)[:, None] + np.arange(_HEADER_WORDS)].astype(np.int64)
    frame = headers + _first_half(fields[:, _PLACES])
    captured, wire = fields[:, _CAPTURED].copy(), fields[:, _WIRE].copy()
    tagged = np.flatnonzero(fields[:, _STATUS] & VLAN_VALID)
    if len(tagged):
        _put_tags_back(data, frame[tagged], fields[tagged])
        frame[tagged] -= TAG_BYTES
        captured[tagged] += TAG_BYTES
        wire[tagged] += TAG_BYTES
    return Batch(
        data=data,
        offsets=frame,
        lengths=captured.astype(np.int32),
        wire_lengths=wire.astype(np.int32),
        times=fields[:, _SECONDS] * 1_000_000_000 + fields[:, _NANOSECONDS],
        dropped=dropped,
    )


def empty(dropped: int = 0) -> Batch:
    """The batch of a poll time in which nothing came."""
    return unpack(np.zeros(0, np.uint8), (), dropped)


def _walk(data: NDArray[np.uint8], blocks: Sequence[Block]) -> list[int]:
    """Offset of every frame header: each says how far the next one is, so they have to be followed."""
    words = data.data.cast("I") if len(data) else memoryview(b"").cast("I")
    headers: list[int] = []
    for block in blocks:
        at = block.start + block.first
        for _ in range(block.frames):
            headers.append(at)
            at += words[at >> 2]
    return headers


def _put_tags_back(data: NDArray[np.uint8], frames: NDArray[np.int64], fields: NDArray[np.int64]) -> None:
    """Move the addresses four bytes forward and write the tag behind them (IEEE 802.1Q, 9.3)."""
    known = fields[:, _STATUS] & VLAN_TPID_VALID != 0
    kind = np.where(known, _first_half(fields[:, _TPID]), 0x8100)
    places = frames[:, None] + np.arange(_ADDRESSES)
    data[places - TAG_BYTES] = data[places]
    tag = np.stack([kind >> 8, kind, fields[:, _TCI] >> 8, fields[:, _TCI]], axis=1) & 0xFF
    data[frames[:, None] + np.arange(_ADDRESSES - TAG_BYTES, _ADDRESSES)] = tag


def _first_half(words: NDArray[np.int64]) -> NDArray[np.int64]:
    """The 16-bit field that comes first in memory of two that share a word."""
    return words & 0xFFFF if _LITTLE else words >> 16


_LITTLE = np.little_endian
