"""Audio at its places on a timeline that is read from front to back."""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]
Spans = list[tuple[int, int]]
"""Half-open intervals of sample positions, in order, apart from each other."""


class Segments:
    """Pieces of audio by sample position. Where two overlap the later one put is heard.

    Audio that only fills a hole is read like any other, and its place still counts as one.

    Nothing is kept that lies before ``position``, the place up to which the audio has been dropped.
    """

    def __init__(self, position: int = 0) -> None:
        self.position = position
        self._pieces: list[tuple[int, Samples, bool]] = []

    def put(self, start: int, pcm: Samples, *, filling: bool = False) -> int:
        """Place samples; returns how many of them came too late, before ``position``."""
        late = min(max(self.position - start, 0), len(pcm))
        if late < len(pcm):
            self._pieces.append((start + late, pcm[late:], filling))
        return late

    def read(self, start: int, end: int) -> Samples | None:
        """Samples from start to end with silence in the holes; None where there are none at all."""
        pieces = [piece for piece in self._pieces if piece[0] < end and piece[0] + len(piece[1]) > start]
        if not pieces:
            return None
        first, pcm, _ = pieces[0]
        if len(pieces) == 1 and first <= start and first + len(pcm) >= end:
            return pcm[start - first : end - first]
        window = np.zeros(end - start, np.int16)
        for first, pcm, _ in pieces:
            low, high = max(first, start), min(first + len(pcm), end)
            window[low - start : high - start] = pcm[low - first : high - first]
        return window

    def spans(self, start: int, end: int) -> Spans:
        """Where between start and end there is audio."""
        pieces = (
            (max(first, start), min(first + len(pcm), end))
            for first, pcm, filling in self._pieces
            if not filling
        )
        return join(sorted(piece for piece in pieces if piece[0] < piece[1]))

    def drop(self, before: int) -> None:
        """Forget what lies before this position."""
        self.position = max(self.position, before)
        # A copy, as a view of its end would keep all of a piece, which may be minutes, in memory.
        self._pieces = [
            (first, pcm, filling) if first >= before else (before, pcm[before - first :].copy(), filling)
            for first, pcm, filling in self._pieces
            if first + len(pcm) > before
        ]


def join(spans: Spans, within: int = 0) -> Spans:
    """Sorted spans with those joined that overlap or are at most ``within`` apart."""
    joined: Spans = []
    for start, end in spans:
        if joined and start - joined[-1][1] <= within:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def holes(spans: Spans, start: int, end: int) -> Spans:
    """What sorted spans leave free between start and end."""
    free: Spans = []
    for low, high in spans:
        if low > start:
            free.append((start, min(low, end)))
        start = max(start, high)
        if start >= end:
            return free
    free.append((start, end))
    return [hole for hole in free if hole[0] < hole[1]]
