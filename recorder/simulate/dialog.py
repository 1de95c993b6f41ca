"""The SIP messages of one dialog over UDP, as text (RFC 3261), with SDP bodies (RFC 8866)."""

from dataclasses import dataclass
from urllib.parse import quote

from recorder.simulate.chance import scramble_number
from recorder.simulate.codec import CLOCK_RATE, Codec
from recorder.simulate.site import Station

REASONS = {
    100: "Trying",
    180: "Ringing",
    200: "OK",
    404: "Not Found",
    480: "Temporarily Unavailable",
    486: "Busy Here",
    487: "Request Terminated",
    503: "Service Unavailable",
    603: "Decline",
}
ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE"
TELEPHONE_EVENT = 101


@dataclass(frozen=True, slots=True)
class Identity:
    """How a party is written in From and To: display name (may be empty), user and domain."""

    name: str
    user: str
    domain: str

    @property
    def uri(self) -> str:
        """The SIP URI, characters that do not belong in its user part escaped (RFC 3261, 25.1)."""
        return f"sip:{quote(self.user, safe='+*#')}@{self.domain}"

    @property
    def address(self) -> str:
        """The name-addr, display name quoted."""
        return f'"{self.name}" <{self.uri}>' if self.name else f"<{self.uri}>"


def sdp(
    station: Station,
    codecs: tuple[Codec, ...],
    packet_ms: int,
    session: int,
    version: int,
    direction: str = "sendrecv",
) -> bytes:
    """A session description of one audio stream; RTCP goes to the port after it (RFC 3605 default)."""
    media = station.media
    formats = " ".join(str(codec.payload_type) for codec in codecs)
    maps = [f"a=rtpmap:{codec.payload_type} {codec.name}/{CLOCK_RATE}" for codec in codecs]
    lines = [
        "v=0",
        f"o=- {session} {version} IN IP4 {media.address}",
        "s=call",
        f"c=IN IP4 {media.address}",
        "t=0 0",
        f"m=audio {media.port} RTP/AVP {formats} {TELEPHONE_EVENT}",
        *maps,
        f"a=rtpmap:{TELEPHONE_EVENT} telephone-event/{CLOCK_RATE}",
        f"a=fmtp:{TELEPHONE_EVENT} 0-16",
        f"a=ptime:{packet_ms}",
        f"a={direction}",
    ]
    return ("\r\n".join(lines) + "\r\n").encode()


class Dialog:
    """One dialog between the caller's and the callee's station: each method gives the next message.

    Branches, tags and the Call-ID follow from ``seed``. ``asserted`` is the P-Asserted-Identity that the
    INVITE carries (RFC 3325).
    """

    def __init__(
        self,
        caller: Station,
        callee: Station,
        from_: Identity,
        to: Identity,
        seed: int,
        asserted: Identity | None = None,
    ) -> None:
        self._caller, self._callee = caller, callee
        self._seed = seed
        self._asserted = asserted
        self._from, self._to = from_, to
        self._caller_tag, self._callee_tag = self._token("from"), self._token("to")
        self.call_id = f"{self._token('call')}{self._token('id')}@{caller.signalling.address}"
        self._cseq = {True: 1 + scramble_number(seed, "cseq") % 9000, False: 1}
        self._branch = ""
        self._established = False

    def invite(self, body: bytes) -> bytes:
        """The initial INVITE with an offer."""
        self._branch = self._token("invite")
        lines = [*self._request("INVITE", True), f"Contact: <{self._contact(True)}>", f"Allow: {ALLOW}"]
        if self._asserted:
            lines.append(f"P-Asserted-Identity: {self._asserted.address}")
        return self._finish([*lines, f"User-Agent: {self._caller.software}"], body)

    def answer(
        self, status: int, body: bytes = b"", *, method: str = "INVITE", to_caller: bool = True
    ) -> bytes:
        """A response to the last request of ``method``: to the caller, or to the callee if it asked."""
        if status == 200 and method == "INVITE":
            self._established = True
        server = self._callee if to_caller else self._caller
        lines = [f"SIP/2.0 {status} {REASONS[status]}", *self._common(method, to_caller, tagged=status > 100)]
        if method == "INVITE" and 100 < status < 300:
            lines += [f"Contact: <{self._contact(not to_caller)}>", f"Allow: {ALLOW}"]
        return self._finish([*lines, f"Server: {server.software}"], body)

    def ack(self, *, from_caller: bool = True) -> bytes:
        """ACK of a 2xx in its own transaction, of any other final response in the INVITE's (17.1.1.3)."""
        if self._established:
            self._branch = self._token(f"ack{self._cseq[from_caller]}{from_caller}")
        return self._finish(self._request("ACK", from_caller), b"")

    def cancel(self) -> bytes:
        """CANCEL of the initial INVITE: same branch, same CSeq number (9.1)."""
        return self._finish(self._request("CANCEL", True), b"")

    def again(self, body: bytes, *, from_caller: bool) -> bytes:
        """A re-INVITE within the dialog."""
        self._next_transaction("reinvite", from_caller)
        lines = [*self._request("INVITE", from_caller), f"Contact: <{self._contact(from_caller)}>"]
        return self._finish(lines, body)

    def bye(self, *, from_caller: bool) -> bytes:
        """The end of the dialog."""
        self._next_transaction("bye", from_caller)
        return self._finish(self._request("BYE", from_caller), b"")

    def _next_transaction(self, kind: str, from_caller: bool) -> None:
        self._cseq[from_caller] += 1
        self._branch = self._token(f"{kind}{self._cseq[from_caller]}{from_caller}")

    def _request(self, method: str, from_caller: bool) -> list[str]:
        """Request line and the headers that every request has."""
        in_dialog = self._established
        target = self._contact(not from_caller) if in_dialog else self._to.uri
        return [
            f"{method} {target} SIP/2.0",
            *self._common(method, from_caller, tagged=in_dialog or method == "ACK"),
            "Max-Forwards: 70",
        ]

    def _common(self, method: str, from_caller: bool, *, tagged: bool) -> list[str]:
        """Via, From, To, Call-ID and CSeq of a request of the caller or the callee, and of its responses."""
        client = (self._caller if from_caller else self._callee).signalling
        caller = f"{self._from.address};tag={self._caller_tag}"
        callee = self._to.address + (f";tag={self._callee_tag}" if tagged or not from_caller else "")
        return [
            f"Via: SIP/2.0/UDP {client};branch=z9hG4bK{self._branch};rport",
            f"From: {caller if from_caller else callee}",
            f"To: {callee if from_caller else caller}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {self._cseq[from_caller]} {method}",
        ]

    def _contact(self, of_caller: bool) -> str:
        station, user = (self._caller, self._from) if of_caller else (self._callee, self._to)
        return f"sip:{quote(user.user, safe='+*#')}@{station.signalling}"

    def _token(self, name: str) -> str:
        return f"{scramble_number(self._seed, name):016x}"

    @staticmethod
    def _finish(lines: list[str], body: bytes) -> bytes:
        if body:
            lines = [*lines, "Content-Type: application/sdp"]
        head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""])
        return head.encode() + body
