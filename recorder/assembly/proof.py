"""Looks into the first packets of new streams for the proof that two legs are one conversation."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recorder.assembly.book import CallBook
from recorder.assembly.correlate import SAMPLE, Correlator, digests, passed_on
from recorder.assembly.leg import Leg, LegStream
from recorder.assembly.rows import Rows
from recorder.assembly.streamlegs import StreamLegs
from recorder.assembly.streams import Arranged, StreamTable

YOUNG = 10_000_000_000
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
        young = young[[self._unexplained(legs.get(stream)) for stream in arranged.streams[young].tolist()]]
        if not len(young):
            return
        order = arranged.groups.order
        chosen, found = _sampled(rows.lengths[order], payload, arranged.groups.rows(young))
        streams = arranged.streams[np.searchsorted(arranged.groups.starts, chosen, side="right") - 1].tolist()
        times = rows.times[order[chosen]].tolist()
        for stream, at, digest in zip(streams, times, found.tolist(), strict=True):
            pair = self._pair(stream, at, digest, legs)
            if pair is not None:
                yield pair

    def expire(self, now: int) -> None:
        """Forget what is too old to match."""
        self._correlator.expire(now)

    def forget(self, stream: int) -> None:
        """The stream's number will be used for another one."""
        self._correlator.forget(stream)

    def _unexplained(self, entry: tuple[Leg, LegStream] | None) -> bool:
        call = self.book.of(entry[0].id) if entry else None
        return call is not None and len(call.legs) == 1

    def _pair(self, stream: int, at: int, digest: int, legs: StreamLegs) -> tuple[Leg, Leg] | None:
        here = legs.get(stream)
        if here is None:
            return None
        twin = self._correlator.sight(stream, here[1].key, at, digest)
        there = legs.get(twin) if twin is not None and self._unexplained(here) else None
        if there is None or there[0] is here[0] or there[1].speaker is not here[1].speaker:
            return None
        if not passed_on(here[1].key, there[1].key) and not _same_numbers(here[0], there[0]):
            return None
        return here[0], there[0]


def _sampled(
    lengths: NDArray[np.int32], payload: NDArray[np.uint8], among: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """The rows to look at, of those given, and the digests of their payloads."""
    starts = np.cumsum(lengths, dtype=np.int64) - lengths
    chosen, found = [among[:0]], [np.empty(0, np.uint64)]
    sizes = lengths[among]
    for length in np.unique(sizes[sizes >= 16]).tolist():
        alike = among[sizes == length]
        digest = digests(payload, starts[alike], length)
        taken = (digest != 0) & (digest % np.uint64(SAMPLE) == 0)
        chosen.append(alike[taken])
        found.append(digest[taken])
    return np.concatenate(chosen), np.concatenate(found)


def _same_numbers(one: Leg, another: Leg) -> bool:
    """Whether two dialogs share a number: a PBX with two addresses hides that it passes media on."""
    a, b = one.dialog, another.dialog
    if a is None or b is None:
        return False
    return bool({a.from_number, a.to_number} & {b.from_number, b.to_number} - {""})
