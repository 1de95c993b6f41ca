"""RTP packets waiting for the next flush, in columns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from recorder.protocol import gather
from recorder.protocol.rtp import RtpRows, Wrapped
from recorder.protocol.udp import Datagrams

_APART = ("buffers", "bounds", "wrapped")
"""What is no column."""


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
    wrapped: Wrapped = field(default_factory=Wrapped.none)

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
            wrapped=rtp.wrapped,
        )

    @classmethod
    def joined(cls, parts: Sequence["Rows"]) -> "Rows":
        """The parts one after the other; at least one."""
        if len(parts) == 1:
            return parts[0]
        columns = {
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in cls.__slots__
            if name not in _APART
        }
        sizes = [size for part in parts for size in np.diff(part.bounds)]
        return cls(
            **columns,
            buffers=[buffer for part in parts for buffer in part.buffers],
            bounds=np.concatenate(([0], np.cumsum(sizes))),
            wrapped=_joined(parts),
        )

    def some(self, chosen: NDArray[np.bool_]) -> "Rows":
        """The rows where ``chosen``, bool of shape (rows,), is true."""
        columns = {name: getattr(self, name)[chosen] for name in self.__slots__ if name not in _APART}
        before = np.concatenate(([0], np.cumsum(chosen)))
        few = self.wrapped
        kept = chosen[few.at]
        wrapped = Wrapped(before[few.at[kept]], few.flags[kept], few.offsets[kept], few.lengths[kept])
        return Rows(**columns, buffers=self.buffers, bounds=before[self.bounds], wrapped=wrapped)

    def packed(self) -> "Rows":
        """The same rows with their payloads in a buffer of their own, not in the batches they came in."""
        payload = self.payloads(np.arange(len(self)))
        columns = {name: getattr(self, name) for name in self.__slots__}
        ends = np.cumsum(self.lengths, dtype=np.int64)
        packed = {"offsets": ends - self.lengths, "buffers": [payload], "bounds": np.array([0, len(self)])}
        return Rows(**{**columns, **packed})

    def payloads(self, order: NDArray[np.int64]) -> NDArray[np.uint8]:
        """The payload bytes of the rows ``order``, one after the other: uint8 of shape (bytes,)."""
        return self._gathered(order, self.offsets[order], self.lengths[order])

    def digests(self, order: NDArray[np.int64]) -> list[int]:
        """A number other than 0 for the payload of each of the rows ``order``, by which copies are told."""
        payload = self.payloads(order).tobytes()
        ends = np.cumsum(self.lengths[order], dtype=np.int64).tolist()
        return [hash(payload[a:b]) or 1 for a, b in pairwise([0, *ends])]

    def unwrapped(
        self, order: NDArray[np.int64], payload: NDArray[np.uint8]
    ) -> tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.uint8]]:
        """``payload`` of the rows ``order``, but all behind the fixed header where a packet has more than
        payload there; its lengths; and the first byte of the header of those packets, 0 of others."""
        lengths, flags = self.lengths[order], np.zeros(len(order), np.uint8)
        few = self.wrapped
        if not len(few):
            return payload, lengths, flags
        # Which of the few each row is; -1 for none.
        which = np.full(len(self), -1)
        which[few.at] = np.arange(len(few))
        which = which[order]
        here = np.flatnonzero(which >= 0)
        offsets, which = self.offsets[order], which[here]
        offsets[here], lengths[here], flags[here] = few.offsets[which], few.lengths[which], few.flags[which]
        return self._gathered(order, offsets, lengths), lengths, flags

    def _gathered(
        self, order: NDArray[np.int64], offsets: NDArray[np.int64], lengths: NDArray[np.int32]
    ) -> NDArray[np.uint8]:
        ends = np.cumsum(lengths, dtype=np.int64)
        out = np.empty(int(ends[-1]) if len(ends) else 0, np.uint8)
        starts = ends - lengths
        part = np.searchsorted(self.bounds, order, side="right") - 1
        for index, buffer in enumerate(self.buffers):
            here = np.flatnonzero(part == index) if len(self.buffers) > 1 else slice(None)
            gather.copy(buffer, offsets[here], out, starts[here], lengths[here])
        return out


def _joined(parts: Sequence[Rows]) -> Wrapped:
    if not any(len(part.wrapped) for part in parts):
        return Wrapped.none()
    first = np.cumsum([0, *(len(part) for part in parts)])
    few = [part.wrapped for part in parts]
    return Wrapped(
        np.concatenate([one.at + start for one, start in zip(few, first.tolist(), strict=False)]),
        np.concatenate([one.flags for one in few]),
        np.concatenate([one.offsets for one in few]),
        np.concatenate([one.lengths for one in few]),
    )
