"""A leg: one SIP dialog and its media, or media that no signalling explains."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from recorder.assembly.dialog import Dialog
from recorder.assembly.endpoints import places
from recorder.assembly.grouping import StreamKey
from recorder.assembly.happening import Happening
from recorder.assembly.mediaend import Address, MediaEnd
from recorder.assembly.reported import Reported
from recorder.media import Format, SrtpKey
from recorder.protocol.payload_types import STATIC
from recorder.protocol.sdes import MOST_KEYS
from storage.model import PacketCounts, Side

ALIVE = 60_000_000_000
"""So often (ns) is a call written that only shows to be alive: after a kill it is waited for from then on."""

HANDED_OVER = "transferred"
"""What happened to a leg that goes on in another call."""


@dataclass(slots=True)
class LegStream:
    """A stream as its leg knows it; ``file`` is the leg whose spool file holds the packets.

    ``first`` and ``last`` are capture times in ns; ``payload_types`` are those seen. ``exchange`` and
    ``secured`` tell of keys that were agreed on within the media: how, and from when on (ns). ``alike`` is
    what payload types look like that nothing explains; ``takes_turns`` whether its sender sends the one
    sequence to other places meanwhile, and ``elsewhere`` how many packets of it another stream had.
    """

    name: str
    key: StreamKey
    speaker: Side
    file: str
    first: int
    last: int
    payload_types: tuple[int, ...] = ()
    counts: PacketCounts = field(default_factory=PacketCounts)
    reported: Reported = field(default_factory=Reported)
    exchange: str = ""
    secured: int = 0
    alike: dict[int, Format] = field(default_factory=dict)
    takes_turns: bool = False
    elsewhere: int = 0

    @property
    def ssrc(self) -> int:
        """Synchronisation source (RFC 3550, 3)."""
        return self.key[5]


@dataclass(slots=True)
class Leg:
    """State of a leg; ``dialog`` is None for media without signalling.

    Times are in ns; ``ended`` is 0 while it runs.
    """

    id: str
    start: int
    dialog: Dialog | None = None
    streams: dict[str, LegStream] = field(default_factory=dict)
    happenings: list[Happening] = field(default_factory=list)
    ended: int = 0
    told: int = 0
    """When its newest message came."""
    reported: int = 0
    """When RTCP of who speaks on it came last: who says nothing, or holds the call, goes on to report."""

    @property
    def alive(self) -> int:
        """When its newest sign of life came (ns)."""
        return max(self.last_media, self.start, self.told, self.reported)

    @property
    def last_media(self) -> int:
        """Capture time of the newest packet, 0 where there is none."""
        return max((stream.last for stream in self.streams.values()), default=0)

    def hears(self, now: int) -> bool:
        """Note that a message came (ns); whether it is time to write that the call is alive."""
        is_due = now // ALIVE > self.told // ALIVE
        self.told = now
        return is_due

    @property
    def is_heard(self) -> bool:
        """Whether media was seen where it is wanted by now: a re-INVITE may send it past the tap."""
        left = self.dialog.whereabouts.left(self.dialog.ends) if self.dialog and self.streams else frozenset()
        return any(left.isdisjoint(places(stream.key)) for stream in self.streams.values())

    @property
    def is_handed_over(self) -> bool:
        """Whether its dialog and its media go on as a leg of another call."""
        return any(one.kind == HANDED_OVER for one in self.happenings)

    def copies(self, speaker: Side) -> frozenset[str]:
        """Names of the streams on which a relay passes on what ``speaker`` says: they come from the host that
        another one goes to meanwhile, as a proxy with a relay shows both ways of one dialog; or they are what
        another one is behind a translator of addresses, of which the tap sees both sides."""
        own = [stream for stream in self.streams.values() if stream.speaker is speaker]
        if len(own) < 2:
            return frozenset()
        to: dict[Address, list[LegStream]] = {}
        alike: dict[int, list[LegStream]] = {}
        for stream in own:
            to.setdefault(stream.key[2:4], []).append(stream)
            alike.setdefault(stream.ssrc, []).append(stream)
        return frozenset(
            stream.name
            for stream in own
            if any(_goes_with(stream, before) for before in to.get(stream.key[0:2], ()))
            or any(_is_translated(stream, before) for before in alike[stream.ssrc])
        )

    def behind(self, speaker: Side) -> dict[str, int]:
        """How far behind the others stand streams of a side, by their names: copies; then those that come
        from where nobody is any more, as some senders go on for a moment, the newest first; then those of who
        rang, too, and did not get the call (``Takers.lost``). A relay that shows both ways of a dialog is
        where it says, as the phone before it is."""
        copies, dialog = self.copies(speaker), self.dialog
        if dialog is None:
            return dict.fromkeys(copies, 1)
        left = dialog.whereabouts.left(dialog.ends) if not copies else frozenset()
        own = [stream for stream in self.streams.values() if stream.speaker is speaker]
        moved = sorted((one for one in own if _source(one) in left), key=lambda one: one.first, reverse=True)
        lost = dialog.takers.lost(dialog.ends)
        ranks = dict.fromkeys(copies, 1) | {one.name: rank for rank, one in enumerate(moved, 1)}
        return ranks | {one.name: len(own) + 1 for one in own if _source(one) in lost}

    def heard_before(self, at: int) -> None:
        """Media of ``at`` (ns) turned out to be its: where its beginning was not captured, it ran by then."""
        dialog = self.dialog
        if dialog is not None and dialog.is_joined and at < self.start:
            self.start = dialog.start = dialog.answered = at

    def give_up(self) -> None:
        """The leg's end was never seen: it ended with the last that came of it.

        A caller who did not try again was refused for good.
        """
        dialog = self.dialog
        if dialog is not None and dialog.refused:
            self.ended = dialog.ended = dialog.refused
            if not any(one.kind == "rejected" and one.at == self.ended for one in self.happenings):
                self.happenings.append(Happening(self.ended, "rejected", Side.B, {"status": dialog.cause}))
            return
        self.ended = max(self.last_media, self.start, self.told if dialog is not None else 0)
        if dialog is not None:
            self.happenings.append(Happening(self.ended, "end-not-seen"))

    def formats(self, speaker: Side) -> Mapping[int, Format]:
        """What the payload types that ``speaker`` sends mean by now; see ``eras``."""
        return self.eras(speaker)[-1][1]

    def eras(self, speaker: Side) -> list[tuple[int, Mapping[int, Format]]]:
        """From when on (ns) the payload types that ``speaker`` sends mean what; the first era is from 0 on.

        The numbers are those of the side that receives (RFC 3264, 5.1); what it does not list is taken from
        the sender's own list, from what was ever described, then from the static assignments of RFC 3551. A
        number must not change its meaning (RFC 3264, 8.3.2), but does where a PBX connects a call anew.
        """
        ever = dict(STATIC)
        for end in sorted(self._ends, key=lambda end: end.side is not speaker):
            ever.update(end.formats)
        described = self.dialog.meanings.eras() if self.dialog else [(0, {})]
        found: list[tuple[int, Mapping[int, Format]]] = []
        for since, force in described:
            formats = dict(ever)
            for side in sorted(force, key=lambda side: side is not speaker):
                formats.update(force[side])
            is_secure = _is_secure(force) if force else self.is_secure
            for number, one in formats.items():
                # Nearly all are as they should be, and this is asked at every change of a call.
                if one.encoding.startswith("SRTP/") is not is_secure:
                    formats[number] = named(one, is_secure)
            found.append((since, formats))
        return found

    def keys(self, speaker: Side) -> tuple[SrtpKey, ...]:
        """What ``speaker`` may have encrypted with, the newest first (RFC 4568, 5.1 and 7.3)."""
        own = [end for end in reversed(self._ends) if end.side is speaker]
        return tuple(dict.fromkeys(key for end in own for key in end.keys))[:MOST_KEYS]

    def exchange(self, speaker: Side) -> str:
        """How ``speaker`` agrees on keys, empty where it does not."""
        own = [end.exchange for end in self._ends if end.side is speaker and end.exchange]
        return own[-1] if own else ""

    @property
    def described(self) -> list[int]:
        """The payload types that any side described."""
        return list(dict.fromkeys(number for end in self._ends for number in end.formats))

    @property
    def _ends(self) -> list[MediaEnd]:
        return [end for end in self.dialog.ends if end.kind == "audio"] if self.dialog else []

    @property
    def is_secure(self) -> bool:
        """Whether each side wants media encrypted; an offer may leave the choice (RFC 3264, 5.1)."""
        secure = {end.side for end in self._ends if end.is_secure}
        return bool(secure) and secure == {end.side for end in self._ends}


def _is_secure(force: Mapping[Side, Mapping[int, Format]]) -> bool:
    """Whether each side's description in force wants media encrypted."""
    described = force.values()
    return all(any(one.encoding.startswith("SRTP/") for one in formats.values()) for formats in described)


