"""Hosts that pass media on from one leg to the next: PBXs, border controllers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from recorder.assembly.grouping import StreamKey
from recorder.assembly.leg import Leg
from recorder.assembly.mediaend import Address

MOST = 4096
"""Hosts remembered; those that were learnt first are forgotten first."""


@dataclass(slots=True)
class Hubs:
    """Hosts at which two legs of one call met. A leg that ends at one of them may go on there, at any time:
    who waits in a queue is behind a border controller, and what the queue does is not known yet."""

    _known: dict[Address, None] = field(default_factory=dict)

    def is_open(self, leg: Leg, beside: Sequence[Leg]) -> bool:
        """Whether the leg may go on at one of its ends, where its call has these legs besides. Those that it
        shares no host with are behind a border controller with two addresses, at one of its ends."""
        free = [host for host in hosts(leg) if is_free(host, beside)]
        return any(host in self._known for host in free) and len(free) > _apart(leg, beside)

    def learn(self, leg: Leg, legs: Iterable[Leg]) -> None:
        """A leg and those of its call."""
        own = hosts(leg)
        for other in legs:
            if other is not leg:
                self._known.update(dict.fromkeys(own & hosts(other)))
        while len(self._known) > MOST:
            del self._known[next(iter(self._known))]


def hosts(leg: Leg) -> frozenset[Address]:
    """Where the leg's media comes from and goes to; its signalling, where none was heard."""
    if not leg.streams and leg.dialog is not None:
        return frozenset((leg.dialog.source[0], leg.dialog.destination[0]))
    keys = (stream.key for stream in leg.streams.values())
    return frozenset(host for key in keys for host in (key[0:2], key[2:4]))


def is_free(host: Address, beside: Iterable[Leg]) -> bool:
    """Whether none of these legs begins or ends at the host."""
    return all(host not in hosts(leg) for leg in beside)


def _apart(leg: Leg, beside: Iterable[Leg]) -> int:
    """How many chains these legs are that do not meet the leg's own."""
    chains = [hosts(leg)]
    for one in beside:
        met = [chain for chain in chains if chain & hosts(one)]
        chains = [frozenset(hosts(one)).union(*met), *(chain for chain in chains if chain not in met)]
    return len(chains) - 1


def places_of_passage(one: StreamKey, another: StreamKey) -> tuple[Address, ...]:
    """The hosts that one of the streams goes to and the other one comes from: none where that host has two
    addresses, and both where the streams go there and back between them."""
    ways = ((one, another), (another, one))
    return tuple(before[2:4] for before, after in ways if before[2:4] == after[0:2])
