"""A batch of captured frames: the unit in which every tap delivers."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


@dataclass(slots=True)
class Batch:
    """Frames of one link type in capture order, in one buffer.

    ``data`` is uint8 of shape (bytes,) and belongs to the batch: a tap never writes to it again.
    ``offsets`` (int64), ``lengths`` (int32, bytes captured), ``wire_lengths`` (int32, bytes on the wire)
    and ``times`` (int64, nanoseconds since the epoch, UTC) all have shape (frames,).
    ``link_type`` is a LINKTYPE number of the pcap registry (1 is Ethernet).
    ``dropped`` counts frames that the kernel or the tap lost since the batch before.
    ``shift`` (ns) is what the clock showed more than ``times``, None where the tap does not know.
    """

    data: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    lengths: NDArray[np.int32]
    wire_lengths: NDArray[np.int32]
    times: NDArray[np.int64]
    link_type: int = 1
    dropped: int = 0
    shift: int | None = None

    def __len__(self) -> int:
        return len(self.offsets)

    def within(self, span: int) -> Iterator["Batch"]:
        """The batch in parts, in order, of which none covers more than ``span`` ns; not empty ones."""
        if not len(self):
            return
        since = np.maximum.accumulate(self.times) - self.times[0]
        cuts = np.flatnonzero(np.diff(since // span)) + 1
        for a, b in pairwise([0, *cuts.tolist(), len(self)]):
            yield self.part(a, b)

    def part(self, start: int, end: int) -> "Batch":
        """The frames from start to end; what was dropped was before the first of all."""
        return replace(
            self,
            offsets=self.offsets[start:end],
            lengths=self.lengths[start:end],
            wire_lengths=self.wire_lengths[start:end],
            times=self.times[start:end],
            dropped=0 if start else self.dropped,
        )
