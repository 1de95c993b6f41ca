"""From IP packets to the UDP datagrams in them (RFC 791, RFC 8200), for a whole batch at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recorder.protocol import gather
from recorder.protocol.link import Packets, count

_UDP = 17
_MAPPED = np.uint64(0xFFFF00000000)
_IPV4 = np.dtype(
    [
        ("version", "u1"),
        ("service", "u1"),
        ("total", ">u2"),
        ("id", ">u2"),
        ("fragment", ">u2"),
        ("ttl", "u1"),
        ("protocol", "u1"),
        ("checksum", ">u2"),
        ("source", ">u4"),
        ("destination", ">u4"),
    ]
)
_IPV6 = np.dtype(
    [
        ("version", ">u4"),
        ("payload", ">u2"),
        ("next", "u1"),
        ("hops", "u1"),
        ("source", ">u8", (2,)),
        ("destination", ">u8", (2,)),
    ]
)
_EXTENSION = np.dtype([("next", "u1"), ("length", "u1"), ("fragment", ">u2")])
_OPTIONS = (0, 43, 60, 135)
"""Hop-by-hop, routing, destination options, mobility: length in 8 octets, not counting the first 8."""
_FRAGMENT, _AUTHENTICATION = 44, 51
_MAX_EXTENSIONS = 8


@dataclass(slots=True)
class Carried:
    """What IP packets carry: transport headers and the addresses they go between.

    Arrays have shape (packets,), addresses (packets, 2) as uint64, high word first, IPv4 as mapped IPv6.
    """

    packets: Packets
    sources: NDArray[np.uint64]
    destinations: NDArray[np.uint64]

    def select(self, keep: NDArray[np.bool_]) -> "Carried":
        """Those for which ``keep`` holds."""
        return Carried(self.packets.select(keep), self.sources[keep], self.destinations[keep])


def parse(data: NDArray[np.uint8], packets: Packets, rejected: dict[str, int]) -> Carried:
    """The packets that carry UDP, in order; their offsets point at the UDP header.

    Packets end where IP says, which cuts the padding of short Ethernet frames. Counts under ``truncated``,
    ``malformed``, ``not-ip``, ``fragment`` and ``not-udp`` what it leaves out.
    """
    versions = data[packets.offsets] >> 4
    four = versions == 4
    if four.all():
        return _ipv4(data, packets, rejected)
    six = versions == 6
    count(rejected, "not-ip", int(np.count_nonzero(~four & ~six)))
    old = _ipv4(data, packets.select(four), rejected)
    new = _ipv6(data, packets.select(six), rejected)
    return _merge(old, new)


def _merge(old: Carried, new: Carried) -> Carried:
    order = np.argsort(np.concatenate([old.packets.frames, new.packets.frames]), kind="stable")
    both = Packets(
        *(
            np.concatenate([getattr(old.packets, name), getattr(new.packets, name)])[order]
            for name in ("frames", "offsets", "ends", "wire_ends")
        )
    )
    return Carried(
        both,
        np.concatenate([old.sources, new.sources])[order],
        np.concatenate([old.destinations, new.destinations])[order],
    )


def _ipv4(data: NDArray[np.uint8], packets: Packets, rejected: dict[str, int]) -> Carried:
    header = gather.headers(data, packets.offsets, _IPV4)
    sizes = (header["version"] & 0x0F).astype(np.int64) * 4
    totals = header["total"].astype(np.int64)
    # Segmentation offload leaves a total length of 0 in frames that the capturing host itself sent.
    wire_ends = np.where(
        totals == 0, packets.wire_ends, np.minimum(packets.offsets + totals, packets.wire_ends)
    )
    offsets = packets.offsets + sizes
    moved = Packets(packets.frames, offsets, np.minimum(packets.ends, wire_ends), wire_ends)
    is_cut = packets.ends - packets.offsets < np.maximum(sizes, 20)
    is_malformed = (sizes < 20) | ((totals < sizes) & (totals != 0))
    is_fragment = (header["fragment"] & 0x3FFF) != 0
    is_other = header["protocol"] != _UDP
    keep = _sort_out(rejected, is_cut, is_malformed, is_fragment & ~is_other, is_other)
    carried = Carried(moved, _mapped(header["source"]), _mapped(header["destination"]))
    return carried if keep is None else carried.select(keep)


def _sort_out(
    rejected: dict[str, int],
    is_cut: NDArray[np.bool_],
    is_malformed: NDArray[np.bool_],
    is_fragment: NDArray[np.bool_],
    is_other: NDArray[np.bool_],
) -> NDArray[np.bool_] | None:
    """Count each packet under the first reason that holds; which remain, or None where all do."""
    left_out = is_cut | is_malformed | is_fragment | is_other
    if not left_out.any():
        return None
    reasons = {"truncated": is_cut, "malformed": is_malformed, "fragment": is_fragment, "not-udp": is_other}
    undecided = left_out.copy()
    for reason, holds in reasons.items():
        count(rejected, reason, int(np.count_nonzero(undecided & holds)))
        undecided &= ~holds
    return ~left_out


def _mapped(addresses: NDArray[np.uint32]) -> NDArray[np.uint64]:
    words = np.zeros((len(addresses), 2), np.uint64)
    np.bitwise_or(addresses, _MAPPED, out=words[:, 1])
    return words


def _ipv6(data: NDArray[np.uint8], packets: Packets, rejected: dict[str, int]) -> Carried:
    header = gather.headers(data, packets.offsets, _IPV6)
    totals = header["payload"].astype(np.int64)
    offsets = packets.offsets + 40
    # A payload length of 0 marks a jumbogram or segmentation offload (RFC 2675, 3).
    wire_ends = np.where(totals == 0, packets.wire_ends, np.minimum(offsets + totals, packets.wire_ends))
    moved = Packets(packets.frames, offsets, np.minimum(packets.ends, wire_ends), wire_ends)
    is_cut = packets.ends < offsets
    protocols = header["next"].copy()
    is_fragment = _skip_extensions(data, moved, protocols, is_cut)
    no_flag = np.zeros(len(is_cut), np.bool_)
    is_other = protocols != _UDP
    keep = _sort_out(rejected, is_cut, no_flag, is_fragment & ~is_other, is_other)
    carried = Carried(moved, header["source"].astype(np.uint64), header["destination"].astype(np.uint64))
    return carried if keep is None else carried.select(keep)


def _skip_extensions(
    data: NDArray[np.uint8], packets: Packets, protocols: NDArray[np.uint8], is_cut: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Move offsets and protocols past extension headers (RFC 8200, 4); which packets are fragments.

    Packets that end inside an extension header are marked in ``is_cut``.
    """
    is_fragment = np.zeros(len(protocols), np.bool_)
    chained = (*_OPTIONS, _FRAGMENT, _AUTHENTICATION)
    rows = np.flatnonzero(np.isin(protocols, chained) & ~is_cut)
    for _ in range(_MAX_EXTENSIONS):
        if not len(rows):
            break
        header = gather.headers(data, packets.offsets[rows], _EXTENSION)
        kinds = protocols[rows]
        units = header["length"].astype(np.int64)
        sizes = np.where(kinds == _AUTHENTICATION, (units + 2) * 4, (units + 1) * 8)
        sizes[kinds == _FRAGMENT] = 8
        # A fragment header with offset 0 and no more to come is a whole packet (RFC 6946).
        parts = (kinds == _FRAGMENT) & ((header["fragment"] & 0xFFF9) != 0)
        packets.offsets[rows] += sizes
        is_cut[rows] = packets.offsets[rows] > packets.ends[rows]
        is_fragment[rows] |= parts
        protocols[rows] = header["next"]
        rows = rows[np.isin(protocols[rows], chained) & ~is_cut[rows] & ~parts]
    return is_fragment
