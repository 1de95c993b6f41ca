"""RTCP compound packets (RFC 3550, 6): what each side says that it sent and received."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from recorder.protocol.errors import RtcpError

SENDER_REPORT, RECEIVER_REPORT, SOURCE_DESCRIPTION, GOODBYE = 200, 201, 202, 203
EXTENDED_REPORT = 207

_NTP_EPOCH = 2_208_988_800
"""Seconds from 1900, where NTP begins, to 1970."""
_REPORT = struct.Struct("!IB3sIIII")
_SENDER = struct.Struct("!IIIIII")
_VOIP_METRICS = struct.Struct("!IBBBBHHHHBBBBBBBBBxHHH")
_VOIP_METRICS_TYPE = 7
_ITEMS = {1: "cname", 2: "name", 3: "email", 4: "phone", 5: "loc", 6: "tool", 7: "note", 8: "priv"}


class Reception(NamedTuple):
    """How well a source was received (RFC 3550, 6.4.1).

    ``fraction_lost`` is in 1/256, ``lost`` may be negative, ``highest`` is the extended sequence number,
    ``jitter`` is in timestamp units, ``last_report`` and ``delay`` are in 1/65536 s.
    """

    ssrc: int
    fraction_lost: int
    lost: int
    highest: int
    jitter: int
    last_report: int
    delay: int


@dataclass(frozen=True, slots=True)
class SenderReport:
    """SR. ``time`` is nanoseconds since the epoch of the sender's clock at ``timestamp``, 0 where unknown.

    ``stamp`` is the middle of the same time as NTP has it, which receivers name as ``last_report``.
    """

    ssrc: int
    time: int
    timestamp: int
    packets: int
    octets: int
    receptions: tuple[Reception, ...] = ()
    stamp: int = 0


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    """RR."""

    ssrc: int
    receptions: tuple[Reception, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceDescription:
    """SDES: for each SSRC its items by lower-case name (``cname``, ``tool`` …)."""

    sources: Mapping[int, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Goodbye:
    """BYE."""

    ssrcs: tuple[int, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class VoipMetrics:
    """XR with a block of VoIP metrics about the source ``ssrc`` (RFC 3611, 4.7).

    Shares are in 1/256; ``round_trip`` and ``end_delay`` are in ms, 0 where unknown; the scores are ten times
    MOS-LQ and MOS-CQ, 127 where unknown.
    """

    ssrc: int
    lost: int
    discarded: int
    round_trip: int
    end_delay: int
    listening: int
    conversation: int


@dataclass(frozen=True, slots=True)
class OtherPacket:
    """Feedback, other extended reports and whatever else is of no concern here, as it is."""

    type: int
    count: int
    content: bytes = field(repr=False)


Packet = SenderReport | ReceiverReport | SourceDescription | Goodbye | VoipMetrics | OtherPacket


class Compound(NamedTuple):
    """The readable packets of one datagram in their order, and how many parts of it were not readable."""

    packets: tuple[Packet, ...]
    damaged: int


def parse(data: bytes) -> Compound:
    """The packets of a datagram; raises RtcpError where not one of them can be read.

    A part that contradicts itself is counted and passed over; its neighbours are kept.
    """
    packets: list[Packet] = []
    damaged, at = 0, 0
    while at < len(data):
        content, kind, count, following = _cut_out(data, at)
        if content is None:
            damaged += 1
            break
        at = following
        try:
            packets.append(_packet(kind, count, content))
        except (struct.error, IndexError):
            damaged += 1
    if not packets:
        raise RtcpError("the datagram holds no readable RTCP packet")
    return Compound(tuple(packets), damaged)


def _cut_out(data: bytes, at: int) -> tuple[bytes | None, int, int, int]:
    """Content without header and padding, type, count, and where the next packet begins.

    A last packet that is longer than the datagram is read as far as it goes. Without content where no
    RTCP packet begins.
    """
    if len(data) - at < 4 or data[at] >> 6 != 2 or not 192 <= data[at + 1] <= 223:
        return None, 0, 0, 0
    (words,) = struct.unpack_from("!H", data, at + 2)
    following = at + 4 * (words + 1)
    content = data[at + 4 : following]
    if data[at] & 0x20 and content and content[-1] <= len(content):
        content = content[: len(content) - content[-1]]
    return content, data[at + 1], data[at] & 0x1F, following


def _packet(kind: int, count: int, content: bytes) -> Packet:
    if kind == SENDER_REPORT:
        ssrc, seconds, fraction, timestamp, packets, octets = _SENDER.unpack_from(content)
        time = _nanoseconds(seconds, fraction)
        receptions = _receptions(content, _SENDER.size, count)
        stamp = (seconds & 0xFFFF) << 16 | fraction >> 16
        return SenderReport(ssrc, time, timestamp, packets, octets, receptions, stamp)
    if kind == RECEIVER_REPORT:
        (ssrc,) = struct.unpack_from("!I", content)
        return ReceiverReport(ssrc, _receptions(content, 4, count))
    if kind == SOURCE_DESCRIPTION:
        return SourceDescription(_sources(content, count))
    if kind == GOODBYE:
        ssrcs = struct.unpack_from(f"!{count}I", content)
        rest = content[4 * count :]
        return Goodbye(ssrcs, rest[1 : 1 + rest[0]].decode("utf-8", "replace") if rest else "")
    metrics = _voip_metrics(content) if kind == EXTENDED_REPORT else None
    return metrics or OtherPacket(kind, count, content)


def _voip_metrics(content: bytes) -> VoipMetrics | None:
    """The first block of VoIP metrics of an extended report, None where it has none that is whole."""
    at = 4
    while at + 4 <= len(content):
        kind, _, words = struct.unpack_from("!BBH", content, at)
        if kind == _VOIP_METRICS_TYPE and at + 4 + _VOIP_METRICS.size <= len(content):
            ssrc, lost, discarded, _, _, _, _, trip, end, *levels = _VOIP_METRICS.unpack_from(content, at + 4)
            return VoipMetrics(ssrc, lost, discarded, trip, end, levels[6], levels[7])
        at += 4 * (words + 1)
    return None


def _nanoseconds(seconds: int, fraction: int) -> int:
    if not seconds and not fraction:
        return 0
    # From 2036 on NTP seconds begin anew (RFC 4330, 3): times before 1970 are of the next era.
    era = 1 << 32 if seconds < _NTP_EPOCH else 0
    return (seconds + era - _NTP_EPOCH) * 1_000_000_000 + (fraction * 1_000_000_000 >> 32)


def _receptions(content: bytes, at: int, count: int) -> tuple[Reception, ...]:
    """Report blocks, as many as were said and are there."""
    whole = min(count, (len(content) - at) // _REPORT.size)
    found = []
    for index in range(whole):
        ssrc, fraction, lost, *rest = _REPORT.unpack_from(content, at + index * _REPORT.size)
        found.append(Reception(ssrc, fraction, int.from_bytes(lost, "big", signed=True), *rest))
    return tuple(found)


def _sources(content: bytes, count: int) -> dict[int, dict[str, str]]:
    """Chunks of SDES (RFC 3550, 6.5), up to the first that is not whole."""
    sources: dict[int, dict[str, str]] = {}
    at = 0
    for _ in range(count):
        if at + 4 > len(content):
            break
        (ssrc,) = struct.unpack_from("!I", content, at)
        at += 4
        items = sources.setdefault(ssrc, {})
        while at + 1 < len(content) and content[at]:
            end = at + 2 + content[at + 1]
            name = _ITEMS.get(content[at], str(content[at]))
            items[name] = content[at + 2 : end].decode("utf-8", "replace")
            at = end
        at = at // 4 * 4 + 4
    return sources
