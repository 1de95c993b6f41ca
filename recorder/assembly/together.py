"""Who is heard at the same time on one side: several people, or one of them several times."""

from collections.abc import Iterable

from recorder.assembly.call import RunningCall
from recorder.assembly.leg import Leg, LegStream
from recorder.protocol.received import SCCP
from storage.model import Side

SOON = 1_000_000_000
"""Who leaves within so long of the next one's answer is followed by them (ns)."""


def beside(call: RunningCall) -> frozenset[str]:
    """Names of the streams of people whom the host that called somebody already called in addition, as for a
    conference: each of them speaks to that host, and none passes on what another one says."""
    spoken = _spoken(call, Side.B)
    if len(spoken) < 2:
        return frozenset()
    passing = {stream.key[2:4] for _, streams in spoken for stream in streams}
    origins = [(leg, [one for one in streams if one.key[0:2] not in passing]) for leg, streams in spoken]
    listening = {leg.id: {stream.key[2:4] for stream in streams} for leg, streams in origins}
    found: set[str] = set()
    for leg, streams in origins:
        hosts = {host for other, _ in origins if _is_earlier(other, leg) for host in listening[other.id]}
        found.update(stream.name for stream in streams if stream.key[2:4] in hosts)
    return frozenset(found)


def repeated(call: RunningCall, side: Side) -> frozenset[str]:
    """Names of the streams that carry once more, from hop to hop, what another leg of the side carries
    meanwhile. The caller's phone is at the first leg, the called party's at the last."""
    more = beside(call)
    near: list[tuple[int, int]] = []
    found: set[str] = set()
    legs = _spoken(call, side, is_whole=is_between_phones(call))
    spoken = [[one for one in streams if one.name not in more] for _, streams in legs]
    for streams in reversed(spoken) if side is Side.B else spoken:
        found.update(one.name for one in streams if any(_covers(span, one) for span in near))
        near.append(_span(streams))
    return frozenset(found)


def is_between_phones(call: RunningCall) -> bool:
    """Whether its first leg is that of a phone of SCCP, to which the other one sends directly: what either
    says is on the leg of whichever of them named the places last, and nothing of it is a copy for that."""
    return call.first.dialog is not None and call.first.dialog.protocol == SCCP


def _spoken(call: RunningCall, side: Side, *, is_whole: bool = False) -> list[tuple[Leg, list[LegStream]]]:
    """What a side says, by the leg; of the called party only what is beyond the first host, where not all is
    asked for."""
    legs = [leg for leg in call.legs[1 if side is Side.B and not is_whole else 0 :] if not _is_copy(leg)]
    spoken = [(leg, [one for one in leg.streams.values() if one.speaker is side]) for leg in legs]
    return [(leg, streams) for leg, streams in spoken if streams]


def _is_copy(leg: Leg) -> bool:
    return leg.dialog is not None and leg.dialog.is_recording


def _is_earlier(one: Leg, another: Leg) -> bool:
    """Whether the same host called somebody before, who is still there when the other one answers."""
    before, after = one.dialog, another.dialog
    if before is None or after is None or not before.answered or not after.answered:
        return False
    if one is another or before.source[0] != after.source[0]:
        return False
    is_there = not one.ended or one.ended > after.answered + SOON
    return is_there and (one.start, one.id) < (another.start, another.id)


def _span(streams: Iterable[LegStream]) -> tuple[int, int]:
    times = [(stream.first, stream.last) for stream in streams]
    return min((first for first, _ in times), default=0), max((last for _, last in times), default=0)


def _covers(span: tuple[int, int], stream: LegStream) -> bool:
    """Whether most of the stream comes in that time."""
    both = min(stream.last, span[1]) - max(stream.first, span[0])
    return both * 2 > stream.last - stream.first
