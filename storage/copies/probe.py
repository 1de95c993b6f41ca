"""Looking at a target: is it there, and how much room has it?"""

import hashlib
from dataclasses import dataclass
from secrets import token_bytes, token_hex

from storage.catalogue.target_states import Condition
from storage.errors import DiskFull, TargetAbsent, TargetError, TargetRefused, TargetUnreachable
from storage.targets.contract import Stored, Target, verify
from storage.targets.marker import MARKER

ONLY_ASKED = (
    "It answers; nothing was written there to try it, as that would stay. `earwitness target probe` does so."
)
_TRIED = 256


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen; ``free`` and ``total`` are bytes, None where unknown. A target may answer and be down
    all the same, such as one that is full; ``lasting`` is what stays until a person does something."""

    condition: Condition
    detail: str = ""
    free: int | None = None
    total: int | None = None
    answers: bool = True
    lasting: bool = False


def probe(target: Target, *, writes: bool = False, keeps: bool = False) -> Look:
    """Ask the target for one blob and for its room; where it ``writes``, try also what a copy does: a small
    blob is put, read back and removed.

    Not on a target that ``keeps`` what it has, or cannot delete: one that is well says that, then.
    """
    free = total = None
    stays = keeps
    try:
        target.stat(MARKER)
        room = target.space()
        if room is not None:
            free, total = room.free, room.total
        stays = keeps or not target.capabilities.deletes
        if writes and not stays:
            _try_out(target)
    except TargetUnreachable as error:
        return Look(Condition.DOWN, str(error), answers=False)
    except TargetAbsent as error:
        return Look(Condition.ABSENT, str(error), answers=False)
    except DiskFull as error:
        return Look(Condition.DOWN, str(error), free, total, lasting=True)
    except TargetError as error:
        refused = isinstance(error, TargetRefused)
        return Look(Condition.DOWN, str(error), answers=False, lasting=refused)
    return Look(Condition.UP, ONLY_ASKED if stays else "", free, total)


def _try_out(target: Target) -> None:
    data = token_bytes(_TRIED)
    blob = Stored(f"probe-{token_hex(8)}", len(data), hashlib.sha256(data).hexdigest())
    target.put(blob.name, data)
    try:
        verify(target, blob)
    finally:
        target.delete(blob.name)
