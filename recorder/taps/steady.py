"""Times of capture that cannot be: one packet with a time of another day would make days of silence."""

from dataclasses import replace

import numpy as np

from recorder.batch import Batch

NEAR, FAR = 1_000_000_000, 60_000_000_000
"""Nanoseconds. A time is wrong that is far from both its neighbours, which are near each other."""


def steadied(batch: Batch) -> tuple[Batch, int]:
    """The batch with the time before it in place of each wrong one, and how many those are."""
    before, times, after = batch.times[:-2], batch.times[1:-1], batch.times[2:]
    wrong = (np.abs(times - before) > FAR) & (np.abs(times - after) > FAR)
    if not wrong.any():
        return batch, 0
    wrong &= np.abs(after - before) <= NEAR
    steady = batch.times.copy()
    steady[1:-1][wrong] = before[wrong]
    return replace(batch, times=steady), int(np.count_nonzero(wrong))
