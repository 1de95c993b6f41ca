"""Which leg and which spool file each stream of the table belongs to."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from recorder.assembly.call import RunningCall
from recorder.assembly.endpoints import Place, places
from recorder.assembly.leg import Leg, LegStream
from recorder.assembly.rows import Rows
from recorder.assembly.streams import Arranged, StreamState, StreamTable

UNHEARD = -1
"""File number of streams that are not recorded, such as video."""


@dataclass(slots=True)
class StreamLegs:
    """By stream number: ``files`` is int64, the number of the spool file, ``UNHEARD`` where there is none."""

    files: NDArray[np.int64] = field(default_factory=lambda: np.full(256, UNHEARD))
    _entries: dict[int, tuple[Leg, LegStream]] = field(default_factory=dict)
    _numbers: dict[str, list[int]] = field(default_factory=dict)
    _unheard: dict[str, list[int]] = field(default_factory=dict)
    _file_numbers: dict[str, int] = field(default_factory=dict)
    _file_names: dict[int, str] = field(default_factory=dict)
    _left: dict[str, dict[str, StreamState]] = field(default_factory=dict)
    _given_up: dict[str, str] = field(default_factory=dict)
    """By stream: the leg that gave it up last."""
    _next: int = 0

    def put(self, number: int, leg: Leg, stream: LegStream | None) -> None:
        """The stream ``number`` is this one of this leg; None where it is not to be recorded."""
        while number >= len(self.files):
            self.files = np.concatenate((self.files, np.full(len(self.files), UNHEARD)))
        if stream is None:
            self._unheard.setdefault(leg.id, []).append(number)
            self.files[number] = UNHEARD
            return
        self._entries[number] = (leg, stream)
        self._numbers.setdefault(leg.id, []).append(number)
        self.files[number] = self._file(stream.file)

    def get(self, number: int) -> tuple[Leg, LegStream] | None:
        """The leg and the entry of a stream."""
        return self._entries.get(number)

    def name(self, number: int) -> str:
        """The stream's name in its leg."""
        return self._entries[number][1].name

    def by_file(self, arranged: Arranged) -> Iterator[tuple[str, slice]]:
        """Each spool file with its run of groups; groups are sorted by file, those not recorded left out."""
        numbers = self.files[arranged.streams]
        cuts = np.flatnonzero(np.diff(numbers)) + 1
        bounds = [0, *cuts.tolist(), len(numbers)]
        for a, b in pairwise(bounds):
            if b > a and numbers[a] != UNHEARD:
                yield self._file_names[int(numbers[a])], slice(a, b)

    def note(self, rows: Rows, arranged: Arranged, table: StreamTable) -> list[Leg]:
        """Remember the newest packet and the payload types of each stream; answer the legs of those in a
        new one, and of those that were sent elsewhere meanwhile."""
        groups = arranged.groups
        some = np.flatnonzero(groups.counts)
        changed: list[Leg] = []
        if not len(some):
            return changed
        types = rows.payload_types[groups.order]
        lasts = table.columns["last"][arranged.streams].tolist()
        elsewhere = table.columns["elsewhere"][arranged.streams].tolist()
        lowest = np.minimum.reduceat(types, groups.starts[some]).tolist()
        highest = np.maximum.reduceat(types, groups.starts[some]).tolist()
        streams = arranged.streams.tolist()
        for at, low, high in zip(some.tolist(), lowest, highest, strict=True):
            entry = self._entries.get(streams[at])
            if entry is None:
                continue
            stream = entry[1]
            stream.last = lasts[at]
            if stream.elsewhere != elsewhere[at]:
                stream.elsewhere = elsewhere[at]
                changed.append(entry[0])
            if low == high and low in stream.payload_types:
                continue
            a = int(groups.starts[at])
            seen = dict.fromkeys(types[a : a + int(groups.counts[at])].tolist())
            known = len(stream.payload_types)
            stream.payload_types = tuple(dict.fromkeys((*stream.payload_types, *seen)))
            if len(stream.payload_types) > known:
                changed.append(entry[0])
        return changed

    def refresh(self, call: RunningCall, table: StreamTable) -> None:
        """Bring the ledgers of the call's streams up to date."""
        for leg in call.legs:
            for number in self._numbers.get(leg.id, ()):
                stream = self._entries[number][1]
                counts, elsewhere = table.counts(number), int(table.columns["elsewhere"][number])
                stream.counts = stream.reported.completed(counts, stream.first, stream.last, elsewhere)
                stream.takes_turns, stream.elsewhere = bool(table.columns["turns"][number]), elsewhere

    def move(self, orphan: Leg, leg: Leg) -> None:
        """The streams of ``orphan`` turned out to be the leg's; they stay in their spool file."""
        numbers = self._numbers.pop(orphan.id, [])
        self._numbers.setdefault(leg.id, []).extend(numbers)
        for number in numbers:
            self._entries[number] = (leg, self._entries[number][1])

    def drop(self, leg: Leg) -> list[int]:
        """Forget the leg; answer the numbers of its streams."""
        for name in self._left.pop(leg.id, {}):
            if self._given_up.get(name) == leg.id:
                del self._given_up[name]
        numbers = self._numbers.pop(leg.id, [])
        for number in numbers:
            self._forget_file(self._entries.pop(number)[1].file)
            self.files[number] = UNHEARD
        self._forget_file(leg.id)
        return [*numbers, *self._unheard.pop(leg.id, ())]

    def of(self, leg: Leg) -> list[int]:
        """The numbers of the leg's streams."""
        return list(self._numbers.get(leg.id, ()))

    def at(self, leg: Leg, place: Place) -> list[int]:
        """The numbers of the leg's streams that come from a place or go there."""
        return [
            number
            for number in self._numbers.get(leg.id, ())
            if place in places(self._entries[number][1].key)
        ]

    def release(self, number: int, table: StreamTable) -> None:
        """The stream is the leg's no more; the leg keeps what its ledger says now."""
        leg, stream = self._entries.pop(number)
        stream.counts = table.counts(number)
        stream.elsewhere = int(table.columns["elsewhere"][number])
        self._left.setdefault(leg.id, {})[stream.name] = table.state(number)
        self._given_up[stream.name] = leg.id
        self._numbers[leg.id].remove(number)
        self.files[number] = UNHEARD

    def given_up(self, stream: LegStream) -> StreamState | None:
        """Where the stream was when any leg had to give it up last."""
        return self._left.get(self._given_up.get(stream.name, ""), {}).get(stream.name)

    def left(self, leg: Leg, stream: LegStream) -> StreamState | None:
        """Where the stream was when the leg had to give it up, None where it never had to."""
        if self._given_up.get(stream.name) == leg.id:
            del self._given_up[stream.name]
        return self._left.get(leg.id, {}).pop(stream.name, None)

    def _forget_file(self, name: str) -> None:
        self._file_names.pop(self._file_numbers.pop(name, UNHEARD), None)

    def _file(self, name: str) -> int:
        number = self._file_numbers.get(name)
        if number is None:
            number = self._file_numbers[name] = self._next
            self._file_names[number] = name
            self._next += 1
        return number
