"""What payload types mean that nothing explains: some codecs show in the packets themselves.

A packet of Opus, AMR or iLBC says, or has by its size, how long it lasts, and the timestamps say the same.
Over a dozen packets nothing else does, and no cipher text.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recorder.assembly.leg import Leg, LegStream
from recorder.assembly.rows import Rows
from recorder.assembly.streamlegs import StreamLegs
from recorder.assembly.streams import Arranged
from recorder.finish import amr, opus_packet
from recorder.media import Format

DYNAMIC = 96
"""The first payload type that means nothing by itself (RFC 3551, 3)."""
PROOF = 12
"""Packets that last as long as their timestamps say."""
ODD = 3
"""Packets that do not fit and prove nothing: senders set their timestamps anew."""
MOST = 500
"""Packets after which nothing is looked for any more: 10 s at 20 ms, of which a sender may pause most."""
_ILBC = ((38, 160), (50, 240))


def _ilbc(payload: bytes) -> int:
    """Frames of 38 bytes and 20 ms or 50 and 30; their last bit is 0 (RFC 3951, 3.8: no empty frame)."""
    for size, ticks in _ILBC:
        if payload and not len(payload) % size and not any(last & 1 for last in payload[size - 1 :: size]):
            return len(payload) // size * ticks
    return 0


CODECS: Mapping[Format, Callable[[bytes], int]] = MappingProxyType(
    {
        Format("AMR-WB", 16_000): lambda payload: amr.duration(payload, wide=True),
        Format("AMR"): lambda payload: amr.duration(payload, wide=False),
        Format("ILBC"): _ilbc,
        Format("OPUS", 48_000, 2): opus_packet.duration,
    }
)
"""How long (ticks of the RTP clock) a packet of each codec lasts, 0 for what is none. First those whose
packets have the length that they tell: Opus begins with any byte, also with that of three frames of AMR."""


class Packets(NamedTuple):
    """Packets of one stream and one payload type as they came; numbers extended over their wrap-around."""

    sequences: Sequence[int]
    timestamps: Sequence[int]
    payloads: Sequence[bytes]


@dataclass(slots=True)
class Likeness:
    """The codecs that the packets of one payload type may be in, each with how many packets agree
    and how many do not."""

    said: dict[Format, tuple[int, int]] = field(default_factory=lambda: dict.fromkeys(CODECS, (0, 0)))
    looked: int = 0

    @property
    def is_hopeless(self) -> bool:
        """Whether it is none of them, or will not be told any more."""
        return not self.said or self.looked > MOST

    def look(self, packets: Packets) -> Format | None:
        """Take more packets; answer the codec once it is told."""
        self.looked += len(packets.payloads)
        for at, payload in enumerate(packets.payloads[:-1]):
            if payload and packets.sequences[at + 1] - packets.sequences[at] == 1:
                self._weigh(payload, packets.timestamps[at + 1] - packets.timestamps[at])
        found = [format_ for format_, (agree, _) in self.said.items() if agree >= PROOF]
        return found[0] if found else None

    def _weigh(self, payload: bytes, step: int) -> None:
        """A packet and the time to the next one: not less than it lasts, more where speech pauses."""
        for format_, (agree, against) in list(self.said.items()):
            ticks = CODECS[format_](payload)
            if 0 < ticks <= step:
                self.said[format_] = agree + (ticks == step), against
            elif against < ODD + agree // PROOF:
                self.said[format_] = agree, against + 1
            else:
                del self.said[format_]


@dataclass(slots=True)
class Likenesses:
    """Looks at the payload types of streams that nothing explains."""

    _open: dict[int, dict[int, Likeness | None]] = field(default_factory=dict)
    """By stream and payload type; None where there is nothing (more) to find out."""

    def look(
        self, rows: Rows, arranged: Arranged, payload: NDArray[np.uint8], legs: StreamLegs
    ) -> Iterator[Leg]:
        """Legs of which a flush shows what a payload type means. ``payload`` is in arranged order."""
        groups = arranged.groups
        some = np.flatnonzero(groups.counts)
        if not len(some):
            return
        types = rows.payload_types[groups.order]
        highest = np.maximum.reduceat(types, groups.starts[some])
        ends: NDArray[np.int64] | None = None
        for at in some[highest >= DYNAMIC].tolist():
            number, a = int(arranged.streams[at]), int(groups.starts[at])
            own = slice(a, a + int(groups.counts[at]))
            for kind in set(types[own].tolist()):
                likeness = self._likeness(number, kind, legs) if kind >= DYNAMIC else None
                if likeness is None:
                    continue
                if ends is None:
                    ends = np.cumsum(rows.lengths[groups.order], dtype=np.int64)
                chosen = own.start + np.flatnonzero(types[own] == kind)
                found = likeness.look(_packets(rows, arranged, payload, chosen, ends))
                if found is not None and (entry := legs.get(number)) is not None:
                    entry[1].alike[kind] = found
                    yield entry[0]
                if found is not None or likeness.is_hopeless:
                    self._open[number][kind] = None

    def forget(self, stream: int) -> None:
        """The stream's number will be used for another one."""
        self._open.pop(stream, None)

    def _likeness(self, number: int, kind: int, legs: StreamLegs) -> Likeness | None:
        known = self._open.setdefault(number, {})
        if kind not in known:
            known[kind] = Likeness() if _is_open(legs.get(number), kind) else None
        return known[kind]


def _is_open(entry: tuple[Leg, LegStream] | None, kind: int) -> bool:
    """Whether nothing tells what the payload type means."""
    if entry is None:
        return False
    leg, stream = entry
    return kind not in stream.alike and kind not in leg.formats(stream.speaker)


def _packets(
    rows: Rows,
    arranged: Arranged,
    payload: NDArray[np.uint8],
    chosen: NDArray[np.int64],
    ends: NDArray[np.int64],
) -> Packets:
    """The packets at these places of the arranged order, whose payloads end at ``ends``."""
    lengths = rows.lengths[arranged.groups.order[chosen]]
    return Packets(
        arranged.extended[chosen].tolist(),
        arranged.timestamps[chosen].tolist(),
        [
            payload[end - length : end].tobytes()
            for end, length in zip(ends[chosen].tolist(), lengths.tolist(), strict=True)
        ],
    )
