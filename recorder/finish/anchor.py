"""The tie between a stream's RTP clock and the clock of capture."""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

WINDOW = 64
"""Packets that must all be off their place before a stream is anchored anew."""
FIRST_PACKETS = 8
"""Packets at least whose least delayed one sets the first anchor; a stream may begin with a burst."""

_LATEST = 25
"""Times of a jump by which packets are late, and not from another start of their sender."""

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]


@dataclass(slots=True)
class _Window:
    """How far off, at least and at most, the packets of a window are so far."""

    count: int = 0
    low: float = math.inf
    high: float = -math.inf

    def take(self, off: Floats) -> None:
        if len(off):
            self.count += len(off)
            self.low = min(self.low, float(off.min()))
            self.high = max(self.high, float(off.max()))


@dataclass(slots=True)
class Anchor:
    """Says what to add to an RTP timestamp to get its position, in ticks of the RTP clock.

    Packets that are all off their place by more than ``drift`` are anchored anew by the least delayed of
    them: at once where capture time and timestamp step apart by more than ``jump`` (a hold without
    timestamps, a restart of the sender), else after a full window (a clock that runs fast or slow). One
    packet on time holds the anchor, so that a burst after a stall of the network moves nothing. All
    lengths are in ticks.

    Packets come in order of sequence; ``raw`` is their capture time in ticks since the start of the
    recording less their timestamp, of shape (packets,), at least one.
    """

    drift: float
    jump: float
    base: int | None = None
    _window: _Window = field(default_factory=_Window)
    _last: float | None = None
    _raw: Floats = field(default_factory=lambda: np.zeros(0))
    _marks: list[tuple[int, int]] = field(default_factory=list)
    """For the packets being placed: where windows begin, and with which base."""
    _calm: bool = False

    def steady(self, raw: Floats) -> int | None:
        """The one base of all these packets where they are on time, else None; ``commit`` makes it final."""
        self._raw, self._marks, self._calm = raw, [], False
        if self.base is None or self._last is None or abs(raw[0] - self._last) > self.jump:
            return None
        if raw.min() < self.base - self.drift or raw.max() > self.base + self.drift:
            return None
        self._calm = True
        return self.base

    def bases(self, raw: Floats) -> Ints:
        """What to add to each timestamp; nothing is final before ``commit``."""
        if self.base is None:
            self.base = round(float(raw[: self._first(raw)].min()))
        self._raw, self._calm = raw, False
        self._walk(raw, self.base)
        bases = np.full(len(raw), self.base, np.int64)
        for index, base in self._marks:
            bases[index:] = base
        return bases

    def commit(self, count: int) -> None:
        """The first ``count`` packets are placed for good; the others will be asked for again."""
        raw, self._raw = self._raw, np.zeros(0)
        if not count:
            return
        if self._calm:
            # What matters of packets on time is only that they were.
            count_in_window = (self._window.count + count) % WINDOW
            self._window = _Window(count_in_window, 0.0, 0.0) if count_in_window else _Window()
        else:
            start = 0
            for index, base in self._marks:
                if index <= count:
                    start, self.base, self._window = index, base, _Window()
            self._window.take(self._on_time(raw[start:count] - (self.base or 0)))
        self._last = float(raw[count - 1])

    def _first(self, raw: Floats) -> int:
        """How many packets set the first anchor: a window, or those up to a step."""
        steps = np.flatnonzero(abs(np.diff(raw[:WINDOW])) > self.jump) + 1
        return int(next(iter(steps[steps >= FIRST_PACKETS]), WINDOW))

    def _walk(self, raw: Floats, base: int) -> None:
        """Go over the packets from step to step and window to window, noting where the base may change."""
        before = raw[0] if self._last is None else self._last
        steps = np.flatnonzero(abs(np.diff(raw, prepend=before)) > self.jump).tolist()
        window = _Window(self._window.count, self._window.low, self._window.high)
        self._marks = []
        starts = steps if steps[:1] == [0] else [0, *steps]
        for start, end in zip(starts, [*starts[1:], len(raw)], strict=True):
            if start in steps and not self._is_late(raw[start : start + WINDOW] - base, end - start):
                window = _Window()
                window.take(self._on_time(raw[start : min(end, start + WINDOW)] - base))
                base = self._settled(base, window)
                self._marks.append((start, base))
                window = _Window()
            position = start
            while position < end:
                stop = min(end, position + WINDOW - window.count)
                window.take(self._on_time(raw[position:stop] - base))
                position = stop
                if window.count == WINDOW:
                    base = self._settled(base, window)
                    self._marks.append((position, base))
                    window = _Window()

    def _is_late(self, off: Floats, count: int) -> bool:
        """Whether the first ``count`` packets are only late: of the window that begins with them one is on
        time again."""
        first, rest = off[:count], off[count:]
        is_delay = first.min() >= -self.drift and first.max() <= _LATEST * self.jump
        return bool(is_delay and (abs(rest) <= self.drift).any())

    def _on_time(self, off: Floats) -> Floats:
        """The same with 0 for packets that are on time."""
        return np.where(abs(off) <= self.drift, 0.0, off)

    def _settled(self, base: int, window: _Window) -> int:
        if window.low > self.drift or window.high < -self.drift:
            return base + round(window.low)
        return base
