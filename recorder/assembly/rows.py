"""RTP packets waiting for the next flush, in columns."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recorder.protocol import gather
from recorder.protocol.rtp import RtpRows
from recorder.protocol.udp import Datagrams


@dataclass(slots=True)
class Rows:
    """Packets in arrival order; every array has shape (rows,) but the addresses, (rows, 2).

    ``ports`` is uint32, source port in the high half. ``offsets`` point into the buffer of the row's part:
    rows ``bounds[i]:bounds[i + 1]`` belong to ``buffers[i]``.
    """

    times: NDArray[np.int64]
    sources: NDArray[np.uint64]
    destinations: NDArray[np.uint64]
    ports: NDArray[np.uint32]
    ssrcs: NDArray[np.uint32]
    sequences: NDArray[np.uint16]
    timestamps: NDArray[np.uint32]
    payload_types: NDArray[np.uint8]
    markers: NDArray[np.bool_]
    offsets: NDArray[np.int64]
    lengths: NDArray[np.int32]
    buffers: list[NDArray[np.uint8]]
    bounds: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.times)

    @classmethod
    def of(cls, datagrams: Datagrams, rtp: RtpRows) -> "Rows":
        """The columns of one batch's RTP packets."""
        at = rtp.rows
        ports = datagrams.source_ports[at].astype(np.uint32) << np.uint32(16)
        ports |= datagrams.destination_ports[at].astype(np.uint32)
        return cls(
            times=datagrams.times[at],
            sources=datagrams.sources[at],
            destinations=datagrams.destinations[at],
            ports=ports,
            ssrcs=rtp.ssrcs,
            sequences=rtp.sequences,
            timestamps=rtp.timestamps,
            payload_types=rtp.payload_types,
            markers=rtp.markers,
            offsets=rtp.offsets,
            lengths=rtp.lengths,
            buffers=[datagrams.data],
            bounds=np.array([0, len(at)]),
        )

    @classmethod
    def joined(cls, parts: Sequence["Rows"]) -> "Rows":
        """The parts one after the other; at least one."""
        if len(parts) == 1:
            return parts[0]
        columns = {
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in cls.__slots__
            if name not in ("buffers", "bounds")
        }
        sizes = [size for part in parts for size in np.diff(part.bounds)]
        return cls(
            **columns,
            buffers=[buffer for part in parts for buffer in part.buffers],
            bounds=np.concatenate(([0], np.cumsum(sizes))),
        )

    def some(self, chosen: NDArray[np.bool_]) -> "Rows":
        """The rows where ``chosen``, bool of shape (rows,), is true."""
        columns = {
            name: getattr(self, name)[chosen] for name in self.__slots__ if name not in ("buffers", "bounds")
        }
        before = np.concatenate(([0], np.cumsum(chosen)))
        return Rows(**columns, buffers=self.buffers, bounds=before[self.bounds])

    def payloads(self, order: NDArray[np.int64]) -> NDArray[np.uint8]:
        """The payload bytes of the rows ``order``, one after the other: uint8 of shape (bytes,)."""
        lengths = self.lengths[order]
        ends = np.cumsum(lengths, dtype=np.int64)
        out = np.empty(int(ends[-1]) if len(ends) else 0, np.uint8)
        starts, offsets = ends - lengths, self.offsets[order]
        part = np.searchsorted(self.bounds, order, side="right") - 1
        for index, buffer in enumerate(self.buffers):
            here = np.flatnonzero(part == index) if len(self.buffers) > 1 else slice(None)
            gather.copy(buffer, offsets[here], out, starts[here], lengths[here])
        return out
