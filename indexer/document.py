"""What an engine knows of a call: everything that can be searched for, ready to be compared."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from indexer import fields, numbers
from storage.model import Call, has_undecoded

NUMBER_FIELDS = ("number", "from", "to")


@dataclass(frozen=True, slots=True)
class Team:
    """The team that a call belongs to; ``id`` decides who may see it, either name finds it."""

    id: str = ""
    name: str = ""


NO_TEAM = Team()


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """One call as it is indexed.

    Times are in UTC with milliseconds, lengths in milliseconds. ``exact`` holds folded values by field (see
    ``fields.exact``), ``numbers`` normal forms by ``number``, ``from`` and ``to``, ``writings`` further ways
    to write the same numbers, by which whole ones are found and parts of them are not. ``text`` and
    ``names`` are separate texts. ``agent`` and ``team`` are compared as they are written, to decide who may
    see the call.
    """

    id: str
    start: datetime
    end: datetime
    duration: int
    unrecorded: int
    agent: str
    team: str
    released: bool
    exact: dict[str, tuple[str, ...]]
    numbers: dict[str, tuple[str, ...]]
    writings: dict[str, tuple[str, ...]]
    dtmf: str
    names: tuple[str, ...]
    text: tuple[str, ...]
    tags: tuple[str, ...]


def document(
    call: Call,
    *,
    agent_name: str = "",
    team: Team = NO_TEAM,
    tags: Iterable[str] = (),
    released: bool = False,
) -> SearchDocument:
    """The search document of ``call`` with what the catalogue knows beyond it."""
    tags = tuple(tags)
    names = _unique((*(party.name for party in call.parties), *_leg_names(call), agent_name))
    by_field, writings = _numbers(call), _writings(call)
    return SearchDocument(
        id=call.id,
        start=_milliseconds(call.start),
        end=_milliseconds(call.end),
        duration=max(0, round(call.duration * 1000)),
        unrecorded=max(0, round(call.unrecorded_seconds * 1000)),
        agent=call.agent,
        team=team.id,
        released=released,
        exact={
            "id": (fields.exact("id", call.id),),
            "agent": _folded("agent", (call.agent, agent_name)),
            "team": _folded("team", (team.id, team.name)),
            "tag": _folded("tag", tags),
            "codec": _unique(name for codec in _codecs(call) for name in fields.codec_names(codec)),
            "state": (call.state.value,),
            "direction": (call.direction.value,),
            "has": tuple(_has(call)),
        },
        numbers=by_field,
        writings=writings,
        dtmf=call.dtmf.upper(),
        names=names,
        text=_unique(
            (*names, *by_field["number"], *writings["number"], call.agent, team.name, *_events(call))
        ),
        tags=_unique(tags),
    )


def _milliseconds(time: datetime) -> datetime:
    time = time.astimezone(UTC)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _folded(field: str, texts: Iterable[str]) -> tuple[str, ...]:
    return _unique(fields.exact(field, text) for text in texts)


def _codecs(call: Call) -> tuple[str, ...]:
    return (*call.codecs, *(party.codec for party in call.parties if party.codec))


def _has(call: Call) -> Iterable[str]:
    if call.recording is not None:
        yield "recording"
    if any(gap.cause == "encrypted" for gap in call.gaps):
        yield "encrypted"
    if has_undecoded(call.gaps):
        yield "undecoded"


def _leg_names(call: Call) -> Iterable[str]:
    for leg in call.legs:
        yield leg.from_name
        yield leg.to_name


def _numbers(call: Call) -> dict[str, tuple[str, ...]]:
    """The numbers as they were signalled, and their international form."""
    known = _international(call)
    senders = (call.from_, *(leg.from_ for leg in call.legs), *known["from"])
    receivers = (call.to, *(leg.to for leg in call.legs), *known["to"])
    everybody = (*senders, *receivers, *(party.number for party in call.parties))
    by_field = {"from": senders, "to": receivers, "number": everybody}
    return {
        field: _unique(form for number in by_field[field] for form in numbers.forms(number))
        for field in NUMBER_FIELDS
    }


def _writings(call: Call) -> dict[str, tuple[str, ...]]:
    known = _international(call)
    by_field = {**known, "number": (*known["from"], *known["to"])}
    return {
        field: _unique(form for number in by_field[field] for form in numbers.writings(number))
        for field in NUMBER_FIELDS
    }


def _international(call: Call) -> dict[str, tuple[str, ...]]:
    return {
        "from": _unique((call.from_e164, *(leg.from_e164 for leg in call.legs))),
        "to": _unique((call.to_e164, *(leg.to_e164 for leg in call.legs))),
    }


def _events(call: Call) -> Iterable[str]:
    for event in call.events:
        yield event.kind
        yield from (value for value in event.detail.values() if isinstance(value, str))
