"""From IPv4 packets to what they carry (RFC 791), for a whole batch at once."""

import numpy as np
from numpy.typing import NDArray

from recorder.protocol import gather
from recorder.protocol.carried import Carried, Piece, is_other, pieces_of, sort_out
from recorder.protocol.link import Packets

_MAPPED = np.uint64(0xFFFF00000000)
_HEADER = np.dtype(
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


def parse(
    data: NDArray[np.uint8], packets: Packets, rejected: dict[str, int], pieces: list[Piece]
) -> Carried:
    """See ``ip.parse``; all ``packets`` are of this version."""
    header = gather.headers(data, packets.offsets, _HEADER)
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
    protocols = header["protocol"]
    left_out = is_other(protocols)
    keep = sort_out(rejected, is_cut, is_malformed, is_fragment & ~left_out, left_out)
    carried = Carried(moved, _mapped(header["source"]), _mapped(header["destination"]), protocols)
    if keep is None:
        return carried
    rows = np.flatnonzero(is_fragment & ~(is_cut | is_malformed | left_out))
    if len(rows):
        words = header["fragment"][rows].astype(np.int64)
        pieces += pieces_of(carried, rows, (words & 0x1FFF) * 8, words & 0x2000, header["id"][rows])
    return carried.select(keep)


def _mapped(addresses: NDArray[np.uint32]) -> NDArray[np.uint64]:
    words = np.zeros((len(addresses), 2), np.uint64)
    np.bitwise_or(addresses, _MAPPED, out=words[:, 1])
    return words
