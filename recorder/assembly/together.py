"""Who is heard at the same time on one side: several people, or one of them several times."""

from recorder.assembly.call import RunningCall
from recorder.assembly.leg import Leg, LegStream
from storage.model import Side

SOON = 1_000_000_000
"""Who leaves within so long of the next one's answer is followed by them (ns)."""

Heard = tuple[Leg, LegStream]


def beside(call: RunningCall) -> frozenset[str]:
    """Names of the streams of people whom the host that called somebody already called in addition, as for a
    conference: each of them speaks to that host, and none passes on what another one says."""
    spoken = _spoken(call, Side.B)
    origins = [one for one in spoken if not any(_goes_to(other, one) for other in spoken)]
    found = set()
    for leg, stream in origins:
        others = (one for one in origins if one[0] is not leg and _is_earlier(one[0], leg))
        if any(_is_shared(other, (leg, stream)) for other in others):
            found.add(stream.name)
    return frozenset(found)


def repeated(call: RunningCall, side: Side) -> frozenset[str]:
    """Names of the streams that carry once more, from hop to hop, what another one of the side carries
    meanwhile. The caller's phone is at the first leg, the called party's at the last."""
    more = beside(call)
    spoken = [one for one in _spoken(call, side) if one[1].name not in more]
    return frozenset(
        stream.name
        for leg, stream in spoken
        if any(_is_nearer(other, leg, side) and _is_meanwhile(stream, heard) for other, heard in spoken)
    )


def _spoken(call: RunningCall, side: Side) -> list[Heard]:
    """What a side says; of the called party only what is beyond the first host."""
    legs = [leg for leg in call.legs[1 if side is Side.B else 0 :] if not _is_copy(leg)]
    return [(leg, stream) for leg in legs for stream in leg.streams.values() if stream.speaker is side]


def _is_copy(leg: Leg) -> bool:
    return leg.dialog is None or leg.dialog.is_recording


def _goes_to(one: Heard, another: Heard) -> bool:
    """Whether one goes to the host that the other comes from."""
    return one is not another and one[1].key[2:4] == another[1].key[0:2]


def _is_shared(one: Heard, another: Heard) -> bool:
    """Whether one host hears both."""
    return one[1].key[2:4] == another[1].key[2:4]


def _is_earlier(one: Leg, another: Leg) -> bool:
    """Whether the same host called somebody before, who is still there when the other one answers."""
    before, after = one.dialog, another.dialog
    if before is None or after is None or not before.answered or not after.answered:
        return False
    if before.source[0] != after.source[0]:
        return False
    is_there = not one.ended or one.ended > after.answered + SOON
    return is_there and (one.start, one.id) < (another.start, another.id)


def _is_nearer(one: Leg, another: Leg, side: Side) -> bool:
    """Whether the leg is before the other one on the way from a party."""
    is_later = (one.start, one.id) > (another.start, another.id)
    return one is not another and is_later is (side is Side.B)


def _is_meanwhile(stream: LegStream, other: LegStream) -> bool:
    """Whether most of the stream comes while the other one does."""
    both = min(stream.last, other.last) - max(stream.first, other.first)
    return both * 2 > stream.last - stream.first
