"""Writing batches of frames to a pcap file."""

import struct
from pathlib import Path
from types import TracebackType

import numpy as np

from recorder.batch import Batch
from recorder.protocol import gather

_MAGIC_NANOSECONDS = 0xA1B23C4D
_SNAP_LENGTH = 262144
_RECORD = np.dtype([("seconds", "<u4"), ("fraction", "<u4"), ("captured", "<u4"), ("original", "<u4")])


class PcapWriter:
    """A pcap file with nanosecond times; a context manager.

    The file is created at once, over any that was there. All batches must have its ``link_type``.
    """

    def __init__(self, path: Path, link_type: int = 1) -> None:
        self._link_type = link_type
        self._file = path.open("wb")
        self._file.write(struct.pack("<IHHiIII", _MAGIC_NANOSECONDS, 2, 4, 0, 0, _SNAP_LENGTH, link_type))

    def write(self, batch: Batch) -> None:
        """Append the frames of ``batch`` in their order; raises ValueError for another link type."""
        if batch.link_type != self._link_type:
            raise ValueError(f"a file of link type {self._link_type} cannot hold frames of {batch.link_type}")
        if not len(batch):
            return
        record = np.empty(len(batch), _RECORD)
        record["seconds"], record["fraction"] = np.divmod(batch.times, 1_000_000_000)
        record["captured"], record["original"] = batch.lengths, batch.wire_lengths
        ends = np.cumsum(batch.lengths.astype(np.int64) + _RECORD.itemsize)
        starts = ends - batch.lengths
        out = np.empty(int(ends[-1]), np.uint8)
        places = np.ndarray((len(out) - _RECORD.itemsize + 1,), f"V{_RECORD.itemsize}", out, strides=(1,))
        places[starts - _RECORD.itemsize] = record.view(f"V{_RECORD.itemsize}")
        gather.copy(batch.data, batch.offsets, out, starts, batch.lengths)
        self._file.write(out.data)

    def close(self) -> None:
        """Write what is buffered and close the file."""
        self._file.close()

    def __enter__(self) -> "PcapWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
