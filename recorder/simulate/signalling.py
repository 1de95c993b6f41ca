"""When which SIP message of a call goes where: calls answered, refused, given up and not picked up."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from recorder.simulate.chance import scramble_number
from recorder.simulate.codec import CODECS, Codec
from recorder.simulate.dialog import sdp
from recorder.simulate.legs import Leg
from recorder.simulate.scenario import CallPlan, Refusal
from recorder.simulate.site import Station
from recorder.simulate.wire import Endpoint
from storage.model import CallState, Side

MS = 1_000_000
HOP_NS = 3 * MS
"""From a message on one leg to the one that it causes on the next."""
REPLY_NS = 1 * MS
"""From a request to its response, and from a response to its ACK."""


@dataclass(frozen=True, slots=True)
class Message:
    """A datagram at a time."""

    at_ns: int
    source: Endpoint
    destination: Endpoint
    payload: bytes


@dataclass(slots=True)
class Signalling:
    """All messages of a call, and what they say: times in ns for each leg, None where it was not reached."""

    messages: list[Message] = field(default_factory=list)
    started: list[int] = field(default_factory=list)
    answered: list[int | None] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    status: list[int | None] = field(default_factory=list)
    holds: list[tuple[int, int]] = field(default_factory=list)


def signal(plan: CallPlan, legs: Sequence[Leg], codec: Codec, packet_ms: int) -> Signalling:
    """The signalling of the call over its legs; a call refused by the network uses the first leg alone."""
    return _Writer(plan, legs, codec, packet_ms).write()


class _Writer:
    def __init__(self, plan: CallPlan, legs: Sequence[Leg], codec: Codec, packet_ms: int) -> None:
        self._plan = plan
        self._legs = legs[:1] if plan.refusal is Refusal.NETWORK else legs
        self._codec = codec
        self._packet_ms = packet_ms
        count = len(self._legs)
        self._result = Signalling(answered=[None] * count, ended=[0] * count, status=[None] * count)

    def write(self) -> Signalling:
        plan, result = self._plan, self._result
        self._invite()
        final = plan.start_ns + plan.ring_ns
        if plan.state is CallState.ANSWERED:
            self._answer(final)
            if plan.hold:
                self._hold(final, plan.hold)
            self._hang_up(final + plan.talk_ns)
        elif plan.state is CallState.CANCELLED:
            self._give_up(final)
        elif plan.state is CallState.MISSED:
            self._not_picked_up(final)
        else:
            self._refuse(final)
        result.messages.sort(key=lambda message: message.at_ns)
        return result

    def _send(self, leg: Leg, at_ns: int, payload: bytes, *, from_caller: bool) -> None:
        ends = (leg.caller.signalling, leg.callee.signalling)
        source, destination = ends if from_caller else ends[::-1]
        self._result.messages.append(Message(at_ns, source, destination, payload))

    def _body(self, station: Station, *, offer: bool, version: int = 1, direction: str = "sendrecv") -> bytes:
        others = tuple(codec for codec in CODECS.values() if codec is not self._codec)
        codecs = (self._codec, *others) if offer else (self._codec,)
        session = scramble_number(self._plan.seed, str(station.media)) >> 32
        return sdp(station, codecs, self._packet_ms, session, version, direction)

    def _invite(self) -> None:
        plan = self._plan
        rings = plan.refusal is not Refusal.NETWORK and plan.state is not CallState.BUSY
        last = len(self._legs) - 1
        for index, leg in enumerate(self._legs):
            at = plan.start_ns + index * HOP_NS
            offer = self._body(leg.caller, offer=True)
            self._send(leg, at, leg.dialog.invite(offer), from_caller=True)
            self._send(leg, at + REPLY_NS, leg.dialog.answer(100), from_caller=False)
            if rings:
                ringing = plan.start_ns + 60 * MS + (last - index) * HOP_NS
                self._send(leg, ringing, leg.dialog.answer(180), from_caller=False)
            self._result.started.append(at)

    def _answer(self, at_ns: int) -> None:
        """200 OK from the callee back to the caller, each leg acknowledged."""
        for hops, leg in enumerate(reversed(self._legs)):
            at = at_ns + hops * HOP_NS
            body = self._body(leg.callee, offer=False)
            self._send(leg, at, leg.dialog.answer(200, body), from_caller=False)
            self._send(leg, at + REPLY_NS, leg.dialog.ack(), from_caller=True)
            self._result.answered[self._legs.index(leg)] = at

    def _hold(self, answered_ns: int, hold: tuple[int, int]) -> None:
        """The agent's phone puts the other on hold and takes them back (RFC 6337, 5.3)."""
        from_caller = self._plan.agent_side is Side.A
        leg = self._legs[0] if from_caller else self._legs[-1]
        holder, held = (leg.caller, leg.callee) if from_caller else (leg.callee, leg.caller)
        begin, end = (answered_ns + offset for offset in hold)
        for at, version, offered, given in (
            (begin, 2, "sendonly", "recvonly"),
            (end, 3, "sendrecv", "sendrecv"),
        ):
            offer = self._body(holder, offer=False, version=version, direction=offered)
            reply = self._body(held, offer=False, version=version, direction=given)
            self._send(leg, at, leg.dialog.again(offer, from_caller=from_caller), from_caller=from_caller)
            ok = leg.dialog.answer(200, reply, to_caller=from_caller)
            self._send(leg, at + 2 * REPLY_NS, ok, from_caller=not from_caller)
            ack = leg.dialog.ack(from_caller=from_caller)
            self._send(leg, at + 3 * REPLY_NS, ack, from_caller=from_caller)
        self._result.holds.append((begin, end))

    def _hang_up(self, at_ns: int) -> None:
        """BYE from the party that ends the call, passed on over the legs."""
        from_caller = self._plan.hang_up_by is Side.A
        for hops, leg in enumerate(self._legs if from_caller else reversed(self._legs)):
            at = at_ns + hops * HOP_NS
            self._send(leg, at, leg.dialog.bye(from_caller=from_caller), from_caller=from_caller)
            ok = leg.dialog.answer(200, method="BYE", to_caller=from_caller)
            self._send(leg, at + REPLY_NS, ok, from_caller=not from_caller)
            self._end(leg, at, None)

    def _give_up(self, at_ns: int) -> None:
        """The caller cancels, leg by leg."""
        for hops, leg in enumerate(self._legs):
            self._cancel(leg, at_ns + hops * HOP_NS)

    def _not_picked_up(self, at_ns: int) -> None:
        """It rang long enough: the PBX gives up on the callee and tells the caller; or the phone does."""
        for leg in self._legs[1:]:
            self._cancel(leg, at_ns)
        self._reject(self._legs[0], at_ns + HOP_NS, 480)

    def _refuse(self, at_ns: int) -> None:
        """A final response of the last leg reached, passed back to the caller."""
        assert self._plan.status is not None
        for hops, leg in enumerate(reversed(self._legs)):
            self._reject(leg, at_ns + hops * HOP_NS, self._plan.status)

    def _cancel(self, leg: Leg, at_ns: int) -> None:
        self._send(leg, at_ns, leg.dialog.cancel(), from_caller=True)
        self._send(leg, at_ns + REPLY_NS, leg.dialog.answer(200, method="CANCEL"), from_caller=False)
        self._reject(leg, at_ns + 2 * REPLY_NS, 487)

    def _reject(self, leg: Leg, at_ns: int, status: int) -> None:
        self._send(leg, at_ns, leg.dialog.answer(status), from_caller=False)
        self._send(leg, at_ns + REPLY_NS, leg.dialog.ack(), from_caller=True)
        self._end(leg, at_ns, status)

    def _end(self, leg: Leg, at_ns: int, status: int | None) -> None:
        """Note the end of a leg, at its place among the legs whichever ended first."""
        index = self._legs.index(leg)
        self._result.ended[index], self._result.status[index] = at_ns, status
