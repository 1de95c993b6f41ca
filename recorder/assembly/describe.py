"""From a running call to its description and to the plan of its recording."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from recorder.assembly import quality
from recorder.assembly.call import RunningCall
from recorder.assembly.dialog import Dialog
from recorder.assembly.events import timeline
from recorder.assembly.leg import Leg, LegStream, named
from recorder.assembly.numbering import Numbering
from recorder.assembly.times import instant
from recorder.assembly.together import beside, is_between_phones, repeated
from recorder.assembly.turning import made_to_both
from recorder.codecs import NARROWBAND, REDUNDANT, archive_rate
from recorder.keys import Digit, distinct
from recorder.media import UNKNOWN, Channel, Format, RecordingPlan, Renegotiated, Source, unknown
from recorder.protocol import address, sip_values
from storage.model import Call, CallState, Direction, Event, PacketCounts, Party, RelatedCall, Side
from storage.model import Leg as LegRecord

_NOT_AUDIO = frozenset({"TELEPHONE-EVENT", "CN", REDUNDANT})
_MOST_TYPES = 128


def describe(call: RunningCall, numbering: Numbering, recorder: str = "") -> Call:
    """The call as it stands; without recording, measures and DTMF, which finishing adds."""
    first = call.leading.dialog
    caller, called = _numbers(call)
    dialogs = (leg.dialog for leg in call.legs if leg.dialog is not None)
    hops = [(dialog.source, dialog.destination) for dialog in dialogs]
    direction = numbering.direction(caller, called, hops)
    answered, end = _answered(call), _end(call)
    media = _span(call)
    if first is None:
        duration = (media[1] - media[0]) / 1e9 if media else 0.0
    else:
        duration = (end - answered) / 1e9 if answered else 0.0
    keys = list(_keys(call))
    return Call(
        id=call.id,
        recorder=recorder,
        start=instant(call.first.start),
        answered=instant(answered) if answered else None,
        end=instant(end),
        duration=max(duration, 0.0),
        direction=direction,
        from_=caller,
        to=called,
        from_e164=numbering.e164(caller),
        to_e164=numbering.e164(called),
        agent=_agent(call, numbering, direction),
        state=_state(call),
        codecs=tuple(dict.fromkeys(codec for side in Side for codec in _codecs(call, side))),
        legs=tuple(_leg_record(leg, end, numbering) for leg in call.legs),
        parties=tuple(_party(call, side, numbering, direction) for side in Side),
        dtmf="".join(key.detail["digit"] for key in keys),
        events=tuple(sorted([*timeline(call), *keys], key=lambda event: event.at)),
        related=tuple(RelatedCall(call=other, relation=what) for other, what in sorted(call.related.items())),
    )


def plan(call: RunningCall) -> RecordingPlan | None:
    """Who is heard on which channel and from when; None where no audio has been heard."""
    media = _span(call)
    if media is None:
        return None
    together = beside(call)
    channels = tuple(Channel(_sources(call, side, together)) for side in Side)
    formats = [
        format_ for channel in channels for source in channel.sources for format_ in source.all_formats
    ]
    rate = max(map(archive_rate, formats), default=NARROWBAND)
    return RecordingPlan(start=media[0], rate=rate, channels=channels)


def _sources(call: RunningCall, side: Side, together: Collection[str]) -> tuple[Source, ...]:
    """Who is heard on a side. A stream may have been of one leg first and of another one then, and what both
    say of it counts; it is heard once."""
    found: dict[str, Source] = {}
    for leg, stream in call.streams(side):
        source = _source(leg, stream, together)
        known = found.setdefault(source.stream, source)
        if known is not source:
            keys = tuple(dict.fromkeys((*known.keys, *source.keys)))
            found[source.stream] = replace(known, formats={**source.formats, **known.formats}, keys=keys)
    return tuple(found.values())


def _source(leg: Leg, stream: LegStream, together: Collection[str]) -> Source:
    speaker = stream.speaker
    exchange = stream.exchange or leg.exchange(speaker)
    (_, formats), *later = _heard(leg, stream)
    return Source(
        stream.name,
        formats,
        leg.keys(speaker),
        stream.ssrc,
        exchange,
        stream.secured,
        tuple(Renegotiated(since, formats) for since, formats in later),
        stream.name in together,
    )


def files(call: RunningCall) -> tuple[str, ...]:
    """The legs whose spool files hold the packets of this call."""
    return tuple(dict.fromkeys(stream.file for leg in call.legs for stream in leg.streams.values()))


def _span(call: RunningCall) -> tuple[int, int] | None:
    streams = [stream for leg in call.legs for stream in leg.streams.values()]
    if not streams:
        return None
    return min(stream.first for stream in streams), max(stream.last for stream in streams)


def _numbers(call: RunningCall) -> tuple[str, str]:
    """Of the caller and of the called party; where a PBX called both, who called is of our own house."""
    first, both = call.leading.dialog, made_to_both(call)
    if both is not None:
        return both[0].to_number, both[1].to_number
    return (first.from_number, first.to_number) if first else ("", "")


def _deciding(call: RunningCall) -> Dialog | None:
    """The dialog whose state is the call's: the first, or the last answered where a PBX called both."""
    both = made_to_both(call)
    return max(both, key=lambda one: one.answered or one.start) if both else call.leading.dialog


