"""Telling encrypted payload from speech where nothing says which it is."""

import numpy as np
from numpy.typing import NDArray

WINDOW = 2048
"""Bytes that are judged at a time."""
_LARGEST = 400.0
"""Of 2048 random bytes, chi-squared is 255 on average with a deviation of 23."""


def is_random(payload: NDArray[np.uint8]) -> bool:
    """Whether the bytes of G.711 payload are spread evenly, as those of a cipher are and of no sound.

    ``payload`` is uint8 of shape (bytes,), of which ``WINDOW`` are looked at, evenly chosen. Fewer are not
    judged. Codes of G.711 stand for loudness on a logarithmic scale: to use all alike, a sound would have
    to be at every level from silence to full scale for as long, within a quarter of a second.
    """
    if len(payload) < WINDOW:
        return False
    step = len(payload) // WINDOW
    counts = np.bincount(payload[: WINDOW * step : step], minlength=256).astype(np.float64)
    expected = WINDOW / 256
    return float(((counts - expected) ** 2).sum()) / expected < _LARGEST
