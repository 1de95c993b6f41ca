"""Frames of many kinds, built by hand."""

import struct

from recorder.taps.bpf import IPV4, IPV6

MACS = bytes.fromhex("02000a1400aa02000a150001")
PAYLOAD = b"\x80\x00" + bytes(range(170))


def udp(source: int = 20000, destination: int = 30000, payload: bytes = PAYLOAD) -> bytes:
    return struct.pack("!HHHH", source, destination, 8 + len(payload), 0) + payload


def tcp(source: int = 40000, destination: int = 5060) -> bytes:
    return struct.pack("!HHIIBBHHH", source, destination, 1, 1, 0x50, 0x18, 1024, 0, 0) + b"x" * 30


def ipv4(body: bytes, *, protocol: int = 17, fragment: int = 0, options: bytes = b"") -> bytes:
    words = 5 + len(options) // 4
    head = struct.pack(
        "!BBHHHBBH4s4s",
        0x40 | words,
        0,
        words * 4 + len(body),
        1,
        fragment,
        64,
        protocol,
        0,
        b"\x0a\0\0\1",
        b"\x0a\0\0\2",
    )
    return head + options + body


def ipv6(body: bytes, *, following: int = 17) -> bytes:
    return struct.pack("!IHBB16s16s", 6 << 28, len(body), following, 64, b"\xfd" * 16, b"\xfe" * 16) + body


def ethernet(kind: int, body: bytes, *tags: tuple[int, int]) -> bytes:
    """A frame of that EtherType with tags of (EtherType, tag control information), outermost first."""
    return MACS + b"".join(struct.pack("!HH", *tag) for tag in tags) + struct.pack("!H", kind) + body


FRAGMENT = struct.pack("!BBHI", 17, 0, 185 << 3, 9)
PASS = {
    "ipv4": (IPV4, ipv4(udp())),
    "ipv4 with options": (IPV4, ipv4(udp(), options=b"\x94\x04\0\0")),
    "ipv4 first fragment": (IPV4, ipv4(udp(), fragment=0x2000)),
    "ipv4 later fragment": (IPV4, ipv4(b"x" * 100, fragment=185)),
    "tcp": (IPV4, ipv4(tcp(), protocol=6)),
    "tcp with options": (IPV4, ipv4(tcp(5061, 9), protocol=6, options=b"\x94\x04\0\0")),
    "ipv6 tcp": (IPV6, ipv6(tcp(), following=6)),
    "ip in ip": (IPV4, ipv4(ipv4(udp()), protocol=4)),
    "gre": (IPV4, ipv4(b"\0\0\x08\0" + ipv4(udp()), protocol=47)),
    "ipv6 in ipv6": (IPV6, ipv6(ipv6(udp()), following=41)),
    "mpls": (0x8847, b"\0\0\x11\x40" + ipv4(udp())),
    "pppoe": (0x8864, b"\x11\0\0\1\0\x64\0\x21" + ipv4(udp())),
    "ipv6": (IPV6, ipv6(udp())),
    "ipv6 fragment": (IPV6, ipv6(FRAGMENT + b"x" * 100, following=44)),
    "ipv6 hop-by-hop": (IPV6, ipv6(b"\x11\0\x01\x04\0\0\0\0" + udp(), following=0)),
    "ipv6 hop-by-hop and fragment": (IPV6, ipv6(b"\x2c\0\x01\x04\0\0\0\0" + FRAGMENT + udp(), following=0)),
}
DROP = {
    "arp": (0x0806, b"\0\1\x08\0\6\4\0\1" + bytes(20)),
    "other tcp": (IPV4, ipv4(tcp(40000, 443), protocol=6)),
    "icmp": (IPV4, ipv4(bytes(40), protocol=1)),
    "other ipv6 tcp": (IPV6, ipv6(tcp(5062, 5059), following=6)),
    "multicast listener report": (IPV6, ipv6(b"\x3a\0\5\2\0\0\1\0" + bytes(20), following=0)),
}
