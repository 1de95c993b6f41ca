"""A leg: one SIP dialog and its media, or media that no signalling explains."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from recorder.assembly.dialog import Dialog, Happening
from recorder.assembly.grouping import StreamKey
from recorder.media import Format
from recorder.protocol.payload_types import STATIC
from storage.model import PacketCounts, Side


@dataclass(slots=True)
class LegStream:
    """A stream as its leg knows it; ``file`` is the leg whose spool file holds the packets.

    ``first`` and ``last`` are capture times in ns; ``payload_types`` are those seen.
    """

    name: str
    key: StreamKey
    speaker: Side
    file: str
    first: int
    last: int
    payload_types: tuple[int, ...] = ()
    counts: PacketCounts = field(default_factory=PacketCounts)

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

    @property
    def last_media(self) -> int:
        """Capture time of the newest packet, 0 where there is none."""
        return max((stream.last for stream in self.streams.values()), default=0)

    def give_up(self) -> None:
        """The leg's end was never seen: it ended with its last packet."""
        self.ended = max(self.last_media, self.start)
        if self.dialog is not None:
            self.happenings.append(Happening(self.ended, "end-not-seen"))

    def formats(self, speaker: Side) -> Mapping[int, Format]:
        """What the payload types that ``speaker`` sends mean.

        The numbers are those of the side that receives (RFC 3264, 5.1); what it does not list is taken from
        the sender's own list, then from the static assignments of RFC 3551.
        """
        found = dict(STATIC)
        if self.dialog is not None:
            ends = [end for end in self.dialog.ends if end.kind == "audio"]
            for end in sorted(ends, key=lambda end: end.side is not speaker):
                found.update(end.formats)
        return found
