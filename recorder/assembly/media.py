"""RTP streams to legs: by the places that SDP announced, else as media without signalling."""

from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import islice

from recorder.assembly.agreements import Agreements
from recorder.assembly.book import SECOND, CallBook
from recorder.assembly.dialog import Dialog
from recorder.assembly.endpoints import AUDIO, FAX, Binding, EndpointBook, Place, places
from recorder.assembly.explained import Explained
from recorder.assembly.grouping import StreamKey
from recorder.assembly.identity import identifier
from recorder.assembly.leg import Leg, LegStream
from recorder.assembly.mediaend import MediaEnd
from recorder.assembly.streams import stream_name
from recorder.assembly.turning import is_direct
from recorder.protocol.received import SCCP, SIP
from storage.model import Side

Pair = frozenset[Place]
MINUTE = 60 * SECOND
LONG = 8
"""How many times the streams of a crowd a call may have of which only some were heard within a minute."""

FEW = 3
"""Streams on one way that are believed for those of the other way; more of them are no streams."""


class Welcome(Enum):
    """How a new stream is met: ``ALL`` its packets count, or those of a ``FEW`` beside media that nothing
    explains, it needs ``PROOF`` that it is media, or ``OWN`` proof, which no other stream can give, or
    ``NONE`` of it is kept, as there are too many."""

    ALL = auto()
    FEW = auto()
    PROOF = auto()
    OWN = auto()
    NONE = auto()


