"""Extended sequence numbers of one stream whose packets came out of order (RFC 3550, A.1)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_DROPOUT = 3000
"""A jump forward beyond this is a sender that started again, not loss (RFC 3550, A.1), unless its timestamps
went on as well."""
MAX_MISORDER = 1000
"""A packet further behind than this is a sender that started again."""
OFF = 2
"""Packets by which sequence numbers and timestamps may go apart in a long loss."""


def extend(
    sequences: NDArray[np.uint16] | NDArray[np.int64], highest: NDArray[np.int64] | int
) -> NDArray[np.int64]:
    """The 16-bit numbers as the extended numbers nearest to ``highest``."""
    numbers = sequences.astype(np.int64)
    return highest + ((numbers - highest + 0x8000) & 0xFFFF) - 0x8000


@dataclass(slots=True)
class Untangled:
    """``extended`` and ``fresh`` (not seen before) have shape (packets,)."""

    extended: NDArray[np.int64]
    fresh: NDArray[np.bool_]
    reordered: int
    skipped: int
    """Numbers passed over where the sender started again; they are not lost packets."""


@dataclass(slots=True)
class Stamps:
    """The timestamps that go with sequence numbers, by which a long loss is told from a new start.

    ``stamps`` (uint32) and ``times`` (int64, ns of capture) have shape (packets,), of the packets to come;
    ``stamp`` and ``time`` are those of the last one before. ``ticks`` is what a packet adds to the timestamp
    and ``pace`` how often one comes (ns), 0 where that is not known.
    """

    stamps: NDArray[np.uint32]
    times: NDArray[np.int64]
    stamp: int
    time: int
    ticks: int = 0
    pace: float = 0.0

    def lost(self, index: int, jump: int) -> int:
        """How many numbers the sender went on by before packet ``index``, where it only was not heard for
        long; 0 where it started again. The 16 bits of the sequence number have gone on by ``jump``.
        """
        stamp, time = self.stamp, self.time
        if index:
            stamp, time = int(self.stamps[index - 1]), int(self.times[index - 1])
        ticks = self.ticks or self._ticks()
        if ticks <= 0:
            return 0
        numbers = round(((int(self.stamps[index]) - stamp) & 0xFFFFFFFF) / ticks)
        off = (numbers - jump + 0x8000) % 0x10000 - 0x8000
        passed = int(self.times[index]) - time
        is_in_time = not self.pace or 0.5 < passed / (max(numbers, 1) * self.pace) < 2
        return numbers - off if abs(off) <= OFF and numbers - off > MAX_DROPOUT and is_in_time else 0

    def _ticks(self) -> int:
        steps = np.diff(self.stamps.astype(np.int64))
        return int(np.median(steps)) if len(steps) else 0


def untangle(
    sequences: NDArray[np.uint16], highest: int, recent: NDArray[np.int64], stamps: Stamps | None = None
) -> Untangled:
    """Extend, find duplicates and count reordering, packet by packet: the slow and exact way.

    ``recent`` are extended numbers seen before that may come again, int64 of shape (any,).
    """
    seen = set(recent.tolist())
    extended = np.empty(len(sequences), np.int64)
    fresh = np.ones(len(sequences), np.bool_)
    reordered = skipped = 0
    for index, sequence in enumerate(sequences.tolist()):
        delta = ((sequence - highest + 0x8000) & 0xFFFF) - 0x8000
        if delta > MAX_DROPOUT or delta < -MAX_MISORDER:
            delta &= 0xFFFF
            lost = stamps.lost(index, delta) if stamps else 0
            skipped += 0 if lost else delta - 1
            delta = lost or delta
        number = highest + delta
        if number in seen:
            fresh[index] = False
        elif delta < 0:
            reordered += 1
        seen.add(number)
        extended[index] = number
        highest = max(highest, number)
    return Untangled(extended, fresh, reordered, skipped)
