"""What becomes of a hand-off when intake has looked at it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Taken:
    """The call is archived and in the catalogue. ``new`` is False where it had been there before.

    ``seconds`` and ``bytes`` are those of its recording.
    """

    call_id: str
    seconds: float
    bytes: int
    new: bool


@dataclass(frozen=True, slots=True)
class Rejected:
    """The hand-off is damaged or contradicts what is archived; it was moved to ``folder`` with the reason."""

    call_id: str
    reason: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Deferred:
    """Something else went wrong; the hand-off lies where it lay and its turn comes again."""

    call_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Two people agreed that nothing of the call shall be left, or a rule deleted it since it was handed off:
    it is not taken in again, and its hand-off is gone."""

    call_id: str
    reason: str


Outcome = Taken | Rejected | Deferred | Refused
