"""Batches of frames down to datagrams: shapes met in the field, and random ones against the reference."""

import random
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder.protocol import address, udp
from tests.recorder import frames
from tests.recorder.protocol import reference

PAYLOAD = b"INVITE sip:1 SIP/2.0"


def only(frame: bytes, link_type: int = 1) -> tuple[bytes, dict[str, int]]:
    found = udp.parse(frames.batch([frame], link_type))
    return (found.payload(0) if len(found) else b""), found.rejected


IP = frames.ipv4(frames.udp(PAYLOAD))
IP6 = frames.ipv6(frames.udp(PAYLOAD))


@pytest.mark.parametrize(
    ("frame", "link_type"),
    [
        (frames.ethernet(IP), 1),
        (frames.ethernet(IP, tags=[(0x8100, 7)]), 1),
        (frames.ethernet(IP, tags=[(0x88A8, 7), (0x8100, 9)]), 1),
        (frames.ethernet(IP, tags=[(0x9100, 7), (0x8100, 9), (0x8100, 9), (0x8100, 9)]), 1),
        (frames.ethernet(IP6, 0x86DD), 1),
        (IP, 101),
        (IP6, 101),
        (IP, 12),
        (IP, 228),
        (IP6, 229),
        (frames.cooked(IP), 113),
        (frames.cooked(IP6, 0x86DD), 113),
        (frames.cooked(b"\0\7\x08\0" + IP, 0x8100), 113),
        (frames.cooked_v2(IP), 276),
        (frames.cooked_v2(b"\0\7\x86\xdd" + IP6, 0x8100), 276),
        (struct.pack("<I", 2) + IP, 0),
        (struct.pack("!I", 24) + IP6, 108),
    ],
)
def test_every_link_type_is_looked_into(frame: bytes, link_type: int) -> None:
    assert only(frame, link_type) == (PAYLOAD, {})


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        (frames.ipv4(frames.udp(PAYLOAD), fragment=0x2000), "fragment"),
        (frames.ipv4(frames.udp(PAYLOAD), fragment=0x00B9), "fragment"),
        (frames.ipv4(PAYLOAD, protocol=1), "other-protocol"),
        (frames.ipv4(b"", total=10), "malformed"),
        (b"\x44" + frames.ipv4(frames.udp(b""))[1:], "malformed"),
        (frames.ipv4(b"")[:19], "truncated"),
        (frames.ipv4(frames.udp(b"")[:7]), "truncated"),
        (b"\x95" + bytes(40), "not-ip"),
        (frames.ipv6(frames.udp(b""))[:39], "truncated"),
        (frames.ipv6(frames.ipv6_fragment(frames.udp(PAYLOAD), more=True), following=44), "fragment"),
        (frames.ipv6(frames.ipv6_fragment(frames.udp(PAYLOAD), at=8), following=44), "fragment"),
        (frames.ipv6(frames.extension(b"")[:6], following=0), "truncated"),
        (frames.ipv6(b"", following=58), "other-protocol"),
        (b"", "truncated"),
    ],
)
def test_what_is_no_datagram_is_counted_by_reason(packet: bytes, reason: str) -> None:
    assert only(packet, 101) == (b"", {reason: 1})


def test_frames_without_ip_are_counted() -> None:
    arp = frames.ethernet(bytes(28), 0x0806)
    assert only(arp) == (b"", {"not-ip": 1})
    assert only(arp[:13]) == (b"", {"truncated": 1})
    assert only(frames.ethernet(IP, tags=[(0x8100, 1)] * 9)) == (b"", {"not-ip": 1})
    assert only(frames.ethernet(IP)[:14]) == (b"", {"truncated": 1})
    assert only(IP, 147) == (b"", {"unknown-link": 1})


@pytest.mark.parametrize(
    "packet",
    [
        frames.ipv6(frames.extension(frames.udp(PAYLOAD)), following=0),
        frames.ipv6(frames.extension(frames.udp(PAYLOAD), content=bytes(14)), following=43),
        frames.ipv6(frames.extension(frames.extension(frames.udp(PAYLOAD)), following=60), following=0),
        frames.ipv6(frames.ipv6_fragment(frames.udp(PAYLOAD)), following=44),
        frames.ipv6(struct.pack("!BB10x", 17, 1) + frames.udp(PAYLOAD), following=51),
    ],
)
def test_extension_headers_are_skipped(packet: bytes) -> None:
    assert only(packet, 101) == (PAYLOAD, {})


def test_options_and_padding_are_no_payload() -> None:
    padded = frames.ethernet(frames.ipv4(frames.udp(b"x" * 4), options=b"\x94\4\0\0") + bytes(14))
    assert only(padded) == (b"xxxx", {})


@pytest.mark.parametrize("length", [0, 3, 7, 29, 65535])
def test_a_wrong_udp_length_means_the_rest(length: int) -> None:
    assert only(frames.ipv4(frames.udp(PAYLOAD, length=length)), 101) == (PAYLOAD, {})


def test_a_shorter_udp_length_holds() -> None:
    assert only(frames.ipv4(frames.udp(PAYLOAD, length=14)), 101) == (PAYLOAD[:6], {})


def test_segmentation_offload_leaves_no_total_length() -> None:
    assert only(frames.ipv4(frames.udp(PAYLOAD), total=0), 101) == (PAYLOAD, {})
    assert only(frames.ipv6(frames.udp(PAYLOAD), size=0), 101) == (PAYLOAD, {})


