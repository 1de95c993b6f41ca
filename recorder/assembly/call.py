"""A running call: its legs, in the order in which they began."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from recorder.assembly.leg import Leg, LegStream
from storage.model import Relation, Side


@dataclass(slots=True)
class RunningCall:
    """Named after its first leg; ``changed`` until it has been written to the journal."""

    id: str
    legs: list[Leg] = field(default_factory=list)
    changed: bool = True
    related: dict[str, Relation] = field(default_factory=dict)
    """What other calls are to this one, by their ids."""

    @property
    def first(self) -> Leg:
        """The leg that began the call."""
        return self.legs[0]

    @property
    def leading(self) -> Leg:
        """The leg that says whose call it is: the first one that has signalling."""
        return next((leg for leg in self.legs if leg.dialog is not None), self.first)

    @property
    def ended(self) -> int:
        """When the last leg ended (ns), 0 while one runs."""
        return max(leg.ended for leg in self.legs) if all(leg.ended for leg in self.legs) else 0

    def streams(self, speaker: Side) -> Iterator[tuple[Leg, LegStream]]:
        """The streams on which ``speaker`` is heard, the one nearest to the speaker's own phone first.

        Party A is nearest on the first leg, party B on the later ones; the far copies of the same audio, as
        a PBX passes it on, follow as a second choice, as do those of a relay within a leg, and what others
        sent whom the call rang, too.
        """
        legs = self.legs if speaker is Side.A else [*self.legs[1:], self.legs[0]]
        for leg in sorted(legs, key=_is_copy):
            own = [stream for stream in leg.streams.values() if stream.speaker is speaker]
            if len(own) > 1:
                behind = leg.behind(speaker)
                own.sort(key=lambda one: behind.get(one.name, 0))
            yield from ((leg, stream) for stream in own)

    def take(self, other: "RunningCall") -> None:
        """Take over the legs of a call that turned out to be the same conversation."""
        self.legs = sorted([*self.legs, *other.legs], key=lambda leg: (leg.start, leg.id))
        self.related = {**other.related, **self.related}
        self.related.pop(self.id, None)
        self.changed = True


def _is_copy(leg: Leg) -> bool:
    return leg.dialog is not None and leg.dialog.is_recording
