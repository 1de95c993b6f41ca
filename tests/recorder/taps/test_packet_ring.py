"""Blocks as the kernel writes them, built by hand; test_af_packet has the kernel write them."""

import struct

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recorder.taps.packet_ring import RESERVE, VLAN_TPID_VALID, VLAN_VALID, Block, empty, unpack
from tests.recorder.taps.ethernet import ethernet, ipv4, udp

MAC_PLACE = 82 + RESERVE
BLOCK_HEADER = 48


def framed(frame: bytes, at_ns: int, *, wire: int | None = None, tci: int = 0, tpid: int = 0) -> bytes:
    """A frame behind its ``struct tpacket3_hdr``, padded to eight bytes."""
    status = 1 | (VLAN_VALID if tci or tpid else 0) | (VLAN_TPID_VALID if tpid else 0)
    size = (MAC_PLACE + len(frame) + 7) & ~7
    seconds, nanoseconds = divmod(at_ns, 1_000_000_000)
    header = struct.pack(
        "=IIIIIIHHIIHH8x",
        size,
        seconds,
        nanoseconds,
        len(frame),
        len(frame) if wire is None else wire,
        status,
        MAC_PLACE,
        MAC_PLACE + 14,
        0,
        tci,
        tpid,
        0,
    )
    return (header.ljust(MAC_PLACE, b"\xee") + frame).ljust(size, b"\xdd")


def ring(*contents: list[bytes]) -> tuple[np.ndarray, list[Block]]:
    data, blocks = b"", []
    for frames in contents:
        blocks.append(Block(len(data), len(frames), BLOCK_HEADER))
        data += bytes(BLOCK_HEADER) + b"".join(frames)
    return np.frombuffer(bytearray(data), np.uint8), blocks


def frames_of(batch) -> list[bytes]:
    return [
        batch.data[offset : offset + length].tobytes()
        for offset, length in zip(batch.offsets, batch.lengths, strict=True)
    ]


@given(st.lists(st.lists(st.binary(min_size=14, max_size=300), max_size=5), max_size=4))
def test_frames_of_any_size_come_out_as_they_went_in(contents: list[list[bytes]]) -> None:
    sent = [frame for block in contents for frame in block]
    data, blocks = ring(*([framed(frame, 10**18 + 7) for frame in block] for block in contents))
    batch = unpack(data, blocks, dropped=3)
    assert frames_of(batch) == sent
    assert batch.times.tolist() == [10**18 + 7] * len(sent)
    assert batch.dropped == 3


def test_a_cut_frame_keeps_its_length_on_the_wire() -> None:
    data, blocks = ring([framed(b"a" * 60, 1, wire=9000)])
    batch = unpack(data, blocks)
    assert (batch.lengths[0], batch.wire_lengths[0]) == (60, 9000)


def test_tags_that_the_kernel_took_out_are_put_back() -> None:
    plain = ethernet(0x0800, ipv4(udp()))
    data, blocks = ring(
        [
            framed(plain, 1),
            framed(plain, 2, tci=0x602A, tpid=0x88A8),
            framed(plain, 3, tci=42),
            framed(plain, 4),
        ]
    )
    batch = unpack(data, blocks)
    assert frames_of(batch) == [
        plain,
        ethernet(0x0800, ipv4(udp()), (0x88A8, 0x602A)),
        ethernet(0x0800, ipv4(udp()), (0x8100, 42)),
        plain,
    ]
    assert (batch.wire_lengths == batch.lengths).all()


def test_nothing_is_a_batch_too() -> None:
    batch = empty(dropped=5)
    assert len(batch) == 0
    assert batch.dropped == 5
    assert batch.times.dtype == np.int64
