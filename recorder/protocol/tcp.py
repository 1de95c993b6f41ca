"""TCP segments (RFC 9293), for a whole batch at once."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recorder.protocol import gather
from recorder.protocol.carried import Carried
from recorder.protocol.link import count

FIN, SYN, RST = 0x01, 0x02, 0x04
_HEADER = np.dtype(
    [
        ("source", ">u2"),
        ("destination", ">u2"),
        ("sequence", ">u4"),
        ("acknowledged", ">u4"),
        ("words", "u1"),
        ("flags", "u1"),
        ("window", ">u2"),
        ("checksum", ">u2"),
        ("urgent", ">u2"),
    ]
)


@dataclass(slots=True)
class Segments:
    """TCP segments of a batch in capture order; every array has one row a segment.

    Columns are those of ``Datagrams``; ``sequences`` is uint32, ``flags`` uint8.
    """

    data: NDArray[np.uint8]
    frames: NDArray[np.int64]
    times: NDArray[np.int64]
    sources: NDArray[np.uint64]
    destinations: NDArray[np.uint64]
    source_ports: NDArray[np.uint16]
    destination_ports: NDArray[np.uint16]
    sequences: NDArray[np.uint32]
    flags: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    lengths: NDArray[np.int32]
    wire_lengths: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.offsets)

    def payload(self, row: int) -> bytes:
        """The captured payload of one segment."""
        start = int(self.offsets[row])
        return self.data[start : start + int(self.lengths[row])].tobytes()

    @classmethod
    def none(cls, data: NDArray[np.uint8]) -> Self:
        """No segments."""
        numbers, ports, sizes = np.zeros(0, np.int64), np.zeros(0, np.uint16), np.zeros(0, np.int32)
        addresses = np.zeros((0, 2), np.uint64)
        sequences, flags = np.zeros(0, np.uint32), np.zeros(0, np.uint8)
        return cls(
            data,
            numbers,
            numbers,
            addresses,
            addresses,
            ports,
            ports,
            sequences,
            flags,
            numbers,
            sizes,
            sizes,
        )

    @classmethod
    def read(
        cls, data: NDArray[np.uint8], times: NDArray[np.int64], carried: Carried, rejected: dict[str, int]
    ) -> Self:
        """The segments in ``carried``, all of which is TCP; ``times`` are those of all frames.

        Counts under ``truncated`` and ``malformed`` what it leaves out.
        """
        packets = carried.packets
        header = gather.headers(data, packets.offsets, _HEADER)
        sizes = (header["words"] >> 4).astype(np.int64) * 4
        is_cut = packets.ends - packets.offsets < np.maximum(sizes, _HEADER.itemsize)
        is_malformed = (sizes < _HEADER.itemsize) & ~is_cut
        keep = ~(is_cut | is_malformed)
        if not keep.all():
            count(rejected, "truncated", int(np.count_nonzero(is_cut)))
            count(rejected, "malformed", int(np.count_nonzero(is_malformed)))
            carried, header, sizes = carried.select(keep), header[keep], sizes[keep]
            packets = carried.packets
        offsets = packets.offsets + sizes
        return cls(
            data=data,
            frames=packets.frames,
            times=times[packets.frames],
            sources=carried.sources,
            destinations=carried.destinations,
            source_ports=header["source"].astype(np.uint16),
            destination_ports=header["destination"].astype(np.uint16),
            sequences=header["sequence"].astype(np.uint32),
            flags=header["flags"].copy(),
            offsets=offsets,
            lengths=(packets.ends - offsets).astype(np.int32),
            wire_lengths=(packets.wire_ends - offsets).astype(np.int32),
        )
