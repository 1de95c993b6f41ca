"""A batch of captured frames: the unit in which every tap delivers."""

from dataclasses import dataclass

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
    """

    data: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    lengths: NDArray[np.int32]
    wire_lengths: NDArray[np.int32]
    times: NDArray[np.int64]
    link_type: int = 1
    dropped: int = 0

    def __len__(self) -> int:
        return len(self.offsets)
