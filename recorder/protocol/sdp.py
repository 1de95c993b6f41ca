"""Session descriptions (RFC 8866) and what an offer and its answer agree on (RFC 3264)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from recorder.media import Format
from recorder.protocol.errors import SdpError
from recorder.protocol.payload_types import STATIC
from recorder.protocol.sip_values import number

_DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
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
        return self.direction in ("sendonly", "inactive") or self.address in _ANYWHERE


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

        Unknown lines, lines without ``=``, and values that do not follow their grammar are passed over.
        """
        session, *sections = _sections(body)
        origin = _first(session, "o").split()
        address = _address(_first(session, "c"))
        attributes = _attributes(session)
        base = MediaDescription("", 0, "", address, _direction(attributes, "sendrecv"))
        media = tuple(found for lines in sections if (found := _media(lines, base, attributes)))
        username, session_id, version = origin[:3] if len(origin) >= 3 else ("", "", "")
        return cls(media, username, session_id, version, _first(session, "s"), address, attributes)


def agreed(
    offer: SessionDescription, answer: SessionDescription
) -> list[tuple[MediaDescription, MediaDescription]]:
    """The media that both sides accepted, as pairs of offered and answered (RFC 3264, 6: by position)."""
    pairs = zip(offer.media, answer.media, strict=False)
    return [(ours, theirs) for ours, theirs in pairs if not theirs.is_rejected and ours.kind == theirs.kind]


Lines = list[tuple[str, str]]


def _sections(body: bytes) -> list[Lines]:
    """Lines as (letter, value): of the session first, then of each ``m=``."""
    sections: list[Lines] = [[]]
    for raw in body.decode("utf-8", "replace").replace("\r", "\n").split("\n"):
        line = raw.strip()
        if line[1:2] != "=":
            continue
        letter, value = line[0], line[2:].strip()
        if letter == "m":
            sections.append([])
        sections[-1].append((letter, value))
    if sections == [[]]:
        raise SdpError("no session description: no line of it is letter=value")
    if _first(sections[0], "v") not in ("0", ""):
        raise SdpError("a session description of a version other than 0")
    return sections


def _first(lines: Lines, letter: str) -> str:
    return next((value for found, value in lines if found == letter), "")


def _attributes(lines: Lines) -> tuple[tuple[str, str], ...]:
    """``a=name:value`` as (lower-case name, value)."""
    parts = (value.partition(":") for letter, value in lines if letter == "a")
    return tuple((name.strip().lower(), value.strip()) for name, _, value in parts)


def _values(attributes: tuple[tuple[str, str], ...], name: str) -> list[str]:
    return [value for found, value in attributes if found == name]


def _address(value: str) -> str:
    """The address of ``IN IP4 192.0.2.1/127``, empty where there is none."""
    words = value.split()
    return words[2].partition("/")[0] if len(words) >= 3 else ""


def _direction(attributes: tuple[tuple[str, str], ...], default: str) -> str:
    return next((name for name, _ in reversed(attributes) if name in _DIRECTIONS), default)


def _media(
    lines: Lines, base: MediaDescription, session_attributes: tuple[tuple[str, str], ...]
) -> MediaDescription | None:
    """One media description; None where its ``m=`` line has no port."""
    words = lines[0][1].split()
    if len(words) < 3:
        return None
    attributes = _attributes(lines[1:])
    port = number(words[1].partition("/")[0])
    port = port if port < 65536 else 0
    is_muxed = any(name == "rtcp-mux" for name, _ in attributes)
    rtcp = _values(attributes, "rtcp")
    return replace(
        base,
        kind=words[0].lower(),
        port=port,
        protocol=words[2].upper(),
        address=_address(_first(lines, "c")) or base.address,
        direction=_direction(attributes, base.direction),
        formats=_formats(words[3:], attributes) if "RTP/" in words[2].upper() else {},
        ptime=number(next(iter(_values(attributes, "ptime")), "").partition(".")[0]),
        rtcp_port=port
        if is_muxed
        else number(rtcp[0].partition(" ")[0])
        if rtcp
        else port + 1
        if port
        else 0,
        rtcp_mux=is_muxed,
        crypto=tuple(_values(attributes, "crypto") or _values(session_attributes, "crypto")),
        ssrcs=_ssrcs(attributes),
        label=next(iter(_values(attributes, "label")), ""),
        attributes=attributes,
    )


def _formats(words: list[str], attributes: tuple[tuple[str, str], ...]) -> dict[int, Format]:
    """Formats of the payload types of an ``m=`` line; those that nothing explains are left out."""
    mapped = dict(_by_type(_values(attributes, "rtpmap")))
    parameters = dict(_by_type(_values(attributes, "fmtp")))
    formats: dict[int, Format] = {}
    for word in words:
        kind = number(word, -1)
        if not 0 <= kind < 128:
            continue
        known = _format(mapped[kind]) if kind in mapped else STATIC.get(kind)
        if known:
            formats[kind] = replace(known, parameters=parameters.get(kind, ""))
    return formats


def _by_type(values: list[str]) -> list[tuple[int, str]]:
    parts = (value.partition(" ") for value in values)
    return [(number(kind, -1), rest.strip()) for kind, _, rest in parts]


def _format(value: str) -> Format | None:
    """``G722/8000/1`` as a format; None without a name, 8000 Hz and one channel where not said."""
    name, rate, channels = [*value.split("/"), "", ""][:3]
    if not name.strip():
        return None
    return Format(name.strip().upper(), number(rate) or 8000, number(channels) or 1)


def _ssrcs(attributes: tuple[tuple[str, str], ...]) -> tuple[int, ...]:
    """The SSRCs that ``a=ssrc`` announces (RFC 5576, 4.1), each once."""
    found = (number(value.partition(" ")[0], -1) for value in _values(attributes, "ssrc"))
    return tuple(dict.fromkeys(ssrc for ssrc in found if 0 <= ssrc < 1 << 32))
