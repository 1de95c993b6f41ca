"""Which leg a media address belongs to, as the SDP of its dialogs announced it."""

from dataclasses import dataclass, field

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
    """Places announced by running legs; the last to announce a place owns it, as ports are used again."""

    _owners: dict[Place, Owner] = field(default_factory=dict)

    def announce(self, leg: str, end: MediaEnd) -> None:
        """The leg receives media at this end."""
        self._owners[(end.address, end.port)] = Owner(leg, end.side, end.kind)

    def withdraw(self, leg: str, ends: list[MediaEnd]) -> None:
        """The leg is over: free its places, unless another leg has taken them since."""
        for end in ends:
            place = (end.address, end.port)
            owner = self._owners.get(place)
            if owner is not None and owner.leg == leg:
                del self._owners[place]

    def owner(self, place: Place) -> Owner | None:
        """Who announced the place last."""
        return self._owners.get(place)

    def bind(self, key: StreamKey) -> Binding | None:
        """The leg of a stream, by where it goes, else by where it comes from (symmetric RTP, RFC 4961)."""
        source, destination = places(key)
        to = self._owners.get(destination)
        if to is not None:
            return Binding(to.leg, other(to.side), to.kind)
        sender = self._owners.get(source)
        return Binding(sender.leg, sender.side, sender.kind) if sender is not None else None
