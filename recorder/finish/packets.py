"""A call's packets out of its spool files, some at a time, however much has piled up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from recorder.media import MediaBlock
from recorder.spool.callfile import Journal
from recorder.spool.legfile import LegReader

PIECE = 1 << 20
"""Bytes of a leg's file that are read at once, about a minute of G.711: a worker that fell behind, or begins
a call of hours again, takes no more memory than one that keeps up."""


@dataclass(slots=True)
class SpooledPackets:
    """Reads the files of a call's legs side by side."""

    journal: Journal
    _readers: dict[str, LegReader] = field(default_factory=dict)
    _reached: dict[str, int] = field(default_factory=dict)

    @property
    def damaged(self) -> int:
        """Bytes that were passed over because they are no record."""
        return sum(reader.damaged for reader in self._readers.values())

    def waiting(self, legs: Sequence[str]) -> int:
        """Bytes of these legs that were not read yet."""
        return sum(self._reader(leg).waiting() for leg in legs)

    def read(self, legs: Sequence[str]) -> Iterator[tuple[list[MediaBlock], int]]:
        """What the files of these legs have gained, in pieces: blocks of packets, and the capture time (ns)
        up to which the files were read, all of them, with this piece.

        The next piece is always one of the leg that is furthest behind.
        """
        behind = [leg for leg in legs if self._reader(leg).waiting()]
        while behind:
            leg = min(behind, key=lambda one: self._reached.get(one, 0))
            blocks = self._reader(leg).piece(PIECE)
            self._reached[leg] = max([self._reached.get(leg, 0), *(int(one.times.max()) for one in blocks)])
            if not blocks or not self._reader(leg).waiting():
                behind.remove(leg)
            last = max(self._reached.values())
            yield blocks, min((self._reached.get(one, 0) for one in behind), default=last)

    def _reader(self, leg: str) -> LegReader:
        if leg not in self._readers:
            self._readers[leg] = LegReader(self.journal.leg_path(leg))
        return self._readers[leg]
