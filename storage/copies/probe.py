"""Looking at a target: is it there, and how much room has it?"""

from dataclasses import dataclass

from storage.catalogue.target_states import Condition
from storage.errors import DiskFull, TargetAbsent, TargetError
from storage.targets.contract import Target
from storage.targets.marker import MARKER


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen; ``free`` and ``total`` are bytes, None where unknown. A target may answer and be down
    all the same, such as one that is full."""

    condition: Condition
    detail: str = ""
    free: int | None = None
    total: int | None = None
    answers: bool = True


def probe(target: Target) -> Look:
    """Ask the target for one blob and for its room; writes nothing."""
    try:
        target.stat(MARKER)
        room = target.space()
    except TargetAbsent as error:
        return Look(Condition.ABSENT, str(error), answers=False)
    except (TargetError, DiskFull) as error:
        return Look(Condition.DOWN, str(error), answers=False)
    return Look(Condition.UP) if room is None else Look(Condition.UP, free=room.free, total=room.total)