@dataclass(slots=True)
class MediaDesk:
    """Gives each new stream its leg. Media that nothing explains gets a leg of its own, one for each pair of
    places, and moves to the right leg when signalling that explains it turns up."""

    book: CallBook
    endpoints: EndpointBook = field(default_factory=EndpointBook)
    legs: dict[str, Leg] = field(default_factory=dict)
    agreements: Agreements = field(default_factory=Agreements)
    _orphans: dict[Pair, Leg] = field(default_factory=dict)
    _pairs: dict[Place, set[Pair]] = field(default_factory=dict)

    @property
    def room(self) -> int:
        """How many more legs without signalling may begin before others are given up."""
        return 2 * self.book.limits.unexplained - len(self._orphans)

    def expects(self, key: StreamKey, first: int) -> Welcome:
        """What a stream that was never seen before ``first`` (ns) is."""
        binding = self._bound(key, first)
        leg = self.legs.get(binding.leg) if binding else self._orphans.get(frozenset(places(key)))
        limits = self.book.limits
        if leg is None:
            return Welcome.PROOF
        if binding is not None and binding.kind == FAX:
            return Welcome.OWN
        if len(leg.streams) >= limits.streams:
            return Welcome.PROOF if self._has_room(leg) else Welcome.NONE
        if binding is None:
            alike = sum(stream.key[:5] == key[:5] for stream in leg.streams.values())
            return Welcome.FEW if alike < FEW else Welcome.PROOF
        return Welcome.ALL if len(leg.streams) < limits.streams // 8 else Welcome.PROOF

    def _has_room(self, leg: Leg) -> bool:
        """Whether one more stream of many is welcome: some announcements have each an SSRC of its own."""
        most, since = self.book.limits.streams, leg.last_media - MINUTE
        if len(leg.streams) >= LONG * most:
            return False
        newest = (one for one in reversed(leg.streams.values()) if one.last > since)
        return len(list(islice(newest, most // 4))) < most // 4

    def admit(
        self, key: StreamKey, first: int, payload_type: int | None = None
    ) -> tuple[Leg, LegStream | None]:
        """Leg and entry of a stream whose first packet came at ``first`` (ns); None for what is no audio.

        RTP at a place that was offered for a fax is audio: the fax was refused, is over, or has not begun.
        """
        binding = self._bound(key, first)
        leg = self.legs.get(binding.leg) if binding else None
        if binding is None or leg is None:
            return self._orphan(key, first)
        if binding.kind not in (AUDIO, FAX) or payload_type in binding.apart:
            return leg, None
        return leg, self._enter(leg, key, binding.speaker, leg.id, first)

    def _bound(self, key: StreamKey, first: int) -> Binding | None:
        """The leg of a stream that begins at ``first`` (ns), as places tell. What begins behind the end of a
        call is not its own, unless both of the places are: it is the next one's, which has perhaps not named
        them yet."""
        binding = self.endpoints.bind(key)
        leg = self.legs.get(binding.leg) if binding else None
        if binding is None or leg is None or not 0 < leg.ended < first:
            return binding
        is_own = self.is_between(key, leg) or any(
            stream.key[:5] == key[:5] for stream in leg.streams.values()
        )
        return binding if is_own else None

    def claim(self, leg: Leg, ends: list[MediaEnd]) -> None:
        """A message of the leg names these places: what it named before for the same is not used any more."""
        self.legs[leg.id] = leg
        named = {(end.address, end.port) for end in ends}
        media = {(end.side, end.kind) for end in ends}
        for end in leg.dialog.ends if leg.dialog else ():
            if (end.side, end.kind) in media and (end.address, end.port) not in named:
                self.endpoints.close(leg.id, end)
        for end in ends:
            if not end.is_likely:
                self.endpoints.claim(leg.id, end)

    def silent(self, ends: list[MediaEnd], since: int) -> list[Leg]:
        """Legs without signalling at these places on which nothing was heard since then (ns).

        They were other conversations, and have to give up their places: ports are used again.
        """
        pairs = {pair for end in ends for pair in self._pairs.get((end.address, end.port), ())}
        return [self._part(pair) for pair in pairs if self._orphans[pair].last_media < since]

    def is_bound(self, key: StreamKey, leg: Leg) -> bool:
        """Whether a stream is the leg's, as far as places tell by now."""
        binding = self.endpoints.bind(key)
        return binding is not None and binding.leg == leg.id

    def is_between(self, key: StreamKey, leg: Leg) -> bool:
        """Whether the leg announced both ends of a stream."""
        return all(self.endpoints.is_named(leg.id, place) for place in places(key))

    def announce(self, leg: Leg, ends: list[MediaEnd]) -> list[Explained]:
        """Note the leg's places; answer the legs without signalling that they explain and that go."""
        self.legs[leg.id] = leg
        explained = []
        for end in ends:
            self.endpoints.announce(leg.id, end)
            place = (end.address, end.port)
            while pairs := self._pairs.get(place):
                explained.append(self._adopt(leg, self._part(next(iter(pairs)))))
        return explained

    def rival(self, leg: Leg, end: MediaEnd) -> Leg | None:
        """The leg of another call that has the place until now: ports are used again."""
        claim = None if end.is_likely else self.endpoints.claimant((end.address, end.port))
        rival = self.legs.get(claim.leg) if claim else None
        if rival is None or self.book.of(rival.id) is self.book.of(leg.id):
            return None
        return rival

    def twins(self, leg: Leg, ends: list[MediaEnd]) -> list[Leg]:
        """Legs of other calls that tell of the same media between other hosts: a call manager's two sides.

        A PBX that speaks SIP on both sides may use a port again at once, so there both parties' places have
        to be the same; phones of other protocols show each call to their manager from its beginning to its
        end. A place that the other leg does not use any more, or not while it is on hold, is another call's
        now, unless a leg of its call has the same two places.
        """
        found: dict[str, Leg] = {}
        for end in ends:
            rival, claim = self.rival(leg, end), self.endpoints.claimant((end.address, end.port))
            if rival is not None and claim is not None and claim.is_open and _is_twin(leg, rival, end):
                if not self._has_another_call(leg, rival):
                    found[rival.id] = rival
            elif rival is not None and (call := self.book.of(rival.id)) is not None:
                found |= {one.id: one for one in call.legs if _is_direct_twin(leg, one)}
        return list(found.values())

    def _has_another_call(self, leg: Leg, rival: Leg) -> bool:
        """Whether the phone of the leg is in the rival's call already, by another call of its own: who is
        held there and was not seen to stop is not who it asks meanwhile."""
        call, dialog = self.book.of(rival.id), leg.dialog
        is_phone = dialog is not None and dialog.protocol == SCCP and (dialog.from_number or dialog.to_number)
        if call is None or dialog is None or not is_phone:
            return False
        hosts = {dialog.source[0], dialog.destination[0]}
        others = (one.dialog for one in call.legs if one is not leg and not one.ended)
        return any(one is not None and {one.source[0], one.destination[0]} == hosts for one in others)

    def turn(self, leg: Leg) -> None:
        """The sides of the leg have changed places."""
        self.endpoints.turn(leg.id, leg.dialog.ends if leg.dialog else [])

    def agree(self) -> None:
        """Tell the calls of keys that were agreed on within their media since the last time."""
        for leg in self.agreements.news(self.legs.values()):
            self.changed(leg)

    def withdraw(self, leg: Leg) -> None:
        """The leg's call is done."""
        self.legs.pop(leg.id, None)
        self.agreements.forget(leg)
        if leg.dialog is not None:
            self.endpoints.withdraw(leg.id, leg.dialog.ends)
        for pair in {frozenset(places(stream.key)) for stream in leg.streams.values()}:
            if self._orphans.get(pair) is leg:
                self._part(pair)

    def crowd(self, now: int) -> list[Leg]:
        """Legs without signalling that fell silent a second ago or more, where there are too many of them."""
        most = self.book.limits.unexplained
        if len(self._orphans) <= most + most // 4:
            return []
        legs = {leg.id: leg for leg in self._orphans.values()}
        silent = [leg for leg in legs.values() if leg.last_media < now - SECOND and not leg.ended]
        return sorted(silent, key=lambda leg: leg.last_media)[: max(0, len(legs) - most)]

    def restore(self, leg: Leg) -> None:
        """Take in a leg that ran when the recorder stopped; those of which a message came last, last."""
        ends = leg.dialog.ends if leg.dialog else []
        self.announce(leg, ends)
        for end in ends:
            self.claim(leg, [end])
        if leg.dialog is None:
            for stream in leg.streams.values():
                self._pair(frozenset(places(stream.key)), leg)

    def _pair(self, pair: Pair, leg: Leg) -> None:
        self._orphans[pair] = leg
        for place in pair:
            self._pairs.setdefault(place, set()).add(pair)

    def _part(self, pair: Pair) -> Leg:
        for place in pair:
            pairs = self._pairs[place]
            pairs.discard(pair)
            if not pairs:
                del self._pairs[place]
        return self._orphans.pop(pair)

    def _orphan(self, key: StreamKey, first: int) -> tuple[Leg, LegStream]:
        pair = frozenset(places(key))
        leg = self._orphans.get(pair) or self._answered(key)
        if leg is not None and not leg.ended:
            self._pair(pair, leg)
        else:
            leg = Leg(identifier(first, "media", stream_name(key)), first)
            self._pair(pair, leg)
            self.legs[leg.id] = leg
            self.book.open(leg)
        taken = {(*stream.key[0:2], stream.key[4] >> 16): stream.speaker for stream in leg.streams.values()}
        speaker = taken.get((*key[0:2], key[4] >> 16), Side.B if taken else Side.A)
        return leg, self._enter(leg, key, speaker, leg.id, first)

    def _answered(self, key: StreamKey) -> Leg | None:
        """The leg that hears one side alone, of which the stream is the other one's: it comes from another
        port than the side receives at, or goes to another one than that it sends from."""
        source, destination = places(key)
        pairs = {*self._pairs.get(source, ()), *self._pairs.get(destination, ())}
        legs = {leg.id: leg for pair in pairs if not (leg := self._orphans[pair]).ended}
        found = [leg for leg in legs.values() if _is_answered(leg, source, destination)]
        return found[0] if len(found) == 1 else None

    def _enter(self, leg: Leg, key: StreamKey, speaker: Side, file: str, first: int) -> LegStream:
        name = stream_name(key)
        known = leg.streams.get(name)
        if known is not None:
            # Its places were another call's for a while.
            return known
        stream = LegStream(name, key, speaker, file, first, first)
        leg.streams[name] = stream
        self.agreements.mark(leg, stream)
        self.changed(leg)
        return stream

    def _adopt(self, leg: Leg, orphan: Leg) -> Explained:
        is_turned = False
        for stream in orphan.streams.values():
            if self._orphans.get(pair := frozenset(places(stream.key))) is orphan:
                self._part(pair)
            binding = self.endpoints.within(leg.id, stream.key) or Binding(leg.id, stream.speaker, AUDIO)
            is_turned = stream.speaker is not binding.speaker
            stream.speaker = binding.speaker
            leg.streams[stream.name] = stream
        leg.heard_before(orphan.start)
        self.changed(leg)
        self.legs.pop(orphan.id, None)
        return Explained(orphan, is_turned)

    def changed(self, leg: Leg) -> None:
        """What is known of the leg's media must be written anew."""
        call = self.book.of(leg.id)
        if call is not None:
            call.changed = True


def _is_answered(leg: Leg, source: Place, destination: Place) -> bool:
    """Whether all that is heard of a leg goes the other way between the hosts, to or from these places."""
    ways = {places(stream.key) for stream in leg.streams.values()}
    hosts = destination[0], source[0]
    is_back = bool(ways) and all((one[0], another[0]) == hosts for one, another in ways)
    return is_back and any(one == destination or another == source for one, another in ways)


def _is_twin(leg: Leg, rival: Leg, end: MediaEnd) -> bool:
    one, another = leg.dialog, rival.dialog
    if one is None or another is None or leg.ended or rival.ended:
        return False
    if one.protocol == another.protocol == SIP:
        return _is_direct_twin(leg, rival)
    if one.protocol == another.protocol and _is_reused(one, another, end):
        return False
    return {one.source[0], one.destination[0]} != {another.source[0], another.destination[0]}


def _is_reused(one: Dialog, another: Dialog, end: MediaEnd) -> bool:
    """Whether the place is one that two calls had in turn: their identifiers are different, or it is neither
    phone's own, as a gateway has another one for each call."""
    if one.session and another.session:
        return one.session.isdisjoint(another.session)
    hosts = {one.source[0], one.destination[0], another.source[0], another.destination[0]}
    return one.protocol == SCCP and end.address not in hosts


def _is_direct_twin(leg: Leg, rival: Leg) -> bool:
    """Whether two dialogs of SIP with different hosts tell of one flow of media."""
    one, another = leg.dialog, rival.dialog
    if one is None or another is None or leg.ended or rival.ended:
        return False
    if not one.protocol == another.protocol == SIP or not is_direct(one, another):
        return False
    return {one.source[0], one.destination[0]} != {another.source[0], another.destination[0]}
