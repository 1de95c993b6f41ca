"""SIP messages (RFC 3261): requests and responses in one datagram."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

from recorder.protocol import multipart
from recorder.protocol.errors import SipError
from recorder.protocol.sip_values import (
    NameAddr,
    Reason,
    Replaces,
    SessionId,
    Via,
    number,
    parameters,
    split_list,
)

_COMPACT = {
    "a": "Accept-Contact",
    "b": "Referred-By",
    "c": "Content-Type",
    "d": "Request-Disposition",
    "e": "Content-Encoding",
    "f": "From",
    "i": "Call-ID",
    "j": "Reject-Contact",
    "k": "Supported",
    "l": "Content-Length",
    "m": "Contact",
    "n": "Identity-Info",
    "o": "Event",
    "r": "Refer-To",
    "s": "Subject",
    "t": "To",
    "u": "Allow-Events",
    "v": "Via",
    "x": "Session-Expires",
    "y": "Identity",
}
"""The compact forms of the IANA registry (RFC 3261, 7.3.3)."""
_FOLD = re.compile(r"\r?\n[ \t]+")
_REST = re.compile(rb"[\t\x20-\x7e\x80-\xff]{0,200}\r?\n")


class CSeq(NamedTuple):
    """Number and method of the request that a message is or answers; (0, "") where unreadable."""

    number: int
    method: str


@dataclass(frozen=True)
class SipMessage:
    """A request or a response.

    ``fields`` are the header fields in their order, names as written but compact ones in their long form,
    values unfolded. Properties are read when first asked for and never raise: a field that is missing or
    does not follow its grammar comes back empty. Text is UTF-8; other bytes survive a round trip.
    """

    start_line: str
    fields: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read one datagram; raises SipError where it does not begin like a SIP message.

        Empty lines before the message and bare LF line ends are tolerated. The body ends where
        Content-Length says, or with the datagram where it says nothing or more (RFC 3261, 18.3), but not
        within a line: routers that put longer addresses into it do not always say so.
        """
        head, body = _split(data.lstrip(b"\r\n"))
        start_line, _, rest = head.decode("utf-8", "surrogateescape").partition("\n")
        message = cls(_checked_start_line(start_line.rstrip("\r")), tuple(_fields(rest)), body)
        length = message.content_length
        if length is not None and length < len(body):
            return cls(message.start_line, message.fields, body[: _line_end(body, length)])
        return message

    @classmethod
    def request(cls, method: str, uri: str, fields: Iterable[tuple[str, str]], body: bytes = b"") -> Self:
        """A request to be sent; Content-Length is added."""
        return cls(f"{method} {uri} SIP/2.0", (*fields, ("Content-Length", str(len(body)))), body)

    @classmethod
    def response(cls, status: int, reason: str, fields: Iterable[tuple[str, str]], body: bytes = b"") -> Self:
        """A response to be sent; Content-Length is added."""
        return cls(f"SIP/2.0 {status} {reason}", (*fields, ("Content-Length", str(len(body)))), body)

    def __bytes__(self) -> bytes:
        lines = [self.start_line, *(f"{name}: {value}" for name, value in self.fields), "", ""]
        return "\r\n".join(lines).encode("utf-8", "surrogateescape") + self.body

    def storable(self) -> Self:
        """The message with bytes that are no UTF-8 replaced: all of its text can be kept, and compared."""
        if self.start_line.isascii() and all(
            name.isascii() and value.isascii() for name, value in self.fields
        ):
            return self
        fields = tuple((_utf8(name), _utf8(value)) for name, value in self.fields)
        return type(self)(_utf8(self.start_line), fields, self.body)

    @cached_property
    def _index(self) -> dict[str, list[str]]:
        index: dict[str, list[str]] = {}
        for name, value in self.fields:
            index.setdefault(name.lower(), []).append(value)
        return index

    def header(self, name: str) -> str:
        """The first value of a header field, by its long name in any case; empty where there is none."""
        values = self._index.get(name.lower())
        return values[0] if values else ""

    def headers(self, name: str) -> list[str]:
        """All values of a header field, lists taken apart (RFC 3261, 7.3.1)."""
        return [one for value in self._index.get(name.lower(), ()) for one in split_list(value)]

    def addresses(self, name: str) -> list[NameAddr]:
        """All values of a header field of addresses, such as Diversion or Record-Route."""
        return [NameAddr.parse(value) for value in self.headers(name)]

    def _address(self, name: str) -> NameAddr | None:
        values = self.headers(name)
        return NameAddr.parse(values[0]) if values else None

    @property
    def is_request(self) -> bool:
        """Whether this is a request, else it is a response."""
        return self.start_line[:8].upper() != "SIP/2.0 "

    @cached_property
    def method(self) -> str:
        """The method of a request; of a response the method that it answers."""
        return self.start_line.partition(" ")[0] if self.is_request else self.cseq.method

    @property
    def uri(self) -> str:
        """The Request-URI; empty for responses."""
        return self.start_line.partition(" ")[2].rpartition(" ")[0].strip() if self.is_request else ""

    @cached_property
    def status(self) -> int:
        """The status code of a response; 0 for requests."""
        return 0 if self.is_request else int(self.start_line[8:].lstrip()[:3])

    @property
    def reason(self) -> str:
        """The reason phrase of a response; empty for requests."""
        return "" if self.is_request else self.start_line[8:].lstrip()[3:].strip()

    @cached_property
    def call_id(self) -> str:
        """Call-ID."""
        return self.header("call-id")

    @cached_property
    def cseq(self) -> CSeq:
        """CSeq."""
        words = self.header("cseq").split(None, 1)
        return CSeq(number(words[0]), words[1].rstrip()) if len(words) == 2 else CSeq(0, "")

    @cached_property
    def from_(self) -> NameAddr:
        """From."""
        return NameAddr.parse(self.header("from"))

    @cached_property
    def to(self) -> NameAddr:
        """To."""
        return NameAddr.parse(self.header("to"))

    @cached_property
    def via(self) -> Via:
        """The topmost Via."""
        return Via.parse(next(iter(split_list(self.header("via"))), ""))

    @property
    def branch(self) -> str:
        """The branch of the topmost Via: with the method of CSeq it names the transaction."""
        return self.via.branch

    @cached_property
    def contact(self) -> NameAddr | None:
        """The first Contact; its URI is ``*`` in a REGISTER that removes all."""
        return self._address("contact")

    @cached_property
    def asserted_identities(self) -> list[NameAddr]:
        """P-Asserted-Identity (RFC 3325): who the network says this is."""
        return self.addresses("p-asserted-identity")

    @cached_property
    def remote_party(self) -> NameAddr | None:
        """Remote-Party-ID."""
        return self._address("remote-party-id")

    @cached_property
    def preferred_identity(self) -> NameAddr | None:
        """P-Preferred-Identity (RFC 3325): who the caller says it is to the network that it trusts."""
        return self._address("p-preferred-identity")

    @property
    def reasons(self) -> list[Reason]:
        """Reason (RFC 3326), at most one of each protocol."""
        return [Reason.parse(value) for value in self.headers("reason")]

    @cached_property
    def refer_to(self) -> NameAddr | None:
        """Refer-To (RFC 3515): where a transfer goes."""
        return self._address("refer-to")

    @cached_property
    def replaces(self) -> Replaces | None:
        """Replaces (RFC 3891)."""
        value = self.header("replaces")
        return Replaces.parse(value) if value else None

    @cached_property
    def session_id(self) -> SessionId | None:
        """Session-ID (RFC 7989)."""
        value = self.header("session-id")
        return SessionId.parse(value) if value else None

    @cached_property
    def content_type(self) -> str:
        """The media type of the body in lower case, without parameters."""
        return self.header("content-type").partition(";")[0].strip().lower()

    @cached_property
    def content_length(self) -> int | None:
        """Content-Length; None where it is missing or no number."""
        length = number(self.header("content-length"), -1)
        return None if length < 0 else length

    @property
    def is_cut(self) -> bool:
        """Whether the body is shorter than Content-Length says."""
        return (self.content_length or 0) > len(self.body)

    @cached_property
    def sdp(self) -> bytes | None:
        """The session description in the body, alone or among the parts of a multipart body."""
        kind = self.content_type
        if kind == "application/sdp" or (not kind and self.body.startswith(b"v=0")):
            return self.body or None
        if not kind.startswith("multipart/"):
            return None
        boundary = parameters(self.header("content-type")).get("boundary", "")
        return multipart.find(self.body, boundary, "application/sdp")


