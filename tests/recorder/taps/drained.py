"""Reading a live tap to the end of what was sent."""

import time
from collections.abc import Callable, Iterator

from recorder.batch import Batch
from recorder.taps.af_packet import AfPacketTap
from tests.waiting import PATIENCE


def drained(tap: AfPacketTap, done: Callable[[], bool] = lambda: True) -> Iterator[Batch]:
    """Batches until nothing came in a whole poll time that began when ``done`` was true.

    What the kernel has counted and not handed over yet is waited for: on a busy machine that takes longer.
    """
    last = time.monotonic() + PATIENCE
    was_done = done()
    for batch in tap:
        yield batch
        counted = tap.statistics
        if was_done and not len(batch) and counted.passed <= counted.delivered + counted.dropped:
            return
        assert time.monotonic() < last, f"it does not come to an end: {counted}"
        was_done = done()
