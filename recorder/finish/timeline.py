"""Where each packet of a stream belongs on the recording: by capture time and RTP timestamp.

Positions are counted in ticks of the RTP clock from the start of the recording. The first packets tie
the two clocks together (the anchor); from then on the RTP timestamp alone says where a packet goes, so
that jitter does not move audio. Where the two disagree for good, the stream is anchored anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from recorder.finish.anchor import Anchor, Floats
from recorder.finish.run import Run
from recorder.finish.segments import Spans

MAX_DROPOUT = 3000
"""A jump of the sequence number beyond this is a sender that started again (RFC 3550, A.1), unless as much
time has passed."""
_MOST_OF_IT = 0.9
"""Share of the time of missing packets that must have passed."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What became final: runs with their positions, and the spans of ticks whose packets never came.

    ``ahead`` is the span behind the runs that will be lost if nothing comes for it any more, ``following``
    the run behind that.
    """

    runs: list[Run]
    lost: Spans
    ahead: tuple[int, int] | None = None
    following: Run | None = None


class Timeline:
    """Places the packets of one stream.

    ``start`` is the recording's, in nanoseconds since the epoch; ``clock_rate`` is the RTP clock in Hz;
    ``drift`` and ``jump`` are in seconds (see ``ArchivePolicy``). ``late`` counts the packets that came
    when those behind them were placed already.
    """

    def __init__(self, start: int, clock_rate: int, drift: float, jump: float) -> None:
        self.late = 0
        self._start = start
        self._clock = clock_rate
        self._anchor = Anchor(drift * clock_rate, jump * clock_rate)
        self._pending: list[Run] = []
        self._next_sequence: int | None = None
        self._last_end = self._last_ticks = 0

    def add(self, runs: Iterable[Run]) -> None:
        """Take packets in, in the order of arrival and without duplicates."""
        self._pending += runs

    def take(self, until: int) -> Placed:
        """Place, once and for all, what was captured before ``until`` (ns) or belongs there."""
        runs = self._ordered()
        if not runs:
            self._pending = []
            return Placed([], [])
        placed = self._placed(runs)
        taken, waiting = self._split(placed, until)
        # A view of the last half second would keep all that was read with it in memory.
        self._pending = [run.copied() for run in waiting]
        self._anchor.commit(sum(len(run) for run in taken if run.ticks))
        lost = self._lost(taken)
        following = self._pending[0] if self._pending else None
        return Placed(taken, lost, self._missing(following) if following else None, following)

    def _placed(self, runs: list[Run]) -> list[Run]:
        """The runs at their places. Events have no say: they carry the timestamp of their beginning."""
        parts: list[Floats] = [
            (run.times - self._start) * (self._clock / 1e9) - run.timestamps for run in runs if run.ticks
        ]
        if not parts:
            return [run.at(run.timestamp + (self._anchor.base or 0)) for run in runs]
        raw = parts[0] if len(parts) == 1 else np.concatenate(parts)
        base = self._anchor.steady(raw)
        if base is not None:
            return [run.at(run.timestamp + base) for run in runs]
        return _placed(runs, self._anchor.bases(raw))

    def _ordered(self) -> list[Run]:
        """The pending runs in order of sequence, without packets whose place has been passed."""
        if len(self._pending) > 1:
            self._pending.sort(key=lambda run: run.sequence)
        following = self._next_sequence
        runs = []
        for run in self._pending:
            passed = 0 if following is None else min(max(following - run.sequence, 0), len(run))
            self.late += passed
            if passed < len(run):
                runs.append(run.part(passed, len(run)) if passed else run)
                following = run.next_sequence
        return runs

    def _split(self, runs: list[Run], until: int) -> tuple[list[Run], list[Run]]:
        """What is final at ``until``: up to the last packet captured before it or belonging before it."""
        tick = (until - self._start) * self._clock // 1_000_000_000
        for number in range(len(runs) - 1, -1, -1):
            run = runs[number]
            count = int(np.searchsorted(run.times, until))
            if run.ticks:
                count = max(count, min(-((run.position - tick) // run.ticks), len(run)))
            if count == len(run):
                return runs[: number + 1], runs[number + 1 :]
            if count:
                return [*runs[:number], run.part(0, count)], [run.part(count, len(run)), *runs[number + 1 :]]
        return [], runs

    def _lost(self, runs: list[Run]) -> Spans:
        """Spans before runs where numbers are missing, no longer than the missing packets would be."""
        spans = []
        for run in runs:
            span = self._missing(run)
            if span:
                spans.append(span)
            self._next_sequence, self._last_ticks = run.next_sequence, run.ticks
            if run.ticks:
                self._last_end = run.end
        return spans

    def _missing(self, run: Run) -> tuple[int, int] | None:
        """The span before a run for which numbers are missing."""
        missing = 0 if self._next_sequence is None else run.sequence - self._next_sequence
        # Before an event, whose packets have no length, audio was lost where audio was heard last.
        length = missing * (run.ticks or self._last_ticks)
        begin = max(self._last_end, run.position - length)
        if missing >= MAX_DROPOUT and run.position - begin < _MOST_OF_IT * length:
            return None
        return (begin, run.position) if missing > 0 and begin < run.position else None


def _placed(runs: list[Run], bases: NDArray[np.int64]) -> list[Run]:
    """The runs at their places, cut in two where the base changes inside one."""
    placed = []
    start = 0
    for run in runs:
        if not run.ticks:
            placed.append(run.at(run.timestamp + int(bases[min(start, len(bases) - 1)])))
            continue
        own = bases[start : start + len(run)]
        start += len(run)
        cuts = [0, *(np.flatnonzero(np.diff(own)) + 1).tolist(), len(run)]
        for low, high in pairwise(cuts):
            part = run.part(low, high)
            placed.append(part.at(part.timestamp + int(own[low])))
    return placed
