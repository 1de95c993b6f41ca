"""What reading one copy back shows."""

from dataclasses import dataclass

from storage.catalogue import Held
from storage.catalogue.copy_checks import Condition
from storage.errors import NotStored, TargetAbsent, TargetError, TargetRefused
from storage.targets.contract import Target, read_back


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The target, not the copy, is in the way."""

    reason: str


def look_at(target: Target, held: Held) -> Condition | Unreachable:
    """Read the copy back and compare it with what the catalogue says of the stored blob."""
    try:
        return _read(target, held)
    except (TargetAbsent, TargetRefused) as error:
        return Unreachable(str(error))
    except TargetError as error:
        return _look_again(target, held, error)


def _read(target: Target, held: Held) -> Condition:
    copy = held.copy
    try:
        found = read_back(target, copy.name)
    except NotStored:
        return Condition.MISSING
    same = (found.bytes, found.sha256) == (copy.bytes, copy.sha256)
    return Condition.GOOD if same else Condition.DAMAGED


def _look_again(target: Target, held: Held, error: TargetError) -> Condition | Unreachable:
    """A blob that cannot be read on a target that answers is damaged: a bad sector, say."""
    try:
        if target.stat(held.copy.name) is None:
            return Condition.MISSING
    except TargetError:
        return Unreachable(str(error))
    try:
        return _read(target, held)
    except (TargetAbsent, TargetRefused) as gone:
        return Unreachable(str(gone))
    except TargetError:
        return Condition.DAMAGED
