"""Which copies of a blob may be read, and in which order they are tried. Pure.

A copy that was found damaged or missing is never read. A target in trouble may take long to say so, be it a
server, or a folder on a mount whose server is gone, and one that nobody saw lately may be in trouble as well.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from storage.catalogue.call_rows import Copy
from storage.catalogue.target_states import Condition, TargetState
from storage.copies.holdings import GOOD
from storage.targets.timely import DOES_NOT_ANSWER

SEEN_WITHIN = timedelta(minutes=2)
"""Each target is looked at twice a minute; where nobody does so, none of them was seen, and all are alike."""
_TROUBLE = (Condition.DOWN, Condition.ABSENT)


@dataclass(frozen=True, slots=True)
class Nearness:
    """What is known of targets, by their names: where calls come in, what is read without a network, which
    were up a moment ago, which were in trouble when somebody looked last, and which of these did not answer.
    """

    home: str = ""
    at_hand: frozenset[str] = frozenset()
    seen: frozenset[str] = frozenset()
    troubled: frozenset[str] = frozenset()
    hanging: frozenset[str] = frozenset()

    @classmethod
    def of(cls, home: str, at_hand: Iterable[str], states: Mapping[str, TargetState], now: datetime) -> Self:
        """As it is by ``states`` at ``now``."""
        lately = (name for name, state in states.items() if abs(now - state.seen) <= SEEN_WITHIN)
        seen = (name for name in lately if states[name].state is Condition.UP)
        troubled = {name for name, state in states.items() if state.state in _TROUBLE}
        hanging = {name for name in troubled if states[name].detail == DOES_NOT_ANSWER}
        return cls(home, frozenset(at_hand), frozenset(seen), frozenset(troubled), frozenset(hanging))


def choose(copies: Iterable[Copy], targets: Container[str], near: Nearness) -> tuple[Copy, ...]:
    """Those of the ``copies`` of one blob that may be read on ``targets``, in the order in which to try them:
    home, what else is at hand, servers. Those that nobody saw lately come after all these, then those in
    trouble, those that do not answer last, be they home or not."""
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


def _rank(target: str, near: Nearness) -> tuple[bool, bool, bool, bool, bool, str]:
    standing = target in near.hanging, target in near.troubled, target not in near.seen
    return *standing, target != near.home, target not in near.at_hand, target
