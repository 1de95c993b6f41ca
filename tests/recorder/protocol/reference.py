"""The parsers of whole batches once more, one packet at a time and as plainly as possible."""

from collections import Counter
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

from recorder.batch import Batch

OPTIONS = (0, 43, 60, 135)
CARRIED = (4, 6, 17, 41, 47)
DEEPEST = 4
KNOWN = ("0800", "86dd", "8100", "88a8", "9100", "6558", "8864", "8847", "8848")


class Rejected(Exception):
    """Why a frame is no datagram."""


class Packet(NamedTuple):
    at: int
    end: int
    wire_end: int


class Datagram(NamedTuple):
    frame: int
    source: str
    destination: str
    ports: tuple[int, int]
    offset: int
    payload: bytes
    wire_length: int


class Rtp(NamedTuple):
    row: int
    kind: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


def datagrams(batch: Batch) -> tuple[list[Datagram], dict[str, int]]:
    found, rejected = [], Counter[str]()
    data = batch.data.tobytes()
    for row in range(len(batch)):
        at, length = int(batch.offsets[row]), int(batch.lengths[row])
        frame = Packet(at, at + length, at + max(length, int(batch.wire_lengths[row])))
        try:
            found.append(_datagram(data, row, _link(data, frame, batch.link_type)))
        except Rejected as why:
            rejected[str(why)] += 1
    return found, dict(rejected)


def _link(data: bytes, frame: Packet, link_type: int) -> Packet:
    bare = {0: 4, 108: 4, 12: 0, 101: 0, 228: 0, 229: 0}
    typed = {1: (12, 14), 113: (14, 16), 276: (0, 20)}
    if link_type in bare:
        at = frame.at + bare[link_type]
    elif link_type in typed:
        at = _ethertyped(data, frame, *typed[link_type])
    else:
        raise Rejected("unknown-link")
    if at >= frame.end:
        raise Rejected("truncated")
    return frame._replace(at=at)


def _ethertyped(data: bytes, frame: Packet, type_at: int, payload_at: int) -> int:
    type_at, at = frame.at + type_at, frame.at + payload_at
    return _unwrapped(data, frame, data[type_at : type_at + 2].hex(), at)


def _unwrapped(data: bytes, frame: Packet, kind: str, at: int) -> int:
    for layers in range(9):
        if at > frame.end:
            raise Rejected("truncated")
        if layers == 8:
            break
        if kind in ("8100", "88a8", "9100"):
            kind, at = data[at + 2 : at + 4].hex(), at + 4
        elif kind == "6558":
            kind, at = data[at + 12 : at + 14].hex(), at + 14
        elif kind == "8864":
            kind = {"0021": "0800", "0057": "86dd"}.get(data[at + 6 : at + 8].hex(), "")
            at += 8
        elif kind in ("8847", "8848"):
            kind, at = _unlabelled(data, frame, kind, at)
        else:
            break
    if kind not in ("0800", "86dd"):
        raise Rejected("not-ip")
    return at


def _unlabelled(data: bytes, frame: Packet, kind: str, at: int) -> tuple[str, int]:
    is_last, at = data[at + 2 : at + 3] and data[at + 2] & 1, at + 4
    if not is_last:
        return kind, at
    if at >= frame.end:
        raise Rejected("truncated")
    version, room = data[at] >> 4, frame.wire_end - at
    size = int.from_bytes(data[at + 2 : at + 4].ljust(2, b"\0"), "big")
    if version == 6:
        size = 40 + int.from_bytes(data[at + 4 : at + 6].ljust(2, b"\0"), "big")
    is_ip = size <= room and (version == 6 or data[at] in range(0x45, 0x50))
    if any(data[at : at + 4]) and not is_ip and data[at + 12 : at + 14].ljust(2, b"\0").hex() in KNOWN:
        return "6558", at
    return {4: "0800", 6: "86dd", 0: "6558"}.get(version, ""), at + 4 * (version == 0)


def _gre(data: bytes, packet: Packet) -> Packet:
    head = data[packet.at : packet.at + 4].ljust(4, b"\0")
    flags, kind = int.from_bytes(head[:2], "big"), head[2:].hex()
    at = packet.at + 4 + 4 * sum(bool(flags & bit) for bit in (0x8000, 0x2000, 0x1000))
    if kind == "88be":
        kind, at = "6558", at + 8 * bool(flags & 0x1000)
    elif kind == "22eb":
        word = int.from_bytes(data[at + 10 : at + 12].ljust(2, b"\0"), "big")
        at += 12 + 8 * (word & 1)
        kind = {0: "6558", 2: "0800"}.get(word >> 10 & 31, "")
    if at <= packet.end and flags & 0x4007:
        raise Rejected("not-ip")
    return packet._replace(at=_unwrapped(data, packet, kind, at))


def _udp_tunnel(data: bytes, port: int, packet: Packet) -> Packet | None:
    """The Ethernet frame in a datagram of that destination port."""
    payload = data[packet.at : packet.end]
    at = 0
    if port in (4789, 8472):
        is_plain = len(payload) >= 8 and payload[:4] == b"\x08\0\0\0" and not payload[7]
        is_frame = len(payload) >= 22 and payload[0] & 8 and payload[20:22].hex() in KNOWN
        at = 8 if is_plain or is_frame else 0
    elif port == 37008 and payload[:4] in (b"\1\0\0\1", b"\1\1\0\1"):
        tag_at = 4
        for _ in range(32):
            if tag_at >= len(payload):
                break
            if payload[tag_at] == 1:
                at = tag_at + 1
                break
            tag_at += 2 + sum(payload[tag_at + 1 : tag_at + 2]) if payload[tag_at] else 1
    return packet._replace(at=_unwrapped(data, packet, "6558", packet.at + at)) if at else None


