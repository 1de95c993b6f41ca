"""Which leg a media address belongs to, as the SDP of its dialogs announced it."""

from dataclasses import dataclass, field
from typing import NamedTuple

from recorder.assembly.grouping import StreamKey
from recorder.assembly.mediaend import Address, MediaEnd
from storage.model import Side

Place = tuple[Address, int]


@dataclass(frozen=True, slots=True)
class Owner:
    """A leg that announced a place, for which side and medium."""

    leg: str
    side: Side
    kind: str


class Claim(NamedTuple):
    """A leg whose signalling named a place as that of one of its sides."""

    leg: str
    side: Side
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Binding:
    """Where a stream belongs: its leg, who speaks on it, and the medium."""

    leg: str
    speaker: Side
    kind: str


def other(side: Side) -> Side:
    """The side across."""
    return Side.B if side is Side.A else Side.A


def places(key: StreamKey) -> tuple[Place, Place]:
    """Where a stream comes from, and where it goes."""
    a, b, c, d, ports, _ = key
    return ((a, b), ports >> 16), ((c, d), ports & 0xFFFF)


@dataclass(slots=True)
class EndpointBook:
    """Places announced by running legs; the last to announce a place owns it, as ports are used again.

    A place is claimed when a message names it, and announced when the packets before that message have
    found their streams. A claim is open while the place is in use, as far as signalling tells.
    """

    _owners: dict[Place, Owner] = field(default_factory=dict)
    _claims: dict[Place, Claim] = field(default_factory=dict)

    def claim(self, leg: str, end: MediaEnd) -> None:
        """A message of the leg names this end."""
        self._claims[(end.address, end.port)] = Claim(leg, end.side)

    def close(self, leg: str, end: MediaEnd) -> None:
        """The leg does not use this end any more, or not now."""
        claim = self._claims.get((end.address, end.port))
        if claim is not None and claim.leg == leg and claim.is_open:
            self._claims[(end.address, end.port)] = claim._replace(is_open=False)

    def claimant(self, place: Place) -> Claim | None:
        """Who named the place last."""
        return self._claims.get(place)

    def announce(self, leg: str, end: MediaEnd) -> None:
        """The leg receives media at this end."""
        place = end.address, end.port
        self._owners[place] = Owner(leg, end.side, end.kind)
        self._claims.setdefault(place, Claim(leg, end.side))

    def withdraw(self, leg: str, ends: list[MediaEnd]) -> None:
        """The leg is over: free its places, unless another leg has taken them since."""
        for end in ends:
            place = (end.address, end.port)
            owner = self._owners.get(place)
            if owner is not None and owner.leg == leg:
                del self._owners[place]
            claim = self._claims.get(place)
            if claim is not None and claim.leg == leg:
                del self._claims[place]

    def bind(self, key: StreamKey) -> Binding | None:
        """The leg of a stream, by where it goes, else by where it comes from (symmetric RTP, RFC 4961)."""
        source, destination = places(key)
        to = self._owners.get(destination)
        if to is not None:
            return Binding(to.leg, other(to.side), to.kind)
        sender = self._owners.get(source)
        return Binding(sender.leg, sender.side, sender.kind) if sender is not None else None
