"""The capture engine: batches of frames in, spooled calls out. It has no clock and no threads."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from recorder.alarms import Alarm, Alarms, FloodWatch
from recorder.assembly.book import CallBook, Patience
from recorder.assembly.call import RunningCall
from recorder.assembly.describe import describe, files, plan
from recorder.assembly.heard import Heard
from recorder.assembly.leg import Leg
from recorder.assembly.limits import Limits, is_unanswered
from recorder.assembly.numbering import Numbering
from recorder.assembly.phones import Phones
from recorder.assembly.signalling import Signalling
from recorder.assembly.strangers import PROOF
from recorder.batch import Batch
from recorder.counters import Counters
from recorder.mediaflow import MediaFlow
from recorder.protocol import classify, connections, transport
from recorder.protocol.errors import ProtocolError, SipError
from recorder.protocol.fragments import Fragments
from recorder.protocol.messages import Messages
from recorder.protocol.received import SIP, Received
from recorder.protocol.sip import SipMessage
from recorder.protocol.tls_keys import TlsKeys
from recorder.spool.callfile import CallFile
from recorder.spool.spool import Spool

FLUSH = 500_000_000
"""At most this much of running calls, in ns, is lost when the process is killed."""
STRIDE = 5_000_000_000
"""A batch of a quiet file may last for minutes; the engine goes through it in steps of this length (ns)."""
MUCH = 50
"""Media without signalling and with fewer packets than this (1 s) is no call where there is a flood of it."""


@dataclass(frozen=True, slots=True)
class CaptureOptions:
    """What a capture engine can be told. ``flush`` in ns; ``recorder`` is the name calls carry.

    ``tcp_ports`` are those of signalling, which is opened with ``tls_keys`` where it is TLS.
    """

    recorder: str = ""
    numbering: Numbering = field(default_factory=Numbering)
    patience: Patience = field(default_factory=Patience)
    limits: Limits = field(default_factory=Limits)
    flush: int = FLUSH
    tcp_ports: tuple[int, ...] = connections.PORTS
    tls_keys: TlsKeys | None = None


class Capture:
    """One engine for one tap. ``now`` is the tap's time in ns since the epoch, which goes back in files only
    (see ``taps/steadytime.py``)."""

    def __init__(
        self,
        spool: Path,
        options: CaptureOptions | None = None,
        alarm: Alarm | None = None,
        on_end: Callable[[str], None] | None = None,
    ) -> None:
        self.options = options or CaptureOptions()
        alarms = Alarms(alarm)
        self.spool = Spool.at(spool, alarms.about("spool"))
        self.book = CallBook(
            self.options.patience, self.options.limits, is_outside=self.options.numbering.is_outside
        )
        self.counters = Counters()
        self._floods = FloodWatch(alarms.about("floods"))
        self._on_end = on_end
        self._fragments = Fragments()
        self._messages = Messages(
            self.options.tcp_ports,
            self.options.tls_keys,
            self.counters.rejected,
            self.options.limits.connections,
        )
        self._signalling = Signalling(self.book, self.counters.rejected)
        self._flow = MediaFlow(self.book, self.spool, self.counters, self._write)
        self._flow.is_ours = self.options.numbering.is_internal
        self._flow.reconnect = self._signalling.reconnect
        self._phones = Phones(self.book, self._flow.desk.endpoints)
        self.shift = 0
        """What the clock shows more than the times that the engine is fed, in ns."""
        self._over: list[str] = []
        self._since = 0
        self._now = 0

    def feed(self, batch: Batch, now: int = 0) -> None:
        """Take a batch; ``now`` counts where the batch is empty or older. Flushes when it is time."""
        if batch.shift is not None:
            self.clock_shows(batch.shift)
        self.counters.frames += len(batch)
        self.counters.dropped += batch.dropped
        self._flow.lack(batch.dropped)
        if len(batch) and int(batch.times.max()) < self._now - STRIDE:
            self._go_back(int(batch.times[0]))
        for part in batch.within(STRIDE):
            self._rest(int(part.times[0]))
            self._take(part)
            self._pass(int(part.times[-1]))
        self._pass(now)

    def _go_back(self, now: int) -> None:
        """Files were put together, or a clock was set: whoever waits for the old time waits for ever."""
        self._now = now
        self.flush()

    def _rest(self, until: int) -> None:
        """Nothing at all came before ``until``: what nothing explains and was silent for so long is over.

        A file has no empty batches, in which that would show: what comes now is another conversation.
        """
        patience = self.options.patience.orphan
        if until - self._now <= self.options.flush:
            return
        self._flow.flush(self._now, until)
        if until - self._now <= patience:
            return
        for call in list(self.book.calls.values()):
            if all(leg.dialog is None and self.book.is_left(leg, until) for leg in call.legs):
                for leg in call.legs:
                    if not leg.ended:
                        leg.give_up()
                self._end(call)

    def _pass(self, now: int) -> None:
        self._now = max(self._now, now)
        if self._now - self._since >= self.options.flush or self._flow.is_full:
            self.flush()

    def flush(self) -> None:
        """Write what waits, then look which calls changed and which are over."""
        now = self._since = self._now
        self._flow.flush(now)
        self.book.expire(now)
        self._signalling.expire(now)
        self._phones.expire(now)
        for call in self.book.silent():
            self._lose(call, "silent-flood")
        for leg in self._flow.desk.crowd(now):
            self._give_up(leg)
        for call in self.book.due(now):
            self._end(call)
        self._write_changed()
        self._floods.look(self.counters.rejected, now)

    def finish(self) -> None:
        """The tap is at its end: write everything and end every call where its traffic ends."""
        self._hear_out()
        self.flush()
        for call in list(self.book.calls.values()):
            for leg in call.legs:
                if not leg.ended:
                    leg.give_up()
            self._end(call)
        self.spool.close()

    def stop(self) -> None:
        """Write everything and leave the calls running, for the next engine on this spool to go on with."""
        self._hear_out()
        self.flush()
        for call in self.book.calls.values():
            self._write(call)
        self.spool.close()

    def restore(
        self,
        call: RunningCall,
        heard: Mapping[tuple[str, str], Heard],
        numbers: Mapping[str, dict[str, int]],
        shift: int = 0,
    ) -> None:
        """Go on with a call that ran when the last engine stopped.

        ``heard`` is what the spool holds of each stream, by leg file and name, ``numbers`` those of the
        streams in each leg file, ``shift`` what the clock showed more than the times of the call.
        """
        self.shift = shift
        self.book.restore(call)
        self._now = max(self._now, call.first.start)
        for leg in call.legs:
            self._follower(leg).restore(leg)
            self._flow.restore(leg, heard)
        for file, known in numbers.items():
            self.spool.resume(file, known)

    def catch_up(self, over: Iterable[str]) -> None:
        """Follow the messages that the last engine had noted but not followed to the end of a flush.

        ``over`` are the Call-IDs of calls that ended already.
        """
        noted = self.spool.noted()
        for call_id in {*over, *self.spool.noted_over()}:
            self._signalling.ignore(call_id, self._now)
            self._phones.ignore(call_id, self._now)
        for received in noted:
            self._message(received)

    def clock_shows(self, shift: int) -> None:
        """The clock shows ``shift`` ns more than the times that come from now on."""
        if shift != self.shift:
            self.shift = shift
            # Not at the next flush: who goes on after a kill before that would know nothing of it.
            self._since = self._now - self.options.flush
            for call in self.book.calls.values():
                call.changed = True

    @property
    def now(self) -> int:
        """The newest time that the engine knows of, in ns."""
        running = (leg.last_media for call in self.book.calls.values() for leg in call.legs)
        return max(self._now, *running) if self.book.calls else self._now

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
        if cut := datagrams.cut(classes.media):
            self.counters.rejected["cut-media"] += cut
        self._flow.take(datagrams, classes.media, classes.other)

    def _hear_out(self) -> None:
        """Nothing comes any more of what messages wait for."""
        for received in self._messages.finish():
            self._message(received)

    def _message(self, received: Received) -> None:
        if received.protocol != SIP:
            self._phone(received)
            return
        self.counters.sip += 1
        if not self._signalling.is_room(received.content):
            self.counters.rejected["unanswered-flood"] += 1
            return
        try:
            message = SipMessage.parse(received.content)
        except SipError:
            self.counters.rejected["not-sip"] += 1
            return
        followed = self._signalling.take(message, received.time, received.source, received.destination)
        if followed is None:
            return
        self._keep_room()
        self._flow.place(followed.leg, followed.ends, received.time, followed.gone)
        for handover in followed.handovers:
            self._flow.hand_over(handover, received.time)

    def _phone(self, received: Received) -> None:
        """A message of a phone, or of a gateway, that does not speak SIP."""
        try:
            told = self._phones.take(received)
        except ProtocolError:
            self.counters.rejected[f"not-{received.protocol}"] += 1
            return
        self._keep_room()
        for one in told:
            one.leg.hears(received.time)
            for twin in one.twins:
                self._flow.join(one.leg, twin)
            if one.handover is not None:
                self._flow.hand_over(one.handover, received.time)
            self._flow.place(one.leg, list(one.ends), received.time)

    def _keep_room(self) -> None:
        for call in self.book.crowd():
            self._lose(call, "unanswered-flood")

    def _follower(self, leg: Leg) -> Signalling | Phones:
        return self._phones if leg.dialog is not None and leg.dialog.protocol != SIP else self._signalling

    def _call_file(self, call: RunningCall, end: int = 0) -> CallFile:
        self._flow.refresh(call)
        options = self.options
        return CallFile(
            call=describe(call, options.numbering, options.recorder),
            plan=plan(call),
            files=files(call),
            ended=bool(end),
            end=end,
            legs=call.legs,
            shift=self.shift,
        )

    def _write(self, call: RunningCall) -> bool:
        return self.spool.write(self._call_file(call))

    def _write_changed(self) -> None:
        """Write what changed; of calls that only ring no more than there is time for, the oldest first."""
        most, left = self.options.limits.written, 0
        for call in self.book.calls.values():
            if not call.changed:
                continue
            if is_unanswered(call) and not call.ended:
                if not most:
                    left += 1
                    continue
                most -= 1
            call.changed = not self._write(call)
            left += call.changed
        self.spool.forget_noted(left, self._over)
        self._over.clear()

    def _end(self, call: RunningCall) -> None:
        file = self._call_file(call, end=call.ended)
        held = file.files
        if call.first.dialog is None and _packets(file) < PROOF:
            self._discard(call, held)
        elif self.spool.write(file):
            self.counters.calls += 1
            self._over += [leg.dialog.call_id for leg in call.legs if leg.dialog is not None]
            self._forget(call, held)
            if self._on_end is not None:
                self._on_end(call.id)

    def _give_up(self, leg: Leg) -> None:
        """End media without signalling for want of room; what is too short to be anything goes."""
        self.counters.rejected["media-flood"] += 1
        call = self.book.of(leg.id)
        leg.give_up()
        if call is not None and call.ended and _packets(file := self._call_file(call)) < MUCH:
            self._discard(call, file.files)

    def _lose(self, call: RunningCall, why: str) -> None:
        """Forget a call on which nothing is heard for want of room; what still comes may begin it again."""
        self.counters.rejected[why] += 1
        for leg in call.legs:
            self._follower(leg).lose(leg)
        self._discard(call, ())

    def _discard(self, call: RunningCall, held: tuple[str, ...]) -> None:
        self.counters.junk += 1
        self._forget(call, held)
        self.spool.remove(call.id, held)

    def _forget(self, call: RunningCall, held: tuple[str, ...]) -> None:
        self.book.drop(call)
        self.spool.release(held)
        for leg in call.legs:
            self._follower(leg).forget(leg, self._now)
            self._flow.forget(leg)


def _packets(file: CallFile) -> int:
    return sum(party.packets.received for party in file.call.parties)
