"""Sample-rate conversion of a stream that comes in pieces."""

from typing import cast

import numpy as np
import soxr  # type: ignore[import-untyped]
from numpy.typing import NDArray

Samples = NDArray[np.int16]


class Resampler:
    """Converts mono audio from one rate to another, Hz. Output sample k is the input at k / target seconds;
    the last milliseconds stay inside until more comes or the stream ends."""

    def __init__(self, rate: int, target: int) -> None:
        self._stream = soxr.ResampleStream(rate, target, 1, dtype="int16")

    def convert(self, pcm: Samples, *, final: bool = False) -> Samples:
        """What is ready after these samples, int16 of shape (some,); ``final`` gets all the rest."""
        return cast(Samples, self._stream.resample_chunk(pcm, last=final))
