"""One SIP dialog, followed from its INVITE to its end (RFC 3261, 12 and 13; offer and answer by RFC 3264)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from recorder.assembly.branches import Branches
from recorder.assembly.happening import Happening
from recorder.assembly.meanings import Meanings
from recorder.assembly.mediaend import Address, MediaEnd, is_fax, media_end
from recorder.assembly.text import clean as _clean
from recorder.protocol import keypress
from recorder.protocol.errors import ProtocolError
from recorder.protocol.received import SIP
from recorder.protocol.sdp import MediaDescription, SessionDescription
from recorder.protocol.sip import SipMessage
from recorder.protocol.sip_values import NameAddr, Replaces, number, user_and_host
from storage.model import CallState, Side

CHALLENGES = frozenset({401, 407, 422, 494})
"""Answers after which the caller tries again in the same call (RFC 3261, 22; RFC 4028; RFC 3329)."""
BUSY = frozenset({486, 600})
MISSED = frozenset({408, 480, 487})

_OFFERING = frozenset({"INVITE", "UPDATE", "PRACK"})
"""Requests that offer media (RFC 3261, 13.2.1; RFC 3311; RFC 3262, 5); in an ACK it is an answer."""
_MOST_SESSIONS = 16
_ANONYMOUS = frozenset({"anonymous", "unavailable", "unknown", "restricted", ""})


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
    session: frozenset[str] = frozenset()
    ringing: int = 0
    answered: int = 0
    ended: int = 0
    cancelled: int = 0
    cause: int = 0
    held: frozenset[Side] = frozenset()
    informed: Mapping[Side, int] = field(default_factory=dict)
    """Number of the last request of each side that told of a key."""
    is_turned: bool = False
    """Whether its caller speaks on the channel of the called party: it goes on with a call that began the
    other way round."""
    transferred: tuple[str, bool] | None = None
    transferor: Side = Side.B
    """Who asked for the transfer."""
    replaced: str = ""
    """Call-ID of the dialog that an attended transfer is to take the place of (RFC 3891)."""
    confirmed: frozenset[str] = frozenset()
    """Tags of those who answered."""
    reached: str = ""
    """User on whose branch the call was answered."""
    focus: bool = False
    """Whether one end is a conference (RFC 4579)."""
    branches: Branches = field(default_factory=Branches)
    protocol: str = SIP
    ends: list[MediaEnd] = field(default_factory=list)
    meanings: Meanings = field(default_factory=Meanings)

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
        from_number, from_name = _identity(message)
        dialog = cls(
            call_id=_clean(message.call_id),
            from_tag=message.from_.tag,
            from_number=from_number,
            from_name=from_name,
            to_number=_number(message.to),
            to_name=_clean(message.to.display),
            source=source,
            destination=destination,
            start=now,
            session=_sessions(message),
        )
        if message.is_request and message.to.tag:
            dialog.answered = now
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
    def state(self) -> CallState:
        """How the dialog ended, or would be said to have ended if it did now."""
        if self.answered:
            return CallState.ANSWERED
        if self.cancelled:
            return CallState.CANCELLED
        if self.cause in BUSY:
            return CallState.BUSY
        return CallState.FAILED if self.cause and self.cause not in MISSED else CallState.MISSED

    def handle(self, message: SipMessage, now: int) -> list[Happening]:
        """Take one message of this dialog; answer what happened, in order."""
        sender = self.sender(message)
        if len(self.session) < _MOST_SESSIONS:
            self.session |= _sessions(message)
        happened = self._request(message, now, sender) if message.is_request else self._response(message, now)
        return happened + self._conference(message, now, sender) + self._media(message, now, sender)

    def sender(self, message: SipMessage) -> Side:
        """Who sent the message: requests carry the sender's tag in From, responses in To."""
        from_caller = message.from_.tag == self.from_tag
        return Side.A if (from_caller == message.is_request) != self.is_turned else Side.B

    def host(self, side: Side) -> Address:
        """Where the signalling of a side comes from."""
        return (self.source if (side is Side.A) != self.is_turned else self.destination)[0]

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
            held=frozenset(swap[side] for side in self.held),
            informed={swap[side]: number for side, number in self.informed.items()},
            transferred=None,
            replaced="",
            ends=[replace(end, side=swap[end.side]) for end in self.ends],
            meanings=self.meanings.turned(swap),
        )

    def _request(self, message: SipMessage, now: int, sender: Side) -> list[Happening]:
        if message.method == "CANCEL" and not self.answered and not self.cancelled:
            if not self.branches.cancel(message):
                return []
            self.cancelled = now
            return [Happening(now, "cancelled", sender)]
        if message.method == "BYE" and not self.ended and self._hung_up(message):
            self.ended = now
            return [Happening(now, "bye", sender)]
        if message.method == "INFO":
            return self._info(message, now, sender)
        if message.method == "REFER" and (target := message.refer_to) is not None:
            return self._transfer(target, now, sender)
        if message.method == "NOTIFY":
            return self._progress(message, now, sender)
        if message.method == "INVITE" and not self.answered:
            self._asked(message)
        return []

    def _hung_up(self, message: SipMessage) -> bool:
        """Whether nobody is left; of two phones that answered a fork, one is sent away again (13.2.2.4)."""
        tag = message.to.tag if message.from_.tag == self.from_tag else message.from_.tag
        left = self.confirmed - {tag}
        is_over = not left or tag not in self.confirmed
        self.confirmed = left
        return is_over

    def _asked(self, message: SipMessage) -> None:
        """An INVITE on one more branch: a fork, the next phone of a hunt, or again with credentials."""
        if self.branches.begin(message, _clean(user_and_host(message.uri)[0])):
            self.ended = self.cause = self.cancelled = 0

    def _info(self, message: SipMessage, now: int, sender: Side) -> list[Happening]:
        """A key may be told of (see ``keypress``); the same request sent again is none (RFC 3261, 8.2.2)."""
        number = message.cseq.number
        if number <= self.informed.get(sender, 0):
            return []
        key = keypress.key(message.content_type, message.body)
        if not key:
            return []
        self.informed = {**self.informed, sender: number}
        return [Happening(now, "dtmf", sender, {"digit": key})]

    def _transfer(self, target: NameAddr, now: int, sender: Side) -> list[Happening]:
        """A transfer was asked for (RFC 3515), an attended one with Replaces (RFC 3891)."""
        to = _number(target)
        replaces = Replaces.from_uri(target.uri)
        attended = replaces is not None
        if (to, attended) == self.transferred:
            return []
        self.transferred, self.transferor = (to, attended), sender
        self.replaced = _clean(replaces.call_id) if replaces else ""
        return [Happening(now, "transfer", sender, {"to": to, "attended": attended})]

    def _progress(self, message: SipMessage, now: int, sender: Side) -> list[Happening]:
        """How a transfer goes on (RFC 3515, 2.4.5); only that it failed is news."""
        if message.content_type != "message/sipfrag" or self.transferred is None:
            return []
        status = number(message.body[:12].decode("ascii", "replace").partition(" ")[2][:3])
        if status < 300:
            return []
        self.transferred, self.replaced = None, ""
        return [Happening(now, "transfer-failed", sender, {"status": status})]

    def _response(self, message: SipMessage, now: int) -> list[Happening]:
        status = message.status
        if message.method == "INVITE" and 200 <= status < 300 and message.to.tag != self.from_tag:
            self.confirmed |= {message.to.tag}
        if message.method != "INVITE" or self.answered:
            return []
        if 180 <= status < 200 and not self.ringing:
            self.ringing = now
            return [Happening(now, "ringing", Side.B)]
        if 200 <= status < 300:
            self.answered, self.ended, self.cause = now, 0, 0
            self.reached = self.branches.asked.get(message.branch, "")
            return [Happening(now, "answered", Side.B)]
        if status < 300 or not self.branches.end(message) or status in CHALLENGES or self.ended:
            return []
        self.ended, self.cause = now, status
        return [Happening(now, "rejected", Side.B, {"status": status, "reason": _clean(message.reason)})]

    def _conference(self, message: SipMessage, now: int, sender: Side) -> list[Happening]:
        """A side that says it is the focus of a conference (RFC 4579, 5.1)."""
        contact = message.contact
        if self.focus or contact is None or "isfocus" not in contact.params:
            return []
        self.focus = True
        return [Happening(now, "conference", sender, {"at": _number(contact)})]

    def _media(self, message: SipMessage, now: int, sender: Side) -> list[Happening]:
        if not message.is_request and message.status >= 300 and message.method in _OFFERING:
            self.meanings.refused()
        if message.sdp is None:
            return []
        try:
            session = SessionDescription.parse(message.sdp)
        except ProtocolError:
            return [Happening(now, "bad-sdp", sender)]
        wanted = [medium for medium in session.media if not medium.is_rejected]
        ends = [end for medium in wanted if (end := media_end(medium, sender)) is not None]
        for end in ends:
            if end not in self.ends:
                self.ends.append(end)
        self._describe(ends, message, now, sender)
        audio = next((medium for medium in wanted if medium.kind == "audio"), None)
        happened = self._hold(audio, now, sender) if audio else []
        # Some gateways say in every offer that they could send faxes, too.
        if any(is_fax(medium) for medium in wanted) and (self.answered or not audio):
            happened.append(Happening(now, "fax", sender, {"by": "t38"}))
        return happened

    def _describe(self, ends: list[MediaEnd], message: SipMessage, now: int, sender: Side) -> None:
        audio = [end for end in ends if end.kind == "audio"]
        formats = {number: one for end in audio for number, one in end.formats.items()}
        if formats:
            is_offer = message.is_request and message.method in _OFFERING
            self.meanings.told(sender, formats, now, is_offer=is_offer)

    def _hold(self, audio: MediaDescription, now: int, sender: Side) -> list[Happening]:
        holds = audio.is_held
        if not self.answered or holds == (sender in self.held):
            return []
        # The other side answers a hold with recvonly or inactive; only who asked holds.
        if holds and self.held:
            return []
        self.held = self.held | {sender} if holds else self.held - {sender}
        return [Happening(now, "hold" if holds else "resume", sender)]


def _identity(message: SipMessage) -> tuple[str, str]:
    """Number and name of the caller: From, unless it hides what the network asserts (RFC 3325)."""
    asserted = message.asserted_identities
    if message.from_.user.lower() in _ANONYMOUS and asserted:
        return _number(asserted[0]), _clean(asserted[0].display)
    return _number(message.from_), _clean(message.from_.display)


def _number(who: NameAddr) -> str:
    """The user part without its parameters (RFC 3966: ``+15551230001;phone-context=…``), else the host."""
    return _clean(who.user.split(";")[0] or who.host)


def _sessions(message: SipMessage) -> frozenset[str]:
    """The UUIDs of Session-ID that are known (RFC 7989, 5); the nil UUID is not."""
    session = message.session_id
    known = (session.local, session.remote) if session else ()
    return frozenset(_clean(one) for one in known if one.strip("0"))
