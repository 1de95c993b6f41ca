"""Session descriptions (RFC 8866) and what an offer and its answer agree on (RFC 3264)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from recorder.media import Format
from recorder.protocol.errors import SdpError
from recorder.protocol.payload_types import STATIC
from recorder.protocol.sip_values import number

_MOST_MEDIA = 64
_DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
DISCARD = 9
"""The port of a medium of which only the candidates tell where it is received (RFC 8840, 4.1.1)."""
_MOST_CANDIDATES = 16
_ANYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - the "no address" of RFC 3264, 8.4, nothing is bound to it


@dataclass(frozen=True, slots=True)
class MediaDescription:
    """One ``m=`` line and what belongs to it, session-level values filled in.

    ``address`` and ``port`` are where its owner wants to receive; ``formats`` are the RTP payload types in
    order of preference, empty for other protocols. ``ptime`` is in milliseconds, 0 where not given.
    ``rtcp_port`` is the port after the media's where not given otherwise (RFC 3605), the media's own with
    rtcp-mux. ``crypto`` are the raw values of ``a=crypto`` (RFC 4568). ``attributes`` are all ``a=`` lines.
    """

    kind: str
    port: int
    protocol: str
    address: str = ""
    direction: str = "sendrecv"
    formats: Mapping[int, Format] = field(default_factory=dict)
    ptime: int = 0
    rtcp_port: int = 0
    rtcp_mux: bool = False
    crypto: tuple[str, ...] = ()
    ssrcs: tuple[int, ...] = ()
    label: str = ""
    attributes: tuple[tuple[str, str], ...] = ()

    @property
    def is_rejected(self) -> bool:
        """Port 0: not wanted (RFC 3264, 6)."""
        return self.port == 0

    @property
    def is_held(self) -> bool:
        """Whether its owner does not listen: on hold the new way or the old (RFC 3264, 8.4)."""
        return self.direction in ("sendonly", "inactive") or self.is_nowhere

    @property
    def is_nowhere(self) -> bool:
        """Whether it has no address, and no candidates of ICE that tell instead (RFC 8840, 4.1.1)."""
        return self.address in _ANYWHERE and self.port != DISCARD and not self.candidates

    @property
    def candidates(self) -> tuple[tuple[str, int], ...]:
        """Address and port of the UDP candidates of ICE for RTP (RFC 8839, 5.1), at most 16."""
        lines = (value.split() for name, value in self.attributes if name == "candidate")
        found = [
            (words[4], number(words[5]))
            for words in lines
            if len(words) >= 6 and words[1] == "1" and words[2].upper() == "UDP"
        ]
        return tuple(dict.fromkeys(one for one in found if 0 < one[1] < 65536))[:_MOST_CANDIDATES]


@dataclass(frozen=True, slots=True)
class SessionDescription:
    """A session description. ``version`` tells a repeated one from a changed one (RFC 3264, 8)."""

    media: tuple[MediaDescription, ...] = ()
    username: str = ""
    session_id: str = ""
    version: str = ""
    name: str = ""
    address: str = ""
    attributes: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Read a body; raises SdpError where no line of it is ``letter=value`` or it is of another version.

        Unknown lines, lines without ``=``, values that do not follow their grammar, and media after the
        64th are passed over.
        """
        session, *sections = _sections(body)
        origin = _first(session, "o").split()
        address = _address(_first(session, "c"))
        attributes = _attributes(session)
        defaults = MediaDescription(
            kind="",
            port=0,
            protocol="",
            address=address,
            direction=_direction(attributes, "sendrecv"),
            crypto=tuple(value for name, value in attributes if name == "crypto"),
        )
        media = tuple(_media(lines, defaults) for lines in sections)
        username, session_id, version = origin[:3] if len(origin) >= 3 else ("", "", "")
        return cls(media, username, session_id, version, _first(session, "s"), address, attributes)


def agreed(
    offer: SessionDescription, answer: SessionDescription
) -> list[tuple[MediaDescription, MediaDescription]]:
    """The media that both sides accepted, as pairs of offered and answered (RFC 3264, 6: by position)."""
    pairs = zip(offer.media, answer.media, strict=False)
    return [(ours, theirs) for ours, theirs in pairs if not theirs.is_rejected and ours.kind == theirs.kind]


Lines = list[tuple[str, str]]
Attributes = tuple[tuple[str, str], ...]


