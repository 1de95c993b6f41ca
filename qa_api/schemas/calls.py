"""Calls as the list and the call page show them. Numbers are masked unless the viewer may see them whole."""

from enum import StrEnum

from pydantic import Field

from qa_api.schemas.agents import Agent
from qa_api.schemas.wire import Reply
from storage.model import (
    CallState,
    Direction,
    Event,
    Gap,
    Instant,
    Leg,
    Measures,
    Party,
    Relation,
    Seconds,
    Side,
)


class CopyCondition(StrEnum):
    """The worst of what reading a copy back has shown."""

    GOOD = "good"
    DAMAGED = "damaged"
    MISSING = "missing"


class PartyBrief(Reply):
    """Who was on one side."""

    side: Side
    name: str
    number: str
    codec: str


class CallHead(Reply):
    """What the list and the call page have in common."""

    id: str
    start: Instant
    answered: Instant | None
    end: Instant
    duration: Seconds
    direction: Direction
    from_: str = Field(alias="from")
    to: str
    agent: Agent | None
    state: CallState
    codecs: tuple[str, ...]
    has_recording: bool
    unrecorded_seconds: Seconds
    released: bool
    """Whether the agent may see this call."""
    tags: tuple[str, ...]
    """Empty for those who may not read tags."""


class CallItem(CallHead):
    """One row of the list."""

    parties: tuple[PartyBrief, ...]


class Total(Reply):
    """How many calls match; ``capped`` when there are at least ``value``."""

    value: int
    capped: bool


class CallPage(Reply):
    """Calls, newest first. ``next_cursor`` is opaque and null on the last page."""

    items: tuple[CallItem, ...]
    next_cursor: str | None
    total: Total


class RecordingInfo(Reply):
    """The archived audio of a call; channel 0 is party A, channel 1 party B."""

    format: str
    start: Instant
    channels: int
    rate: int
    seconds: Seconds
    bytes: int
    sha256: str


class EncryptedInfo(Reply):
    """Packets kept until somebody has the key, and the sides of whom something could not be heard."""

    sides: tuple[Side, ...]
    bytes: int


class RelatedInfo(Reply):
    """A call that belongs to this one: what it is to it, and when it began."""

    call: str
    relation: Relation
    start: Instant


class CopyInfo(Reply):
    """The blobs of a call on one archive target.

    ``checked`` is since when all of them have been read back, null where one never was.
    """

    target: str
    condition: CopyCondition
    blobs: int
    bytes: int
    at: Instant
    checked: Instant | None


class HoldBrief(Reply):
    """A legal hold by name."""

    id: str
    name: str


class KeepingInfo(Reply):
    """How the call is kept; ``holds`` are the legal holds that cover it."""

    holds: tuple[HoldBrief, ...]
    copies: tuple[CopyInfo, ...]


class CallDetail(CallHead):
    """Everything known about one call."""

    from_e164: str
    to_e164: str
    """Numbers in international form, empty where it is not known or numbers are masked."""
    recorder: str
    legs: tuple[Leg, ...]
    parties: tuple[Party, ...]
    dtmf: str
    events: tuple[Event, ...]
    gaps: tuple[Gap, ...]
    measures: Measures | None
    recording: RecordingInfo | None
    encrypted: EncryptedInfo | None
    related: tuple[RelatedInfo, ...]
    keeping: KeepingInfo | None
    """Null for those who may not know."""


class Peaks(Reply):
    """The waveform: for each channel ``length`` pixels, minimum then maximum, −128 … 127."""

    channels: int
    pixels_per_second: float
    length: int
    data: tuple[tuple[int, ...], ...]
