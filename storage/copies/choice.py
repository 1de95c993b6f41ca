"""Which copies of a blob may be read, and in which order they are tried. Pure.

A copy that was found damaged or missing is never read. What is at hand, a folder or a disk, answers or fails
at once, so that it is tried whatever is known of its target; a server in trouble may take long to say so.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from storage.catalogue.call_rows import Copy
from storage.catalogue.target_states import Condition, TargetState
from storage.copies.holdings import GOOD

_TROUBLE = (Condition.DOWN, Condition.ABSENT)


@dataclass(frozen=True, slots=True)
class Nearness:
    """What is known of targets, by their names: where calls come in, what is read without a network, and
    what was in trouble when somebody looked last."""

    home: str = ""
    at_hand: frozenset[str] = frozenset()
    troubled: frozenset[str] = frozenset()

    @classmethod
    def of(cls, home: str, at_hand: Iterable[str], states: Mapping[str, TargetState]) -> Self:
        """With the targets in trouble by ``states``."""
        troubled = (name for name, state in states.items() if state.state in _TROUBLE)
        return cls(home, frozenset(at_hand), frozenset(troubled))


def choose(copies: Iterable[Copy], targets: Container[str], near: Nearness) -> tuple[Copy, ...]:
    """Those of the ``copies`` of one blob that may be read on ``targets``, in the order in which to try them:
    home, what else is at hand, servers; servers in trouble come last, be they home or not."""
    good = (copy for copy in copies if copy.condition == GOOD and copy.target in targets)
    return tuple(sorted(good, key=lambda copy: _rank(copy.target, near)))


def passed_over(copies: Iterable[Copy], targets: Container[str]) -> dict[str, str]:
    """Why the others of the ``copies`` are not read, by target, in sentences."""
    return {
        copy.target: f"it was found {copy.condition} when it was last read back."
        if copy.condition != GOOD
        else "the settings name no such target."
        for copy in copies
        if copy.condition != GOOD or copy.target not in targets
    }


def _rank(target: str, near: Nearness) -> tuple[bool, bool, bool, bool, str]:
    at_hand, troubled = target in near.at_hand, target in near.troubled
    return troubled and not at_hand, target != near.home, not at_hand, troubled, target
