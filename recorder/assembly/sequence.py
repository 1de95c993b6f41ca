"""Extended sequence numbers of one stream whose packets came out of order (RFC 3550, A.1)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_DROPOUT = 3000
"""A jump forward beyond this is a sender that started again, not loss (RFC 3550, A.1)."""
MAX_MISORDER = 1000
"""A packet further behind than this is a sender that started again."""


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


def untangle(sequences: NDArray[np.uint16], highest: int, recent: NDArray[np.int64]) -> Untangled:
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
            skipped += delta - 1
        number = highest + delta
        if number in seen:
            fresh[index] = False
        elif delta < 0:
            reordered += 1
        seen.add(number)
        extended[index] = number
        highest = max(highest, number)
    return Untangled(extended, fresh, reordered, skipped)
