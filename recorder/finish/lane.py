"""Samples of one source at one rate, read in the rate of the recording."""

import numpy as np
from numpy.typing import NDArray

from recorder.finish.resample import Resampler
from recorder.finish.segments import Segments, Spans, join

Samples = NDArray[np.int16]


class Lane:
    """Takes runs of samples at ``rate`` Hz and gives them back at ``target`` Hz.

    Places given to ``put`` are at ``rate``, all others at ``target``. Nothing is heard before ``origin``.
    """

    def __init__(self, rate: int, target: int, origin: int) -> None:
        self.rate = rate
        self._target = target
        self._source = Segments(origin * rate // target)
        self._heard: Spans = []
        self._resampler = None if rate == target else Resampler(rate, target)
        self._output = self._source if rate == target else Segments(origin)
        self._written = origin

    @property
    def taken(self) -> int:
        """Up to where nothing can be placed any more: what is converted is ahead of what is read."""
        return -(-self._source.position * self._target // self.rate)

    def put(self, start: int, pcm: Samples, *, filling: bool = False) -> int:
        """Place samples; returns how many came too late and are cut off. What fills a hole is no span."""
        return self._source.put(start, pcm, filling=filling)

    def advance(self, until: int, *, final: bool = False) -> int:
        """Make audio ready up to ``until`` as far as possible; returns up to where it is ready."""
        if self._resampler is None:
            return until
        start, end = self._source.position, until * self.rate // self._target
        if end <= start and not final:
            return self._written
        pcm = self._source.read(start, end)
        spans = self._source.spans(start, end)
        self._heard = join(self._heard + [(self._scaled(low), self._scaled(high)) for low, high in spans])
        self._source.drop(end)
        converted = self._resampler.convert(
            np.zeros(end - start, np.int16) if pcm is None else pcm, final=final
        )
        self._output.put(self._written, converted)
        self._written += len(converted)
        return until if final else self._written

    def read(self, start: int, end: int) -> Samples | None:
        """Samples from start to end, silence in the holes; None where nothing is heard."""
        return self._output.read(start, end)

    def spans(self, start: int, end: int) -> Spans:
        """Where between start and end this lane is heard."""
        if self._resampler is None:
            return self._output.spans(start, end)
        clipped = ((max(low, start), min(high, end)) for low, high in self._heard)
        return [span for span in clipped if span[0] < span[1]]

    def drop(self, before: int) -> None:
        """Forget what lies before this place."""
        self._output.drop(before)
        self._heard = [span for span in self._heard if span[1] > before]

    def _scaled(self, position: int) -> int:
        return round(position * self._target / self.rate)