def _split(data: bytes) -> tuple[bytes, bytes]:
    """Head and body at the first empty line; all is head where there is none."""
    at = data.find(b"\n\r\n")
    bare = data.find(b"\n\n", 0, at if at >= 0 else len(data))
    if bare >= 0:
        return data[:bare], data[bare + 2 :]
    return (data[:at], data[at + 3 :]) if at >= 0 else (data, b"")


def _line_end(body: bytes, length: int) -> int:
    """Where the line ends in which a body of this length would end."""
    if not length or body[length - 1 : length] == b"\n":
        return length
    rest = _REST.match(body, length)
    return rest.end() if rest else length


def _fields(text: str) -> list[tuple[str, str]]:
    """The header fields of the lines after the first; lines that are none are left out."""
    if "\n " in text or "\n\t" in text:
        text = _FOLD.sub(" ", text)
    fields: list[tuple[str, str]] = []
    for line in text.split("\n"):
        name, colon, value = line.partition(":")
        name = name.strip()
        if colon and name:
            fields.append((_COMPACT.get(name.lower(), name) if len(name) == 1 else name, value.strip()))
    return fields


def _checked_start_line(line: str) -> str:
    first, _, rest = line.partition(" ")
    if first.upper() == "SIP/2.0":
        status = rest.lstrip()[:3]
        if len(status) == 3 and status.isascii() and status.isdecimal() and rest.lstrip()[3:4] in ("", " "):
            return line
        raise SipError("a SIP response needs a status code of three digits")
    uri, _, version = rest.rstrip().rpartition(" ")
    if version.upper() != "SIP/2.0" or not uri.strip() or not first.isascii() or not first:
        raise SipError("no SIP message: it starts neither with SIP/2.0 nor with METHOD URI SIP/2.0")
    return line.rstrip()


def _utf8(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