def _answered(call: RunningCall) -> int:
    dialog = _deciding(call)
    return dialog.answered if dialog else 0


def _end(call: RunningCall) -> int:
    dialog = call.leading.dialog
    if dialog is not None and dialog.ended and call.leading.ended:
        return max(leg.dialog.ended for leg in call.legs if leg.dialog is not None) or dialog.ended
    return call.ended or max(max(leg.last_media, leg.start) for leg in call.legs)


def _state(call: RunningCall) -> CallState:
    dialog = _deciding(call)
    return dialog.state if dialog else CallState.MEDIA_ONLY


def _agent(call: RunningCall, numbering: Numbering, direction: Direction) -> str:
    first = call.leading.dialog
    if first is None:
        return ""
    caller, _ = _numbers(call)
    if direction in (Direction.OUTBOUND, Direction.INTERNAL) and numbering.is_agents(caller):
        return caller
    if direction is Direction.OUTBOUND:
        return ""
    later = [leg.dialog for leg in call.legs[1:] if leg.dialog and not leg.dialog.is_recording]
    rung = [dialog for dialog in later if numbering.is_agents(_called(dialog, numbering))]
    answered = [dialog for dialog in rung if dialog.answered]
    if not answered and any(dialog.answered for dialog in later):
        return ""
    chosen = _called([first, *(answered or rung)][-1], numbering)
    return chosen if numbering.is_agents(chosen) else ""


def _called(dialog: Dialog, numbering: Numbering) -> str:
    """The extension that answered, where a proxy forked a number to several, else the number called; the
    caller where it speaks for the called party."""
    if dialog.is_turned:
        return dialog.from_number
    return dialog.reached if numbering.is_internal(dialog.reached) else dialog.to_number


def _party(call: RunningCall, side: Side, numbering: Numbering, direction: Direction) -> Party:
    near = _near(call, side)
    streams = [stream for _, stream in near]
    codecs = _codecs(call, side)
    name, number = _who(call, side, numbering, direction)
    return Party(
        side=side,
        name=name,
        number=number,
        codec=codecs[0] if codecs else "",
        ssrc=tuple(dict.fromkeys(stream.ssrc for stream in streams)),
        packets=_total(stream.counts for stream in streams),
        seconds=_covered(streams) / 1e9,
        jitter_ms=quality.jitter_ms(near),
        round_trip_ms=quality.round_trip_ms(call, side),
        remote_lost=quality.remote_lost(near),
    )


def _covered(streams: Iterable[LegStream]) -> int:
    """For how long (ns) one of the streams ran: a sender that changes its SSRC begins another one."""
    covered, until = 0, 0
    for stream in sorted(streams, key=lambda stream: stream.first):
        covered += max(stream.last - max(stream.first, until), 0)
        until = max(until, stream.last)
    return covered


def _total(counts: Iterable[PacketCounts]) -> PacketCounts:
    ledgers = list(counts)
    names = PacketCounts.model_fields
    return PacketCounts(**{name: sum(getattr(ledger, name) for ledger in ledgers) for name in names})


def _near(call: RunningCall, side: Side) -> list[tuple[Leg, LegStream]]:
    """The streams nearest to the speaker; their copies behind a PBX or a relay do not count a second time.

    What comes on legs that begin when the first one is over is no copy of it.
    """
    first, pairs = call.first, list(call.streams(side))
    later = {leg.id for leg in call.legs if 0 < first.ended <= leg.start}
    again = repeated(call, side)
    if side is Side.A:
        own = [(leg, one) for leg, one in pairs if leg is first or leg.id in later or one.name not in again]
    else:
        is_own = is_between_phones(call) or all(leg is first or leg.id in later for leg, _ in pairs)
        own = [(leg, one) for leg, one in pairs if (leg is not first or is_own) and one.name not in again]
    copies = {(leg.id, name) for leg in call.legs for name in leg.copies(side)}
    own = [pair for pair in own if not _is_copy(pair[0])]
    return [(leg, stream) for leg, stream in own or pairs if (leg.id, stream.name) not in copies]


def _is_copy(leg: Leg) -> bool:
    return leg.dialog is not None and leg.dialog.is_recording


