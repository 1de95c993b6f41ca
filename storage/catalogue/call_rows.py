"""A ``Call`` as rows of the catalogue, and back. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from storage.model import Call

CATALOGUE = ""
"""What stands for the target of a key that lies in the catalogue only."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One blob of a call on one archive target. ``sha256`` is lower-case hex.

    ``checked`` is when it was last read back, ``condition`` what that showed: ``good``, ``damaged``,
    ``missing``.
    """

    target: str
    name: str
    bytes: int
    sha256: str
    at: datetime
    checked: datetime | None = None
    condition: str = "good"


@dataclass(frozen=True, slots=True)
class CatalogueCall:
    """A call with what the catalogue knows beyond it: its team's id, when it was released, copies, tags."""

    call: Call
    team: str | None
    released_at: datetime | None
    copies: tuple[Copy, ...]
    tags: tuple[str, ...] = ()


Rows = list[dict[str, Any]]

_WIDTH = 255
_NUMBER_WIDTH = 32


def call_row(call: Call, team: str | None, document: str | None = None) -> dict[str, Any]:
    """The row of ``calls``. ``document`` is the JSON of the call, for those who have it made already."""
    recording = call.recording
    return {
        "id": call.id,
        "start": call.start,
        "answered": call.answered,
        "end": call.end,
        "duration": call.duration,
        "direction": call.direction.value,
        "from": _text(call.from_),
        "to": _text(call.to),
        "from_e164": call.from_e164[:_NUMBER_WIDTH],
        "to_e164": call.to_e164[:_NUMBER_WIDTH],
        "agent": _text(call.agent),
        "team_id": team,
        "state": call.state.value,
        "codecs": _text(",".join(call.codecs)),
        "unrecorded_seconds": call.unrecorded_seconds,
        "recorder": _text(call.recorder),
        "recording_path": recording.path if recording else None,
        "recording_format": recording.format if recording else None,
        "recording_seconds": recording.seconds if recording else None,
        "recording_bytes": recording.bytes if recording else None,
        "recording_sha256": recording.sha256 if recording else None,
        "released_at": None,
        "document": call.model_dump_json() if document is None else document,
    }


def leg_rows(call: Call) -> Rows:
    """The rows of ``legs``."""
    return [
        {
            "call_id": call.id,
            "position": position,
            "id": _text(leg.id),
            "sip_call_id": _text(leg.call_id),
            "from": _text(leg.from_),
            "to": _text(leg.to),
            "start": leg.start,
            "answered": leg.answered,
            "end": leg.end,
            "state": leg.state.value,
            "cause": leg.cause,
        }
        for position, leg in enumerate(call.legs)
    ]


def party_rows(call: Call) -> Rows:
    """The rows of ``parties``."""
    return [
        {
            "call_id": call.id,
            "position": position,
            "side": party.side.value,
            "name": _text(party.name),
            "number": _text(party.number),
            "codec": _text(party.codec),
            "seconds": party.seconds,
            "unrecorded_seconds": party.unrecorded_seconds,
        }
        for position, party in enumerate(call.parties)
    ]


def copy_rows(call_id: str, copies: Iterable[Copy]) -> Rows:
    """The rows of ``copies``."""
    return [
        {
            "call_id": call_id,
            "target": copy.target,
            "name": copy.name,
            "bytes": copy.bytes,
            "sha256": copy.sha256,
            "at": copy.at,
            "checked": copy.checked,
            "condition": copy.condition,
        }
        for copy in copies
    ]


def copy_from(row: Row[Any]) -> Copy:
    """A row of ``copies``."""
    return Copy(row.target, row.name, row.bytes, row.sha256, row.at, row.checked, row.condition)


def call_from(row: Row[Any], copies: Iterable[Copy], tags: tuple[str, ...]) -> CatalogueCall:
    """A row with ``document``, ``team_id`` and ``released_at`` of ``calls``."""
    call = Call.model_validate_json(row.document)
    return CatalogueCall(call, row.team_id, row.released_at, tuple(copies), tags)


def _text(value: str) -> str:
    """What every database can keep in a column: PostgreSQL takes no NUL and nothing beyond the width."""
    return value.replace("\0", "")[:_WIDTH]
