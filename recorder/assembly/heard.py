"""What the spool holds of a stream, as the ledger needs it: added up block by block, without the sound."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recorder.assembly.sequence import MAX_DROPOUT
from recorder.media import MediaBlock

RECENT = 256
"""Sequence numbers remembered per stream to recognise a duplicate that comes in a later flush."""


@dataclass(slots=True)
class Heard:
    """``highest`` and ``lowest`` are extended sequence numbers, ``timestamp`` is the extended RTP timestamp
    of the last packet, ``last`` the newest capture time (ns). ``skipped`` are numbers that were passed over
    where the sender started again; ``recent`` is int64, the last numbers."""

    highest: int = 0
    lowest: int = 0
    timestamp: int = 0
    received: int = 0
    skipped: int = 0
    last: int = 0
    recent: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))

    def add(self, block: MediaBlock) -> None:
        """Packets of the stream that follow those before."""
        if not len(block):
            return
        numbers = block.sequences
        if not self.received:
            self.highest = self.lowest = int(numbers[0])
        before = np.maximum.accumulate(np.concatenate(([self.highest], numbers)))
        jumps = numbers - before[:-1]
        self.skipped += int((jumps[jumps > MAX_DROPOUT] - 1).sum())
        self.highest = int(before[-1])
        self.lowest = min(self.lowest, int(numbers.min()))
        self.timestamp = int(block.timestamps[-1])
        self.received += len(block)
        self.last = max(self.last, int(block.times.max()))
        self.recent = np.concatenate((self.recent, numbers[-RECENT:]))[-RECENT:]
