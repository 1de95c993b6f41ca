"""What of a side cannot be heard, compared between a call as it is archived and as it is finished anew."""

from collections.abc import Collection

from recorder.finish.segments import Spans, holes, join
from storage.model import Call, Side

_LONGEST_PACKET = 120
"""Milliseconds. For so long beside a gap the same one may go on: how long a packet is that nothing decodes is
told from others, and versions of this program before told it otherwise; and its place is told with those that
are heard, in the clock of their codec."""


def seconds_unheard(call: Call, side: Side, causes: Collection[str]) -> float:
    """Of what the side said that cannot be heard for one of these causes."""
    return sum(end - start for start, end in join(_gaps(call, side, causes))) / 1000


def seconds_beyond(call: Call, other: Call, side: Side, causes: Collection[str]) -> float:
    """Of what cannot be heard of the side in ``call`` for these causes, what surely can in ``other``."""
    gaps = _gaps(other, side, causes)
    known = join([(start - _LONGEST_PACKET, end + _LONGEST_PACKET) for start, end in gaps])
    free = [hole for start, end in join(_gaps(call, side, causes)) for hole in holes(known, start, end)]
    return sum(end - start for start, end in free) / 1000


def _gaps(call: Call, side: Side, causes: Collection[str]) -> Spans:
    """In milliseconds, as they are archived."""
    gaps = [gap for gap in call.gaps if gap.side is side and gap.cause in causes]
    return sorted((round(gap.start * 1000), round((gap.start + gap.seconds) * 1000)) for gap in gaps)
