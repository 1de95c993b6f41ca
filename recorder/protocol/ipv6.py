"""From IPv6 packets to what they carry (RFC 8200), for a whole batch at once."""

import numpy as np
from numpy.typing import NDArray

from recorder.protocol import gather
from recorder.protocol.carried import Carried, Piece, is_other, pieces_of, sort_out
from recorder.protocol.link import Packets

_HEADER = np.dtype(
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
_FRAGMENT_HEADER = np.dtype([("next", "u1"), ("reserved", "u1"), ("fragment", ">u2"), ("id", ">u4")])
_OPTIONS = (0, 43, 60, 135)
"""Hop-by-hop, routing, destination options, mobility: length in 8 octets, not counting the first 8."""
_FRAGMENT, _AUTHENTICATION = 44, 51
_FRAGMENTED = (*_OPTIONS, _AUTHENTICATION)
_MAX_EXTENSIONS = 8


def parse(
    data: NDArray[np.uint8], packets: Packets, rejected: dict[str, int], pieces: list[Piece]
) -> Carried:
    """See ``ip.parse``; all ``packets`` are of this version."""
    header = gather.headers(data, packets.offsets, _HEADER)
    totals = header["payload"].astype(np.int64)
    offsets = packets.offsets + 40
    # A payload length of 0 marks a jumbogram or segmentation offload (RFC 2675, 3).
    wire_ends = np.where(totals == 0, packets.wire_ends, np.minimum(offsets + totals, packets.wire_ends))
    moved = Packets(packets.frames, offsets, np.minimum(packets.ends, wire_ends), wire_ends)
    is_cut = packets.ends < offsets
    protocols = header["next"].copy()
    is_fragment = _skip_extensions(data, moved, protocols, is_cut)
    no_flag = np.zeros(len(is_cut), np.bool_)
    # Behind the header of a fragment there may be more headers before what is carried (RFC 8200, 4.5).
    left_out = is_other(protocols) & ~(is_fragment & np.isin(protocols, _FRAGMENTED))
    keep = sort_out(rejected, is_cut, no_flag, is_fragment & ~left_out, left_out)
    sources, destinations = (header[name].astype(np.uint64) for name in ("source", "destination"))
    carried = Carried(moved, sources, destinations, protocols)
    if keep is None:
        return carried
    rows = np.flatnonzero(is_fragment & ~(is_cut | left_out))
    if len(rows):
        # The fragment header ends where its packet's offset now points.
        fragment = gather.headers(data, moved.offsets[rows] - 8, _FRAGMENT_HEADER)
        words = fragment["fragment"].astype(np.int64)
        pieces += pieces_of(carried, rows, words & 0xFFF8, words & 1, fragment["id"])
    return carried.select(keep)


def behind_extensions(content: bytes, protocol: int) -> tuple[bytes, int]:
    """What is behind the headers that a packet put together of fragments begins with, and its protocol; that
    is a header still where the packet ends inside it."""
    for _ in range(_MAX_EXTENSIONS):
        if protocol not in _FRAGMENTED or len(content) < 2:
            break
        units = content[1]
        size = (units + 2) * 4 if protocol == _AUTHENTICATION else (units + 1) * 8
        if size > len(content):
            break
        protocol, content = content[0], content[size:]
    return content, protocol


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
