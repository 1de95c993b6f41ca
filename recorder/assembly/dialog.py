"""One SIP dialog, followed from its INVITE to its end (RFC 3261, 12 and 13; offer and answer by RFC 3264)."""

from dataclasses import dataclass, field, replace

from recorder.assembly.branches import Branches
from recorder.assembly.endpoints import other
from recorder.assembly.fax import Fax
from recorder.assembly.happening import Happening
from recorder.assembly.headers import identity, is_recording, number_of, sessions, why
from recorder.assembly.holding import Holding
from recorder.assembly.meanings import Meanings
from recorder.assembly.mediaend import Address, MediaEnd, apart, is_fax_alone, media_ends
from recorder.assembly.presses import Presses
from recorder.assembly.referral import Referral, progress
from recorder.assembly.route import Route
from recorder.assembly.takers import Takers
from recorder.assembly.text import clean as _clean
from recorder.assembly.whereabouts import Whereabouts
from recorder.protocol.errors import ProtocolError
from recorder.protocol.received import SIP
from recorder.protocol.sdp import SessionDescription
from recorder.protocol.sip import SipMessage
from recorder.protocol.sip_values import user_and_host
from storage.model import CallState, Side

CHALLENGES = frozenset({401, 407, 422, 494})
"""Answers after which the caller tries again in the same call (RFC 3261, 22; RFC 4028; RFC 3329)."""
INCOMPLETE = 484
"""The caller adds digits and asks again in the same call (RFC 3578)."""
BUSY = frozenset({486, 600})
MISSED = frozenset({408, 480, 487})
_Q850_BUSY = frozenset({17})
_Q850_MISSED = frozenset({18, 19})
"""Causes of ITU-T Q.850 by which gateways tell what their own answer hides."""

_OFFERING = frozenset({"INVITE", "UPDATE", "PRACK"})
"""Requests that offer media (RFC 3261, 13.2.1; RFC 3311; RFC 3262, 5); in an ACK it is an answer."""
_DESCRIBING = _OFFERING | {"ACK"}
_MOST_SESSIONS = 16
_MOST_TAGS = 64


