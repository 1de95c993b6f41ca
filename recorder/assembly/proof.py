"""Looks into the packets of new streams for the proof that two legs are one conversation."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recorder.assembly.book import SECOND, CallBook
from recorder.assembly.call import RunningCall
from recorder.assembly.continuation import is_followed
from recorder.assembly.correlate import PROOF, SAMPLE, Correlator, Known, Seen, digests, passed_on
from recorder.assembly.hubs import Hubs, is_free, places_of_passage
from recorder.assembly.leg import Leg, LegStream
from recorder.assembly.pairs import Pairs
from recorder.assembly.rows import Rows
from recorder.assembly.streamlegs import StreamLegs
from recorder.assembly.streams import Arranged, StreamTable
from storage.model import Side

ENOUGH = 10 * PROOF
"""Payloads of a stream, 8 s of sound at 20 ms, after which nothing is looked for any more on its account."""
LINKED = 4 * PROOF
"""The same of one whose way on is known, though perhaps not all of it."""
YOUNG = 60_000_000_000
"""How long after its first packet that is at the latest, in ns."""


TOGETHER = SECOND // 2
"""Legs that end within so long of each other are hung up one after the other (ns)."""

MOST_LEGS = 32
"""Of a call of more, a large conference, no chains are looked for."""


class Found(NamedTuple):
    """Two legs that are one conversation; ``is_turned`` where the caller of one speaks for the called party
    of the other, as where a PBX called both (``is_made``, None where that is not heard); ``is_new`` where
    they were parts of others before."""

    one: Leg
    another: Leg
    is_turned: bool = False
    is_new: bool = False
    is_made: bool | None = None


@dataclass(slots=True)
class Prover:
    """While there are new streams, compares them with each other, and with those of which it is not known
    where they go on."""

    book: CallBook
    _correlator: Correlator = field(default_factory=Correlator)
    _settled: dict[int, int] = field(default_factory=dict)
    """Streams, with how many other legs of their calls had ended: once one more does, their way on is looked
    for anew."""
    _since: dict[int, int] = field(default_factory=dict)
    _hubs: Hubs = field(default_factory=Hubs)
    _proven: dict[tuple[int, int], bool] = field(default_factory=dict)
    """Pairs of streams that carry the same, and whether that had one origin."""
    _pairs: Pairs = field(default_factory=Pairs)

    def look(
        self,
        rows: Rows,
        arranged: Arranged,
        payload: NDArray[np.uint8],
        legs: StreamLegs,
        table: StreamTable,
    ) -> Iterator[Found]:
        """Legs that a flush proves to be one conversation. ``payload`` is in arranged order."""
        heard = (arranged.groups.counts > 0) & (legs.files[arranged.streams] >= 0)
        if not self._is_worth_it(arranged.streams[heard], legs, table):
            return
        heard[heard] = [self._is_compared(stream, legs) for stream in arranged.streams[heard].tolist()]
        order = arranged.groups.order
        chosen, found = _sampled(rows.lengths[order], payload, arranged.groups.rows(np.flatnonzero(heard)))
        streams = arranged.streams[np.searchsorted(arranged.groups.starts, chosen, side="right") - 1]
        seen = Seen(found, streams, rows.times[order[chosen]])
        for pair in self._correlator.sight(seen, lambda stream: self._known(legs.get(stream))):
            is_sole = self._correlator.is_sole(pair)
            if self._proven.get(pair) is not is_sole and (found_pair := self._judge(pair, legs)) is not None:
                yield found_pair

    def expire(self, now: int) -> None:
        """Forget what is too old to match."""
        self._correlator.expire(now)

    def forget(self, stream: int) -> None:
        """The stream's number will be used for another one."""
        self._correlator.forget(stream)
        self._settled.pop(stream, None)
        self._since.pop(stream, None)
        for pair in self._pairs.forget(stream):
            del self._proven[pair]

    def _is_worth_it(self, streams: NDArray[np.int64], legs: StreamLegs, table: StreamTable) -> bool:
        """Whether one of these streams is still to be explained."""
        first, last = table.columns["first"], table.columns["last"]
        now = int(last[streams].max(initial=0))
        left = self._left(streams, legs, now - SECOND)
        for stream in [stream for stream in streams.tolist() if stream in self._settled]:
            if left[stream] > self._settled[stream]:
                self.forget(stream)
                self._since[stream] = int(last[stream])
        news = [stream for stream in streams.tolist() if stream not in self._settled]
        settled = {
            stream
            for stream in news
            if last[stream] - self._since.get(stream, first[stream]) > YOUNG
            or self._correlator.looked(stream) >= self._enough(stream, legs)
        }
        for stream in settled:
            self._learn(legs.get(stream))
        self._settled |= {stream: left[stream] for stream in settled}
        return len(settled) < len(news)

    def _learn(self, entry: tuple[Leg, LegStream] | None) -> None:
        call = self.book.of(entry[0].id) if entry else None
        if entry is not None and call is not None:
            self._hubs.learn(entry[0], call.legs[:MOST_LEGS])

    def _left(self, streams: NDArray[np.int64], legs: StreamLegs, now: int) -> dict[int, int]:
        """By stream: how many legs of its call, on which somebody was heard, had ended by then."""
        calls: dict[str, int] = {}
        found = {}
        for stream in streams.tolist():
            entry = legs.get(stream)
            call = self.book.of(entry[0].id) if entry else None
            if call is not None and call.id not in calls:
                calls[call.id] = sum(0 < one.ended < now and bool(one.streams) for one in call.legs)
            found[stream] = calls[call.id] if call is not None else 0
        return found

    def _enough(self, stream: int, legs: StreamLegs) -> int:
        entry = legs.get(stream)
        call = self.book.of(entry[0].id) if entry else None
        return LINKED if call is not None and len(call.legs) > 1 else ENOUGH

    def _is_compared(self, stream: int, legs: StreamLegs) -> bool:
        entry = legs.get(stream)
        if stream not in self._settled or entry is None:
            return entry is not None
        return self._is_alone(entry[0], entry[1].last)

    def _known(self, entry: tuple[Leg, LegStream] | None) -> Known | None:
        call = self.book.of(entry[0].id) if entry else None
        if call is None or entry is None:
            return None
        return Known(call.id, entry[1].key, _is_copy(entry[0]))

    def _judge(self, pair: tuple[int, int], legs: StreamLegs) -> Found | None:
        here, there = legs.get(pair[0]), legs.get(pair[1])
        if here is None or there is None or self.book.of(here[0].id) is self.book.of(there[0].id):
            return None
        self._proven[pair] = is_sole = self._correlator.is_sole(pair)
        self._pairs.add(pair)
        is_turned = here[1].speaker is not there[1].speaker
        # Signalling may be read ahead of the packets beside it.
        now = min(here[1].last, there[1].last)
        are_alone = self._are_alone(here, there, now)
        if _is_copy(here[0]) or _is_copy(there[0]):
            is_heard = self._both_ways(here, there, is_turned, legs)
            return Found(here[0], there[0], is_turned) if is_heard else None
        is_new = self._is_new(here[0], there[0], now)
        if self._both_ways(here, there, is_turned, legs):
            is_proven = are_alone or not (is_turned or is_new)
        else:
            is_passed = is_sole and are_alone and passed_on(here[1].key, there[1].key)
            is_guess = self._is_unexplained(here[0]) or self._is_unexplained(there[0])
            is_proven = (not is_turned or is_guess) and (is_passed or self._crosses_border(here, there, now))
        made = _is_made(here[1], there[1]) if is_turned else None
        return Found(here[0], there[0], is_turned, is_new, made) if is_proven else None

    def _both_ways(
        self, here: tuple[Leg, LegStream], there: tuple[Leg, LegStream], is_turned: bool, legs: StreamLegs
    ) -> bool:
        """Whether both parties of the one leg's call are heard in the other one's."""
        call, beside = self._call(here[0]), self._call(there[0])
        for pair in self._between(here[0], there[0], legs):
            one, another = legs.get(pair[0]), legs.get(pair[1])
            if one is None or another is None:
                continue
            calls = self._call(one[0]), self._call(another[0])
            if calls not in ((call, beside), (beside, call)):
                continue
            mine, theirs = (one, another) if calls[0] == call else (another, one)
            if mine[1].speaker is here[1].speaker:
                continue
            if (mine[1].speaker is not theirs[1].speaker) is is_turned:
                return True
        return False

    def _between(self, one: Leg, another: Leg, legs: StreamLegs) -> Iterator[tuple[int, int]]:
        """The pairs found of one of two calls, that with fewer legs."""
        calls = [call.legs for leg in (one, another) if (call := self.book.of(leg.id)) is not None]
        for leg in min(calls, key=len, default=()):
            for stream in legs.of(leg):
                yield from self._pairs.of(stream)

    def _is_unexplained(self, leg: Leg) -> bool:
        """Whether only who spoke first tells the sides of its call."""
        call = self.book.of(leg.id)
        return call is not None and all(one.dialog is None for one in call.legs)

    def _call(self, leg: Leg) -> str:
        call = self.book.of(leg.id)
        return call.id if call is not None else ""

    def _is_new(self, one: Leg, another: Leg, now: int) -> bool:
        """Whether somebody else was talking in the call of one leg when the other one had begun, and left
        while both went on: what ends with them need not be told of first."""
        calls = (self.book.of(one.id), another), (self.book.of(another.id), one)
        until = min([now, *(leg.ended - TOGETHER for leg in (one, another) if leg.ended)])
        return any(
            0 < left.ended < until and _was_talking(left, _first_media(begun) + SECOND)
            for call, begun in calls
            for left in (call.legs if call else ())
            if left is not one and left is not another
        )

    def _are_alone(self, here: tuple[Leg, LegStream], there: tuple[Leg, LegStream], now: int) -> bool:
        """Whether nothing is known of where either leg goes on, at the host that passes the sound on."""
        beside = [leg for one in (here[0], there[0]) for leg in _beside(one, self.book.of(one.id), now)]
        hosts = places_of_passage(here[1].key, there[1].key)
        return any(is_free(host, beside) for host in hosts) if hosts else not beside

    def _crosses_border(self, here: tuple[Leg, LegStream], there: tuple[Leg, LegStream], now: int) -> bool:
        """Whether a border controller with two addresses passes the sound on: the one of its dialogs follows
        from the other one at once, with both numbers, and neither goes on elsewhere at its end there."""
        if not is_followed(here[0].dialog, there[0].dialog):
            return False
        (one, before), (another, after) = [
            (entry[1].key, _beside(entry[0], self.book.of(entry[0].id), now)) for entry in (here, there)
        ]
        return (is_free(one[2:4], before) and is_free(another[0:2], after)) or (
            is_free(another[2:4], after) and is_free(one[0:2], before)
        )

    def _is_alone(self, leg: Leg, now: int) -> bool:
        """Whether nothing is known of where the leg goes on at this time; of one in a chain, at a host from
        which others do."""
        call = self.book.of(leg.id)
        if call is None:
            return False
        if len(call.legs) > MOST_LEGS:
            return all(one is leg or (0 < one.ended < now or one.start > now) for one in call.legs)
        beside = _beside(leg, call, now)
        return not beside or self._hubs.is_open(leg, beside)


