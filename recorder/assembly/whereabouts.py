"""Where each party of a dialog wants its audio by now, of all the places that it ever named."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from recorder.assembly.mediaend import Address, MediaEnd
from storage.model import Side

Place = tuple[Address, int]
MOST = 64
"""Parties that are followed: a fork of the call may ring many."""


def _party(side: Side, tag: str) -> str:
    return f"{side.value} {tag}"


@dataclass(slots=True)
class Whereabouts:
    """Places by party, which is a side and the tag of one whom the call rings; ``before`` is what held before
    the offer that was made last, which may be refused (RFC 3264, 8)."""

    now: dict[str, tuple[Place, ...]] = field(default_factory=dict)
    before: dict[str, tuple[Place, ...]] | None = None

    def told(self, side: Side, tag: str, ends: Iterable[MediaEnd], *, is_offer: bool) -> None:
        """The party described where it wants its media."""
        places = tuple(dict.fromkeys((end.address, end.port) for end in ends if end.kind == "audio"))
        party = _party(side, tag)
        if not places or (party not in self.now and len(self.now) >= MOST):
            return
        self.before = dict(self.now) if is_offer else None
        self.now[party] = places

    def refused(self) -> None:
        """What was offered last is not wanted."""
        if self.before is not None:
            self.now, self.before = self.before, None

    def left(self, ends: Iterable[MediaEnd]) -> frozenset[Place]:
        """Places among those ever named that nobody is at any more."""
        here = {place for places in self.now.values() for place in places}
        known = (end for end in ends if end.kind == "audio" and _party(end.side, end.tag) in self.now)
        return frozenset((end.address, end.port) for end in known) - here

    def turned(self, swap: Mapping[Side, Side]) -> "Whereabouts":
        """The same with the sides named anew."""
        names = {side.value: swap[side].value for side in swap}
        now = {names[party[:1]] + party[1:]: places for party, places in self.now.items()}
        return Whereabouts(now)
