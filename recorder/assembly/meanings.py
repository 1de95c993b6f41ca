"""What payload types mean, and from when on: the session descriptions that are in force (RFC 3264)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from recorder.media import Format
from storage.model import Side

MOST = 32
"""Changes that are followed in one dialog; a caller who sends more wants no conversation."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the payload types that ``side`` receives mean, from ``since`` (ns) on."""

    since: int
    side: Side
    formats: Mapping[int, Format]


@dataclass(slots=True)
class Meanings:
    """The descriptions of both sides in the order in which they came into force.

    An offer does so when it is answered (RFC 3264, 8), but for the first one: media may come before the
    answer. One that is refused never does.
    """

    known: list[Meaning] = field(default_factory=list)
    offered: Meaning | None = None

    def told(self, side: Side, formats: Mapping[int, Format], now: int, *, is_offer: bool) -> None:
        """The side described at ``now`` (ns) what it receives, as an offer or as what answers one."""
        meaning = Meaning(now, side, formats)
        if is_offer and any(one.side is not side for one in self.known):
            self.offered = meaning
            return
        offer, self.offered = self.offered, None
        if offer is not None and offer.side is not side:
            self._enforce(replace(offer, since=now))
        self._enforce(meaning)

    def refused(self) -> None:
        """What was offered last is not wanted."""
        self.offered = None

    def turned(self, swap: Mapping[Side, Side]) -> "Meanings":
        """The same with the sides named anew."""
        offered = self.offered
        return Meanings(
            [replace(one, side=swap[one.side]) for one in self.known],
            replace(offered, side=swap[offered.side]) if offered else None,
        )

    def eras(self) -> list[tuple[int, dict[Side, Mapping[int, Format]]]]:
        """From when on (ns) which descriptions are in force. The first era, from 0 on, begins with the first
        description of each side: media may be heard before it is described."""
        force: dict[Side, Mapping[int, Format]] = {}
        later = []
        for one in self.known:
            if one.side in force:
                later.append(one)
            else:
                force[one.side] = one.formats
        found = [(0, force)]
        for one in later:
            before, force = found[-1]
            changed = {**force, one.side: one.formats}
            if one.since == before:
                found[-1] = before, changed
            else:
                found.append((one.since, changed))
        return found

    def _enforce(self, meaning: Meaning) -> None:
        own = [one for one in self.known if one.side is meaning.side]
        if len(self.known) < MOST and not (own and own[-1].formats == meaning.formats):
            self.known.append(meaning)