def _datagram(data: bytes, row: int, packet: Packet, depth: int = 0) -> Datagram:
    if packet.at >= packet.end:
        raise Rejected("truncated")
    if depth > DEEPEST:
        raise Rejected("too-deep")
    version = data[packet.at] >> 4
    if version not in (4, 6):
        raise Rejected("not-ip")
    source, destination, protocol, packet = (_ipv4 if version == 4 else _ipv6)(data, packet)
    if protocol == 6:
        raise Rejected(_tcp(data, packet))
    if protocol in (4, 41):
        return _datagram(data, row, packet, depth + 1)
    if protocol == 47:
        return _datagram(data, row, _gre(data, packet), depth + 1)
    if packet.end - packet.at < 8:
        raise Rejected("truncated")
    head = data[packet.at : packet.at + 8]
    room = packet.wire_end - packet.at
    said = int.from_bytes(head[4:6], "big")
    wire_length = (said if 8 <= said <= room else room) - 8
    offset = packet.at + 8
    payload = data[offset : min(offset + wire_length, packet.end)]
    ports = int.from_bytes(head[:2], "big"), int.from_bytes(head[2:4], "big")
    inner = Packet(offset, offset + len(payload), offset + wire_length)
    if (tunnelled := _udp_tunnel(data, ports[1], inner)) is not None:
        return _datagram(data, row, tunnelled, depth + 1)
    return Datagram(row, source, destination, ports, offset, payload, wire_length)


def _tcp(data: bytes, packet: Packet) -> str:
    size = data[packet.at + 12] >> 4 if packet.end - packet.at > 12 else 0
    if packet.end - packet.at < max(size * 4, 20):
        return "truncated"
    return "malformed" if size < 5 else "other-protocol"


def _ipv4(data: bytes, packet: Packet) -> tuple[str, str, int, Packet]:
    at, end, wire_end = packet
    size = (data[at] & 15) * 4
    if end - at < max(size, 20):
        raise Rejected("truncated")
    total = int.from_bytes(data[at + 2 : at + 4], "big")
    if size < 20 or 0 < total < size:
        raise Rejected("malformed")
    if data[at + 9] not in CARRIED:
        raise Rejected("other-protocol")
    if int.from_bytes(data[at + 6 : at + 8], "big") & 0x3FFF:
        raise Rejected("fragment")
    if total:
        wire_end = min(wire_end, at + total)
    source, destination = IPv4Address(data[at + 12 : at + 16]), IPv4Address(data[at + 16 : at + 20])
    packet = Packet(at + size, min(end, wire_end), wire_end)
    return str(source), str(destination), data[at + 9], packet


def _ipv6(data: bytes, packet: Packet) -> tuple[str, str, int, Packet]:
    at, end, wire_end = packet
    if end - at < 40:
        raise Rejected("truncated")
    size, following = int.from_bytes(data[at + 4 : at + 6], "big"), data[at + 6]
    addresses = [IPv6Address(data[at + 8 : at + 24]), IPv6Address(data[at + 24 : at + 40])]
    source, destination = (str(one.ipv4_mapped or one) for one in addresses)
    at += 40
    if size:
        wire_end = min(wire_end, at + size)
    end = min(end, wire_end)
    for _ in range(8):
        head = data[at : at + 4].ljust(4, b"\0")
        part = False
        if following in OPTIONS:
            size = 8 * (head[1] + 1)
        elif following == 51:
            size = 4 * (head[1] + 2)
        elif following == 44:
            size, part = 8, bool(int.from_bytes(head[2:], "big") & 0xFFF9)
        else:
            break
        at, following = at + size, head[0]
        if at > end:
            raise Rejected("truncated")
        if part:
            raise Rejected("fragment" if following in (*CARRIED, *OPTIONS, 51) else "other-protocol")
    if following not in CARRIED:
        raise Rejected("other-protocol")
    return source, destination, following, Packet(at, end, wire_end)


def rtp(found: list[Datagram]) -> tuple[list[Rtp], list[int], dict[str, int]]:
    """RTP packets, rows of RTCP packets, and counts of what is neither."""
    packets, rtcp, rejected = [], [], Counter[str]()
    for row, datagram in enumerate(found):
        data = datagram.payload
        if len(data) < 2 or data[0] >> 6 != 2:
            rejected["not-rtp"] += 1
        elif 192 <= data[1] <= 223:
            rtcp.append(row)
        elif (start := _payload_start(data)) > len(data):
            rejected["short"] += 1
        else:
            packets.append(_rtp(row, data, start, len(data) < datagram.wire_length))
    return packets, rtcp, dict(rejected)


def _payload_start(data: bytes) -> int:
    start = 12 + 4 * (data[0] & 15)
    if data[0] & 0x10:
        words = int.from_bytes(data[start + 2 : start + 4], "big") if start + 4 <= len(data) else 0
        start += 4 + 4 * words
    return start


def _rtp(row: int, data: bytes, start: int, is_cut: bool) -> Rtp:
    payload = data[start:]
    if data[0] & 0x20 and payload and not is_cut and payload[-1] <= len(payload):
        payload = payload[: len(payload) - payload[-1]]
    sequence, timestamp, ssrc = (int.from_bytes(data[a:b], "big") for a, b in ((2, 4), (4, 8), (8, 12)))
    return Rtp(row, data[1] & 127, data[1] > 127, sequence, timestamp, ssrc, payload)
