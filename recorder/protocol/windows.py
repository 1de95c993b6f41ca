"""Looking through a buffer from a place on, a window at a time: what is looked for is mostly near."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_FIRST, _LARGEST = 1 << 10, 1 << 16


def windows(at: int, end: int) -> Iterator[NDArray[np.int64]]:
    """The places from ``at`` up to ``end``, in windows that grow; none where ``at`` is not before it."""
    size = _FIRST
    while at < end:
        until = min(at + size, end)
        yield np.arange(at, until, dtype=np.int64)
        at = until
        size = min(_LARGEST, 4 * size)
