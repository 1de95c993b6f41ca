"""What the spool holds of a stream, as the ledger needs it: added up block by block, without the sound."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recorder.assembly.sequence import MAX_DROPOUT, OFF, PAUSE
from recorder.media import MediaBlock

RECENT = 256
"""Sequence numbers remembered per stream to recognise a duplicate that comes in a later flush."""


@dataclass(slots=True)
class Heard:
    """``highest`` and ``lowest`` are extended sequence numbers, ``timestamp`` is the extended RTP timestamp
    of the last packet, ``last`` the newest capture time and ``paused`` the time of all pauses (ns).
    ``skipped`` are numbers that were passed over where the sender started again; ``recent`` is int64, the
    last numbers."""

    highest: int = 0
    lowest: int = 0
    timestamp: int = 0
    received: int = 0
    skipped: int = 0
    last: int = 0
    paused: int = 0
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
        self.skipped += int((jumps[self._starts_again(block, jumps)] - 1).sum())
        self.highest = int(before[-1])
        self.lowest = min(self.lowest, int(numbers.min()))
        self.timestamp = int(block.timestamps[-1])
        self.received += len(block)
        gaps = np.diff(block.times, prepend=self.last or block.times[0])
        self.paused += int(gaps[gaps > PAUSE].sum())
        self.last = max(self.last, int(block.times.max()))
        self.recent = np.concatenate((self.recent, numbers[-RECENT:]))[-RECENT:]

    def _starts_again(self, block: MediaBlock, jumps: NDArray[np.int64]) -> NDArray[np.int64]:
        """Before which packets the sender did; timestamps and time that went on with the numbers tell a long
        loss."""
        far = np.flatnonzero(jumps > MAX_DROPOUT)
        next_to = jumps == 1
        if not len(far) or not next_to.any():
            return far
        steps = np.diff(block.timestamps, prepend=self.timestamp or block.timestamps[0])
        passed = np.diff(block.times, prepend=self.last or block.times[0])
        ticks, pace = np.median(steps[next_to]), np.median(passed[next_to])
        is_anew = abs(steps[far] - jumps[far] * ticks) > OFF * ticks
        is_anew |= passed[far] < jumps[far] * pace / 2
        anew: NDArray[np.int64] = far[is_anew]
        return anew
