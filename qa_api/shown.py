"""Calls as a viewer may see them: the replies, with numbers masked."""

from collections.abc import Iterable, Mapping

from qa_api.masking import Veil, mask_keys
from qa_api.schemas.agents import Agent
from qa_api.schemas.calls import CallDetail, CallItem, PartyBrief, RecordingInfo
from qa_api.viewer import Viewer
from storage.catalogue import Agent as KnownAgent
from storage.catalogue import CatalogueCall
from storage.model import Call, Event, Leg, Party, Recording


def item(found: CatalogueCall, agents: Mapping[str, KnownAgent], viewer: Viewer) -> CallItem:
    """One row of the list."""
    call = veiled(found.call, viewer, agents)
    parties = tuple(PartyBrief(**party.model_dump(include=_BRIEF)) for party in call.parties)
    return CallItem(**_head(found, call, agents), parties=parties)


def detail(found: CatalogueCall, agents: Mapping[str, KnownAgent], viewer: Viewer) -> CallDetail:
    """Everything about one call."""
    call = veiled(found.call, viewer, agents)
    return CallDetail(
        **_head(found, call, agents),
        recorder=call.recorder,
        legs=call.legs,
        parties=call.parties,
        dtmf=call.dtmf,
        events=call.events,
        gaps=call.gaps,
        measures=call.measures,
        recording=_recording(call.recording),
    )


def veiled(call: Call, viewer: Viewer, agents: Mapping[str, KnownAgent]) -> Call:
    """The call with every number in it as the viewer may see it. Extensions of known agents stay."""
    if viewer.sees_numbers:
        return call
    veil = Veil(_numbers(call), known=agents)
    return call.model_copy(
        update={
            "from_": veil.number(call.from_),
            "to": veil.number(call.to),
            "agent": veil.number(call.agent),
            "legs": tuple(_leg(leg, veil) for leg in call.legs),
            "parties": tuple(_party(party, veil) for party in call.parties),
            "dtmf": mask_keys(call.dtmf),
            "events": tuple(_event(event, veil) for event in call.events),
        }
    )


_BRIEF = {"side", "name", "number", "codec"}


def _head(found: CatalogueCall, call: Call, agents: Mapping[str, KnownAgent]) -> dict[str, object]:
    known = agents.get(call.agent)
    name = known.name if known else ""
    return {
        "id": call.id,
        "start": call.start,
        "answered": call.answered,
        "end": call.end,
        "duration": call.duration,
        "direction": call.direction,
        "from_": call.from_,
        "to": call.to,
        "agent": Agent(extension=call.agent, name=name) if call.agent else None,
        "state": call.state,
        "codecs": call.codecs,
        "has_recording": call.recording is not None,
        "unrecorded_seconds": call.unrecorded_seconds,
        "released": found.released_at is not None,
    }


def _recording(recording: Recording | None) -> RecordingInfo | None:
    return RecordingInfo(**recording.model_dump(exclude={"path"})) if recording else None


def _numbers(call: Call) -> Iterable[str]:
    yield from (call.from_, call.to)
    for leg in call.legs:
        yield from (leg.from_, leg.to)
    for party in call.parties:
        yield party.number


def _leg(leg: Leg, veil: Veil) -> Leg:
    changed = {
        "id": veil.identifier(leg.id),
        "call_id": veil.identifier(leg.call_id),
        "from_": veil.number(leg.from_),
        "to": veil.number(leg.to),
        "from_name": veil.text(leg.from_name),
        "to_name": veil.text(leg.to_name),
        "source": veil.identifier(leg.source),
        "destination": veil.identifier(leg.destination),
    }
    return leg.model_copy(update=changed)


def _party(party: Party, veil: Veil) -> Party:
    return party.model_copy(update={"name": veil.text(party.name), "number": veil.number(party.number)})


def _event(event: Event, veil: Veil) -> Event:
    return event.model_copy(update={"detail": veil.detail(event.detail)})
