"""Looks into the first packets of new streams for the proof that two legs are one conversation."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recorder.assembly.book import CallBook
from recorder.assembly.correlate import Correlator, passed_on
from recorder.assembly.leg import Leg, LegStream
from recorder.assembly.rows import Rows
from recorder.assembly.streamlegs import StreamLegs
from recorder.assembly.streams import Arranged, StreamTable

SAMPLE = 25
"""Packets looked at per stream and flush: all of 0.5 s at 20 ms, so that both copies show the same ones."""
YOUNG = 15_000_000_000
"""How long after its first packet a stream is looked at, in ns."""


@dataclass(slots=True)
class Prover:
    """Looks at the streams of calls of one leg; what signalling has linked already needs no proof."""

    book: CallBook
    _correlator: Correlator = field(default_factory=Correlator)

    def look(
        self,
        rows: Rows,
        arranged: Arranged,
        payload: NDArray[np.uint8],
        legs: StreamLegs,
        table: StreamTable,
    ) -> Iterator[tuple[Leg, Leg]]:
        """Pairs of legs that a flush proves to be one conversation. ``payload`` is in arranged order."""
        age = table.columns["last"][arranged.streams] - table.columns["first"][arranged.streams]
        young = np.flatnonzero((age < YOUNG) & (arranged.groups.counts > 0))
        lengths = rows.lengths[arranged.groups.order].astype(np.int64)
        ends = np.cumsum(lengths)
        for index in young.tolist():
            stream = int(arranged.streams[index])
            if not self._unexplained(legs.get(stream)):
                continue
            a = int(arranged.groups.starts[index])
            for at in range(a, a + min(int(arranged.groups.counts[index]), SAMPLE)):
                time = int(rows.times[arranged.groups.order[at]])
                data = payload[int(ends[at] - lengths[at]) : int(ends[at])].tobytes()
                pair = self._pair(stream, time, data, legs)
                if pair is not None:
                    yield pair
                    break

    def expire(self, now: int) -> None:
        """Forget what is too old to match."""
        self._correlator.expire(now)

    def forget(self, stream: int) -> None:
        """The stream's number will be used for another one."""
        self._correlator.forget(stream)

    def _unexplained(self, entry: tuple[Leg, LegStream] | None) -> bool:
        call = self.book.of(entry[0].id) if entry else None
        return call is not None and len(call.legs) == 1

    def _pair(self, stream: int, at: int, payload: bytes, legs: StreamLegs) -> tuple[Leg, Leg] | None:
        here = legs.get(stream)
        if here is None:
            return None
        twin = self._correlator.sight(stream, here[1].key, at, payload)
        there = legs.get(twin) if twin is not None else None
        if there is None or there[0] is here[0] or there[1].speaker is not here[1].speaker:
            return None
        if not passed_on(here[1].key, there[1].key) and not _same_numbers(here[0], there[0]):
            return None
        return here[0], there[0]


def _same_numbers(one: Leg, another: Leg) -> bool:
    """Whether two dialogs share a number: a PBX with two addresses hides that it passes media on."""
    a, b = one.dialog, another.dialog
    if a is None or b is None:
        return False
    return bool({a.from_number, a.to_number} & {b.from_number, b.to_number} - {""})
