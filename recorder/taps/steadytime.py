"""Time that goes on evenly although the clock of the machine is set, for everything that runs meanwhile.

A call is one stretch of time: packets are placed by when they were captured, and patience is measured by it.
So the engine counts in steady time, which begins as the clock and then only goes on, and ``shift`` says what
the clock shows more than that. Where a clock is slewed, steady time is slewed with it.
"""

import time
from dataclasses import dataclass, replace

import numpy as np

from recorder.batch import Batch

STEP = 200_000_000
"""What a clock that is slewed never gains or loses between two looks at it (ns); less is jitter."""
SLACK = STEP // 2
"""By so much stamps of one clock may be out of order (ns)."""


@dataclass(slots=True)
class SteadyTime:
    """``shift`` (ns) is what the clock shows more than steady time.

    ``last`` is the newest steady time so far; it is given where calls of an engine before this one go on.
    """

    shift: int = 0
    last: int = 0
    _ahead: int | None = None
    _before: int = 0

    def look(self, clock: int, running: int, oldest: int | None = None) -> int:
        """By how much (ns) the clock was set since the last look, 0 where it was not.

        ``running`` (ns) is a clock that nobody sets, read in the same moment. ``oldest`` is the first stamp
        of the packets that came by then: they may have waited while the last engine's calls were taken up.
        """
        # Before the first look only this is known: the last engine's calls are not of the future.
        is_first = self._ahead is None
        ahead, before = clock - running, self._ahead or 0
        step = min(0, clock - self.shift - self.last) if is_first else ahead - before
        if is_first and step and oldest is not None:
            step = min(step, oldest - self.shift - self.last)
        self._ahead = ahead
        if abs(step) < STEP:
            return 0
        self._before, self.shift = self.shift, self.shift + step
        return step

    def steady(self, batch: Batch, clock: int) -> Batch:
        """The batch with steady times; some of its packets may be older than the last step of the clock."""
        if not len(batch):
            return batch
        if not (self.shift or self._before):
            self.last = max(self.last, int(batch.times[-1]))
            return batch
        times = batch.times - self.shift
        now = clock - self.shift
        if self._before != self.shift:
            before = batch.times - self._before
            is_odd = (times > now + SLACK) | (times < self.last - SLACK)
            is_odd &= (before <= now + SLACK) & (before >= self.last - SLACK)
            times = np.where(is_odd, before, times)
        self.last = max(self.last, int(times[-1]))
        return replace(batch, times=times)


def clocks() -> tuple[int, int]:
    """The clock, and one that nobody sets and that counts while the machine sleeps (ns), read together."""
    while True:
        begun = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        clock = time.time_ns()
        ended = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        if ended - begun < STEP // 10:
            return clock, begun
