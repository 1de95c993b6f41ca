"""Media on its way to the spool: it waits for a flush, then finds its stream, its leg and its file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from recorder.assembly.book import CallBook
from recorder.assembly.call import RunningCall
from recorder.assembly.endpoints import Place, other
from recorder.assembly.explained import Explained, explain
from recorder.assembly.grouping import MAX_ROWS, StreamKey
from recorder.assembly.heard import Heard
from recorder.assembly.leg import Leg, LegStream
from recorder.assembly.likeness import Likenesses
from recorder.assembly.media import MediaDesk
from recorder.assembly.mediaend import MediaEnd
from recorder.assembly.proof import Found, Prover
from recorder.assembly.reports import Reports
from recorder.assembly.rows import Rows
from recorder.assembly.strangers import Strangers
from recorder.assembly.streamlegs import StreamLegs
from recorder.assembly.streams import Arranged, StreamTable
from recorder.assembly.transfers import Handover
from recorder.assembly.translated import Translated
from recorder.assembly.turning import is_made_to_both, is_opposite, turn, were_apart, which
from recorder.counters import Counters
from recorder.protocol import rtp
from recorder.protocol.datagrams import Datagrams
from recorder.spool.record import ROW
from recorder.spool.spool import Spool

MOST_CUTS = 64
"""Changes in one flush that take effect at their very time; in a flood of them it is to ``COARSE`` ns."""
COARSE = 50_000_000

ALIVE = 2_000_000_000
"""Media without signalling that fell silent so long (ns) before the last flush is of an earlier conversation
at the same place."""

LATE = 1_000_000_000
"""How long (ns) behind the end of its call a stream is of that one, though its port is another's by then."""

Change = tuple[int, Callable[[], None]]


class Reconnect(Protocol):
    """Follows what a PBX did: two legs of two calls (ns) go on as one conversation."""

    def __call__(
        self, one: Leg, another: Leg, now: int, *, is_turned: bool, is_direct: bool = False
    ) -> list[Handover]: ...


