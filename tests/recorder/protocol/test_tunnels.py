"""Packets inside packets."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder.protocol import address, classify, transport, udp
from recorder.protocol.fragments import Fragments
from tests.recorder import frames
from tests.recorder.protocol import reference

PAYLOAD = b"INVITE sip:1 SIP/2.0"
IP = frames.ipv4(frames.udp(PAYLOAD))
IP6 = frames.ipv6(frames.udp(PAYLOAD))
FRAME = frames.ethernet(IP)
TAGGED = frames.ethernet(IP6, 0x86DD, tags=[(0x8100, 5)])


def outer(content: bytes, protocol: int) -> bytes:
    return frames.ethernet(frames.ipv4(content, "10.0.0.1", "10.0.0.2", protocol))


def outer6(content: bytes, protocol: int) -> bytes:
    return frames.ethernet(frames.ipv6(content, "fd00::1", "fd00::2", protocol), 0x86DD)


def in_udp(content: bytes, port: int) -> bytes:
    return outer(frames.udp(content, 30000, port), 17)


TUNNELS: dict[str, bytes] = {
    "pppoe": frames.ethernet(frames.pppoe(IP), 0x8864),
    "pppoe6 in vlan": frames.ethernet(frames.pppoe(IP6, 0x57), 0x8864, [(0x8100, 7)]),
    "mpls": frames.ethernet(frames.mpls(IP), 0x8847),
    "mpls6, three labels": frames.ethernet(frames.mpls(IP6, 3), 0x8848),
    "ethernet over mpls": frames.ethernet(frames.mpls(bytes(4) + TAGGED), 0x8847),
    "ethernet over mpls, numbered": frames.ethernet(frames.mpls(b"\0\0\x12\x34" + TAGGED), 0x8847),
    "ethernet over mpls without control word": frames.ethernet(frames.mpls(FRAME), 0x8847),
    "tagged ethernet over mpls without control word": frames.ethernet(frames.mpls(TAGGED, 2), 0x8847),
    "4in4": outer(IP, 4),
    "6in4": outer(IP6, 41),
    "4in6": outer6(IP, 4),
    "6in6": outer6(IP6, 41),
    "gre": outer(frames.gre(IP), 47),
    "gre with all fields": outer6(frames.gre(IP6, 0x86DD, 0xB000), 47),
    "gre with ethernet": outer(frames.gre(TAGGED, 0x6558, 0x2000), 47),
    "gre with mpls": outer(frames.gre(frames.mpls(IP), 0x8847), 47),
    "erspan i": outer(frames.erspan(FRAME, 1), 47),
    "erspan ii": outer(frames.erspan(TAGGED), 47),
    "erspan iii": outer(frames.erspan(FRAME, 3), 47),
    "erspan iii, long": outer(frames.erspan(FRAME, 3, is_long=True), 47),
    "erspan iii with ip": outer(frames.erspan(IP, 3, 2), 47),
    "vxlan": in_udp(frames.vxlan(FRAME), 4789),
    "vxlan, linux": in_udp(frames.vxlan(TAGGED), 8472),
    "vxlan with a group": in_udp(b"\x88\x08\0\7" + frames.vxlan(FRAME)[4:], 4789),
    "vxlan with a byte that is to be ignored": in_udp(frames.vxlan(TAGGED)[:7] + b"\1" + TAGGED, 4789),
    "tzsp": in_udp(frames.tzsp(FRAME), 37008),
    "tzsp, no tags": in_udp(frames.tzsp(TAGGED, b"\1"), 37008),
    "vxlan in gre in ip": outer(frames.gre(frames.ipv4(frames.udp(frames.vxlan(FRAME), 1, 4789))), 47),
}


@pytest.mark.parametrize("name", TUNNELS)
def test_what_is_inside_is_found_with_its_own_addresses(name: str) -> None:
    plain = frames.ethernet(frames.ipv4(frames.udp(b"plain")))
    found = transport.parse(frames.batch([plain, TUNNELS[name], plain]))
    assert [found.datagrams.payload(row) for row in range(3)] == [b"plain", PAYLOAD, b"plain"]
    assert found.rejected == {}
    assert found.datagrams.frames.tolist() == [0, 1, 2]
    assert address.text(*found.datagrams.sources[1]) in ("192.0.2.1", "2001:db8::1")


@pytest.mark.parametrize(
    "first", ["001b21", "3caa00", "440000", "450010", "4f1122", "60aabb", "6411aa", "f01122"]
)
@pytest.mark.parametrize("inside", [IP, IP6])
@pytest.mark.parametrize("word", [b"", bytes(4), b"\0\0\1\2"])
def test_ethernet_behind_labels_is_found_whatever_its_addresses(
    first: str, inside: bytes, word: bytes
) -> None:
    frame = (
        bytes.fromhex(first)
        + b"\xaa\xbb\xcc"
        + frames.ethernet(inside, 0x0800 if inside is IP else 0x86DD)[6:]
    )
    found = transport.parse(frames.batch([frames.ethernet(frames.mpls(word + frame), 0x8847)]))
    assert [found.datagrams.payload(row) for row in range(len(found.datagrams))] == [PAYLOAD]


def test_tcp_in_a_tunnel_is_found() -> None:
    inner = frames.ipv4(frames.tcp(PAYLOAD), protocol=6)
    found = transport.parse(frames.batch([outer(frames.gre(inner), 47)]))
    assert [found.segments.payload(0), len(found.datagrams)] == [PAYLOAD, 0]


def test_fragments_inside_and_outside_are_put_together() -> None:
    packet = frames.gre(frames.ipv4(frames.udp(PAYLOAD * 100)))
    cut = [
        frames.ethernet(frames.ipv4(packet[:800], protocol=47, fragment=0x2000)),
        frames.ethernet(frames.ipv4(packet[800:], protocol=47, fragment=100)),
    ]
    datagram = frames.udp(PAYLOAD * 100)
    cut += [
        outer(frames.ipv4(datagram[:800], fragment=0x2000, ident=2), 4),
        outer(frames.ipv4(datagram[800:], fragment=100, ident=2), 4),
    ]
    found = transport.parse(frames.batch(cut), Fragments())
    assert [found.datagrams.payload(row) for row in range(2)] == [PAYLOAD * 100] * 2
    assert found.rejected == {"fragment": 2}


def test_nesting_has_an_end() -> None:
    packet = IP
    for _ in range(5):
        packet = frames.ipv4(packet, protocol=4)
    assert transport.parse(frames.batch([frames.ethernet(packet)])).rejected == {"too-deep": 1}


@pytest.mark.parametrize("version", [4, 6])
def test_what_icmp_quotes_is_neither_media_nor_signalling(version: int) -> None:
    quoted = bytes([3, 3]) + bytes(6) + IP
    packet = frames.ipv4(quoted, protocol=1) if version == 4 else frames.ipv6(quoted, following=58)
    found = transport.parse(frames.batch([packet, frames.ipv4(packet, protocol=4)], 101))
    assert len(found.datagrams) == len(found.segments) == 0
    assert found.rejected == {"other-protocol": 2}


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (outer(b"\0\0\x08", 47), "truncated"),
        (outer(frames.gre(b""), 47), "truncated"),
        (outer(frames.gre(IP, flags=1), 47), "not-ip"),
        (outer(frames.gre(IP, flags=0x4000), 47), "not-ip"),
        (outer(frames.gre(IP, 0x1234), 47), "not-ip"),
        (outer(frames.erspan(FRAME, 3, 9), 47), "not-ip"),
        (outer(b"", 4), "truncated"),
        (outer(b"\x12" * 30, 41), "not-ip"),
        (frames.ethernet(frames.pppoe(b"", 0xC021), 0x8864), "not-ip"),
        (frames.ethernet(frames.mpls(b""), 0x8847), "truncated"),
        (frames.ethernet(frames.mpls(b"\x55"), 0x8847), "not-ip"),
        (in_udp(frames.vxlan(frames.ethernet(bytes(28), 0x0806)), 4789), "not-ip"),
    ],
)
def test_what_cannot_be_read_is_counted(frame: bytes, reason: str) -> None:
    found = transport.parse(frames.batch([frame]))
    assert (len(found.datagrams), found.rejected) == (0, {reason: 1})


@pytest.mark.parametrize("port", [4789, 37008])
def test_media_on_the_port_of_a_tunnel_stays_media(port: int) -> None:
    rtp = bytes.fromhex("8000162e0000a3c7adc54409") + bytes(160)
    mixed = bytes.fromhex("8800162e0000a3c7adc54409") + bytes(range(32)) + bytes(160)
    found = transport.parse(frames.batch([in_udp(rtp, port), in_udp(mixed, port)]))
    assert classify.parse(found.datagrams).media.tolist() == [0, 1]


def test_a_tunnel_whose_tags_are_cut_off_is_no_tunnel() -> None:
    batch = frames.batch([frames.ethernet(frames.ipv4(frames.udp(b"\1\0\0\1\x0a", 1, 37008)))])
    found = transport.parse(batch)
    assert found.datagrams.payload(0) == b"\1\0\0\1\x0a"
    assert [one.payload for one in reference.datagrams(batch)[0]] == [b"\1\0\0\1\x0a"]


WRAPPERS: list[Callable[[random.Random, bytes], bytes]] = [
    lambda rng, ip: frames.ipv4(ip, protocol=rng.choice([4, 41])),
    lambda rng, ip: frames.ipv6(ip, following=rng.choice([4, 41])),
    lambda rng, ip: frames.ipv4(
        frames.gre(ip, flags=rng.choice([0, 0x2000, 0xB000, 0x4000, 7])), protocol=47
    ),
    lambda rng, ip: frames.ipv4(
        frames.erspan(frames.ethernet(ip), rng.choice([1, 2, 3]), rng.choice([0, 0, 2]), rng.random() < 0.5),
        protocol=47,
    ),
    lambda rng, ip: frames.ipv4(frames.udp(frames.vxlan(frames.ethernet(ip)), 1, rng.choice([4789, 8472]))),
    lambda rng, ip: frames.ipv4(
        frames.udp(rng.choice([b"\x88", b"\x08"]) + rng.randbytes(7) + frames.ethernet(ip), 1, 4789)
    ),
    lambda rng, ip: frames.ipv4(
        frames.gre(frames.mpls(rng.randbytes(6) + frames.ethernet(ip)[6:]), 0x8847), protocol=47
    ),
    lambda rng, ip: frames.ipv4(frames.udp(frames.tzsp(frames.ethernet(ip)), 1, 37008)),
    lambda rng, ip: frames.ipv4(frames.gre(frames.mpls(ip, rng.randrange(1, 4)), 0x8847), protocol=47),
    lambda rng, ip: frames.ipv4(
        frames.gre(frames.mpls(bytes(4) + frames.ethernet(frames.pppoe(ip), 0x8864)), 0x8847), protocol=47
    ),
]


def random_frame(rng: random.Random) -> bytes:
    packet = rng.choice([IP, IP6, frames.ipv4(frames.tcp(PAYLOAD), protocol=6)])
    for _ in range(rng.randrange(6)):
        packet = rng.choice(WRAPPERS)(rng, packet)
    frame = bytearray(frames.ethernet(packet, 0x0800 if packet[0] >> 4 == 4 else 0x86DD))
    for _ in range(rng.choice([0, 0, 1, 3])):
        frame[rng.randrange(len(frame))] = rng.randrange(256)
    return bytes(frame[: rng.randrange(len(frame) + 1)] if rng.random() < 0.2 else frame)


@settings(max_examples=150)
@given(st.integers(0, 2**64), st.integers(0, 30), st.booleans())
def test_random_tunnels_are_read_as_the_reference_reads_them(seed: int, count: int, has_slack: bool) -> None:
    rng = random.Random(seed)
    batch = frames.batch([random_frame(rng) for _ in range(count)], slack=64 * has_slack)
    expected, rejected = reference.datagrams(batch)
    found = udp.parse(batch)
    assert found.rejected == rejected
    assert found.frames.tolist() == [one.frame for one in expected]
    assert [found.payload(row) for row in range(len(found))] == [one.payload for one in expected]
    assert [address.text(*words) for words in found.sources.tolist()] == [one.source for one in expected]
