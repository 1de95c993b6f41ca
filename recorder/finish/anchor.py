"""The tie between a stream's RTP clock and the clock of capture."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

WINDOW = 64
"""Packets that must all be off their place before a stream is anchored anew."""
FIRST_PACKETS = 8
"""Packets whose least delayed one sets the first anchor."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(slots=True)
class Anchor:
    """Says what to add to an RTP timestamp to get its position, in ticks of the RTP clock.

    ``drift``: packets that are all off by more than this are anchored anew, at a step of more than
    ``jump`` between capture time and timestamp (a hold without timestamps, a restart of the sender) at
    once, else after a full window (a clock that runs fast or slow). A single packet on time holds the
    anchor: a burst after a stall of the network moves nothing. All in ticks.
    """

    drift: float
    jump: float
    base: int | None = None
    _window: Floats = field(default_factory=lambda: np.zeros(0))
    """How far off the packets of the window begun so far are."""
    _last: float | None = None
    _raw: Floats = field(default_factory=lambda: np.zeros(0))
    _marks: list[tuple[int, int]] = field(default_factory=list)
    """For the packets being placed: where windows begin, and with which base."""

    def bases(self, clocks: Floats, timestamps: Ints) -> Ints:
        """What to add to each timestamp; nothing is decided for good before ``commit``.

        ``clocks`` are the capture times in ticks since the start of the recording, in order of sequence,
        both of shape (packets,), at least one.
        """
        raw = clocks - timestamps
        if self.base is None:
            self.base = round(float(raw[:FIRST_PACKETS].min()))
        self._raw = raw
        self._marks = []
        off = raw - self.base
        if -self.drift <= off.min() and off.max() <= self.drift and (abs(self._window) <= self.drift).all():
            return np.full(len(raw), self.base, np.int64)
        self._walk(raw, self.base)
        bases = np.full(len(raw), self.base, np.int64)
        for index, base in self._marks:
            bases[index:] = base
        return bases

    def commit(self, count: int) -> None:
        """The first ``count`` packets are placed for good; the others will be asked for again."""
        if not count:
            return
        begun = [mark for mark in self._marks if mark[0] <= count]
        start, self.base = begun[-1] if begun else (0, self.base)
        off = self._raw[start:count] - (self.base or 0)
        window = off if begun else np.concatenate((self._window, off))
        self._window = window[len(window) - len(window) % WINDOW :]
        self._last = float(self._raw[count - 1])

    def _walk(self, raw: Floats, base: int) -> None:
        """Go over the packets from step to step and window to window, noting where the base changes."""
        before = raw[0] if self._last is None else self._last
        steps = np.flatnonzero(abs(np.diff(raw, prepend=before)) > self.jump).tolist()
        window = self._window
        for start, end in zip([0, *steps], [*steps, len(raw)], strict=True):
            if start in steps:
                base = self._settled(base, raw[start : min(end, start + WINDOW)] - base)
                self._marks.append((start, base))
                window = raw[:0]
            position = start
            while position < end:
                piece = raw[position : min(end, position + WINDOW - len(window))] - base
                window = np.concatenate((window, piece))
                position += len(piece)
                if len(window) == WINDOW:
                    base = self._settled(base, window)
                    self._marks.append((position, base))
                    window = raw[:0]

    def _settled(self, base: int, off: Floats) -> int:
        if len(off) and (off.min() > self.drift or off.max() < -self.drift):
            return base + round(float(np.median(off)))
        return base
