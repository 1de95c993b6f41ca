"""Time that goes on although the clock was set back while a file was captured.

The file has no other clock, but what was said meanwhile: streams of media that go on in sequence across the
step tell how much later its first packets came than the last ones before it. Files that were put one behind
the other, and packets out of order, have no such streams, and stay as they are. A clock that was set forward
cannot be told from a pause, as of a call on hold.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

import numpy as np

from recorder.batch import Batch
from recorder.protocol import classify, rtp, udp
from recorder.taps.steadytime import STEP

AROUND = 6000
"""Frames on either side of a step that are looked at: all streams of a thousand calls are heard in them."""
_NEAREST = 500
"""Of them, those in which there mostly are streams that tell."""
_MISSING = 50
"""Packets that a stream may miss at the step."""
_SOON = 2_000_000_000
"""Before and behind a step (ns), in which a stream is heard that tells of it."""
_USUAL = 20_000_000
"""Between two packets (ns), where a stream does not tell."""
_SHORTEST, _LONGEST = 5_000_000, 120_000_000
_ALIKE = 100_000_000
"""By so much (ns) streams that tell of the same step may differ."""
_AGREED = 2 / 3
"""Share of the streams that must."""
_IN_VAIN = 100
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
        waiting: list[tuple[Batch, list[int]]] = []
        for batch in filter(len, batches):
            if waiting:
                yield from self._cut(*waiting.pop(), batch)
            backs = self._backs(batch)
            if backs and len(batch) - backs[-1] < AROUND:
                waiting.append((batch, backs))
            else:
                yield from self._cut(batch, backs)
        for one in waiting:
            yield from self._cut(*one)

    def _backs(self, batch: Batch) -> list[int]:
        """The frames that are older than those before them."""
        first = batch.times[0] if self._last is None else self._last
        self._last = int(batch.times[-1])
        found: list[int] = np.flatnonzero(np.diff(batch.times, prepend=first) <= -STEP).tolist()
        return found

    def _cut(self, batch: Batch, backs: list[int], *more: Batch) -> Iterator[Batch]:
        """The batch, which comes before ``more``, in parts; whole where frames are only out of order: clocks
        of the interfaces that a file was captured at may be apart, and their frames take turns."""
        start = 0
        for at in backs:
            if self._in_vain >= _IN_VAIN:
                break
            before = [*self._before, batch.part(0, at)] if at else self._before
            step = told(before, [batch.part(at, len(batch)), *more])
            if not step:
                self._in_vain += 1
                continue
            if at > start:
                yield self._placed(batch.part(start, at))
            self.steps.append(step)
            start = at
        yield self._placed(batch.part(start, len(batch)))
        # What is long enough needs none before it.
        self._before = [batch] if len(batch) >= AROUND else [*self._before, batch][-4:]

    def _placed(self, part: Batch) -> Batch:
        shift = sum(self.steps)
        return replace(part, times=part.times - shift, shift=shift) if shift else part


def told(before: Sequence[Batch], after: Sequence[Batch]) -> int:
    """By how much (ns, below 0) the clock was set back, as most streams on both sides say, or 0."""
    steps = _votes(before, after, _NEAREST) or _votes(before, after, AROUND)
    if not steps:
        return 0
    step = round(median(steps))
    agreed = sum(abs(one - step) <= _ALIKE for one in steps)
    return step if step <= -STEP and agreed >= _AGREED * len(steps) else 0


def _votes(before: Sequence[Batch], after: Sequence[Batch], around: int) -> list[int]:
    """The step (ns) as each stream tells it that is heard in so many frames on both sides."""
    if not before or not after:
        return []
    ended, goes_on = _heard(before, around, is_end=True), _heard(after, around, is_end=False)
    end, begin = int(before[-1].times[-1]), int(after[0].times[0])
    near = {key: ends for key, ends in ended.items() if abs(end - ends[-1][1]) < _SOON}
    steps = (_step(ends, goes_on.get(key, []), begin) for key, ends in near.items())
    return [step for step in steps if step is not None]


def _step(before: list[tuple[int, int]], after: list[tuple[int, int]], begin: int) -> int | None:
    """How much earlier than it should a stream goes on; None where it does not soon behind ``begin`` (ns)."""
    last, time = before[-1]
    for number, then in after:
        passed = ((number - last + 0x8000) & 0xFFFF) - 0x8000
        if abs(passed) > _MISSING or abs(then - begin) > _SOON:
            # It paused, or is played once more.
            return None
        if passed > 0:
            return then - time - passed * _spacing(before)
    return None


def _spacing(packets: list[tuple[int, int]]) -> int:
    (first, begin), (last, end) = packets[0], packets[-1]
    count = (last - first) & 0xFFFF
    if not 0 < count < AROUND:
        return _USUAL
    return min(max((end - begin) // count, _SHORTEST), _LONGEST)


def _heard(batches: Sequence[Batch], room: int, *, is_end: bool) -> Heard:
    """The streams in the last ``room`` frames of the batches, or in the first ones."""
    found: Heard = {}
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
