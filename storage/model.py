"""The vocabulary of Earwitness: what a call, a leg, a party and a recording are.

Every room speaks these words. A ``Call`` is what two people would call one: a conversation, made of one
or more SIP legs, with at most one recording. Its JSON is what ``earwitness replay --json`` prints and what
the hand-off folder carries as ``call.json``.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time needs its zone")
    return value


def rfc3339(value: datetime) -> str:
    """The time as RFC 3339 in UTC with milliseconds: ``2026-11-21T19:25:46.323Z``."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Instant = Annotated[
    datetime, AfterValidator(_utc), PlainSerializer(rfc3339, return_type=str, when_used="json")
]
Seconds = Annotated[float, PlainSerializer(lambda v: round(v, 3), return_type=float, when_used="json")]
_LONGEST_PACKET = 0.125
_LEAST_UNDECODED = 1.0
_APART = 0.01
"""Seconds. Gaps that are no further apart are one: how long a packet is may be known by when it came."""


class Word(BaseModel):
    """Base of the vocabulary: immutable, strict about unknown fields, aliases in JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)


class CallState(StrEnum):
    """How a call ended."""

    ANSWERED = "answered"
    MISSED = "missed"
    BUSY = "busy"
    CANCELLED = "cancelled"
    FAILED = "failed"
    MEDIA_ONLY = "media-only"


class Direction(StrEnum):
    """Which way a call went, seen from the call centre."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"
    UNKNOWN = "unknown"


class Side(StrEnum):
    """The channel of a party: A, the caller, is left; B, the called party, is right."""

    A = "A"
    B = "B"


class PacketCounts(Word):
    """The loss ledger of the streams of one party.

    ``received`` = ``written`` + ``duplicate`` + ``unwritten``, and
    ``expected`` + ``duplicate`` = ``received`` + ``lost`` + ``dropped``:
    every packet is in exactly one of these. ``reordered`` and ``late`` are among the received.
    ``dropped`` are those that the capture ring lost, where that is known; ``lost`` never arrived, by the
    sequence numbers and, behind the last packet, by the sender's own count in RTCP (RFC 3550, 6.4.1).
    """

    expected: int = 0
    received: int = 0
    lost: int = 0
    duplicate: int = 0
    reordered: int = 0
    late: int = 0
    dropped: int = 0
    written: int = 0
    unwritten: int = 0


class Party(Word):
    """One side of the conversation and what was heard of it."""

    side: Side
    name: str = ""
    number: str = ""
    codec: str = ""
    ssrc: tuple[int, ...] = ()
    packets: PacketCounts = PacketCounts()
    seconds: Seconds = 0.0
    unrecorded_seconds: Seconds = 0.0
    mos: float | None = None
    """Quality by the E-model (ITU-T G.107) from codec, loss and its bursts, 1 to 4.5; None where unknown.

    Where the round trip is known, its delay counts too: the score of a conversation, not of listening.
    """
    jitter_ms: float | None = None
    """Mean interarrival jitter of what this party sent, as receivers reported it (RFC 3550, 6.4.1)."""
    round_trip_ms: float | None = None
    """Mean round trip between this party and what it exchanges media with: the other party, or a PBX."""
    remote_lost: int | None = None
    """Packets of this party that the receiver missed, as it reported (RFC 3550, 6.4.1; cumulative).

    More than ``packets.lost`` went missing behind the recorder, fewer means that the recorder's own view,
    a mirror port say, is not whole. None where the receiver did not report.
    """


class Leg(Word):
    """One SIP dialog, or the media of one pair of endpoints that no signalling explains."""

    id: str
    call_id: str = ""
    from_: str = Field(default="", alias="from")
    to: str = ""
    from_e164: str = ""
    to_e164: str = ""
    """``from`` and ``to`` as the whole world writes them, see ``Call``."""
    from_name: str = ""
    to_name: str = ""
    start: Instant
    answered: Instant | None = None
    end: Instant
    state: CallState
    cause: int | None = None
    """SIP status code that ended the leg, where one did (RFC 3261, 21)."""
    source: str = ""
    destination: str = ""
    """Signalling addresses, ``ip:port``."""


class Event(Word):
    """What happened in the call: ``ringing``, ``answered``, ``hold``, ``dtmf``, ``end`` and others."""

    at: Instant
    kind: str
    side: Side | None = None
    detail: dict[str, Any] = {}


