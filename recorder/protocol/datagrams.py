"""UDP datagrams (RFC 768), for a whole batch at once."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recorder.protocol import gather
from recorder.protocol.carried import Carried
from recorder.protocol.link import count

_HEADER = np.dtype([("source", ">u2"), ("destination", ">u2"), ("length", ">u2"), ("checksum", ">u2")])


@dataclass(slots=True)
class Datagrams:
    """UDP datagrams of a batch in capture order; every array has one row a datagram.

    ``data`` is the batch's buffer, or a copy with reassembled datagrams behind it. ``frames`` (int64) are
    rows of the batch; ``times`` is int64, nanoseconds since the epoch. ``sources`` and ``destinations`` are
    uint64 of shape (datagrams, 2), high word first, IPv4 as mapped IPv6. Ports are uint16. ``offsets``
    (int64) and ``lengths`` (int32) are the captured UDP payload; ``wire_lengths`` (int32) is larger where
    the capture cut the frame. ``rejected`` counts the frames of the batch that are none here, by reason:
    see ``transport.parse``.
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

    def cut(self, rows: NDArray[np.int64]) -> int:
        """Of how many of these rows the capture kept only a part."""
        return int(np.count_nonzero(self.lengths[rows] < self.wire_lengths[rows]))

    @classmethod
    def read(
        cls, data: NDArray[np.uint8], times: NDArray[np.int64], carried: Carried, rejected: dict[str, int]
    ) -> Self:
        """The datagrams in ``carried``, all of which is UDP; ``times`` are those of all frames.

        A UDP length that is 0 or does not fit its IP packet is taken as "the rest of the packet".
        """
        packets = carried.packets
        whole = packets.ends - packets.offsets >= _HEADER.itemsize
        if not whole.all():
            count(rejected, "truncated", int(np.count_nonzero(~whole)))
            carried = carried.select(whole)
            packets = carried.packets
        header = gather.headers(data, packets.offsets, _HEADER)
        room = packets.wire_ends - packets.offsets
        said = header["length"].astype(np.int64)
        wire_lengths = np.where((said < 8) | (said > room), room, said) - 8
        offsets = packets.offsets + 8
        return cls(
            data=data,
            frames=packets.frames,
            times=times[packets.frames],
            sources=carried.sources,
            destinations=carried.destinations,
            source_ports=header["source"].astype(np.uint16),
            destination_ports=header["destination"].astype(np.uint16),
            offsets=offsets,
            lengths=np.minimum(wire_lengths, packets.ends - offsets).astype(np.int32),
            wire_lengths=wire_lengths.astype(np.int32),
            rejected=rejected,
        )
