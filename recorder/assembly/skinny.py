"""Calls of phones that speak SCCP (Skinny): one leg for each call on each phone."""

from collections.abc import Iterable

from recorder.assembly.book import SECOND, CallBook
from recorder.assembly.dialog import Dialog
from recorder.assembly.endpoints import EndpointBook
from recorder.assembly.following import Follower, Told, contradicted
from recorder.assembly.happening import Happening
from recorder.assembly.leg import Leg
from recorder.assembly.mediaend import Address, MediaEnd
from recorder.assembly.recent import Recent
from recorder.assembly.skinny_call import FAILURES, PhoneCall, name
from recorder.protocol import sccp
from recorder.protocol.readers import SCCP_PORTS
from recorder.protocol.received import Endpoint, Received
from recorder.protocol.sccp_messages import (
    END_CALL,
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

MOST = 1 << 16
"""Calls, channels and phones that are remembered."""
ALIKE = 10 * SECOND
"""Two phones that show the same numbers within so long have one call with each other (ns)."""
_MOST_ALIKE = 7
_HANGS_UP = 2 * SECOND
"""A call manager answers a phone that hangs up in less than this (ns)."""
_SHOWN = (State.CONNECTED, State.HOLD)
_RUNS = (State.HOLD,)


class Skinny(Follower):
    """Follows the sessions between phones and their call managers."""

    def __init__(self, book: CallBook, endpoints: EndpointBook) -> None:
        super().__init__(book)
        self._endpoints = endpoints
        self._calls: Recent[str, PhoneCall] = Recent(MOST)
        self._channels: Recent[tuple[Address, int], int] = Recent(MOST)
        self._current: Recent[Endpoint, int] = Recent(MOST)
        self._hung_up: Recent[Endpoint, int] = Recent(MOST)
        self._alike: Recent[tuple[str, str], list[str]] = Recent(MOST)
        self._early: Recent[tuple[Address, int], OpenReceiveChannelAck] = Recent(MOST)

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
            self._hung_up[phone] = now
            return []
        call = self._call(message, phone, manager, now)
        return self._follow(call, message, now) if call is not None else []

    def restore(self, leg: Leg) -> None:
        """See ``Follower``."""
        super().restore(leg)
        if leg.dialog is None:
            return
        is_outbound = leg.dialog.destination[1] in SCCP_PORTS
        ends = leg.dialog.source, leg.dialog.destination
        phone, manager = ends if is_outbound else ends[::-1]
        reference = int(leg.dialog.call_id.partition("@")[0])
        call = PhoneCall(phone, manager, reference, leg.start, is_outbound, dialog=leg.dialog)
        self._calls[call.name] = call
        self._current[phone] = reference

    def lose(self, leg: Leg) -> None:
        """See ``Follower``."""
        super().lose(leg)
        if leg.dialog is not None:
            self._calls.pop(leg.dialog.call_id, None)

    def _follow(self, call: PhoneCall, message: Message, now: int) -> list[Told]:
        is_new = call.dialog is None and self._shows(call, message)
        happened = self._begin(call, message) if is_new else []
        source = call.dialog.source if call.dialog is not None else None
        more, ends = self._meaning(call, message, now)
        dialog = call.dialog
        if dialog is None:
            return []
        leg = self._legs.begin(dialog) if is_new else self._legs.get(call.name)
        if leg is None:
            return []
        fresh = self._legs.tell(leg, [*happened, *more], ends)
        call.settle(contradicted(self._endpoints, leg.id, fresh))
        if dialog.source != source and not is_new:
            fresh = self._legs.turned(leg)
        if isinstance(message, MediaStopped):
            for end in call.stopped(message):
                self._endpoints.close(leg.id, end)
        twins = self._twins(leg, dialog) if isinstance(message, CallInfo) else []
        return [Told(leg, fresh, twins)]

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
                is_own = now - self._hung_up.get(call.phone, -_HANGS_UP) < _HANGS_UP
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
        call = self._calls.get(name(host, reference))
        if call is None:
            if isinstance(message, MediaStopped):
                return None
            call = PhoneCall(phone, manager, reference, now)
            self._calls[call.name] = call
        if party := getattr(message, "party", 0):
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
            if one and name(host, one) in self._calls:
                return one
        return said or self._current.get(phone, 0) or conference

    def _twins(self, leg: Leg, dialog: Dialog) -> list[Leg]:
        """The call as the phone of the other party shows it."""
        numbers = dialog.from_number, dialog.to_number
        names = self._alike[numbers] = [*self._alike.get(numbers, ())[-_MOST_ALIKE:], dialog.call_id]
        others = [other for name in names if (other := self._legs.get(name)) is not None]
        return [
            other
            for other in others
            if other is not leg
            and not other.ended
            and other.dialog is not None
            and _mirrors(dialog, other.dialog)
        ]


def _mirrors(one: Dialog, another: Dialog) -> bool:
    """Whether one phone calls and another one is called, with the same numbers, at one call manager."""
    if (one.from_number, one.to_number) != (another.from_number, another.to_number):
        return False
    calling, called = (one, another) if one.destination[1] in SCCP_PORTS else (another, one)
    return calling.destination == called.source and abs(one.start - another.start) < ALIKE


def _hangs_up(message: Message) -> bool:
    if isinstance(message, SoftKey):
        return message.event == END_CALL
    return isinstance(message, Hook) and not message.is_off
