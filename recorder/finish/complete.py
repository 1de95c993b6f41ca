"""A call and its recording put together: the description as it is handed off."""

from datetime import datetime

from recorder import codecs
from recorder.assembly.times import instant
from recorder.finish import carried, encrypted, machines
from recorder.finish.delay import mouth_to_ear_ms
from recorder.finish.finisher import Finished
from recorder.finish.mos import burst_ratio, mos
from recorder.keys import Digit, distinct
from recorder.media import Format, RecordingPlan
from storage.model import Call, Event, Party, Recording, Side

SIDES = (Side.A, Side.B)
_LOSSES = frozenset({"lost", "concealed"})
"""Causes of gaps that are lost packets."""


def complete(call: Call, plan: RecordingPlan | None, finished: Finished | None) -> Call:
    """The call with what finishing found: recording, gaps, measures, digits, late packets.

    Digits that signalling told of (see ``describe``) count where the media did not carry them as well.
    """
    if finished is None or plan is None:
        return call
    call = carried.named(call, plan, finished)
    digits = _digits(call, finished)
    changes = {
        "gaps": finished.gaps,
        "measures": finished.measures,
        "dtmf": "".join(event.detail["digit"] for event in digits),
        "codecs": encrypted.codecs(call, finished),
        "events": tuple(
            sorted(
                [
                    *(event for event in call.events if event.kind != "dtmf"),
                    *digits,
                    *encrypted.events(plan, finished),
                    *machines.events(call, plan, finished),
                ],
                key=lambda event: event.at,
            )
        ),
        "parties": tuple(_party(call, party, plan, finished) for party in call.parties),
        "recording": _recording(plan, finished),
    }
    return call.model_copy(update=changes)


def _digits(call: Call, finished: Finished) -> list[Event]:
    told = [
        Digit(_nanoseconds(event.at), SIDES.index(event.side or Side.A), event.detail["digit"])
        for event in call.events
        if event.kind == "dtmf"
    ]
    pressed = distinct([(0, digit) for digit in finished.dtmf] + [(1, digit) for digit in told])
    return [
        Event(at=instant(time), kind="dtmf", side=SIDES[side], detail={"digit": digit})
        for time, side, digit in pressed
    ]


def _nanoseconds(at: datetime) -> int:
    return round(at.timestamp() * 1e6) * 1000


def _recording(plan: RecordingPlan, finished: Finished) -> Recording | None:
    if finished.path is None:
        return None
    return Recording(
        path=f"audio{finished.path.suffix}",
        format=finished.format,
        start=instant(plan.start),
        channels=finished.channels,
        rate=finished.rate,
        seconds=finished.seconds,
        bytes=finished.bytes,
        sha256=finished.sha256,
    )


def _party(call: Call, party: Party, plan: RecordingPlan, finished: Finished) -> Party:
    channel = plan.channels[SIDES.index(party.side)]
    party = encrypted.party(party, channel, finished)
    late = sum(finished.late.get(source.stream, 0) for source in channel.sources[:1])
    missing = sum(gap.seconds for gap in finished.gaps if gap.side is party.side)
    packets = party.packets.model_copy(update={"late": late})
    changes = {"packets": packets, "unrecorded_seconds": missing, "mos": _mos(call, party, finished)}
    return party.model_copy(update=changes)


def _mos(call: Call, party: Party, finished: Finished) -> float | None:
    """The score of what arrived; a party of whom nothing came has none."""
    lost, expected = party.packets.lost, party.packets.expected
    if not party.packets.received or not expected:
        return None
    runs = sum(gap.side is party.side and gap.cause in _LOSSES for gap in finished.gaps)
    return mos(
        codecs.name(Format(party.codec)),
        lost / expected,
        burst_ratio(lost, expected, runs),
        _delay_ms(call, party),
    )


def _delay_ms(call: Call, party: Party) -> float:
    """How long the party's voice is on its way to the other one; 0 where nothing told.

    Through a PBX it takes half the round trip on either side of it.
    """
    trips = [one.round_trip_ms for one in call.parties if len(call.legs) > 1 or one.side is party.side]
    known = [trip for trip in trips if trip is not None]
    return mouth_to_ear_ms(sum(known) / 2, party.jitter_ms) if known else 0.0