class Gap(Word):
    """Time of one side for which audio should exist and does not.

    Silence of this length stands there, or what was likely said where the cause is ``concealed``. Other
    causes: ``lost`` on the way, ``encrypted`` without a key, ``codec`` not known, ``unreadable`` payload.
    """

    side: Side
    start: Seconds
    """Seconds from the start of the recording."""
    seconds: Seconds
    cause: str = "lost"


def has_undecoded(gaps: Iterable[Gap]) -> bool:
    """Whether speech could not be decoded, a second or more of it.

    Packets that stand alone among others are none: they keep a way through a NAT open (RFC 6263, 4.6), or
    correct errors. Those between lost ones do not stand alone.
    """
    stretches = _missing(gap for gap in gaps if gap.cause in ("codec", "lost"))
    return sum(undecoded for length, undecoded in stretches if length > _LONGEST_PACKET) >= _LEAST_UNDECODED


def _missing(gaps: Iterable[Gap]) -> Iterator[tuple[float, float]]:
    """Of each stretch of gaps that follow each other: how long it is, and how much could not be decoded."""
    side, start, end, undecoded = None, 0.0, 0.0, 0.0
    for gap in sorted(gaps, key=lambda gap: (gap.side, gap.start)):
        if gap.side is not side or gap.start - end > _APART:
            yield end - start, undecoded
            side, start, end, undecoded = gap.side, gap.start, gap.start, 0.0
        end = max(end, gap.start + gap.seconds)
        undecoded += gap.seconds * (gap.cause == "codec")
    yield end - start, undecoded


class Measures(Word):
    """What the audio says about the conversation, in seconds."""

    talk_a: Seconds = 0.0
    talk_b: Seconds = 0.0
    overtalk: Seconds = 0.0
    silence: Seconds = 0.0
    longest_silence: Seconds = 0.0


class Recording(Word):
    """The one archived audio file of a call."""

    path: str
    """Relative to the archive target, or to the hand-off folder before intake; always with ``/``."""
    format: str
    """``opus``, ``flac``, ``wav`` (16 bits), or another one in a WAV file: ``g711``, ``adpcm``, ``gsm``."""
    start: Instant
    channels: int
    rate: int
    """Samples per second of the audio before encoding, Hz."""
    seconds: Seconds
    bytes: int
    sha256: str


class Encrypted(Word):
    """Packets of a call of which some could not be heard for want of a key or a decoder, kept until then."""

    path: str
    """Relative to the archive target, or to the hand-off folder before intake; always with ``/``."""
    bytes: int
    sha256: str
    sides: tuple[Side, ...]
    """Of whom something cannot be heard yet."""


class Relation(StrEnum):
    """What another call is to this one."""

    CONSULTATION = "consultation"
    """Was made by a party of this call to ask somebody, while this call was on hold."""
    CONSULTED_ABOUT = "consulted-about"
    """Waited on hold while this call was made to ask somebody about it."""
    CONFERENCE = "conference"
    """Was one conversation of three with this one for a while, mixed by the phone that had both."""


class RelatedCall(Word):
    """A call that belongs to this one without being part of it."""

    call: str
    relation: Relation


class Call(Word):
    """A conversation: the unit that is archived, found, heard and judged."""

    id: str
    """UUID made from the start time and the first leg, so that the same traffic gives the same id."""
    recorder: str = ""
    start: Instant
    answered: Instant | None = None
    end: Instant
    duration: Seconds
    """From answer to end; for unanswered calls 0; for media-only calls the length of the media."""
    direction: Direction = Direction.UNKNOWN
    from_: str = Field(default="", alias="from")
    to: str = ""
    """Numbers as they were signalled."""
    from_e164: str = ""
    to_e164: str = ""
    """The same as the whole world writes them (``+8613800138000``, ITU-T E.164); empty for extensions and
    for what is no number, or no number that can be told."""
    agent: str = ""
    """Extension or user of the agent, empty where none is known."""
    state: CallState
    codecs: tuple[str, ...] = ()
    legs: tuple[Leg, ...] = ()
    parties: tuple[Party, ...] = ()
    dtmf: str = ""
    events: tuple[Event, ...] = ()
    gaps: tuple[Gap, ...] = ()
    measures: Measures | None = None
    recording: Recording | None = None
    related: tuple[RelatedCall, ...] = ()
    encrypted: Encrypted | None = None
    """Packets kept beside the recording, or in place of one; None where all was heard."""

    @property
    def unrecorded_seconds(self) -> float:
        """Seconds of speech that could not be recorded, both sides together."""
        return sum(party.unrecorded_seconds for party in self.parties)
