"""How well each party was received, by what RTCP told of its streams."""

from collections.abc import Iterable

from recorder.assembly.call import RunningCall
from recorder.assembly.leg import Leg, LegStream
from recorder.codecs import REDUNDANT, plausible
from storage.model import Side

_NOT_AUDIO = ("TELEPHONE-EVENT", "CN", REDUNDANT)


def jitter_ms(streams: Iterable[tuple[Leg, LegStream]]) -> float | None:
    """The mean of the interarrival jitter that receivers of the streams reported (RFC 3550, 6.4.1)."""
    total, receptions = 0.0, 0
    for leg, stream in streams:
        total += 1000 * stream.reported.jitter / _clock_rate(leg, stream)
        receptions += stream.reported.receptions
    return round(total / receptions, 1) if receptions else None


def remote_lost(streams: Iterable[tuple[Leg, LegStream]]) -> int | None:
    """Packets of the streams that their receivers missed; None where no receiver reported."""
    said = [stream.reported.lost for _, stream in streams if stream.reported.lost is not None]
    return sum(said) if said else None


def round_trip_ms(call: RunningCall, side: Side) -> float | None:
    """Round trip between the party and what it exchanges media with, over the legs nearest to it.

    What a tap sees is the way to one end and back, and to the other end and back: the sum of both is the
    round trip (LSR and DLSR of RFC 3550, 6.4.1). Where one is missing, what an end says itself counts.
    """
    legs = [call.first] if side is Side.A else call.legs[1:] or [call.first]
    for leg in legs:
        halves = [_turnaround(leg, speaker) for speaker in Side]
        if None not in halves:
            return round(sum(half for half in halves if half is not None), 1)
    said = [stream.reported.round_trip for leg in legs for stream in leg.streams.values()]
    return float(max(said)) if any(said) else None


def _turnaround(leg: Leg, speaker: Side) -> float | None:
    """Mean ms from here to who hears ``speaker`` on this leg, and back."""
    told = [stream.reported for stream in leg.streams.values() if stream.speaker is speaker]
    count = sum(reported.turnarounds for reported in told)
    return sum(reported.turnaround for reported in told) / count / 1e6 if count else None


def _clock_rate(leg: Leg, stream: LegStream) -> int:
    formats = {**stream.alike, **leg.formats(stream.speaker)}
    heard = [formats[number] for number in stream.payload_types if number in formats]
    return next((plausible(one).clock_rate for one in heard if one.encoding not in _NOT_AUDIO), 8000)
