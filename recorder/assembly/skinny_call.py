"""One call on one phone that speaks SCCP (Skinny), from the lifted receiver to the end."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from recorder.assembly.dialog import Dialog
from recorder.assembly.endpoints import other
from recorder.assembly.following import turn
from recorder.assembly.happening import Happening
from recorder.assembly.mediaend import NOWHERE, Address, MediaEnd
from recorder.assembly.referral import Referral
from recorder.assembly.text import clean
from recorder.media import Format, SrtpKey
from recorder.protocol import address, sccp_media
from recorder.protocol.received import SCCP, Endpoint
from recorder.protocol.sccp_messages import (
    OUTBOUND,
    CallInfo,
    CallState,
    MediaStopped,
    Message,
    OpenReceiveChannel,
    OpenReceiveChannelAck,
    StartMediaTransmission,
    State,
)
from storage.model import Side

FAILURES: Mapping[int, tuple[int, str]] = {
    State.BUSY: (486, "Busy"),
    State.CONGESTION: (503, "Congestion"),
    State.INVALID_NUMBER: (404, "Invalid number"),
}
"""States of a call that cannot be had, as SIP says the same."""
_DIRECTIONS: Mapping[int, bool] = {State.RING_OUT: True, State.PROCEED: True, State.RING_IN: False}
_MOST_STATES = 16


@dataclass(slots=True)
class PhoneCall:
    """A call as its phone sees it; ``dialog`` is None until it is known to be one.

    ``reference`` is the number that the call manager gives the call. Times in ns since the epoch.
    """

    phone: Endpoint
    manager: Endpoint
    reference: int
    start: int
    channel: int = 0
    """The party of media that it is about alone, at a device that several meet at (see ``hub``)."""
    is_outbound: bool | None = None
    """None while nothing tells; it then counts as inbound."""
    dialled: str = ""
    dialog: Dialog | None = None
    states: list[tuple[int, int]] = field(default_factory=list)
    """States before it was known to be a call, each with its time."""
    formats: Mapping[int, Format] = field(default_factory=dict)
    """Of what the phone receives."""
    heard: tuple[SrtpKey, ...] = ()
    """What the media that the phone receives is encrypted with."""
    said: tuple[SrtpKey, ...] = ()
    """What the media that the phone sends is encrypted with."""
    is_secure: bool = False
    is_told: bool = False
    """Whether anything but media was told of it: phones are told states, numbers and keys, all others not."""
    is_hub: bool = False
    """Whether several parties meet at the device, each of whom is somebody else."""
    is_done: bool = False
    """Whether all that tells of its end is that its media does."""
    first: int = 0
    """The party of its media."""
    running: set[bool] = field(default_factory=set)
    """Which ways media is to go: True for what the phone sends."""

    @classmethod
    def resumed(cls, dialog: Dialog, ends: tuple[Endpoint, Endpoint], *, is_outbound: bool) -> "PhoneCall":
        """The call of a dialog between a phone and its manager that is known already."""
        reference, _, channel = dialog.call_id.partition("@")[0].partition(".")
        call = cls(*ends, int(reference), dialog.start, int(channel or 0), is_outbound, dialog=dialog)
        call.is_told = any((dialog.from_number, dialog.to_number))
        call.is_done = bool(dialog.ended) and not call.is_told
        call.first = dialog.party
        call.running = set() if dialog.ended else {end.side is not call.own for end in dialog.ends}
        return call

    @property
    def name(self) -> str:
        """The name of its dialog."""
        return name(self.phone[0], self.reference, self.channel)

    @property
    def own(self) -> Side:
        """The phone's side."""
        is_turned = self.dialog is not None and self.dialog.is_turned
        return Side.A if bool(self.is_outbound) is not is_turned else Side.B

    def begin(self, info: CallInfo | None = None) -> list[Happening]:
        """It is a call: make its dialog; answer what happened so far."""
        if info is not None:
            self.settle(info.kind == OUTBOUND)
        ends = (self.phone, self.manager) if self.is_outbound else (self.manager, self.phone)
        self.dialog = Dialog.unnamed(SCCP, self.name, *ends, self.start)
        self.dialog.to_number = clean(self.dialled)
        if info is not None:
            self._name(self.dialog, info)
        states, self.states = self.states, []
        return [one for state, at in states for one in self.change(state, at)]

    def settle(self, is_outbound: bool | None) -> bool:
        """Which way the call goes turned out; whether that changes the sides of its media places."""
        if self.is_outbound is not None or is_outbound is None:
            return False
        self.is_outbound = is_outbound
        if not is_outbound or self.dialog is None:
            return False
        turn(self.dialog)
        return True

    def identify(self, info: CallInfo, now: int) -> list[Happening]:
        """Who is in the call; when the other party changes while it runs, it has been transferred."""
        dialog = self.dialog
        if dialog is None:
            return []
        self.settle(info.kind == OUTBOUND)
        to = clean(info.to_number if self.is_outbound else info.from_number)
        before = dialog.to_number if self.is_outbound else dialog.from_number
        if dialog.answered and before and to and to != before:
            return self._transferred(dialog, to, now)
        if to or not dialog.answered:
            # A conference has a name in place of the other party's, and no number.
            self._name(dialog, info)
        return []

    def joins(self, party: str) -> None:
        """It goes on with another party."""
        if self.dialog is not None and self.is_outbound:
            self.dialog.to_number, self.dialog.to_name = party, ""
        elif self.dialog is not None:
            self.dialog.from_number, self.dialog.from_name = party, ""

    def change(self, state: int, now: int, *, is_own: bool = False) -> list[Happening]:
        """The call's new state; ``is_own`` where this phone hung up."""
        self.settle(_DIRECTIONS.get(state))
        dialog = self.dialog
        if dialog is None:
            del self.states[_MOST_STATES:]
            self.states.append((state, now))
            return []
        if dialog.ended:
            return []
        if state in (State.RING_OUT, State.RING_IN) and not dialog.ringing and not dialog.answered:
            dialog.ringing = now
            return [Happening(now, "ringing", Side.B)]
        if state == State.CONNECTED:
            return self._connected(dialog, now)
        if state == State.REMOTE and self.own in dialog.held:
            # Another phone of the line goes on with it.
            dialog.holding.resume(self.own)
            return [Happening(now, "resume", self.own)]
        if state == State.HOLD and dialog.answered and self.own not in dialog.held:
            dialog.holding.hold(self.own)
            return [Happening(now, "hold", self.own)]
        if state in FAILURES and not dialog.answered:
            dialog.cause, reason = FAILURES[state]
            dialog.ended = now
            return [Happening(now, "rejected", Side.B, {"status": dialog.cause, "reason": reason})]
        if state == State.ON_HOOK or (state == State.REMOTE and not dialog.answered):
            return self._ended(dialog, now, is_own=is_own)
        return []

    def press(self, key: str, now: int) -> list[Happening]:
        """A key: dialled before the call stands, a tone for the other party after."""
        if self.dialog is None or not self.dialog.answered:
            if self.is_outbound is not False and len(self.dialled) < 64:
                self.settle(True)
                self.dialled += key
            return []
        return [Happening(now, "dtmf", self.own, {"digit": key})]

    def finish(self, now: int) -> None:
        """No media goes any more, and nothing else was ever told: a device that others meet at is done."""
        if not self.is_told and not self.running and self.dialog is not None and not self.dialog.ended:
            self.is_done = True
            self.dialog.ended = now

    def opens(self, message: OpenReceiveChannel) -> list[MediaEnd]:
        """What the phone is going to receive, and so what the other side's media is encrypted with."""
        self._goes(message.party, is_sending=False)
        self.is_secure = message.cipher.algorithm != 0
        self.formats = _formats(message)
        self.heard = sccp_media.keys(message.cipher)
        return self._again(other(self.own), self.heard)

    def receives(self, message: OpenReceiveChannelAck) -> list[MediaEnd]:
        """Where the phone receives."""
        if not message.is_open:
            return []
        self._goes(message.party, is_sending=False)
        return self._end(self.own, message.address, message.port, self.formats, self.said)

    def sends(self, message: StartMediaTransmission) -> list[MediaEnd]:
        """Where the phone sends to, which is where the other side receives; and the keys of both."""
        self._goes(message.party, is_sending=True)
        self.is_secure |= message.cipher.algorithm != 0
        self.said = sccp_media.keys(message.cipher)
        ends = self._end(other(self.own), message.address, message.port, _formats(message), self.heard)
        return ends + self._again(self.own, self.said)

    def meets(self, party: int) -> bool:
        """Whether this party of media is somebody else than who is there already.

        A phone has one at a time; conference bridges, transcoders and media termination points have several.
        """
        if self.is_told or self.channel:
            return False
        self.is_hub |= bool(self.running) and party != self.first
        return self.is_hub and party != self.first

    def is_of(self, party: int) -> bool:
        """Whether what is told of this party's media is about it. Who came to a device before it was captured
        is unknown, and leaves it all the same."""
        return self.is_told or not (party and self.first) or party == self.first

    def goes_on(self, message: Message) -> bool:
        """Whether the message shows that a call goes on whose end was told: its line was taken by another
        phone and is taken back, or its media had ended before anything else was said."""
        if self.dialog is None or not self.dialog.ended or isinstance(message, MediaStopped):
            return False
        is_taken = isinstance(message, CallState) and message.state == State.CONNECTED
        return self.is_done or (is_taken and not self.dialog.answered and not self.dialog.cause)

    def reopen(self) -> None:
        """See ``goes_on``."""
        self.is_done = False
        if self.dialog is not None:
            self.dialog.ended = self.dialog.cancelled = 0

    def stopped(self, message: MediaStopped) -> list[MediaEnd]:
        """Places of media that the phone stops to send to, or to receive at."""
        self.running.discard(message.is_sending)
        side = other(self.own) if message.is_sending else self.own
        return [end for end in self.dialog.ends if end.side is side] if self.dialog else []

    def _goes(self, party: int, *, is_sending: bool) -> None:
        self.running.add(is_sending)
        self.first = self.first if self.is_hub else party

    def _again(self, side: Side, keys: tuple[SrtpKey, ...]) -> list[MediaEnd]:
        """The place of a side whose media turns out to be encrypted with these keys."""
        known = [end for end in self.dialog.ends if end.side is side] if self.dialog and keys else []
        if not known or known[-1].keys == keys:
            return []
        return self._end(side, known[-1].address, known[-1].port, known[-1].formats, keys)

    def _name(self, dialog: Dialog, info: CallInfo) -> None:
        dialog.from_number = clean(info.from_number) or dialog.from_number
        dialog.from_name = clean(info.from_name) or dialog.from_name
        dialog.to_number = clean(info.to_number) or dialog.to_number
        dialog.to_name = clean(info.to_name) or dialog.to_name

    def _end(
        self,
        side: Side,
        place: Address,
        port: int,
        formats: Mapping[int, Format],
        keys: tuple[SrtpKey, ...] = (),
    ) -> list[MediaEnd]:
        if not port or place in NOWHERE:
            return []
        exchange = ("sdes" if keys else "unknown") if self.is_secure else ""
        return [MediaEnd(side, place, port, "audio", formats, "sendrecv", keys, exchange)]

    def _connected(self, dialog: Dialog, now: int) -> list[Happening]:
        if not dialog.answered:
            dialog.answered = now
            return [Happening(now, "answered", Side.B)]
        if self.own in dialog.held:
            dialog.holding.resume(self.own)
            return [Happening(now, "resume", self.own)]
        return []

    def _ended(self, dialog: Dialog, now: int, *, is_own: bool) -> list[Happening]:
        dialog.ended = now
        if is_own and self.is_outbound and not dialog.answered:
            dialog.cancelled = now
            return [Happening(now, "cancelled", Side.A)]
        return [Happening(now, "bye", self.own if is_own else other(self.own))]

    def _transferred(self, dialog: Dialog, to: str, now: int) -> list[Happening]:
        referral = Referral(to, other(self.own))
        if dialog.referral == referral:
            return []
        dialog.referral = referral
        return [referral.happening(now)]


def name(phone: Address, reference: int, channel: int = 0) -> str:
    """The name of the dialog of a call at a phone, or of one party's at a device that several meet at."""
    number = f"{reference}.{channel}" if channel else str(reference)
    return f"{number}@{address.text(*phone)}"


def _formats(message: OpenReceiveChannel | StartMediaTransmission) -> dict[int, Format]:
    return sccp_media.formats(
        message.codec, message.payload_type, message.events, is_secure=message.cipher.algorithm != 0
    )