def _who(call: RunningCall, side: Side, numbering: Numbering, direction: Direction) -> tuple[str, str]:
    first = call.leading.dialog
    if first is None:
        stream = next((stream for _, stream in call.streams(side)), None)
        return "", stream.name.split(">")[0] if stream else ""
    if (both := made_to_both(call)) is not None:
        dialog = both[tuple(Side).index(side)]
        return dialog.to_name, dialog.to_number
    if side is Side.A:
        return first.from_name, first.from_number
    agent = _agent(call, numbering, direction) if direction is Direction.INBOUND else first.to_number
    number = agent or _reached(call) or first.to_number
    names = [leg.dialog.to_name for leg in call.legs if leg.dialog and leg.dialog.to_number == number]
    return next((name for name in names if name), ""), number


def _reached(call: RunningCall) -> str:
    """The number at which the call was answered at last, by nobody of ours."""
    later = [leg.dialog for leg in call.legs[1:] if leg.dialog and not leg.dialog.is_recording]
    return next((dialog.to_number for dialog in reversed(later) if dialog.answered), "")


def _codecs(call: RunningCall, side: Side) -> list[str]:
    """What the streams of a side are in, each once; payload types that nothing explains come last, as what
    keeps a way through a NAT open may be one (RFC 6263, 4.6)."""
    found = [
        format_
        for leg, stream in call.streams(side)
        for since, formats in _heard(leg, stream)
        if since <= stream.last
        for format_ in formats.values()
        if _clear(format_) not in _NOT_AUDIO
    ]
    return list(dict.fromkeys(one.encoding for one in sorted(found, key=_is_unknown)))


def _is_unknown(format_: Format) -> bool:
    return _clear(format_).startswith(UNKNOWN)


def _clear(format_: Format) -> str:
    """The name of the encoding, encrypted or not."""
    return format_.encoding.removeprefix("SRTP/")


def _heard(leg: Leg, stream: LegStream) -> list[tuple[int, dict[int, Format]]]:
    """What the payload types of the stream mean, and from when on (ns); the first from its beginning."""
    found: list[tuple[int, dict[int, Format]]] = []
    for since, formats in leg.eras(stream.speaker):
        numbers = _with_carried(stream.payload_types, formats, leg)
        known = {**stream.alike, **formats}
        heard = {number: known.get(number, unknown(number)) for number in numbers}
        if 0 < stream.secured <= stream.first:
            heard = {number: named(format_, is_secure=True) for number, format_ in heard.items()}
        if since <= stream.first:
            found = [(0, heard)]
        elif heard != found[-1][1]:
            found.append((since, heard))
    return found


def _with_carried(seen: tuple[int, ...], formats: Mapping[int, Format], leg: Leg) -> list[int]:
    """Payload types, and those of what packets with redundancy carry (RFC 2198, 5): any that is described
    where it is not said which."""
    found = dict.fromkeys(seen)
    for number in seen:
        if number in formats and _clear(formats[number]) == REDUNDANT:
            listed = (sip_values.number(part, -1) for part in formats[number].parameters.split("/"))
            carried = [one for one in listed if 0 <= one < _MOST_TYPES]
            found.update(dict.fromkeys(carried or leg.described))
    return list(found)


def _leg_record(leg: Leg, end: int, numbering: Numbering) -> LegRecord:
    dialog = leg.dialog
    if dialog is None:
        return LegRecord(
            id=leg.id, start=instant(leg.start), end=instant(leg.ended or end), state=CallState.MEDIA_ONLY
        )
    return LegRecord(
        id=leg.id,
        call_id=dialog.call_id,
        from_=dialog.from_number,
        to=dialog.to_number,
        from_e164=numbering.e164(dialog.from_number),
        to_e164=numbering.e164(dialog.to_number),
        from_name=dialog.from_name,
        to_name=dialog.to_name,
        start=instant(leg.start),
        answered=instant(dialog.answered) if dialog.answered else None,
        end=instant(leg.ended or end),
        state=dialog.state,
        cause=dialog.cause or None,
        source=_place(dialog.source),
        destination=_place(dialog.destination),
    )


def _place(place: tuple[tuple[int, int], int]) -> str:
    (high, low), port = place
    return address.endpoint(high, low, port)


def _keys(call: RunningCall) -> Iterator[Event]:
    """The keys that signalling told of, once, however many legs passed them on."""
    sides = tuple(Side)
    told = [
        (rank, Digit(happening.at, sides.index(happening.side or Side.A), happening.detail["digit"]))
        for rank, leg in enumerate(call.legs)
        for happening in leg.happenings
        if happening.kind == "dtmf"
    ]
    for time, side, digit in distinct(told):
        yield Event(at=instant(time), kind="dtmf", side=sides[side], detail={"digit": digit})
