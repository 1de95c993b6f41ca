"""Calls of phones that speak SCCP (Skinny): one leg for each call on each phone."""

from collections.abc import Iterable

from recorder.assembly.book import SECOND, CallBook
from recorder.assembly.consultations import Consultations
from recorder.assembly.dialog import Dialog
from recorder.assembly.endpoints import EndpointBook
from recorder.assembly.following import Follower, Told, contradicted
from recorder.assembly.happening import Happening
from recorder.assembly.leg import Leg
from recorder.assembly.mediaend import Address, MediaEnd
from recorder.assembly.phone_transfers import given_away
from recorder.assembly.recent import Recent
from recorder.assembly.skinny_call import FAILURES, PhoneCall, name
from recorder.assembly.text import clean
from recorder.assembly.transfers import Handover
from recorder.protocol import sccp
from recorder.protocol.readers import SCCP_PORTS
from recorder.protocol.received import Endpoint, Received
from recorder.protocol.sccp_messages import (
    CONFERENCE,
    END_CALL,
    JOIN,
    CallInfo,
    CallState,
    Dialled,
    Hook,
    KeypadButton,
    MediaStopped,
    Message,
    OpenReceiveChannel,
    OpenReceiveChannelAck,
    Register,
    SoftKey,
    StartMediaTransmission,
    State,
)

ALIKE = 10 * SECOND
"""Two phones that show the same numbers within so long have one call with each other (ns)."""
_MOST_ALIKE = 15
_HANGS_UP = 2 * SECOND
"""A call manager answers a phone that hangs up in less than this (ns)."""
_STOPS = 2 * SECOND
"""Phones that rang together stop so soon after one of them is answered (ns)."""
_SHOWN = (State.CONNECTED, State.HOLD)
_RUNS = (State.HOLD,)
_MEDIA = (OpenReceiveChannel, OpenReceiveChannelAck, StartMediaTransmission, MediaStopped)


