"""Packets of one stream kept behind each other: what comes sooner again after a delay covers nothing.

Where packets are under way longer for a while (a full queue, a weak radio link) the stream is anchored later;
when they are on time again, their places would lie on sound that was said before. That sound stays, and the
stream is late until pauses let it catch up, as it was for who listened.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recorder.finish.run import Run
from recorder.finish.timeline import MAX_DROPOUT

Samples = NDArray[np.int16]
Piece = tuple[int, Samples]
"""Where, counted in samples from the beginning of what it was cut from, a piece of sound is heard."""

MOST = 5.0
"""Seconds that a stream may be late; one that goes further ahead of its timestamps has another fault."""
_DRIFTS = 1.25
"""Times of the drift that is put right at once, by which a step back is that of a clock that runs fast. Of
two such steps with no pause in between sound is covered, or hours of it would end seconds late."""
_SAME = 2
"""Ticks by which timestamps in another clock may be rounded."""
_FRAMES = 100
"""A second has so many frames; sound is looked at and cut by frames."""
_QUIET = 100.0
"""Level (RMS) of a pause, 50 dB under full scale."""
_EDGE = 3
"""Frames of a pause that stay at either end of it."""


class _Last(NamedTuple):
    """What is behind a run: its number, timestamp, and position; what its anchor added to timestamps; and the
    time (ns) at which its last packet was captured."""

    sequence: int
    timestamp: int
    end: int
    base: int
    time: int


class Sequel:
    """Follows the places of one stream, in order of sequence. ``start`` is the recording's (ns), ``clock`` in
    Hz, ``drift`` in seconds (see ``ArchivePolicy``). ``late`` are the ticks by which the last run was."""

    def __init__(self, start: int, clock: int, drift: float) -> None:
        self.late = 0
        self._start = start
        self._clock = clock
        self._step = round(_DRIFTS * drift * clock)
        self._most = round(MOST * clock)
        self._last: _Last | None = None

    @property
    def end(self) -> int:
        """Position behind the last run."""
        return self._last.end if self._last else 0

    def placed(self, run: Run, written: int = 0, *, is_heard: bool = True) -> Run:
        """The run where it covers nothing that it follows, and is not before the position ``written``, up to
        which the recording was made before it was captured. One that nobody hears covers nothing."""
        if not run.ticks or not is_heard:
            if self._last is not None:
                self._last = self._last._replace(sequence=run.next_sequence)
            return run.at(run.position + self.late)
        base, last = run.position - run.timestamp, self._last
        is_usual = last is not None and not self.late and base == last.base and run.position >= written
        if not is_usual:
            late = self._free(run, written) - run.position
            is_drift = last is not None and 0 < last.base - base <= self._step < late
            self.late = late if 0 < late <= self._most and not is_drift else 0
        placed = run.at(run.position + self.late) if self.late else run
        behind = run.timestamp + len(run) * run.ticks
        self._last = _Last(run.next_sequence, behind, placed.end, base, int(run.times[-1]))
        return placed

    def caught_up(self, pcm: Samples, rate: int) -> list[Piece]:
        """The sound of the last run, at ``rate`` Hz, without as much of its pauses as the stream is late."""
        size = rate // _FRAMES
        pieces, cut = without_pauses(pcm, size, self.late * _FRAMES // self._clock)
        if cut and self._last is not None:
            ticks = cut * self._clock // _FRAMES
            self.late -= ticks
            self._last = self._last._replace(end=self._last.end - ticks)
        return pieces

    def _free(self, run: Run, written: int) -> int:
        """The first position at which the run covers nothing that it follows."""
        last = self._last
        is_fresh = run.times[0] >= self._start + written * 1_000_000_000 // self._clock
        first = written if is_fresh else run.position
        if last is None or run.sequence < last.sequence:
            return first
        pause, missing = run.timestamp - last.timestamp, run.sequence - last.sequence
        is_same = run.position - run.timestamp == last.base
        # What comes later than packets that follow it by number was not before them.
        if pause < -_SAME if is_same else run.times[0] < last.time:
            return first
        lost = missing * run.ticks if missing < MAX_DROPOUT else 0
        if not is_same and abs(pause - lost) > self._step:
            lost = 0
        return max(first, last.end + max(min(pause, lost), 0))


def without_pauses(pcm: Samples, size: int, most: int) -> tuple[list[Piece], int]:
    """The samples with at most ``most`` frames of ``size`` samples left out where it is quiet; how many were.

    The ends of each pause stay.
    """
    count = len(pcm) // size
    if not most or not count:
        return [(0, pcm)], 0
    frames = pcm[: count * size].reshape(count, size).astype(np.float32)
    is_quiet = np.vecdot(frames, frames) <= _QUIET**2 * size
    bounds = np.flatnonzero(np.diff(is_quiet, prepend=False, append=False)).reshape(-1, 2)
    pieces, start, cut = [], 0, 0
    for low, high in bounds.tolist():
        left = min(high - low - 2 * _EDGE, most - cut)
        if left > 0:
            pieces.append(((start - cut) * size, pcm[start * size : (low + _EDGE) * size]))
            start, cut = low + _EDGE + left, cut + left
    return [*pieces, ((start - cut) * size, pcm[start * size :])], cut
