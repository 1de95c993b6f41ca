"""Looks into the first packets of new streams for the proof that two legs are one conversation."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recorder.assembly.correlate import Correlator
from recorder.assembly.leg import Leg
from recorder.assembly.rows import Rows
from recorder.assembly.streamlegs import StreamLegs
from recorder.assembly.streams import Arranged, StreamTable

SAMPLE = 25
"""Packets looked at per stream and flush: all of 0.5 s at 20 ms, so that both copies show the same ones."""
YOUNG = 15_000_000_000
"""How long after its first packet a stream is looked at, in ns."""


@dataclass(slots=True)
class Prover:
    """Remembers which streams are settled; the others cost a look at each of their packets."""

    _correlator: Correlator = field(default_factory=Correlator)
    _settled: set[int] = field(default_factory=set)

    def look(
        self,
        rows: Rows,
        arranged: Arranged,
        payload: NDArray[np.uint8],
        legs: StreamLegs,
        table: StreamTable,
    ) -> Iterator[tuple[Leg, Leg]]:
        """Pairs of legs that a flush proves to be one conversation. ``payload`` is in arranged order."""
        young = table.columns["last"][arranged.streams] - table.columns["first"][arranged.streams] < YOUNG
        if not young.any():
            return
        lengths = rows.lengths[arranged.groups.order].astype(np.int64)
        ends = np.cumsum(lengths)
        for index in np.flatnonzero(young).tolist():
            stream = int(arranged.streams[index])
            here = legs.get(stream)
            if here is None or stream in self._settled:
                continue
            a = int(arranged.groups.starts[index])
            for at in range(a, a + min(int(arranged.groups.counts[index]), SAMPLE)):
                time = int(rows.times[arranged.groups.order[at]])
                data = payload[int(ends[at] - lengths[at]) : int(ends[at])].tobytes()
                twin = self._correlator.sight(stream, here[1].key, time, data)
                there = legs.get(twin) if twin is not None else None
                if there is not None and there[0] is not here[0] and there[1].speaker is here[1].speaker:
                    self._settled.add(stream)
                    yield here[0], there[0]
                    break

    def expire(self, now: int) -> None:
        """Forget what is too old to match."""
        self._correlator.expire(now)

    def forget(self, stream: int) -> None:
        """The stream's number will be used for another one."""
        self._settled.discard(stream)
        self._correlator.forget(stream)
