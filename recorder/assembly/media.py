"""RTP streams to legs: by the places that SDP announced, else as media without signalling."""

from dataclasses import dataclass, field

from recorder.assembly.agreements import Agreements
from recorder.assembly.book import CallBook
from recorder.assembly.endpoints import Binding, EndpointBook, Place, places
from recorder.assembly.grouping import StreamKey
from recorder.assembly.identity import identifier
from recorder.assembly.leg import Leg, LegStream
from recorder.assembly.mediaend import MediaEnd
from recorder.assembly.streams import stream_name
from recorder.protocol.received import SIP
from storage.model import Side


@dataclass(slots=True)
class MediaDesk:
    """Gives each new stream its leg. Media that nothing explains gets a leg of its own, one for each pair of
    places, and moves to the right leg when signalling that explains it turns up."""

    book: CallBook
    endpoints: EndpointBook = field(default_factory=EndpointBook)
    legs: dict[str, Leg] = field(default_factory=dict)
    agreements: Agreements = field(default_factory=Agreements)
    _orphans: dict[frozenset[Place], Leg] = field(default_factory=dict)

    def admit(self, key: StreamKey, first: int) -> tuple[Leg, LegStream] | None:
        """Leg and entry of a stream whose first packet came at ``first`` (ns); None where it is no audio."""
        binding = self.endpoints.bind(key)
        leg = self.legs.get(binding.leg) if binding else None
        if binding is None or leg is None:
            return self._orphan(key, first)
        if binding.kind != "audio":
            return None
        return leg, self._enter(leg, key, binding.speaker, leg.id, first)

    def announce(self, leg: Leg, ends: list[MediaEnd]) -> list[Leg]:
        """Note the leg's new places; answer the legs without signalling that they explain and that go."""
        self.legs[leg.id] = leg
        explained = []
        for end in ends:
            self.endpoints.announce(leg.id, end)
            place = (end.address, end.port)
            for pair in [pair for pair in self._orphans if place in pair]:
                orphan = self._orphans.pop(pair)
                self._adopt(leg, orphan)
                explained.append(orphan)
        return explained

    def rival(self, leg: Leg, end: MediaEnd) -> Leg | None:
        """The leg of another call that has the place until now: ports are used again."""
        owner = self.endpoints.owner((end.address, end.port))
        rival = self.legs.get(owner.leg) if owner else None
        if rival is None or self.book.of(rival.id) is self.book.of(leg.id):
            return None
        return rival

    def twins(self, leg: Leg, ends: list[MediaEnd]) -> list[Leg]:
        """Legs of other calls that tell of the same media between other hosts: a call manager's two sides.

        A PBX that speaks SIP on both sides may use a port again at once; phones of other protocols show
        each call to their manager from its beginning to its end.
        """
        rivals = (self.rival(leg, end) for end in ends)
        return [rival for rival in rivals if rival is not None and _is_twin(leg, rival)]

    def agree(self) -> None:
        """Tell the calls of keys that were agreed on within their media since the last time."""
        for leg in self.agreements.news(self.legs.values()):
            self._changed(leg)

    def withdraw(self, leg: Leg) -> None:
        """The leg's call is done."""
        self.legs.pop(leg.id, None)
        self.agreements.forget(leg)
        if leg.dialog is not None:
            self.endpoints.withdraw(leg.id, leg.dialog.ends)
        for pair in [pair for pair, orphan in self._orphans.items() if orphan is leg]:
            del self._orphans[pair]

    def restore(self, leg: Leg) -> None:
        """Take in a leg that ran when the recorder stopped."""
        self.announce(leg, leg.dialog.ends if leg.dialog else [])
        if leg.dialog is None:
            for stream in leg.streams.values():
                self._orphans[frozenset(places(stream.key))] = leg

    def _orphan(self, key: StreamKey, first: int) -> tuple[Leg, LegStream]:
        pair = frozenset(places(key))
        leg = self._orphans.get(pair)
        if leg is None or leg.ended:
            leg = Leg(identifier(first, "media", stream_name(key)), first)
            self._orphans[pair] = leg
            self.legs[leg.id] = leg
            self.book.open(leg)
        taken = {(*stream.key[0:2], stream.key[4] >> 16): stream.speaker for stream in leg.streams.values()}
        speaker = taken.get((*key[0:2], key[4] >> 16), Side.B if taken else Side.A)
        return leg, self._enter(leg, key, speaker, leg.id, first)

    def _enter(self, leg: Leg, key: StreamKey, speaker: Side, file: str, first: int) -> LegStream:
        name = stream_name(key)
        stream = LegStream(name, key, speaker, file, first, first)
        leg.streams[name] = stream
        self.agreements.mark(leg, stream)
        self._changed(leg)
        return stream

    def _adopt(self, leg: Leg, orphan: Leg) -> None:
        for stream in orphan.streams.values():
            binding = self.endpoints.bind(stream.key) or Binding(leg.id, stream.speaker, "audio")
            stream.speaker = binding.speaker
            leg.streams[stream.name] = stream
        self._changed(leg)
        self.legs.pop(orphan.id, None)

    def _changed(self, leg: Leg) -> None:
        call = self.book.of(leg.id)
        if call is not None:
            call.changed = True


def _is_twin(leg: Leg, rival: Leg) -> bool:
    one, another = leg.dialog, rival.dialog
    if one is None or another is None or leg.ended or rival.ended or one.protocol == another.protocol == SIP:
        return False
    return {one.source[0], one.destination[0]} != {another.source[0], another.destination[0]}