def test_what_the_snap_length_cut_shows_in_the_lengths() -> None:
    whole = frames.ethernet(frames.ipv4(frames.udp(bytes(200))))
    found = udp.parse(frames.batch([whole[:96]], wire_lengths=[len(whole)]))
    assert found.lengths.tolist() == [96 - 42]
    assert found.wire_lengths.tolist() == [200]


def test_addresses_ports_and_times() -> None:
    packets = [
        frames.ethernet(frames.ipv4(frames.udp(b"a", 5060, 65535), "10.0.0.1", "10.0.0.255")),
        frames.ethernet(bytes(60), 0x0806),
        frames.ethernet(frames.ipv6(frames.udp(b"b", 1, 2), "2001:db8::1", "fe80::ffff"), 0x86DD),
    ]
    found = udp.parse(frames.batch(packets))
    assert [address.text(*words) for words in found.sources.tolist()] == ["10.0.0.1", "2001:db8::1"]
    assert [address.text(*words) for words in found.destinations.tolist()] == ["10.0.0.255", "fe80::ffff"]
    assert found.source_ports.tolist() == [5060, 1]
    assert found.destination_ports.tolist() == [65535, 2]
    assert found.frames.tolist() == [0, 2]
    assert found.times.tolist() == [frames.START, frames.START + 2_000_000]


def test_an_empty_batch_has_no_datagrams() -> None:
    found = udp.parse(frames.batch([]))
    assert len(found) == 0
    assert found.rejected == {}
    assert found.sources.shape == (0, 2)


def test_types_are_as_promised() -> None:
    found = udp.parse(frames.batch([frames.ethernet(IP)]))
    types = {name: getattr(found, name).dtype for name in found.__slots__ if name not in ("rejected",)}
    assert types == {
        "data": np.uint8,
        "frames": np.int64,
        "times": np.int64,
        "sources": np.uint64,
        "destinations": np.uint64,
        "source_ports": np.uint16,
        "destination_ports": np.uint16,
        "offsets": np.int64,
        "lengths": np.int32,
        "wire_lengths": np.int32,
    }


SHAPES = [
    lambda rng: frames.ethernet(frames.ipv4(frames.udp(rng.randbytes(rng.randrange(40))))),
    lambda rng: frames.ethernet(IP6, 0x86DD, [(0x8100, rng.randrange(4096))] * rng.randrange(3)),
    lambda rng: frames.ethernet(frames.ipv4(frames.udp(PAYLOAD), options=bytes(4 * rng.randrange(11)))),
    lambda rng: frames.ethernet(frames.ipv4(frames.udp(PAYLOAD), fragment=rng.randrange(65536))),
    lambda rng: frames.ethernet(
        frames.ipv6(frames.extension(frames.udp(PAYLOAD), rng.choice([17, 44, 51, 0, 6])), following=60),
        0x86DD,
    ),
    lambda rng: frames.ethernet(
        frames.ipv6(frames.ipv6_fragment(frames.udp(PAYLOAD), at=rng.choice([0, 8])), following=44), 0x86DD
    ),
    lambda rng: frames.ethernet(
        frames.ipv4(frames.udp(PAYLOAD, length=rng.randrange(80)), total=rng.randrange(90))
    ),
    lambda rng: frames.ethernet(
        rng.randbytes(rng.randrange(80)), rng.choice([0x0800, 0x86DD, 0x0806, 0x8100])
    ),
    lambda rng: rng.randbytes(rng.randrange(30)),
]


RELINKED = {
    101: lambda frame: frame[14:],
    113: lambda frame: b"\0\0" + frame,
    276: lambda frame: frame[12:14] + bytes(18) + frame[14:],
    0: lambda frame: bytes(4) + frame[14:],
}


def random_frame(rng: random.Random) -> bytes:
    frame = bytearray(rng.choice(SHAPES)(rng))
    for _ in range(rng.choice([0, 0, 1, 3])):
        if frame:
            frame[rng.randrange(len(frame))] = rng.randrange(256)
    return bytes(frame[: rng.randrange(len(frame) + 1)] if rng.random() < 0.2 else frame)


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 2**64), st.integers(0, 40), st.sampled_from([1, 1, 1, 101, 113, 276, 0, 7]), st.booleans()
)
def test_random_frames_are_read_as_the_reference_reads_them(
    seed: int, count: int, link_type: int, has_slack: bool
) -> None:
    rng = random.Random(seed)
    some = [random_frame(rng) for _ in range(count)]
    some = [RELINKED.get(link_type, bytes)(frame) for frame in some]
    wire_lengths = [len(frame) + rng.choice([0, 0, 5, 100]) for frame in some]
    batch = frames.batch(some, link_type, wire_lengths, gap=rng.randrange(20), slack=64 * has_slack)
    expected, rejected = reference.datagrams(batch)
    found = udp.parse(batch)
    assert found.rejected == rejected
    assert [
        reference.Datagram(
            int(found.frames[row]),
            address.text(*found.sources[row]),
            address.text(*found.destinations[row]),
            (int(found.source_ports[row]), int(found.destination_ports[row])),
            int(found.offsets[row]),
            found.payload(row),
            int(found.wire_lengths[row]),
        )
        for row in range(len(found))
    ] == expected
