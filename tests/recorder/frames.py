"""Builders of frames, layer by layer, and of batches of them."""

import struct
from collections.abc import Sequence
from ipaddress import ip_address

import numpy as np

from recorder.batch import Batch

MAC = bytes.fromhex("020000000001020000000002")
SECOND = 1_000_000_000
START = 1_795_289_146 * SECOND


def ethernet(payload: bytes, kind: int = 0x0800, tags: Sequence[tuple[int, int]] = ()) -> bytes:
    """An Ethernet frame; ``tags`` are (tag type, VLAN) from the outside in."""
    inside = b"".join(struct.pack("!HH", *tag) for tag in tags)
    return MAC + inside + struct.pack("!H", kind) + payload


def cooked(payload: bytes, kind: int = 0x0800) -> bytes:
    """A frame of Linux's "any" interface, version 1."""
    return struct.pack("!HHH8sH", 0, 1, 6, MAC[:6], kind) + payload


def cooked_v2(payload: bytes, kind: int = 0x0800) -> bytes:
    """A frame of Linux's "any" interface, version 2."""
    return struct.pack("!HHIHBB8s", kind, 0, 2, 1, 0, 6, MAC[:6]) + payload


def ipv4(
    payload: bytes,
    source: str = "192.0.2.1",
    destination: str = "198.51.100.2",
    protocol: int = 17,
    options: bytes = b"",
    fragment: int = 0x4000,
    total: int | None = None,
    ident: int = 1,
) -> bytes:
    """An IPv4 packet; ``fragment`` is the word of flags and offset."""
    size = 20 + len(options)
    total = size + len(payload) if total is None else total
    head = struct.pack("!BBHHHBBH", 0x40 | size // 4, 0, total & 0xFFFF, ident, fragment, 64, protocol, 0)
    return head + ip_address(source).packed + ip_address(destination).packed + options + payload


def ipv6(
    payload: bytes,
    source: str = "2001:db8::1",
    destination: str = "2001:db8::2",
    following: int = 17,
    size: int | None = None,
) -> bytes:
    """An IPv6 packet; ``following`` is the next header."""
    size = len(payload) if size is None else size
    head = struct.pack("!IHBB", 6 << 28, size & 0xFFFF, following, 64)
    return head + ip_address(source).packed + ip_address(destination).packed + payload


def extension(payload: bytes, following: int = 17, content: bytes = bytes(6)) -> bytes:
    """An IPv6 options or routing header before ``payload``; ``content`` is 6 bytes and some times 8."""
    return bytes([following, (len(content) + 2) // 8 - 1]) + content + payload


def ipv6_fragment(
    payload: bytes, following: int = 17, at: int = 0, more: bool = False, ident: int = 1
) -> bytes:
    """An IPv6 fragment header before ``payload``; ``at`` in bytes."""
    return struct.pack("!BBHI", following, 0, at | more, ident) + payload


def udp(payload: bytes, source: int = 5060, destination: int = 5060, length: int | None = None) -> bytes:
    """A UDP datagram without checksum."""
    return (
        struct.pack("!HHHH", source, destination, 8 + len(payload) if length is None else length, 0) + payload
    )


def tcp(
    payload: bytes = b"",
    source: int = 5060,
    destination: int = 5060,
    sequence: int = 0,
    flags: int = 0x18,
    options: bytes = b"",
) -> bytes:
    """A TCP segment without checksum; flags are PSH and ACK."""
    size = 20 + len(options)
    fields = (source, destination, sequence & 0xFFFFFFFF, 0, size << 2, flags, 0xFFFF, 0, 0)
    return struct.pack("!HHIIBBHHH", *fields) + options + payload


def pppoe(payload: bytes, kind: int = 0x0021) -> bytes:
    """A PPPoE session packet; ``kind`` is PPP's protocol number."""
    return struct.pack("!BBHHH", 0x11, 0, 7, 2 + len(payload), kind) + payload


def mpls(payload: bytes, labels: int = 1) -> bytes:
    """A label stack before ``payload``."""
    return (
        b"".join(
            struct.pack("!I", (100 + one) << 12 | (one == labels - 1) << 8 | 64) for one in range(labels)
        )
        + payload
    )


def gre(payload: bytes, kind: int = 0x0800, flags: int = 0) -> bytes:
    """GRE with the fields that ``flags`` announce: 0x8000 checksum, 0x2000 key, 0x1000 sequence number."""
    fields = sum(bool(flags & bit) for bit in (0x8000, 0x2000, 0x1000))
    return struct.pack("!HH", flags, kind) + bytes(4 * fields) + payload


def erspan(frame: bytes, version: int = 2, frame_type: int = 0, is_long: bool = False) -> bytes:
    """GRE with a mirrored frame, type I, II or III."""
    if version == 1:
        return gre(frame, 0x88BE)
    if version == 2:
        return gre(struct.pack("!HHI", 0x1001, 1, 1) + frame, 0x88BE, 0x1000)
    head = struct.pack("!HHIHH", 0x2001, 1, 1, 0, frame_type << 10 | is_long) + bytes(8 * is_long)
    return gre(head + frame, 0x22EB, 0x1000)


def vxlan(frame: bytes) -> bytes:
    """A frame in the payload of a datagram."""
    return struct.pack("!II", 0x08000000, 7 << 8) + frame


def tzsp(frame: bytes, tags: bytes = b"\x00\x0a\x01\xc5\x01") -> bytes:
    """A mirrored frame in the payload of a datagram; a padding, a signal strength and the end by default."""
    return b"\x01\x00\x00\x01" + tags + frame


def hep(
    payload: bytes, source: str, destination: str, ports: tuple[int, int], time: int = 0, kind: int = 15
) -> bytes:
    """A HEP3 mirror of a packet, sent at ``time`` in ns."""
    ends = [ip_address(source), ip_address(destination)]
    first = 3 if ends[0].version == 4 else 5
    chunks = [(1, bytes([2 if first == 3 else 10])), (2, b"\x11")]
    chunks += [(first + index, end.packed) for index, end in enumerate(ends)]
    chunks += [(7 + index, struct.pack("!H", port)) for index, port in enumerate(ports)]
    if time:
        chunks += [(9, struct.pack("!I", time // SECOND)), (10, struct.pack("!I", time % SECOND // 1000))]
    chunks += [(11, b"\1"), (12, struct.pack("!I", 7)), (kind, payload)]
    body = b"".join(struct.pack("!HHH", 0, one, 6 + len(content)) + content for one, content in chunks)
    return b"HEP3" + struct.pack("!H", 6 + len(body)) + body


def batch(
    frames: Sequence[bytes],
    link_type: int = 1,
    wire_lengths: Sequence[int] | None = None,
    start: int = START,
    gap: int = 3,
    slack: int = 0,
) -> Batch:
    """Frames a millisecond apart, ``gap`` bytes of 0xEE before each, ``slack`` zero bytes behind the last."""
    offsets, data = [], bytearray()
    for frame in frames:
        data += b"\xee" * gap
        offsets.append(len(data))
        data += frame
    data += bytes(slack)
    lengths = np.array([len(frame) for frame in frames], np.int32)
    return Batch(
        data=np.frombuffer(bytes(data), np.uint8),
        offsets=np.array(offsets, np.int64),
        lengths=lengths,
        wire_lengths=lengths if wire_lengths is None else np.array(wire_lengths, np.int32),
        times=start + np.arange(len(frames), dtype=np.int64) * 1_000_000,
        link_type=link_type,
    )
