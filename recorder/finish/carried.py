"""What packets with copies carried (RFC 2198): the description may leave open which codec that is."""

from collections.abc import Iterable
from typing import NamedTuple

from recorder.codecs import REDUNDANT
from recorder.finish.decrypt import PREFIX
from recorder.finish.finisher import Finished
from recorder.finish.track import COMFORT_NOISE, EVENTS
from recorder.media import UNKNOWN, RecordingPlan, Source
from storage.model import Call

_NOT_AUDIO = frozenset({EVENTS, COMFORT_NOISE, REDUNDANT})


class _Said(NamedTuple):
    """Codecs of packets: those that were ``met``, of them within others (``carried``), and ``absent`` ones,
    which might have been."""

    met: set[str]
    carried: set[str]
    absent: set[str]


def named(call: Call, plan: RecordingPlan, finished: Finished) -> Call:
    """The call with the codecs that such packets carried, without those that they might have carried."""
    if not finished.carried:
        return call
    said = _said((source for channel in plan.channels for source in channel.sources), finished)
    kept = [codec for codec in call.codecs if _clear(codec) not in said.absent]
    more = said.carried - _NOT_AUDIO - set(map(_clear, kept))
    codecs = tuple(sorted([*kept, *sorted(more)], key=lambda codec: codec.startswith(UNKNOWN)))
    parties = list(call.parties)
    for at, (party, channel) in enumerate(zip(call.parties, plan.channels, strict=False)):
        own = _said(channel.sources, finished)
        if not party.codec or _clear(party.codec) in own.absent:
            codec = next((codec for codec in codecs if _clear(codec) in own.met), "")
            parties[at] = party.model_copy(update={"codec": codec})
    return call.model_copy(update={"codecs": codecs, "parties": tuple(parties)})


def _said(sources: Iterable[Source], finished: Finished) -> _Said:
    possible: set[str] = set()
    met: set[str] = set()
    within: set[str] = set()
    for source in sources:
        names = {_clear(one.encoding) for one in source.all_formats}
        carried = finished.carried.get(source.stream)
        if carried is None or not carried - _NOT_AUDIO:
            met |= names
        else:
            possible |= names
            within |= carried
    return _Said(met | within, within, possible - met - within)


def _clear(codec: str) -> str:
    return codec.removeprefix(PREFIX)
