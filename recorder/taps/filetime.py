"""Time that goes on although the clock was set back while a file was captured.

The file has no other clock, but what was said meanwhile: streams of media that go on in sequence across the
step tell how much later its first packets came than the last ones before it. Files that were put one behind
the other, and packets out of order, have no such streams, and stay as they are. A clock that was set forward
cannot be told from a pause, as of a call on hold.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median

import numpy as np

from recorder.batch import Batch
from recorder.protocol import classify, rtp, udp
from recorder.taps.steadytime import STEP

AROUND = 500
"""Frames on either side of a step that are looked at."""
_MISSING = 50
"""Packets that a stream may miss at the step."""
_USUAL = 20_000_000
"""Between two packets (ns), where a stream does not tell."""
_SHORTEST, _LONGEST = 5_000_000, 120_000_000
_ALIKE = 100_000_000
"""By so much (ns) streams that tell of the same step may differ."""
_AGREED = 2 / 3
"""Share of the streams that must."""
_IN_VAIN = 1000
"""Steps that were none, behind which a file is taken to be out of order: each costs some milliseconds."""

Heard = dict[tuple[int, ...], list[tuple[int, int]]]
"""Sequence numbers and times (ns) of each stream."""


@dataclass(slots=True)
class FileTime:
    """Puts the batches of one file right. ``steps`` are those that were found, in ns, all below 0."""

    steps: list[int] = field(default_factory=list)
    _last: int | None = None
    _before: list[Batch] = field(default_factory=list)
    _in_vain: int = 0

    def even(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """The batches, cut where the clock was set back, with ``shift``."""
        waiting: list[Batch] = []
        for batch in batches:
            for part, is_back in self._parts(batch):
                if waiting:
                    yield self._behind(waiting.pop(), part)
                if is_back and len(part) < AROUND:
                    waiting.append(part)
                else:
                    yield self._behind(part) if is_back else self._placed(part)
        if waiting:
            yield self._behind(waiting.pop())

    def _parts(self, batch: Batch) -> Iterator[tuple[Batch, bool]]:
        """The batch in parts, each with whether its first frame is older than the one before it."""
        if not len(batch):
            return
        first = batch.times[0] if self._last is None else self._last
        self._last = int(batch.times[-1])
        backs = np.flatnonzero(np.diff(batch.times, prepend=first) <= -STEP).tolist()
        for a, b in pairwise(sorted({0, *backs, len(batch)})):
            yield batch.part(a, b), a in backs

    def _behind(self, part: Batch, *more: Batch) -> Batch:
        """The part, which may begin with a step, before ``more``."""
        if self._in_vain < _IN_VAIN:
            step = told(self._before, [part, *more])
            if step:
                self.steps.append(step)
            else:
                self._in_vain += 1
        return self._placed(part)

    def _placed(self, part: Batch) -> Batch:
        before = [*self._before, part][-4:]
        # What is long enough needs none before it.
        self._before = before[-1:] if len(part) >= AROUND else before
        shift = sum(self.steps)
        return replace(part, times=part.times - shift, shift=shift) if shift else part


def told(before: Sequence[Batch], after: Sequence[Batch]) -> int:
    """By how much (ns, below 0) the clock was set back, as most streams on both sides say, or 0."""
    ended, goes_on = _heard(before, is_end=True), _heard(after, is_end=False)
    steps = [step for key, ends in ended.items() if (step := _step(ends, goes_on.get(key, []))) is not None]
    if not steps:
        return 0
    step = round(median(steps))
    agreed = sum(abs(one - step) <= _ALIKE for one in steps)
    return step if step <= -STEP and agreed >= _AGREED * len(steps) else 0


def _step(before: list[tuple[int, int]], after: list[tuple[int, int]]) -> int | None:
    """How much earlier than it should a stream goes on; None where it does not."""
    last, time = before[-1]
    for number, then in after:
        passed = (number - last) & 0xFFFF
        if 0 < passed <= _MISSING:
            return then - time - passed * _spacing(before)
    return None


def _spacing(packets: list[tuple[int, int]]) -> int:
    (first, begin), (last, end) = packets[0], packets[-1]
    count = (last - first) & 0xFFFF
    if not 0 < count < AROUND:
        return _USUAL
    return min(max((end - begin) // count, _SHORTEST), _LONGEST)


def _heard(batches: Sequence[Batch], *, is_end: bool) -> Heard:
    """The streams in the last frames of the batches, or in the first ones."""
    found: Heard = {}
    room = AROUND
    parts: list[Batch] = []
    for batch in reversed(batches) if is_end else batches:
        size = min(room, len(batch))
        parts.append(batch.part(len(batch) - size, len(batch)) if is_end else batch.part(0, size))
        room -= size
    for part in reversed(parts) if is_end else parts:
        datagrams = udp.parse(part)
        rows = rtp.parse(datagrams, classify.parse(datagrams).media)
        ends = np.column_stack(
            [
                datagrams.sources[rows.rows],
                datagrams.destinations[rows.rows],
                datagrams.source_ports[rows.rows],
                datagrams.destination_ports[rows.rows],
                rows.ssrcs,
            ]
        )
        times = datagrams.times[rows.rows].tolist()
        for key, number, time in zip(ends.tolist(), rows.sequences.tolist(), times, strict=True):
            found.setdefault(tuple(key), []).append((number, time))
    return found
