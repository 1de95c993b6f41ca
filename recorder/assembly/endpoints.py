"""Which leg a media address belongs to, as the SDP of its dialogs announced it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from recorder.assembly.grouping import StreamKey
from recorder.assembly.mediaend import Address, MediaEnd
from storage.model import Side

Place = tuple[Address, int]
AUDIO = "audio"
FAX = "image"
"""The kind of medium that a fax in packets of its own is (ITU-T T.38, D.2.3)."""
MOST = 16
"""Legs remembered that announced the same place."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A leg that announced a place, for which side and medium.

    ``apart`` are the payload types of other media that share the place with its audio (RFC 8843).
    """

    leg: str
    side: Side
    kind: str
    apart: frozenset[int] = frozenset()

    def shared(self, end: MediaEnd) -> "Owner":
        """The same leg announces the place once more; another medium there does not end its audio."""
        if end.side is not self.side or end.kind == FAX or AUDIO not in (end.kind, self.kind):
            return Owner(self.leg, end.side, end.kind)
        if end.kind == AUDIO:
            return replace(self, kind=AUDIO, apart=self.apart - end.formats.keys())
        return replace(self, apart=self.apart | end.formats.keys())


class Claim(NamedTuple):
    """A leg whose signalling named a place as that of one of its sides."""

    leg: str
    side: Side
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Binding:
    """Where a stream belongs: its leg, who speaks on it, and the medium.

    ``apart`` are payload types of other media than audio.
    """

    leg: str
    speaker: Side
    kind: str
    apart: frozenset[int] = frozenset()


def other(side: Side) -> Side:
    """The side across."""
    return Side.B if side is Side.A else Side.A


def places(key: StreamKey) -> tuple[Place, Place]:
    """Where a stream comes from, and where it goes."""
    a, b, c, d, ports, _ = key
    return ((a, b), ports >> 16), ((c, d), ports & 0xFFFF)


_Owners = dict[Place, dict[str, Owner]]
"""By place: the legs that announced it, the newest last."""


@dataclass(slots=True)
class EndpointBook:
    """Places announced by running legs; the last to announce a place owns it, as ports are used again. Of a
    stream between two places the last leg that announced both knows more: a phone may use one port for two
    calls, and goes on for a moment behind the end of one whose port the next call has by then.

    A place is claimed when a message names it, and announced when the packets before that message have
    found their streams. A claim is open while the place is in use, as far as signalling tells.
    """

    _owners: _Owners = field(default_factory=dict)
    _likely: _Owners = field(default_factory=dict)
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
        owners = (self._likely if end.is_likely else self._owners).setdefault(place, {})
        before = owners.pop(leg, None)
        owners[leg] = before.shared(end) if before else Owner(leg, end.side, end.kind)
        if len(owners) > MOST:
            del owners[next(iter(owners))]
        if not end.is_likely:
            self._claims.setdefault(place, Claim(leg, end.side))

    def withdraw(self, leg: str, ends: Iterable[MediaEnd]) -> None:
        """The leg is over: free its places, unless another leg has taken them since."""
        for end in ends:
            place = (end.address, end.port)
            for book in (self._owners, self._likely):
                if (owners := book.get(place)) is not None:
                    owners.pop(leg, None)
                    if not owners:
                        del book[place]
            claim = self._claims.get(place)
            if claim is not None and claim.leg == leg:
                del self._claims[place]

    def turn(self, leg: str, ends: Iterable[MediaEnd]) -> None:
        """The sides of the leg, which announced these ends, have changed places."""
        for place in {(end.address, end.port) for end in ends}:
            for book in (self._owners, self._likely):
                if (owner := book.get(place, {}).get(leg)) is not None:
                    book[place][leg] = replace(owner, side=other(owner.side))
            claim = self._claims.get(place)
            if claim is not None and claim.leg == leg:
                self._claims[place] = claim._replace(side=other(claim.side))

    def is_named(self, leg: str, place: Place) -> bool:
        """Whether the leg announced the place."""
        return leg in self._owners.get(place, ())

    def bind(self, key: StreamKey) -> Binding | None:
        """The leg of a stream, by where it goes, else by where it comes from (symmetric RTP, RFC 4961)."""
        return _bind(self._owners, key) or _bind(self._likely, key)

    def within(self, leg: str, key: StreamKey) -> Binding | None:
        """Who speaks on a stream if it is the leg's, by the places that this leg announced."""
        only: list[_Owners] = [
            {place: {leg: owners[leg]} for place in places(key) if leg in (owners := book.get(place, {}))}
            for book in (self._owners, self._likely)
        ]
        return _bind(only[0], key) or _bind(only[1], key)


def _bind(book: _Owners, key: StreamKey) -> Binding | None:
    source, destination = places(key)
    to, senders = book.get(destination), book.get(source)
    if to:
        both = (leg for leg in reversed(to) if leg in senders) if senders and len(to) > 1 else iter(())
        owner = to[next(both, next(reversed(to)))]
        return Binding(owner.leg, other(owner.side), owner.kind, owner.apart)
    if not senders:
        return None
    owner = senders[next(reversed(senders))]
    return Binding(owner.leg, owner.side, owner.kind, owner.apart)
