"""All that somebody supplies for a call that could not be heard: keys, and what payload types mean, as
``SIDE:TYPE=NAME/RATE[/CHANNELS][;PARAMETERS]``."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from recorder.codecs import NAMES, REDUNDANT, sample_rate
from recorder.errors import BadCodec
from recorder.finish.decrypt import PREFIX
from recorder.finish.supplied import SIDES, SuppliedKey
from recorder.media import Format, RecordingPlan, Source, unknown
from recorder.protocol.sdp import format_of
from storage.model import Call, Side

_CODEC = re.compile(
    r"(?P<side>[AaBb*]):(?P<type>[0-9]{1,3})="
    r"(?P<codec>[^;/\s]+(/[1-9][0-9]*){0,2})(;\s*(?P<parameters>.*))?"
)
_LAST_TYPE = 127


@dataclass(frozen=True, slots=True)
class SuppliedCodec:
    """What a payload type means in what some sides said."""

    sides: tuple[Side, ...]
    payload_type: int
    format: Format


@dataclass(frozen=True, slots=True)
class Supplies:
    """All that somebody supplies for a call."""

    keys: tuple[SuppliedKey, ...] = ()
    codecs: tuple[SuppliedCodec, ...] = ()

    def of(self, source: Source, side: Side) -> Source:
        """The source of this side with its keys, and with its payload types as they were told."""
        told = self._told(side)
        return replace(
            source,
            keys=tuple(one.key for one in self.keys if side in one.sides),
            formats=_told(source.formats, told),
            later=tuple(replace(one, formats=_told(one.formats, told)) for one in source.later),
        )

    def explains(self, source: Source, side: Side) -> bool:
        """Whether they tell of a payload type of the source that could not be decoded."""
        told = self._told(side)
        eras = (source.formats, *(one.formats for one in source.later))
        return any(
            number not in formats or sample_rate(_clear(formats[number])) is None
            for formats in eras
            for number in _applicable(formats, told)
        )

    def named(self, call: Call, plan: RecordingPlan) -> Call:
        """The call with the names of codecs that nothing had explained; ``plan`` says who spoke in them."""
        spoken = {
            side: {one.encoding for source in channel.sources for one in source.all_formats}
            for side, channel in zip(Side, plan.channels, strict=False)
        }
        names = {
            side: {unknown(number).encoding: one.encoding for number, one in self._told(side).items()}
            for side in Side
        }
        found = [
            _named(codec, names[side])
            for codec in call.codecs
            for side in [side for side in spoken if codec in spoken[side]] or Side
        ]
        parties = tuple(
            party.model_copy(update={"codec": _named(party.codec, names[party.side])})
            for party in call.parties
        )
        return call.model_copy(update={"codecs": tuple(dict.fromkeys(found)), "parties": parties})

    def _told(self, side: Side) -> dict[int, Format]:
        return {one.payload_type: one.format for one in self.codecs if side in one.sides}


def _named(codec: str, names: Mapping[str, str]) -> str:
    clear = codec.removeprefix(PREFIX)
    return codec.removesuffix(clear) + names.get(clear, clear)


def _clear(format_: Format) -> Format:
    return replace(format_, encoding=format_.encoding.removeprefix(PREFIX))


def _told(formats: Mapping[int, Format], told: Mapping[int, Format]) -> dict[int, Format]:
    """The formats, of which some were told; encrypted ones stay so."""
    changed = dict(formats)
    for number in _applicable(formats, told):
        is_secure = number in formats and formats[number].encoding.startswith(PREFIX)
        changed[number] = replace(told[number], encoding=f"{PREFIX * is_secure}{told[number].encoding}")
    return changed


def _applicable(formats: Mapping[int, Format], told: Mapping[int, Format]) -> Collection[int]:
    """Of what payload types were told those that packets have, or may carry within others (RFC 2198)."""
    is_wrapped = any(_clear(one).encoding == REDUNDANT for one in formats.values())
    return told.keys() if is_wrapped else told.keys() & formats.keys()


def codecs(texts: Iterable[str]) -> tuple[SuppliedCodec, ...]:
    """What payload types mean, as ``B:97=G726-32/8000``: the number, and what SDP would say of it in
    ``a=rtpmap`` and, behind a semicolon, in ``a=fmtp`` (RFC 8866, 6.6 and 6.15). SIDE is as for keys.

    Raises ``BadCodec``, also for a codec without a decoder.
    """
    return tuple(_codec(text.strip()) for text in texts)


def _codec(text: str) -> SuppliedCodec:
    match = _CODEC.fullmatch(text)
    found = match and format_of(match["codec"], match["parameters"] or "")
    if not match or not found or int(match["type"]) > _LAST_TYPE:
        raise BadCodec(
            f"{text!r} is not SIDE:TYPE=NAME/RATE, as in B:97=G726-32/8000, with a payload type of 0 to 127"
        )
    if sample_rate(found) is None:
        raise BadCodec(f"{found.encoding}/{found.clock_rate} cannot be decoded; known are {', '.join(NAMES)}")
    return SuppliedCodec(SIDES[match["side"].upper()], int(match["type"]), found)
