"""SIP messages to legs: one leg a Call-ID as a rule, its media places announced as its SDP says."""

import re
from collections import Counter
from dataclasses import dataclass, field

from recorder.assembly.book import SECOND, CallBook
from recorder.assembly.callids import CallIds
from recorder.assembly.consultations import Consultations
from recorder.assembly.dialog import Dialog
from recorder.assembly.happening import Happening
from recorder.assembly.identity import identifier
from recorder.assembly.leg import Leg
from recorder.assembly.mediaend import Address, MediaEnd, outdated
from recorder.assembly.text import clean
from recorder.assembly.transfers import Handover, Transfers, is_turned
from recorder.protocol.sip import SipMessage

_CALL_ID = re.compile(rb"\n(?:call-id|i)[ \t]*:([^\r\n]*)", re.IGNORECASE)
_HEAD = 2000
"""Bytes of a message in which its Call-ID is looked for before it is read."""
ONCE = frozenset({"ringing", "answered", "cancelled", "rejected", "bye"})
"""What happens once on a leg, and is noted however much else has happened."""
GONE = 32 * SECOND
"""How long a Call-ID is remembered after its end: repeats come that late (RFC 3261, 17, timer B)."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What a message was: the leg that it belongs to, the media places that are new, the dialogs that go
    on in another call from now on, and media places that are none of the leg any more."""

    leg: Leg
    ends: list[MediaEnd]
    handovers: list[Handover] = field(default_factory=list)
    gone: list[MediaEnd] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Gone:
    """When (ns) a Call-ID was over, the CSeq of its last INVITE, the tags of its caller, and the branches on
    which it was asked for; None where they are not known."""

    at: int
    number: int = 1 << 32
    callers: frozenset[str] | None = None
    branches: frozenset[str] | None = None

    def is_of(self, message: SipMessage) -> bool:
        """Whether the message is a late one of its caller, or for that one."""
        tags = {message.from_.tag, message.to.tag} - {""}
        return self.callers is not None and not tags.isdisjoint(self.callers)

    def is_new(self, message: SipMessage) -> bool:
        """Whether the message begins a call of the same Call-ID: a caller who was refused may try again so,
        a proxy may go on to the next phone, and some telephones never use another one."""
        if not message.is_request or message.method != "INVITE" or message.to.tag:
            return False
        if message.cseq.number > self.number:
            return True
        if self.callers is None or self.branches is None:
            return False
        is_asked = not message.branch or message.branch in self.branches
        return message.from_.tag not in self.callers or not is_asked