def _beside(leg: Leg, call: RunningCall | None, now: int) -> list[Leg]:
    """The other legs of the call at this time."""
    legs = call.legs if call is not None else ()
    return [one for one in legs if one is not leg and not (0 < one.ended < now or one.start > now)]


def _was_talking(leg: Leg, when: int) -> bool:
    """Whether somebody was heard on the leg then or later, who had answered."""
    return leg.dialog is not None and bool(leg.dialog.answered) and leg.last_media > when


def _is_made(one: LegStream, another: LegStream) -> bool | None:
    """Whether the host that passes the audio on called both parties, or was called by both; None where it has
    two addresses."""
    a, b = (one.key, another.key) if one.speaker is Side.A else (another.key, one.key)
    if b[2:4] == a[0:2]:
        return True
    return False if a[2:4] == b[0:2] else None


def _is_copy(leg: Leg) -> bool:
    return leg.dialog is not None and leg.dialog.is_recording


def _first_media(leg: Leg) -> int:
    return min((stream.first for stream in leg.streams.values()), default=leg.start)


def _sampled(
    lengths: NDArray[np.int32], payload: NDArray[np.uint8], among: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """The rows to look at, of those given, and the digests of their payloads."""
    starts = np.cumsum(lengths, dtype=np.int64) - lengths
    chosen, found = [among[:0]], [np.empty(0, np.uint64)]
    sizes = lengths[among]
    for length in np.unique(sizes[sizes >= 16]).tolist():
        same = among[sizes == length]
        digest = digests(payload, starts[same], length)
        taken = (digest != 0) & (digest % np.uint64(SAMPLE) == 0)
        chosen.append(same[taken])
        found.append(digest[taken])
    return np.concatenate(chosen), np.concatenate(found)
