"""From a batch of frames to its UDP datagrams (RFC 768)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recorder.batch import Batch
from recorder.protocol import gather, ip, link
from recorder.protocol.carried import Piece
from recorder.protocol.fragments import Fragments, appended

_HEADER = np.dtype([("source", ">u2"), ("destination", ">u2"), ("length", ">u2"), ("checksum", ">u2")])


@dataclass(slots=True)
class Datagrams:
    """UDP datagrams of a batch in capture order; every array has one row a datagram.

    ``data`` is the batch's buffer, or a copy with reassembled datagrams behind it. ``frames`` (int64) are
    rows of the batch; ``times`` is int64, nanoseconds since the epoch. ``sources`` and ``destinations`` are
    uint64 of shape (datagrams, 2), high word first, IPv4 as mapped IPv6. Ports are uint16. ``offsets``
    (int64) and ``lengths`` (int32) are the captured UDP payload; ``wire_lengths`` (int32) is larger where
    the capture cut the frame. ``rejected`` counts the frames of the batch that are no datagrams here, by
    reason: ``not-ip``, ``unknown-link``, ``not-udp``, ``fragment``, ``truncated``, ``malformed``.
    """

    data: NDArray[np.uint8]
    frames: NDArray[np.int64]
    times: NDArray[np.int64]
    sources: NDArray[np.uint64]
    destinations: NDArray[np.uint64]
    source_ports: NDArray[np.uint16]
    destination_ports: NDArray[np.uint16]
    offsets: NDArray[np.int64]
    lengths: NDArray[np.int32]
    wire_lengths: NDArray[np.int32]
    rejected: dict[str, int]

    def __len__(self) -> int:
        return len(self.offsets)

    def payload(self, row: int) -> bytes:
        """The captured payload of one datagram."""
        start = int(self.offsets[row])
        return self.data[start : start + int(self.lengths[row])].tobytes()


def parse(batch: Batch, fragments: Fragments | None = None) -> Datagrams:
    """The UDP datagrams of ``batch``; never raises for what the frames hold.

    With ``fragments``, the same for all batches of a tap, datagrams in fragments are put together and stand
    at the place of the frame that completed them. A UDP length that is 0 or does not fit its IP packet is
    taken as "the rest of the packet".
    """
    rejected: dict[str, int] = {}
    packets = link.parse(batch, rejected)
    pieces: list[Piece] = []
    carried = ip.parse(batch.data, packets, rejected, pieces)
    data = batch.data
    if fragments is not None and (found := fragments.take(data, batch.times, pieces)):
        link.count(rejected, "fragment", -len(found))
        data, carried = appended(data, carried, found)
    packets = carried.packets
    whole = packets.ends - packets.offsets >= _HEADER.itemsize
    if not whole.all():
        link.count(rejected, "truncated", int(np.count_nonzero(~whole)))
        carried = carried.select(whole)
        packets = carried.packets
    header = gather.headers(data, packets.offsets, _HEADER)
    room = packets.wire_ends - packets.offsets
    said = header["length"].astype(np.int64)
    wire_lengths = np.where((said < 8) | (said > room), room, said) - 8
    offsets = packets.offsets + 8
    return Datagrams(
        data=data,
        frames=packets.frames,
        times=batch.times if len(packets.frames) == len(batch) else batch.times[packets.frames],
        sources=carried.sources,
        destinations=carried.destinations,
        source_ports=header["source"].astype(np.uint16),
        destination_ports=header["destination"].astype(np.uint16),
        offsets=offsets,
        lengths=np.minimum(wire_lengths, packets.ends - offsets).astype(np.int32),
        wire_lengths=wire_lengths.astype(np.int32),
        rejected=rejected,
    )