def _source(stream: LegStream) -> tuple[Address, int]:
    return stream.key[0:2], stream.key[4] >> 16


def _goes_with(stream: LegStream, before: LegStream) -> bool:
    """Whether the one is there for most of its time while the other one is, and does not go back to it."""
    return stream.key[2:4] != before.key[0:2] and _is_meanwhile(stream, before)


def _is_translated(stream: LegStream, before: LegStream) -> bool:
    """Whether the one is the other, which came first, with one of its places changed: of all packets the tap
    sees two."""
    if (stream.first, stream.name) <= (before.first, before.name):
        return False
    if stream.takes_turns and before.takes_turns:
        return False
    is_half = any(one == other for one, other in zip(places(stream.key), places(before.key), strict=True))
    return is_half and _is_meanwhile(stream, before)


def _is_meanwhile(stream: LegStream, before: LegStream) -> bool:
    both = min(stream.last, before.last) - max(stream.first, before.first)
    return 2 * both > stream.last - stream.first


def named(format_: Format, is_secure: bool) -> Format:
    """The format, under the name that says whether it is encrypted."""
    if format_.encoding.startswith("SRTP/") is is_secure:
        return format_
    encoding = format_.encoding.removeprefix("SRTP/")
    return replace(format_, encoding=f"SRTP/{encoding}" if is_secure else encoding)
