"""Something that happened on a leg."""

from dataclasses import dataclass, field
from typing import Any

from storage.model import Side


@dataclass(frozen=True, slots=True)
class Happening:
    """What a message meant: an event of the call's timeline."""

    at: int
    kind: str
    side: Side | None = None
    detail: dict[str, Any] = field(default_factory=dict)
