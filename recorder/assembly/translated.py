"""Streams of media without signalling that are one stream, seen before and behind a translator of addresses.

A translator changes addresses and nothing else: SSRC, number and timestamp of each packet stay, all of them
chosen at random by the sender (RFC 3550, 5.1), and the place at which both arrive is the same one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from recorder.assembly.book import SECOND, CallBook
from recorder.assembly.endpoints import Place, places
from recorder.assembly.grouping import StreamKey
from recorder.assembly.leg import Leg
from recorder.assembly.streamlegs import StreamLegs
from recorder.assembly.streams import StreamTable

PROOF = 10
"""Packets of each that were seen."""
YOUNG = 60 * SECOND
"""For how long after its first packet a stream is compared (ns)."""
MOST = 8
"""Of one SSRC at one place; more of them are no copies of one stream."""
_NEXT = 2
"""Of the last packets the one may be seen in this flush, and the other one in the next."""


@dataclass(slots=True)
class Translated:
    """Young streams that nothing explains, by their SSRC and the place that they go to."""

    book: CallBook
    _young: dict[int, tuple[int, Place]] = field(default_factory=dict)
    _alike: dict[tuple[int, Place], list[int]] = field(default_factory=dict)

    def add(self, number: int, leg: Leg, key: StreamKey) -> None:
        """A new stream of this leg."""
        alike = key[5], places(key)[1]
        if leg.dialog is None and len(self._alike.get(alike, ())) < MOST:
            self._young[number] = alike
            self._alike.setdefault(alike, []).append(number)

    def forget(self, number: int) -> None:
        """The stream is over, or old enough."""
        alike = self._young.pop(number, None)
        if alike is not None:
            self._alike[alike].remove(number)
            if not self._alike[alike]:
                del self._alike[alike]

    def look(
        self, streams: Iterable[int], legs: StreamLegs, table: StreamTable
    ) -> Iterator[tuple[Leg, Leg, bool]]:
        """Legs that are of one conversation, as some of these streams show that were just heard; True where
        who speaks on the one is taken for the other side on the other one."""
        for number in [one for one in streams if one in self._young]:
            for before in [one for one in self._alike[self._young[number]] if one != number]:
                one, another = legs.get(before), legs.get(number)
                if one is None or another is None or self.book.of(one[0].id) is self.book.of(another[0].id):
                    continue
                if _are_one(before, number, table):
                    yield one[0], another[0], one[1].speaker is not another[1].speaker
            columns = table.columns
            if columns["last"][number] - columns["first"][number] > YOUNG:
                self.forget(number)


def _are_one(one: int, another: int, table: StreamTable) -> bool:
    """Whether two streams had the same number with the same timestamp at the same time."""
    columns = table.columns
    if min(columns["received"][one], columns["received"][another]) < PROOF:
        return False
    if abs(int(columns["last"][one] - columns["last"][another])) > SECOND:
        return False
    ahead = _signed(int(columns["highest"][another] - columns["highest"][one]), 16)
    ticks = int(columns["ticks"][one])
    stamps = _signed(int(columns["timestamp"][another] - columns["timestamp"][one]), 32)
    return abs(ahead) < _NEXT and stamps == ahead * ticks


def _signed(number: int, bits: int) -> int:
    """The number modulo a power of two, around 0."""
    half = 1 << bits - 1
    return (number + half) % (2 * half) - half