class MediaFlow:
    """The streams of one engine. ``write`` puts a call into the journal and says whether that worked.

    What changes whose media something is takes effect at its time among the packets that wait.
    """

    def __init__(
        self, book: CallBook, spool: Spool, counters: Counters, write: Callable[[RunningCall], bool]
    ) -> None:
        self.desk = MediaDesk(book)
        self.is_ours: Callable[[str], bool] = bool
        """Whether a number is one of our own."""
        self.reconnect: Reconnect | None = None
        self._book = book
        self._spool = spool
        self._counters = counters
        self._write = write
        self._table = StreamTable()
        self._strangers = Strangers(self._table.ids, self.desk, counters.rejected)
        self._legs = StreamLegs()
        self._prover = Prover(book)
        self._likenesses = Likenesses()
        self._translated = Translated(book)
        self._reports = Reports(counters.rejected)
        self._waiting: list[Rows] = []
        self._changes: list[Change] = []
        self._late: list[Change] = []
        self._contested: set[Place] = set()
        self._flushed = 0
        self._rows = 0
        self._dropped = 0
        """Frames that the tap lost and that may be what streams miss."""
        self._dropped_now = 0

    @property
    def is_full(self) -> bool:
        """Whether so much waits that it must be flushed now."""
        return self._rows > MAX_ROWS // 2

    def take(self, datagrams: Datagrams, rows: NDArray[np.int64], others: NDArray[np.int64]) -> None:
        """Keep the media among the datagrams of a batch until the next flush; ``rows`` look like it, and
        among the ``others`` keys of media may be agreed on."""
        self.desk.agreements.take(datagrams, others)
        if not len(rows):
            return
        found = rtp.parse(datagrams, rows)
        self._counters.rejected.update(found.rejected)
        self._counters.rtp += len(found)
        self._reports.take(datagrams, found.rtcp)
        if len(found):
            self._waiting.append(Rows.of(datagrams, found))
            self._rows += len(found)

    def lack(self, frames: int) -> None:
        """The tap lost so many frames before what is taken next."""
        self._dropped += frames
        self._dropped_now += frames

    def flush(self, now: int, until: int = 0) -> None:
        """Give what waits to its streams and append it to the spool; nothing more came before ``until``."""
        for leg in self._reports.read(self._table, self._legs, self._settle(now)):
            self.desk.changed(leg)
        # A stream shows what it misses with its next packet, which may be in the next flush.
        self._dropped, self._dropped_now = min(self._dropped, self._dropped_now), 0
        self._flushed = max(now, until)
        self.desk.agree()
        self._prover.expire(now)

    def restore(self, leg: Leg, heard: Mapping[tuple[str, str], Heard]) -> None:
        """Go on with the streams of a leg; ``heard`` is what the spool holds, by leg file and name."""
        if leg.is_handed_over:
            return
        self.desk.restore(leg)
        for stream in leg.streams.values():
            before = self._table.ids.get(stream.key)
            number = self._table.restore(stream.key, heard.get((stream.file, stream.name)), stream.first)
            if stream.takes_turns or stream.elsewhere:
                self._table.share(number, stream.elsewhere, takes_turns=stream.takes_turns)
            self._legs.put(number, leg, stream)
            if before is not None:
                # It was of two legs in turn, and goes on in one of them.
                self._release([self._table.superseded(before, number)])

    def refresh(self, call: RunningCall) -> None:
        """Bring the ledgers of a call's streams up to date."""
        self._legs.refresh(call, self._table)

    def forget(self, leg: Leg) -> None:
        """The leg's call is done."""
        self.desk.withdraw(leg)
        for number in self._legs.drop(leg):
            self._forget(number)

    def place(self, leg: Leg, ends: list[MediaEnd], now: int, gone: Sequence[MediaEnd] = ()) -> None:
        """The leg announced where it receives media: a port that another call used is its own from now.

        It has ``gone`` from other places.
        """
        if self._book.of(leg.id) is None:
            return  # it was given up for want of room, with the older call that it is part of
        self.desk.endpoints.withdraw(leg.id, gone)
        for twin in self.desk.twins(leg, ends):
            before = _is_turned(leg)
            self._join_direct(leg, twin, now)
            if leg.is_handed_over:
                return
            if _is_turned(leg) is not before:
                ends = [replace(end, side=other(end.side)) for end in ends]
        rivals = [(rival, end) for end in ends if (rival := self.desk.rival(leg, end)) is not None]
        self.desk.claim(leg, ends)
        named = {(end.address, end.port) for end in ends}
        if rivals or not self._contested.isdisjoint(named):
            self._contested |= named
            self._changes.append((now, partial(self._take_over, leg, ends, rivals, now)))
        else:
            self._announce(leg, ends)

    def hand_over(self, handover: Handover, now: int) -> None:
        """From now on the dialog's media goes on in another call, as streams that begin anew."""
        self._changes.append((now, partial(self._hand_over, handover)))

    def join(self, one: Leg, another: Leg) -> None:
        """The two legs are one conversation."""
        gone = self._book.link(one.id, another.id)
        if gone is not None:
            self._taken_over(gone, one)

    def join_turned(self, one: Leg, another: Leg, is_made: bool | None = None) -> None:
        """The two legs are one conversation, in which the caller of one is the called party of the other.

        ``is_made`` tells whether one host called both parties, where that is known.
        """
        calls = [call for leg in (one, another) if (call := self._book.of(leg.id)) is not None]
        if len(calls) == 2 and calls[0] is not calls[1]:
            first, second = sorted(calls, key=lambda call: (call.first.start, call.id))
            is_made = is_made_to_both(first, second) if is_made is None else is_made
            turns = which(first, second, self.is_ours, is_made=is_made)
            turn(turns)
            for leg in turns.legs:
                self.desk.turn(leg)
            self.join(one, another)

    def _join_direct(self, one: Leg, another: Leg, now: int) -> None:
        a, b = one.dialog, another.dialog
        is_turned = a is not None and b is not None and is_opposite(a, b)
        if self.reconnect is not None and a is not None and b is not None and were_apart(a, b, now):
            for handover in self.reconnect(one, another, now, is_turned=is_turned, is_direct=True):
                self.hand_over(handover, now)
        elif is_turned:
            self.join_turned(one, another)
        else:
            self.join(one, another)

    def _announce(self, leg: Leg, ends: list[MediaEnd]) -> None:
        for orphan in self.desk.silent(ends, self._flushed - ALIVE):
            self._release(self._legs.of(orphan))
        for explained in self.desk.announce(leg, ends):
            self._explained(explained, leg)

    def _take_over(
        self, leg: Leg, ends: list[MediaEnd], rivals: list[tuple[Leg, MediaEnd]], now: int
    ) -> None:
        if self._book.of(leg.id) is None:
            return  # it was given up for want of room, and is known to nobody any more
        self._announce(leg, ends)
        for rival, end in rivals:
            until = rival.ended + LATE if rival.ended else 0
            for number in self._legs.at(rival, (end.address, end.port)):
                key = self._table.keys[number]
                if key is None or self.desk.is_bound(key, rival):
                    continue
                # Who goes on for a moment behind a translator of addresses is no part of the next call.
                if now < until and not self.desk.is_between(key, leg):
                    self._late.append((until, partial(self._leave, number, key)))
                else:
                    self._release([number])

    def _leave(self, number: int, key: StreamKey) -> None:
        if self._table.keys[number] == key and self._legs.get(number) is not None:
            self._release([number])

    def _hand_over(self, handover: Handover) -> None:
        before, after = handover.before, handover.after
        self._release(self._legs.of(before))
        self.desk.withdraw(before)
        self._announce(after, after.dialog.ends if after.dialog else [])

    def _release(self, numbers: list[int]) -> None:
        for number in numbers:
            self._legs.release(number, self._table)
            self._forget(number)

    def _forget(self, number: int) -> None:
        self._prover.forget(number)
        self._likenesses.forget(number)
        self._translated.forget(number)
        self._table.forget(number)

    def _explained(self, explained: Explained, leg: Leg) -> None:
        orphan = explained.leg
        self._legs.move(orphan, leg)
        call = self._book.of(orphan.id)
        left = explain(self._book, orphan)
        if left is None and call is not None:
            self._taken_over(call.id, leg)
        elif left is not None and explained.is_turned:
            self.join_turned(leg, left.first)
        elif left is not None:
            self.join(leg, left.first)

    def _taken_over(self, gone: str, leg: Leg) -> None:
        """The call ``gone`` went into the one that the leg is part of, which has to be written with it."""
        call = self._book.of(leg.id)
        if call is not None:
            self._spool.take_over(gone, call.id)
            self._write(call)

    def _settle(self, now: int) -> list[tuple[Rows, Arranged]]:
        """Give the packets that wait to their streams, and make each change at its place among them."""
        settled = []
        rows = self._strangers.pass_on(self._waiting, now)
        late, self._late = self._late, [one for one in self._late if one[0] > now]
        changes = sorted([*self._changes, *(one for one in late if one[0] <= now)], key=lambda one: one[0])
        self._changes = []
        self._contested = set()
        self._waiting, self._rows = [], 0
        for at, change in coarse(changes):
            if rows is not None and (is_before := rows.times < at).any():
                before = rows.some(is_before)
                settled.append((before, self._absorb(before)))
                rows = rows.some(~is_before) if not is_before.all() else None
            change()
        if rows is not None:
            settled.append((rows, self._absorb(rows)))
        return settled

    def _absorb(self, rows: Rows) -> Arranged:
        groups, found = self._strangers.grouped(rows)
        numbers, new = self._table.identify(found, rows, groups)
        # Who spoke first begins a leg that nothing explains.
        for index in sorted(new, key=lambda index: int(rows.times[groups.order[groups.starts[index]]])):
            number = int(numbers[index])
            kind = int(rows.payload_types[groups.order[groups.starts[index]]])
            leg, stream = self.desk.admit(found[index], int(self._table.columns["first"][number]), kind)
            self._legs.put(number, leg, stream)
            self._translated.add(number, leg, found[index])
            if stream is not None:
                self._go_on(number, leg, stream)
        by_file = np.argsort(self._legs.files[numbers], kind="stable")
        arranged = self._table.absorb(rows, groups.arranged(by_file), numbers[by_file])
        self._dropped -= self._table.blame(numbers, self._dropped)
        payload = rows.payloads(arranged.groups.order)
        for leg in self._legs.note(rows, arranged, self._table):
            self.desk.changed(leg)
        for leg in self._likenesses.look(rows, arranged, payload, self._legs):
            self.desk.changed(leg)
        self._link(rows, arranged, payload)
        self._append(rows, arranged, payload)
        return arranged

    def _go_on(self, number: int, leg: Leg, stream: LegStream) -> None:
        """A stream that has a row again may have been of this leg, or of another one meanwhile."""
        newest, before = self._legs.given_up(stream), self._legs.left(leg, stream)
        if before is not None:
            self._table.resume(number, before)
        if newest is not None:
            self._table.follow(number, newest)

    def _link(self, rows: Rows, arranged: Arranged, payload: NDArray[np.uint8]) -> None:
        for found in self._prover.look(rows, arranged, payload, self._legs, self._table):
            if found.is_new:
                self._reconnected(found, int(rows.times.max()))
            elif found.is_turned:
                self.join_turned(found.one, found.another, found.is_made)
            else:
                self.join(found.one, found.another)
        heard = arranged.streams.tolist()
        for one, another, is_turned in self._translated.look(heard, self._legs, self._table):
            (self.join_turned if is_turned else self.join)(one, another)

    def _reconnected(self, found: Found, now: int) -> None:
        if self.reconnect is not None:
            for handover in self.reconnect(found.one, found.another, now, is_turned=found.is_turned):
                self.hand_over(handover, now)

    def _append(self, rows: Rows, arranged: Arranged, payload: NDArray[np.uint8]) -> None:
        payload, lengths, flags = rows.unwrapped(arranged.groups.order, payload)
        table = _spool_rows(rows, arranged, lengths, flags)
        ends = np.cumsum(table["length"], dtype=np.int64)
        for file, groups in self._legs.by_file(arranged):
            a = int(arranged.groups.starts[groups.start])
            b = int(arranged.groups.starts[groups.stop - 1] + arranged.groups.counts[groups.stop - 1])
            if a == b:
                continue
            start, end = int(ends[a - 1]) if a else 0, int(ends[b - 1])
            names = [self._legs.name(number) for number in arranged.streams[groups].tolist()]
            counts = arranged.groups.counts[groups]
            written = self._spool.append(file, names, counts, table[a:b], payload[start:end])
            if written:
                self._table.columns["written"][arranged.streams[groups]] += counts
                self._counters.written += b - a
            else:
                self._counters.unwritten += b - a


def _is_turned(leg: Leg) -> bool:
    return leg.dialog is not None and leg.dialog.is_turned


def coarse(changes: list[Change]) -> list[Change]:
    """The changes at times of which there are not too many: each costs a cut through all that waits."""
    if len(changes) <= MOST_CUTS:
        return changes
    return [(at - at % COARSE, change) for at, change in changes]


def _spool_rows(
    rows: Rows, arranged: Arranged, lengths: NDArray[np.int32], flags: NDArray[np.uint8]
) -> NDArray[np.void]:
    order = arranged.groups.order
    table = np.empty(len(order), ROW)
    table["time"] = rows.times[order]
    table["sequence"] = arranged.extended
    table["timestamp"] = arranged.timestamps
    table["length"] = lengths
    table["payload_type"] = rows.payload_types[order]
    table["marker"] = rows.markers[order]
    table["head"] = flags
    return table
