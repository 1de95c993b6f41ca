"""Packets inside packets: IP in IP, GRE, ERSPAN, VXLAN, TZSP; for a whole batch at once."""

import numpy as np
from numpy.typing import NDArray

from recorder.protocol import gather, link
from recorder.protocol.carried import GRE, Carried
from recorder.protocol.datagrams import Datagrams
from recorder.protocol.link import BRIDGED, KNOWN, Packets, count

VXLAN_PORTS, TZSP_PORT = (4789, 8472), 37008
"""Destination ports (RFC 7348; 8472 is Linux's old default)."""

_GRE_HEADER = np.dtype([("flags", ">u2"), ("type", ">u2")])
_CHECKSUM, _ROUTING, _KEY, _SEQUENCE, _VERSION = 0x8000, 0x4000, 0x2000, 0x1000, 0x0007
_ERSPAN, _ERSPAN_3 = 0x88BE, 0x22EB
_IP_TYPE = 0x0800
_MOST_TAGS = 32


def in_ip(data: NDArray[np.uint8], carried: Carried, rejected: dict[str, int]) -> Packets:
    """The IP packets in ``carried``, all of which is IPv4 in IP, IPv6 in IP (RFC 2003, 2473, 4213) or GRE."""
    is_gre = carried.protocols == GRE
    bare = carried.packets.select(~is_gre)
    whole = bare.offsets < bare.ends
    count(rejected, "truncated", int(np.count_nonzero(~whole)))
    return joined(bare.select(whole), _in_gre(data, carried.packets.select(is_gre), rejected))


def in_udp(
    data: NDArray[np.uint8], datagrams: Datagrams, rejected: dict[str, int]
) -> tuple[Packets, NDArray[np.bool_]] | None:
    """The IP packets in the datagrams that are tunnels, and which datagrams are none; None where none is."""
    ports = datagrams.destination_ports
    maybe = np.flatnonzero((ports == VXLAN_PORTS[0]) | (ports == VXLAN_PORTS[1]) | (ports == TZSP_PORT))
    if not len(maybe):
        return None
    starts = _tunnel_starts(data, datagrams, maybe)
    maybe, starts = maybe[starts >= 0], starts[starts >= 0]
    if not len(maybe):
        return None
    first = datagrams.offsets[maybe]
    packets = Packets(
        datagrams.frames[maybe],
        starts,
        first + datagrams.lengths[maybe],
        first + datagrams.wire_lengths[maybe],
    )
    is_plain = np.ones(len(datagrams), np.bool_)
    is_plain[maybe] = False
    types = np.full(len(maybe), BRIDGED, np.uint16)
    return link.unwrapped(data, types, packets, rejected), is_plain


def joined(one: Packets, other: Packets) -> Packets:
    """Both in the order of their frames."""
    order = np.argsort(np.concatenate([one.frames, other.frames]), kind="stable")
    names = ("frames", "offsets", "ends", "wire_ends")
    return Packets(*(np.concatenate([getattr(one, name), getattr(other, name)])[order] for name in names))


def _in_gre(data: NDArray[np.uint8], packets: Packets, rejected: dict[str, int]) -> Packets:
    """RFC 2784 and 2890; the source routing of RFC 1701 and the version of PPTP are left out."""
    header = gather.headers(data, packets.offsets, _GRE_HEADER)
    flags, types = header["flags"].astype(np.int64), header["type"].astype(np.uint16)
    sizes = np.full(len(flags), 4, np.int64)
    for flag in (_CHECKSUM, _KEY, _SEQUENCE):
        sizes += np.where(flags & flag, 4, 0)
    at = packets.offsets + sizes
    # ERSPAN type I has no header, type II eight bytes, announced by the sequence number.
    is_erspan = types == _ERSPAN
    at[is_erspan & ((flags & _SEQUENCE) != 0)] += 8
    types[is_erspan] = BRIDGED
    third = np.flatnonzero(types == _ERSPAN_3)
    if len(third):
        # Type III has 12 bytes; frame type in bits 81 to 85, and the last bit tells of 8 bytes more.
        word = gather.headers(data, at[third] + 10, ">u2").view(">u2")
        at[third] += 12 + (word & 1).astype(np.int64) * 8
        kinds = (word >> 10) & 0x1F
        types[third] = np.select([kinds == 0, kinds == 2], [BRIDGED, _IP_TYPE], 0)
    is_readable = (flags & (_ROUTING | _VERSION)) == 0
    types[~is_readable] = 0
    moved = Packets(packets.frames, at, packets.ends, packets.wire_ends)
    return link.unwrapped(data, types, moved, rejected)


def _tunnel_starts(
    data: NDArray[np.uint8], datagrams: Datagrams, rows: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Where the Ethernet frames in these datagrams begin, -1 where there is none."""
    offsets, lengths = datagrams.offsets[rows], datagrams.lengths[rows]
    words = gather.headers(data, offsets, ">u4").view(">u4").astype(np.int64)
    is_tzsp = datagrams.destination_ports[rows] == TZSP_PORT
    reserved = gather.headers(data, offsets + 7, "u1").view(np.uint8)
    is_vxlan = ~is_tzsp & (words == 0x08000000) & (reserved == 0) & (lengths >= 8)
    # What else stands in the header is to be ignored (RFC 7348, 5), and switches put group policies there:
    # with it a frame is told by its EtherType, as media comes to these ports too.
    odd = np.flatnonzero(~is_tzsp & ~is_vxlan & ((words & 0x08000000) != 0) & (lengths >= 22))
    is_vxlan[odd] = np.isin(gather.headers(data, offsets[odd] + 20, ">u2").view(">u2"), KNOWN)
    starts = np.where(is_vxlan, offsets + 8, -1)
    # Version 1, a received or sent packet, Ethernet.
    tagged = np.flatnonzero(is_tzsp & ((words == 0x01000001) | (words == 0x01010001)) & (lengths >= 5))
    starts[tagged] = _past_tags(data, offsets[tagged] + 4, offsets[tagged] + lengths[tagged])
    return starts


def _past_tags(
    data: NDArray[np.uint8], offsets: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Behind the end tag (1) of TZSP's tagged fields, -1 where it does not come; 0 is padding."""
    found = np.full(len(offsets), -1, np.int64)
    at = offsets.copy()
    rows = np.arange(len(offsets))
    for _ in range(_MOST_TAGS):
        tags = gather.headers(data, at[rows], "u1,u1")
        is_end = (tags["f0"] == 1) & (at[rows] < ends[rows])
        found[rows[is_end]] = at[rows[is_end]] + 1
        at[rows] += np.where(tags["f0"] == 0, 1, 2 + tags["f1"].astype(np.int64))
        rows = rows[~is_end & (at[rows] < ends[rows])]
        if not len(rows):
            break
    return found