def _sections(body: bytes) -> list[Lines]:
    """Lines as (letter, value): of the session first, then of each ``m=``."""
    sections: list[Lines] = [[]]
    for raw in body.decode("utf-8", "replace").replace("\r", "\n").split("\n"):
        line = raw.strip()
        if line[1:2] != "=":
            continue
        if line[0] == "m":
            if len(sections) > _MOST_MEDIA:
                break
            sections.append([])
        sections[-1].append((line[0], line[2:].lstrip()))
    if sections == [[]]:
        raise SdpError("no session description: no line of it is letter=value")
    if _first(sections[0], "v") not in ("0", ""):
        raise SdpError("a session description of a version other than 0")
    return sections


def _first(lines: Lines, letter: str) -> str:
    for found, value in lines:
        if found == letter:
            return value
    return ""


def _attributes(lines: Lines) -> Attributes:
    """``a=name:value`` as (lower-case name, value)."""
    found = []
    for letter, line in lines:
        if letter == "a":
            name, _, value = line.partition(":")
            found.append((name.rstrip().lower(), value.lstrip()))
    return tuple(found)


def _address(value: str) -> str:
    """The address of ``IN IP4 192.0.2.1/127``, empty where there is none."""
    words = value.split()
    return words[2].partition("/")[0] if len(words) >= 3 else ""


def _direction(attributes: Attributes, default: str) -> str:
    for name, _ in reversed(attributes):
        if name in _DIRECTIONS:
            return name
    return default


def _media(lines: Lines, defaults: MediaDescription) -> MediaDescription:
    """One media description; one whose ``m=`` line makes no sense has port 0, so that it keeps its place."""
    kind, port_range, protocol, *types = [*lines[0][1].split(), "", "", ""]
    attributes = _attributes(lines)
    values: dict[str, list[str]] = {}
    for name, value in attributes:
        values.setdefault(name, []).append(value)
    port = number(port_range.partition("/")[0])
    port = port if port < 65536 else 0
    protocol = protocol.upper()
    return MediaDescription(
        kind=kind.lower(),
        port=port,
        protocol=protocol,
        address=_address(_first(lines, "c")) or defaults.address,
        direction=_direction(attributes, defaults.direction),
        formats=_formats(types, values) if "RTP/" in protocol else {},
        ptime=number(values["ptime"][0].partition(".")[0]) if "ptime" in values else 0,
        rtcp_port=_rtcp_port(port, values),
        rtcp_mux="rtcp-mux" in values,
        crypto=tuple(values.get("crypto", defaults.crypto)),
        ssrcs=_ssrcs(values.get("ssrc", ())),
        label=values.get("label", [""])[0],
        attributes=attributes,
    )


def _rtcp_port(port: int, values: Mapping[str, Sequence[str]]) -> int:
    if "rtcp-mux" in values or not port:
        return port
    said = number(values["rtcp"][0].partition(" ")[0]) if "rtcp" in values else 0
    following = port + 1 if port < 65535 else 0
    return said if 0 < said < 65536 else following


def _formats(types: Sequence[str], values: Mapping[str, Sequence[str]]) -> dict[int, Format]:
    """Formats of the payload types of an ``m=`` line; those that nothing explains are left out."""
    mapped = _by_type(values.get("rtpmap", ()))
    parameters = _by_type(values.get("fmtp", ()))
    formats: dict[int, Format] = {}
    for one in types:
        kind = number(one, -1)
        if not 0 <= kind < 128:
            continue
        known = (
            format_of(mapped[kind], parameters.get(kind, "")) if kind in mapped else _static(kind, parameters)
        )
        if known:
            formats[kind] = known
    return formats


def _by_type(values: Sequence[str]) -> dict[int, str]:
    """``97 speex/8000`` as a mapping of the payload type."""
    parts = (value.partition(" ") for value in values)
    return {number(kind, -1): rest.strip() for kind, _, rest in parts}


def _static(kind: int, parameters: Mapping[int, str]) -> Format | None:
    known = STATIC.get(kind)
    return replace(known, parameters=parameters[kind]) if known and kind in parameters else known


def format_of(value: str, parameters: str = "") -> Format | None:
    """``G722/8000/1`` as a format; None without a name, 8000 Hz and one channel where not said."""
    name, rate, channels, *_ = [*value.split("/"), "", ""]
    if not name.strip():
        return None
    return Format(name.strip().upper(), number(rate) or 8000, number(channels) or 1, parameters)


def _ssrcs(values: Sequence[str]) -> tuple[int, ...]:
    """The SSRCs that ``a=ssrc`` announces (RFC 5576, 4.1), each once."""
    found = (number(value.partition(" ")[0], -1) for value in values)
    return tuple(dict.fromkeys(ssrc for ssrc in found if 0 <= ssrc < 1 << 32))
