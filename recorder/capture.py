"""The capture engine: batches of frames in, spooled calls out. It has no clock and no threads."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recorder.assembly.book import CallBook, Patience
from recorder.assembly.call import RunningCall
from recorder.assembly.describe import describe, files, plan
from recorder.assembly.dialog import MediaEnd
from recorder.assembly.grouping import MAX_ROWS, group, keys
from recorder.assembly.leg import Leg
from recorder.assembly.media import MediaDesk
from recorder.assembly.numbering import Numbering
from recorder.assembly.phones import Phones
from recorder.assembly.proof import Prover
from recorder.assembly.reports import Reports
from recorder.assembly.rows import Rows
from recorder.assembly.signalling import Signalling
from recorder.assembly.streamlegs import StreamLegs
from recorder.assembly.streams import Arranged, StreamTable
from recorder.assembly.transfers import Handover
from recorder.batch import Batch
from recorder.media import MediaBlock
from recorder.protocol import classify, connections, rtp, transport
from recorder.protocol.errors import ProtocolError, SipError
from recorder.protocol.fragments import Fragments
from recorder.protocol.messages import Messages
from recorder.protocol.received import SIP, Received
from recorder.protocol.sip import SipMessage
from recorder.protocol.tls_keys import TlsKeys
from recorder.spool.callfile import CallFile
from recorder.spool.record import ROW
from recorder.spool.spool import Alarm, Spool

FLUSH = 500_000_000
"""At most this much of running calls, in ns, is lost when the process is killed."""
STRIDE = 5_000_000_000
"""A batch of a quiet file may last for minutes; the engine goes through it in steps of this length (ns)."""
JUNK = 10
"""Media without signalling and with fewer packets than this is no call."""


@dataclass(frozen=True, slots=True)
class CaptureOptions:
    """What a capture engine can be told. ``flush`` in ns; ``recorder`` is the name calls carry.

    ``tcp_ports`` are those of signalling, which is opened with ``tls_keys`` where it is TLS.
    """

    recorder: str = ""
    numbering: Numbering = field(default_factory=Numbering)
    patience: Patience = field(default_factory=Patience)
    flush: int = FLUSH
    tcp_ports: tuple[int, ...] = connections.PORTS
    tls_keys: TlsKeys | None = None


@dataclass(slots=True)
class Counters:
    """What the engine has seen: frames, SIP messages, RTP packets, calls, and what it left out and why."""

    frames: int = 0
    dropped: int = 0
    sip: int = 0
    rtp: int = 0
    written: int = 0
    unwritten: int = 0
    calls: int = 0
    junk: int = 0
    rejected: Counter[str] = field(default_factory=Counter)


class Capture:
    """One engine for one tap. ``now`` is the tap's time in ns since the epoch and never goes back."""

    def __init__(
        self,
        spool: Path,
        options: CaptureOptions | None = None,
        alarm: Alarm | None = None,
        on_end: Callable[[str], None] | None = None,
    ) -> None:
        self.options = options or CaptureOptions()
        self.spool = Spool.at(spool, alarm) if alarm else Spool.at(spool)
        self.book = CallBook(self.options.patience)
        self.counters = Counters()
        self._on_end = on_end
        self._fragments = Fragments()
        self._messages = Messages(self.options.tcp_ports, self.options.tls_keys, self.counters.rejected)
        self._signalling = Signalling(self.book)
        self._desk = MediaDesk(self.book)
        self._phones = Phones(self.book, self._desk.endpoints)
        self._table = StreamTable()
        self._legs = StreamLegs()
        self._prover = Prover(self.book)
        self._reports = Reports(self.counters.rejected)
        self._waiting: list[Rows] = []
        self._changes: list[tuple[int, Callable[[], None]]] = []
        self._rows = 0
        self._since = 0
        self._now = 0

    def feed(self, batch: Batch, now: int = 0) -> None:
        """Take a batch; ``now`` counts where the batch is empty or older. Flushes when it is time."""
        self.counters.frames += len(batch)
        self.counters.dropped += batch.dropped
        for part in batch.within(STRIDE):
            self._take(part)
            self._pass(int(part.times[-1]))
        self._pass(now)

    def _pass(self, now: int) -> None:
        self._now = max(self._now, now)
        if self._now - self._since >= self.options.flush or self._rows > MAX_ROWS // 2:
            self.flush()

    def flush(self) -> None:
        """Write what waits, then look which calls changed and which are over."""
        now = self._since = self._now
        self._reports.read(self._table, self._legs, self._settle())
        self.book.expire(now)
        self._prover.expire(now)
        self._signalling.expire(now)
        self._phones.expire(now)
        for call in self.book.due(now):
            self._end(call)
        for call in self.book.calls.values():
            if call.changed:
                call.changed = not self._write(call)
        if not any(call.changed for call in self.book.calls.values()):
            self.spool.forget_noted()

    def finish(self) -> None:
        """The tap is at its end: write everything and end every call where its traffic ends."""
        self.flush()
        for call in list(self.book.calls.values()):
            for leg in call.legs:
                if not leg.ended:
                    leg.give_up()
            self._end(call)
        self.spool.close()

    def stop(self) -> None:
        """Write everything and leave the calls running, for the next engine on this spool to go on with."""
        self.flush()
        for call in self.book.calls.values():
            self._write(call)
        self.spool.close()

    def restore(
        self, call: RunningCall, heard: Mapping[str, MediaBlock], numbers: Mapping[str, dict[str, int]]
    ) -> None:
        """Go on with a call that ran when the last engine stopped.

        ``heard`` is what the spool holds of each stream, ``numbers`` those of the streams in each leg file.
        """
        self.book.restore(call)
        self._now = max(self._now, call.first.start)
        for leg in call.legs:
            self._follower(leg).restore(leg)
            if leg.is_handed_over:
                continue
            self._desk.restore(leg)
            for stream in leg.streams.values():
                number = self._table.restore(stream.key, heard.get(stream.name), stream.first)
                self._legs.put(number, leg, stream)
        for file, known in numbers.items():
            self.spool.resume(file, known)

    def catch_up(self, over: Iterable[str]) -> None:
        """Follow the messages that the last engine had noted but not followed to the end of a flush.

        ``over`` are the Call-IDs of calls that ended already.
        """
        for call_id in over:
            self._signalling.ignore(call_id, self._now)
            self._phones.ignore(call_id, self._now)
        for received in self.spool.noted():
            self._message(received)

    def _take(self, batch: Batch) -> None:
        carried = transport.parse(batch, self._fragments)
        datagrams = carried.datagrams
        self.counters.rejected.update(carried.rejected)
        classes = classify.parse(datagrams)
        messages = self._messages.take(datagrams, classes, carried.segments, int(batch.times[-1]))
        self.spool.note(messages)
        for received in messages:
            self._message(received)
        self.counters.rejected["copied-sip"] = self._messages.copies
        if len(classes.media):
            found = rtp.parse(datagrams, classes.media)
            self.counters.rejected.update(found.rejected)
            self.counters.rtp += len(found)
            self._reports.take(datagrams, found.rtcp)
            if len(found):
                self._waiting.append(Rows.of(datagrams, found))
                self._rows += len(found)

    def _message(self, received: Received) -> None:
        if received.protocol != SIP:
            self._phone(received)
            return
        self.counters.sip += 1
        try:
            message = SipMessage.parse(received.content)
        except SipError:
            self.counters.rejected["not-sip"] += 1
            return
        followed = self._signalling.take(message, received.time, received.source, received.destination)
        if followed is None:
            return
        self._place(followed.leg, followed.ends, received.time)
        for handover in followed.handovers:
            self._changes.append((received.time, partial(self._hand_over, handover)))

    def _phone(self, received: Received) -> None:
        """A message of a phone, or of a gateway, that does not speak SIP."""
        try:
            told = self._phones.take(received)
        except ProtocolError:
            self.counters.rejected[f"not-{received.protocol}"] += 1
            return
        for one in told:
            for twin in one.twins:
                self._join(one.leg, twin)
            self._place(one.leg, list(one.ends), received.time)

    def _follower(self, leg: Leg) -> Signalling | Phones:
        return self._phones if leg.dialog is not None and leg.dialog.protocol != SIP else self._signalling

    def _place(self, leg: Leg, ends: list[MediaEnd], now: int) -> None:
        """The leg announced where it receives media: a port that another call used is its own from now."""
        for twin in self._desk.twins(leg, ends):
            self._join(leg, twin)
        rivals = [(rival, end) for end in ends if (rival := self._desk.rival(leg, end)) is not None]
        if rivals:
            self._changes.append((now, partial(self._take_over, leg, ends, rivals)))
        else:
            self._announce(leg, ends)

    def _announce(self, leg: Leg, ends: list[MediaEnd]) -> None:
        for orphan in self._desk.announce(leg, ends):
            self._explained(orphan, leg)

    def _take_over(self, leg: Leg, ends: list[MediaEnd], rivals: list[tuple[Leg, MediaEnd]]) -> None:
        for rival, end in rivals:
            self._release(self._legs.at(rival, (end.address, end.port)))
        self._announce(leg, ends)

    def _hand_over(self, handover: Handover) -> None:
        """The dialog's media goes on in another call, as streams that begin anew."""
        before, after = handover.before, handover.after
        self._release(self._legs.of(before))
        self._desk.withdraw(before)
        self._announce(after, after.dialog.ends if after.dialog else [])

    def _release(self, numbers: list[int]) -> None:
        for number in numbers:
            self._legs.release(number, self._table)
            self._prover.forget(number)
            self._table.forget(number)

    def _explained(self, orphan: Leg, leg: Leg) -> None:
        self._legs.move(orphan, leg)
        call = self.book.of(orphan.id)
        if call is not None:
            self.book.drop(call)
            self.spool.journal.remove(call.id)

    def _settle(self) -> list[tuple[Rows, Arranged]]:
        """Give the packets that wait to their streams, and make each change at its place among them."""
        settled = []
        rows = Rows.joined(self._waiting) if self._waiting else None
        changes, self._changes = self._changes, []
        self._waiting, self._rows = [], 0
        for at, change in changes:
            if rows is not None and (is_before := rows.times < at).any():
                before = rows.some(is_before)
                settled.append((before, self._absorb(before)))
                rows = rows.some(~is_before) if not is_before.all() else None
            change()
        if rows is not None:
            settled.append((rows, self._absorb(rows)))
        return settled

    def _absorb(self, rows: Rows) -> Arranged:
        groups = group(rows)
        found = list(keys(rows, groups))
        numbers, new = self._table.identify(found, rows, groups)
        for index in new:
            number = int(numbers[index])
            admitted = self._desk.admit(found[index], int(self._table.columns["first"][number]))
            self._legs.put(number, *(admitted or (None, None)))
        by_file = np.argsort(self._legs.files[numbers], kind="stable")
        arranged = self._table.absorb(rows, groups.arranged(by_file), numbers[by_file])
        payload = rows.payloads(arranged.groups.order)
        self._legs.note(rows, arranged, self._table)
        self._link(rows, arranged, payload)
        self._append(rows, arranged, payload)
        return arranged

    def _link(self, rows: Rows, arranged: Arranged, payload: NDArray[np.uint8]) -> None:
        for one, another in self._prover.look(rows, arranged, payload, self._legs, self._table):
            self._join(one, another)

    def _join(self, one: Leg, another: Leg) -> None:
        """The two legs are one conversation."""
        gone = self.book.link(one.id, another.id)
        call = self.book.of(one.id)
        # The longer call first, so that a crash between the two loses neither leg.
        if gone is not None and call is not None and self._write(call):
            self.spool.journal.remove(gone)

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
            written = self.spool.append(file, names, counts, table[a:b], payload[start:end])
            if written:
                self._table.columns["written"][arranged.streams[groups]] += counts
                self.counters.written += b - a
            else:
                self.counters.unwritten += b - a

    def _call_file(self, call: RunningCall, end: int = 0) -> CallFile:
        self._legs.refresh(call, self._table)
        options = self.options
        return CallFile(
            call=describe(call, options.numbering, options.recorder),
            plan=plan(call),
            files=files(call),
            ended=bool(end),
            end=end,
            legs=call.legs,
        )

    def _write(self, call: RunningCall) -> bool:
        return self.spool.write(self._call_file(call))

    def _end(self, call: RunningCall) -> None:
        file = self._call_file(call, end=call.ended)
        held = file.files
        if call.first.dialog is None and sum(party.packets.received for party in file.call.parties) < JUNK:
            self.counters.junk += 1
            self._forget(call, held)
            self.spool.journal.remove(call.id, held)
        elif self.spool.write(file):
            self.counters.calls += 1
            self._forget(call, held)
            if self._on_end is not None:
                self._on_end(call.id)

    def _forget(self, call: RunningCall, held: tuple[str, ...]) -> None:
        self.book.drop(call)
        self.spool.release(held)
        for leg in call.legs:
            self._follower(leg).forget(leg, self._now)
            self._desk.withdraw(leg)
            for number in self._legs.drop(leg):
                self._prover.forget(number)
                self._table.forget(number)


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