class Skinny(Follower):
    """Follows the sessions between phones and their call managers."""

    def __init__(self, book: CallBook, endpoints: EndpointBook) -> None:
        super().__init__(book)
        self._endpoints = endpoints
        most = book.limits.remembered
        self._calls: Recent[str, PhoneCall] = Recent(most)
        self._channels: Recent[tuple[Address, int], int] = Recent(most)
        self._current: Recent[Endpoint, int] = Recent(most)
        self._hubs: Recent[tuple[Address, int], None] = Recent(most)
        """References at devices under which several parties met: who comes there has a call of their own."""
        self._hung_up: Recent[Endpoint, tuple[int, int]] = Recent(most)
        self._consultations = Consultations(book)
        self._alike: Recent[tuple[str, str], list[str]] = Recent(most)
        self._early: Recent[tuple[Address, int], OpenReceiveChannelAck] = Recent(most)

    def take(self, received: Received) -> Iterable[Told]:
        """Follow a message; raises SccpError for one that cannot be read."""
        message = sccp.parse(received.content)
        phone, manager = received.source, received.destination
        if phone[1] in SCCP_PORTS and manager[1] not in SCCP_PORTS:
            phone, manager = manager, phone
        now = received.time
        if isinstance(message, Register):
            self._current.pop(phone, None)
            return []
        if _hangs_up(message):
            self._hung_up[phone] = now, getattr(message, "reference", 0)
            return []
        call = self._call(message, phone, manager, now)
        return self._follow(call, message, now) if call is not None else []

    def restore(self, leg: Leg) -> None:
        """See ``Follower``."""
        super().restore(leg)
        if leg.dialog is None or leg.is_handed_over:
            return
        self._consultations.restore(leg)
        call = self._resume(leg.dialog)
        self._current[call.phone] = call.reference

    def lose(self, leg: Leg) -> None:
        """See ``Follower``."""
        super().lose(leg)
        self._consultations.end(leg)
        call = self._calls.get(leg.dialog.call_id) if leg.dialog is not None else None
        if call is not None and (call.dialog is None or call.dialog is leg.dialog):
            del self._calls[call.name]

    def _resume(self, dialog: Dialog) -> PhoneCall:
        """The call of a dialog that was followed before."""
        is_outbound = dialog.destination[1] in SCCP_PORTS
        ends = dialog.source, dialog.destination
        call = PhoneCall.resumed(dialog, ends if is_outbound else ends[::-1], is_outbound=is_outbound)
        self._calls[call.name] = call
        if call.channel:
            self._hubs[call.phone[0], call.reference] = None
        return call

    def _known(self, host: Address, reference: int, party: int = 0) -> PhoneCall | None:
        """The call of this number at a device, that of the party where several meet there."""
        for one in dict.fromkeys(name(host, reference, channel) for channel in (party, 0)):
            call, leg = self._calls.get(one), self._legs.get(one)
            if call is None and leg is not None and leg.dialog is not None:
                # It was forgotten in a flood of others.
                call = self._resume(leg.dialog)
            if call is not None:
                return call
        return None

    def _follow(self, call: PhoneCall, message: Message, now: int) -> list[Told]:
        if isinstance(message, CallInfo) and (handover := self._given_away(call, message, now)) is not None:
            return [Told(handover.after, handover=handover)]
        call.is_told |= not isinstance(message, _MEDIA)
        if call.goes_on(message) and (before := self._legs.get(call.name)) is not None:
            call.reopen()
            self._legs.reopen(before)
        is_new = call.dialog is None and self._shows(call, message)
        happened = self._begin(call, message) if is_new else []
        source = call.dialog.source if call.dialog is not None else None
        numbers = _numbers(call.dialog) if call.dialog is not None else None
        more, ends = self._meaning(call, message, now)
        dialog = call.dialog
        if dialog is None:
            return []
        dialog.party = call.first
        leg = self._legs.begin(dialog) if is_new else self._legs.get(call.name)
        if leg is None:
            return []
        fresh = self._legs.tell(leg, [*happened, *more], ends)
        self._consult(call, leg, message, now, before=None if is_new else numbers)
        is_against = call.settle(contradicted(self._endpoints, leg.id, fresh))
        if is_against or (dialog.source != source and not is_new):
            fresh = self._legs.turned(leg)
        if isinstance(message, MediaStopped):
            for end in call.stopped(message):
                self._endpoints.close(leg.id, end)
            call.finish(now)
            fresh = self._legs.tell(leg, ())
        if isinstance(message, CallInfo):
            return [Told(leg, fresh, self._twins(leg, dialog))]
        if not isinstance(message, CallState):
            return [Told(leg, fresh)]
        self._answers(leg, dialog)
        return [Told(leg, fresh, self._rang_too(leg, dialog, now))]

    def _consult(
        self, call: PhoneCall, leg: Leg, message: Message, now: int, before: tuple[str, str] | None
    ) -> None:
        """Which other calls the phone has meanwhile; ``before`` are the numbers that the leg had, if any."""
        if before is None:
            self._consultations.begin(leg)
        elif leg.dialog is not None and before != _numbers(leg.dialog):
            self._consultations.restore(leg)
        if isinstance(message, SoftKey) and message.event in (CONFERENCE, JOIN):
            self._consultations.join(leg, call.own, now)

    def _given_away(self, call: PhoneCall, info: CallInfo, now: int) -> Handover | None:
        """The phone's call goes on with the party of another one, which was held to ask this one."""
        leg = self._legs.get(call.name)
        party = clean(info.to_number if call.is_outbound else info.from_number)
        handover = given_away(self._legs.book, leg, call.own, party, now) if leg is not None else None
        if leg is None or handover is None or handover.after.dialog is None:
            return None
        call.dialog = handover.after.dialog
        # Where the one who left received media is a place for their next call.
        call.dialog.ends[:] = [end for end in call.dialog.ends if self._is_open(leg, end)]
        call.joins(party)
        self._legs.restore(handover.after)
        self._consultations.end(leg)
        self._consultations.restore(handover.after)
        return handover

    def _begin(self, call: PhoneCall, message: Message) -> list[Happening]:
        if isinstance(message, CallInfo):
            return call.begin(message)
        is_running = not call.states and not (isinstance(message, CallState) and message.state not in _RUNS)
        happened = call.begin()
        if is_running and call.dialog is not None:
            # What came before was not captured.
            call.dialog.answered = call.start
        return happened

    def _meaning(self, call: PhoneCall, message: Message, now: int) -> tuple[list[Happening], list[MediaEnd]]:
        match message:
            case CallInfo():
                return call.identify(message, now), []
            case CallState():
                at, reference = self._hung_up.get(call.phone, (-_HANGS_UP, 0))
                is_own = now - at < _HANGS_UP and reference in (0, call.reference)
                return call.change(message.state, now, is_own=is_own), []
            case KeypadButton():
                return call.press(message.key, now), []
            case Dialled():
                call.dialled = message.number
                call.settle(True)
            case OpenReceiveChannel():
                return [], call.opens(message)
            case OpenReceiveChannelAck():
                return [], call.receives(message)
            case StartMediaTransmission():
                early = self._early.pop((call.phone[0], message.party), None)
                return [], [*(call.receives(early) if early else ()), *call.sends(message)]
            case _:
                pass
        return [], []

    def _shows(self, call: PhoneCall, message: Message) -> bool:
        """Whether the message shows that there is a call, and not only a lifted receiver."""
        if self._legs.is_gone(call.name):
            return False
        match message:
            case CallInfo():
                return bool(message.from_number and message.to_number)
            case CallState():
                rings = any(state in (State.RING_IN, State.RING_OUT) for state, _ in call.states)
                is_over = message.state == State.ON_HOOK and rings
                return message.state in _SHOWN or message.state in FAILURES or is_over
            case OpenReceiveChannelAck():
                return message.is_open
            case StartMediaTransmission():
                return True
        return False

    def _call(self, message: Message, phone: Endpoint, manager: Endpoint, now: int) -> PhoneCall | None:
        """The call that the message is about, a new one where it is of none that is known."""
        host = phone[0]
        reference = self._reference(message, phone)
        if not reference:
            if isinstance(message, OpenReceiveChannelAck):
                self._early[host, message.party] = message
            return None
        party: int = getattr(message, "party", 0)
        call = self._known(host, reference, party)
        if isinstance(message, MediaStopped):
            return call if call is not None and call.is_of(party) else None
        is_hub = (host, reference) in self._hubs
        if call is not None:
            call.is_hub |= is_hub
        if call is None or (party and call.meets(party)):
            call = PhoneCall(phone, manager, reference, now, party if call is not None or is_hub else 0)
            self._calls[call.name] = call
            if call.channel:
                self._hubs[host, reference] = None
        if party:
            self._channels[host, party] = reference
        self._current[phone] = reference
        return call

    def _reference(self, message: Message, phone: Endpoint) -> int:
        """The number of the call that the message is about, 0 where nothing tells."""
        host = phone[0]
        said: int = getattr(message, "reference", 0)
        party, conference = getattr(message, "party", 0), getattr(message, "conference", 0)
        if not party:
            return said or self._current.get(phone, 0)
        for one in (said, self._channels.get((host, party), 0), conference):
            if one and self._known(host, one, party) is not None:
                return one
        return said or self._current.get(phone, 0) or conference

    def _is_open(self, leg: Leg, end: MediaEnd) -> bool:
        claim = self._endpoints.claimant((end.address, end.port))
        return claim is not None and claim.leg == leg.id and claim.is_open

    def _twins(self, leg: Leg, dialog: Dialog) -> list[Leg]:
        """The call as the phone of the other party shows it."""
        numbers = _numbers(dialog)
        before = [name for name in self._alike.get(numbers, ()) if name != dialog.call_id]
        self._alike[numbers] = [*before[-_MOST_ALIKE:], dialog.call_id]
        return [
            other for other, another in self._as(leg, dialog) if not other.ended and _mirrors(dialog, another)
        ]

    def _answers(self, leg: Leg, dialog: Dialog) -> None:
        """The called phone was answered, and so was the calling one, whose message may be lost."""
        if not dialog.answered or dialog.destination[1] in SCCP_PORTS:
            return
        for other, another in self._as(leg, dialog):
            if not (other.ended or another.answered) and _mirrors(dialog, another):
                another.answered = dialog.answered

    def _rang_too(self, leg: Leg, dialog: Dialog, now: int) -> list[Leg]:
        """Phones that rang for the same call and stopped when one of them took it: a line that several
        phones have, a group that is called together."""
        if not dialog.from_number or dialog.destination[1] in SCCP_PORTS:
            return []
        found = []
        for other, another in self._as(leg, dialog):
            if another.source != dialog.source or abs(another.start - dialog.start) >= ALIKE:
                continue
            for (took, taken), (rang, left) in (
                ((leg, dialog), (other, another)),
                ((other, another), (leg, dialog)),
            ):
                if _left_to(left, taken, now):
                    # The conversation is with who took it: its leg comes first.
                    rang.start = max(rang.start, took.start + 1)
                    found.append(other)
        return found

    def _as(self, leg: Leg, dialog: Dialog) -> list[tuple[Leg, Dialog]]:
        """The other legs that were shown with the same numbers, and their dialogs."""
        names = self._alike.get(_numbers(dialog), ())
        others = [other for name in names if (other := self._legs.get(name)) is not None]
        return [
            (other, other.dialog)
            for other in others
            if other is not leg and other.dialog is not None and _numbers(other.dialog) == _numbers(dialog)
        ]


def _numbers(dialog: Dialog) -> tuple[str, str]:
    return dialog.from_number, dialog.to_number


def _left_to(one: Dialog, another: Dialog, now: int) -> bool:
    """Whether one phone has just stopped to ring as another one was answered."""
    is_over = bool(one.ended) and not one.answered and not one.cause and now - one.ended < _STOPS
    return is_over and bool(another.answered) and abs(one.ended - another.answered) < _STOPS


def _mirrors(one: Dialog, another: Dialog) -> bool:
    """Whether one phone calls and another one is called, with the same numbers, at one call manager."""
    calling, called = (one, another) if one.destination[1] in SCCP_PORTS else (another, one)
    return calling.destination == called.source and abs(one.start - another.start) < ALIKE


def _hangs_up(message: Message) -> bool:
    if isinstance(message, SoftKey):
        return message.event == END_CALL
    return isinstance(message, Hook) and not message.is_off