@dataclass(slots=True)
class Signalling:
    """Running legs by Call-ID; ``gone`` are those whose late messages mean nothing any more.

    ``rejected`` counts what was beyond the limits, by its reason.
    """

    book: CallBook
    rejected: Counter[str] = field(default_factory=Counter)
    legs: CallIds = field(default_factory=CallIds)
    _gone: dict[str, "_Gone"] = field(default_factory=dict)
    _begun: int = 0
    _met: int = 0
    """Calls that began with an answer since the last flush; ``_begun`` are those that did with an INVITE."""
    _transfers: Transfers = field(init=False)
    _consultations: Consultations = field(init=False)

    def __post_init__(self) -> None:
        self._transfers = Transfers(self.book)
        self._consultations = Consultations(self.book)

    def take(
        self, message: SipMessage, now: int, source: tuple[Address, int], destination: tuple[Address, int]
    ) -> Followed | None:
        """Follow a message; None where it is of no call."""
        message = message.storable()
        leg = self._leg_of(message, now, source, destination)
        if leg is None or leg.dialog is None:
            return None
        known, sessions = len(leg.dialog.ends), leg.dialog.session
        described = len(leg.dialog.meanings.known)
        happened = self._noted(leg, leg.dialog.handle(message, now))
        gone, known = self._outdated(leg.dialog, known)
        if leg.dialog.session != sessions:
            self.book.learn(leg, leg.dialog.session - sessions)
        lives_on = leg.hears(now)
        leg.ended = leg.dialog.ended
        route, onward = leg.dialog.route, leg.dialog.route.onward
        route.follow(message, source[0], destination[0], leg.dialog.destination[0])
        if route.onward != onward:
            self._consultations.rename(leg)
        self.book.rename(leg)
        call = self.book.of(leg.id)
        is_described_anew = len(leg.dialog.meanings.known) > described or len(leg.dialog.ends) > known
        if call is not None and (happened or is_described_anew or lives_on):
            call.changed = True
        return Followed(leg, leg.dialog.ends[known:], self._handovers(leg, now), gone)

    def _outdated(self, dialog: Dialog, known: int) -> tuple[list[MediaEnd], int]:
        """Take out the oldest of too many places, or what is new where each of them tells something; answer
        which they were, and how many of the ``known`` ones are left."""
        most = self.book.limits.places
        if len(dialog.ends) <= most:
            return [], known
        old = set(outdated(dialog.ends, most))
        gone = [dialog.ends[number] for number in sorted(old)]
        dialog.ends[:] = [end for number, end in enumerate(dialog.ends) if number not in old][:most]
        kept = {(end.address, end.port) for end in dialog.ends}
        gone = [end for end in gone if (end.address, end.port) not in kept]
        return gone, known - sum(number < known for number in old)

    def is_room(self, content: bytes) -> bool:
        """Whether there is time for this message: not where it begins one more call in a flood of them."""
        is_answer = content.startswith(b"SIP/2.0 ")
        if not is_answer and not content.startswith(b"INVITE "):
            return True
        if (self._met if is_answer else self._begun) < self.book.limits.begun:
            return True
        found = _CALL_ID.search(content, 0, _HEAD)
        return found is not None and clean(found[1].strip().decode("utf-8", "replace")) in self.legs

    def _noted(self, leg: Leg, happened: list[Happening]) -> list[Happening]:
        """Note what happened, on a leg on which too much happened only what happens once."""
        if len(leg.happenings) + len(happened) > self.book.limits.happenings:
            kept = [one for one in happened if one.kind in ONCE]
            self.rejected["too-many-events"] += len(happened) - len(kept)
            happened = kept
        leg.happenings.extend(happened)
        self._consultations.note(leg, happened)
        return happened

    def _handovers(self, leg: Leg, now: int) -> list[Handover]:
        self._transfers.note(leg)
        found = self._transfers.complete(leg, now) if leg.ended else []
        for one in found:
            self._consultations.end(one.before)
            self._enter(one.after)
        return found

    def reconnect(
        self, one: Leg, another: Leg, now: int, *, is_turned: bool, is_direct: bool = False
    ) -> list[Handover]:
        """Two legs of two calls are one conversation from now on (``Transfers.reconnect``)."""
        found = self._transfers.reconnect(one, another, now, is_turned=is_turned, is_direct=is_direct)
        for handover in found:
            self._consultations.end(handover.before)
            self._enter(handover.after)
        return found

    def _enter(self, leg: Leg) -> None:
        if leg.dialog is not None:
            self.legs.put(leg)
            self._consultations.begin(leg)

    def restore(self, leg: Leg) -> None:
        """Take in a leg that ran when the recorder stopped."""
        if leg.dialog is not None and (not leg.ended or leg.dialog.call_id not in self.legs):
            # An ACK is nothing that makes a call be written, which would be once more for each.
            leg.dialog.is_acknowledged |= bool(leg.dialog.answered)
            self.legs.put(leg)
            self._consultations.restore(leg)
        self._transfers.note(leg)

    def forget(self, leg: Leg, now: int) -> None:
        """The leg's call is done; what still comes for it is ignored, unless it went on in another call.

        Of one whose end was not seen what still comes tells that it is not over.
        """
        self._transfers.forget(leg)
        self._consultations.end(leg)
        if self.legs.remove(leg) and (dialog := leg.dialog) is not None and dialog.ended:
            callers = dialog.callers | {dialog.from_tag}
            asked = frozenset(dialog.branches.asked)
            self._remember(dialog.call_id, _Gone(now, dialog.branches.number, callers, asked))

    def lose(self, leg: Leg) -> None:
        """The leg was given up for want of room; what still comes for it may begin it again."""
        self._transfers.forget(leg)
        self._consultations.end(leg)
        self.legs.remove(leg)

    def ignore(self, call_id: str, now: int) -> None:
        """What comes for this Call-ID means nothing any more."""
        self._remember(call_id, _Gone(now))

    def _remember(self, call_id: str, gone: _Gone) -> None:
        self._gone.pop(call_id, None)
        self._gone[call_id] = gone
        if len(self._gone) > self.book.limits.remembered:
            del self._gone[next(iter(self._gone))]

    def expire(self, now: int) -> None:
        """Forget Call-IDs that nothing can come for any more, and that calls began. Call once a flush."""
        self._begun = self._met = 0
        while self._gone and now - self._gone[first := next(iter(self._gone))].at >= GONE:
            del self._gone[first]

    def _leg_of(
        self, message: SipMessage, now: int, source: tuple[Address, int], destination: tuple[Address, int]
    ) -> Leg | None:
        """The leg of a message, which may begin it."""
        leg = self.legs.of(message, source, destination)
        gone = self._gone.get(clean(message.call_id))
        if leg is None and (gone is None or not gone.is_of(message)):
            leg = self.legs.nearest(message, source, destination)
        return leg or self._begin(message, now, source, destination)

    def _begin(
        self, message: SipMessage, now: int, source: tuple[Address, int], destination: tuple[Address, int]
    ) -> Leg | None:
        call_id = clean(message.call_id)
        gone = self._gone.get(call_id)
        if not call_id or (gone is not None and not gone.is_new(message)):
            return None
        dialog = Dialog.begun_by(message, now, source, destination)
        if dialog is None:
            return None
        leg = Leg(identifier(now, "dialog", dialog.call_id), now, dialog)
        if message.is_request:
            self._begun += 1
        else:
            self._met += 1
        self.legs.put(leg)
        self._open(leg, message)
        self._consultations.begin(leg)
        return leg

    def _open(self, leg: Leg, message: SipMessage) -> None:
        replaces = message.replaces
        call_id, replaced = clean(replaces.call_id) if replaces else "", self.legs.named(replaces)
        call = self._transfers.target(replaced, call_id) if call_id else None
        if call is None or leg.dialog is None:
            self.book.open(leg)
            return
        leg.dialog.is_turned = is_turned(leg.dialog, call, replaced, replaces)
        self.book.join(call, leg)