@dataclass(slots=True)
class Dialog:
    """State of one dialog; times in ns since the epoch, 0 where the thing has not happened.

    Followers of other protocols than SIP fill it in as their messages say; ``protocol`` tells which.
    """

    call_id: str
    from_tag: str
    from_number: str
    from_name: str
    to_number: str
    to_name: str
    source: tuple[Address, int]
    destination: tuple[Address, int]
    start: int
    is_joined: bool = False
    """Whether it was captured from its middle on, when it had been answered."""
    session: frozenset[str] = frozenset()
    ringing: int = 0
    answered: int = 0
    is_acknowledged: bool = False
    ended: int = 0
    cancelled: int = 0
    cause: int = 0
    q850: int = 0
    """What the telephone network said (ITU-T Q.850; RFC 3326), where the answer passed that on."""
    refused: int = 0
    """When the caller was told something after which it may try again in the same call, and has not yet."""
    holding: Holding = field(default_factory=Holding)
    presses: Presses = field(default_factory=Presses)
    is_turned: bool = False
    """Whether its caller speaks on the channel of the called party: it goes on with a call that began the
    other way round."""
    referral: Referral | None = None
    """The transfer that was asked for last, unless it failed."""
    takers: Takers = field(default_factory=Takers)
    callers: frozenset[str] = frozenset()
    """Further tags of the caller: it may change its own when it tries again, and so does a back-to-back agent
    that keeps the Call-ID of the call that it passes on."""
    reached: str = ""
    """User on whose branch the call was answered."""
    fax: Fax = field(default_factory=Fax)
    focus: bool = False
    """Whether one end is a conference (RFC 4579)."""
    route: Route = field(default_factory=Route)
    is_rung: bool = False
    """Whether the host that called this party called the other one, too, to connect them."""
    is_recording: bool = False
    """Whether it carries copies of a call to somebody who records it."""
    branches: Branches = field(default_factory=Branches)
    protocol: str = SIP
    party: int = 0
    """Of SCCP the party of its media: at some devices several meet."""
    ends: list[MediaEnd] = field(default_factory=list)
    meanings: Meanings = field(default_factory=Meanings)
    whereabouts: Whereabouts = field(default_factory=Whereabouts)

    @classmethod
    def begun_by(
        cls, message: SipMessage, now: int, source: tuple[Address, int], destination: tuple[Address, int]
    ) -> "Dialog | None":
        """The dialog that this message shows for the first time; None where it shows none.

        A response, or a request inside a dialog, shows one whose beginning was not captured.
        """
        if message.method != "INVITE" or (not message.is_request and message.status >= 300):
            return None
        if not message.is_request:
            source, destination = destination, source
        from_number, from_name = identity(message)
        dialog = cls(
            call_id=_clean(message.call_id),
            from_tag=message.from_.tag,
            from_number=from_number,
            from_name=from_name,
            to_number=number_of(message.to),
            to_name=_clean(message.to.display),
            source=source,
            destination=destination,
            start=now,
            session=sessions(message),
        )
        if message.is_request and message.to.tag:
            dialog.answered, dialog.is_joined = now, True
        return dialog

    @classmethod
    def unnamed(
        cls,
        protocol: str,
        call_id: str,
        source: tuple[Address, int],
        destination: tuple[Address, int],
        start: int,
    ) -> "Dialog":
        """One of another protocol than SIP, whose messages tell names and numbers later if at all."""
        return cls(call_id, "", "", "", "", "", source, destination, start, protocol=protocol)

    @property
    def held(self) -> frozenset[Side]:
        """Who has put the call on hold."""
        return self.holding.sides

    @property
    def is_agreed(self) -> bool:
        """Whether who called knows of the answer, for which SIP alone has a message (RFC 3261, 13.2.2.4)."""
        return self.is_acknowledged or (bool(self.answered) and self.protocol != SIP)

    @property
    def state(self) -> CallState:
        """How the dialog ended, or would be said to have ended if it did now."""
        if self.answered:
            return CallState.ANSWERED
        if self.cancelled:
            return CallState.CANCELLED
        if self.cause in BUSY or self.q850 in _Q850_BUSY:
            return CallState.BUSY
        is_missed = self.cause in MISSED or self.q850 in _Q850_MISSED
        return CallState.FAILED if self.cause and not is_missed else CallState.MISSED

    def handle(self, message: SipMessage, now: int) -> list[Happening]:
        """Take one message of this dialog; answer what happened, in order."""
        if message.method == "INVITE" and self._is_callers(message):
            self._called_by(message.from_.tag)
        sender = self.sender(message)
        if len(self.session) < _MOST_SESSIONS:
            self.session |= sessions(message)
        happened = self._request(message, now, sender) if message.is_request else self._response(message, now)
        return happened + self._conference(message, now, sender) + self._media(message, now, sender)

    def sender(self, message: SipMessage) -> Side:
        """Who sent the message: requests carry the sender's tag in From, responses in To."""
        from_caller = self.is_caller(message.from_.tag)
        return Side.A if (from_caller == message.is_request) != self.is_turned else Side.B

    def is_caller(self, tag: str) -> bool:
        """Whether the caller speaks under this tag."""
        return tag == self.from_tag or tag in self.callers

    def host(self, side: Side) -> Address:
        """Where the signalling of a side comes from, beyond the proxies that are seen."""
        return self.source[0] if (side is Side.A) != self.is_turned else self.route.far(self.destination[0])

    def number(self, side: Side) -> str:
        """The number of the caller or of the called party."""
        return self.from_number if (side is Side.A) != self.is_turned else self.to_number

    def carried_over(self, now: int, is_turned: bool) -> "Dialog":
        """The dialog as it goes on in another call from now on, perhaps with its sides changed."""
        swap = {Side.A: Side.B, Side.B: Side.A} if is_turned else {Side.A: Side.A, Side.B: Side.B}
        return replace(
            self,
            start=now,
            answered=now if self.answered else 0,
            is_turned=self.is_turned != is_turned,
            holding=self.holding.turned(swap),
            presses=self.presses.turned(swap),
            referral=None,
            ends=[replace(end, side=swap[end.side]) for end in self.ends],
            meanings=self.meanings.turned(swap),
            whereabouts=self.whereabouts.turned(swap),
        )

    def _request(self, message: SipMessage, now: int, sender: Side) -> list[Happening]:
        if message.method == "CANCEL" and not self.answered and not self.cancelled:
            if not self.branches.cancel(message):
                return []
            self.cancelled = now
            return [Happening(now, "cancelled", sender, why(message))]
        if message.method == "BYE" and not self.ended and self._hung_up(message):
            self.ended = now
            # A caller may hang up before the answer in this way, too (RFC 3261, 15).
            self.cancelled = self.cancelled or (0 if self.answered else now)
            return [Happening(now, "bye", sender, why(message))]
        if message.method == "INFO" and (key := self.presses.told(message, sender)):
            return [Happening(now, "dtmf", sender, {"digit": key})]
        if message.method == "REFER" and (target := message.refer_to) is not None:
            return self._refer(Referral.wanted(target, sender), now)
        if message.method == "NOTIFY":
            return self._failed(progress(message), now, sender)
        if message.method == "INVITE" and not self.answered:
            self._asked(message)
        if message.method == "ACK":
            happened = self._answer(message, now) if self._is_answered_by(message) else []
            self.is_acknowledged = bool(self.answered)
            return happened
        return []

    def _is_answered_by(self, message: SipMessage) -> bool:
        """Whether the ACK tells of an answer that was not seen."""
        is_refused = self.cause and message.cseq.number <= self.branches.number
        if self.answered or is_refused or self.ended or self.cancelled or not self.branches.asked:
            return False
        return bool(message.to.tag) and self.branches.is_acknowledged_for_itself(message)

    def _hung_up(self, message: SipMessage) -> bool:
        """Whether nobody is left."""
        is_callers = self.is_caller(message.from_.tag)
        return self.takers.leave(message.to.tag if is_callers else message.from_.tag)

    def _called_tag(self, message: SipMessage) -> str:
        """The tag of the called party whose message it is; empty for the caller's."""
        return "" if self.is_caller(message.from_.tag) is message.is_request else _own_tag(message)

    def _is_callers(self, message: SipMessage) -> bool:
        """Whether the INVITE, or the one that is answered, begins a dialog: its sender is the caller then,
        under whichever tag. Of an answer between two who are not known the INVITE was not seen."""
        if message.is_request:
            return not message.to.tag
        return not self.is_caller(message.to.tag) and message.from_.tag not in self.takers.ever

    def _called_by(self, tag: str) -> None:
        if not self.is_caller(tag) and len(self.callers) < _MOST_TAGS:
            self.callers |= {tag}

    def _asked(self, message: SipMessage) -> None:
        """An INVITE on one more branch: a fork, the next phone of a hunt, or again with credentials."""
        if self.branches.begin(message, _clean(user_and_host(message.uri)[0])):
            if self.cause == INCOMPLETE:
                self.to_number = number_of(message.to)
            self.ended = self.cause = self.cancelled = self.refused = self.q850 = 0

    def _refer(self, referral: Referral, now: int) -> list[Happening]:
        if referral == self.referral:
            return []
        self.referral = referral
        return [referral.happening(now)]

    def _failed(self, status: int, now: int, teller: Side) -> list[Happening]:
        """There is no transfer after all: the REFER was refused (RFC 3515, 2.4.2), or nobody answered."""
        if self.referral is None or status < 300:
            return []
        self.referral = None
        return [Happening(now, "transfer-failed", teller, {"status": status})]

    def _response(self, message: SipMessage, now: int) -> list[Happening]:
        status = message.status
        if message.method == "REFER":
            is_final = self.referral is not None and status not in CHALLENGES
            return self._failed(status, now, other(self.sender(message))) if is_final else []
        if message.method == "INVITE" and 200 <= status < 300 and not self.is_caller(message.to.tag):
            self.takers.take(message.to.tag)
        if message.method == "INFO" and status in CHALLENGES:
            self.presses.challenge(message, other(self.sender(message)))
        if message.method != "INVITE" or self.answered:
            return []
        if 180 <= status < 200 and not self.ringing:
            self.ringing = now
            return [Happening(now, "ringing", Side.B)]
        if 200 <= status < 300:
            return self._answer(message, now)
        return self._refused(message, now) if status >= 300 else []

    def _refused(self, message: SipMessage, now: int) -> list[Happening]:
        """A final answer other than success, which may not be the last word."""
        status = message.status
        if not self.branches.end(message) or self.ended or self.refused:
            return []
        self.cause = status
        told = why(message)
        self.q850 = told.get("q850", 0)
        if status in CHALLENGES or status == INCOMPLETE:
            self.refused = now
            return []
        # A caller that is sent elsewhere goes there in the same call (RFC 3261, 8.1.3.4).
        if status < 400:
            self.refused = now
        else:
            self.ended = now
        said = {"status": status, "reason": _clean(message.reason)}
        return [Happening(now, "rejected", Side.B, told | said)]

    def _answer(self, message: SipMessage, now: int) -> list[Happening]:
        self.answered, self.ended, self.cause, self.refused = now, 0, 0, 0
        self.reached = self.branches.asked.get(message.branch, "")
        self.takers.take(message.to.tag)
        return [Happening(now, "answered", Side.B)]

    def _conference(self, message: SipMessage, now: int, sender: Side) -> list[Happening]:
        """A side that says it is the focus of a conference (RFC 4579, 5.1)."""
        contact = message.contact
        if self.focus or contact is None or "isfocus" not in contact.params:
            return []
        self.focus = True
        return [Happening(now, "conference", sender, {"at": number_of(contact)})]

    def _media(self, message: SipMessage, now: int, sender: Side) -> list[Happening]:
        if not message.is_request and message.status >= 300 and message.method in _OFFERING:
            self.meanings.refused()
            self.whereabouts.refused()
        if not message.is_request and message.status >= 300:
            asked = message.from_.tag, message.cseq.number
            if message.status not in CHALLENGES:
                return self.holding.refuse(*asked, now)
            self.holding.challenge(*asked)
            return []
        if message.sdp is None or message.method not in _DESCRIBING:
            return []
        try:
            session = SessionDescription.parse(message.sdp)
        except ProtocolError:
            return [Happening(now, "bad-sdp", sender)]
        wanted = [medium for medium in session.media if not medium.is_rejected]
        tag = self._called_tag(message)
        self.is_recording = self.is_recording or is_recording(message)
        ends = [
            replace(end, tag=tag)
            for medium in wanted
            for end in media_ends(medium, sender, self.host(sender))
        ]
        if self.is_recording:
            ends = list(apart(ends))
        for end in ends:
            if end not in self.ends:
                self.ends.append(end)
        is_offer = message.is_request and message.method in _OFFERING
        self.whereabouts.told(sender, tag, ends, is_offer=is_offer)
        self._describe(ends, message, now, sender)
        happened, is_fax = self._hold(session, message, now, sender), bool(is_fax_alone(wanted))
        if is_offer:
            self.fax.ask(sender, is_wanted=is_fax)
            return happened
        return happened + self.fax.settle(sender, now, is_wanted=is_fax)

    def _hold(
        self, session: SessionDescription, message: SipMessage, now: int, sender: Side
    ) -> list[Happening]:
        """What the description says of holding: audio that is off altogether is on hold, too."""
        media = [medium for medium in session.media if medium.kind == "audio"]
        audio = next((medium for medium in media if not medium.is_rejected), None)
        if not self.answered:
            if audio and message.is_request:
                self.holding.begin(audio)
            return []
        is_off = message.is_request and all(medium.is_rejected for medium in session.media)
        if not media or not (audio or is_off):
            return []
        holds, tag = audio.is_held if audio else True, _own_tag(message)
        if message.is_request and message.method in _OFFERING:
            return self.holding.ask(sender, tag, message.cseq.number, now, holds=holds)
        return self.holding.answer(sender, tag, now, holds=holds, is_first=now == self.answered)

    def _describe(self, ends: list[MediaEnd], message: SipMessage, now: int, sender: Side) -> None:
        audio = [end for end in ends if end.kind == "audio"]
        formats = {number: one for end in audio for number, one in end.formats.items()}
        if formats:
            is_offer = message.is_request and message.method in _OFFERING
            self.meanings.told(sender, formats, now, is_offer=is_offer)


def _own_tag(message: SipMessage) -> str:
    return (message.from_ if message.is_request else message.to).tag
