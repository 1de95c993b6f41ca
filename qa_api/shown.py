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
    veil = _veil(found.call, viewer, agents)
    call = _veiled_head(found.call, veil) if veil else found.call
    parties = tuple(PartyBrief(**party.model_dump(include=_BRIEF)) for party in call.parties)
    return CallItem(**_head(found, call, agents), parties=parties)


def detail(found: CatalogueCall, agents: Mapping[str, KnownAgent], viewer: Viewer) -> CallDetail:
    """Everything about one call."""
    veil = _veil(found.call, viewer, agents)
    call = _veiled(found.call, veil) if veil else found.call
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


def _veil(call: Call, viewer: Viewer, agents: Mapping[str, KnownAgent]) -> Veil | None:
    """What hides the numbers of this call, None where the viewer sees them. Extensions of agents stay."""
    return None if viewer.sees_numbers else Veil(_numbers(call), known=agents)


def _veiled_head(call: Call, veil: Veil) -> Call:
    """Who spoke with whom, hidden: what a row of the list shows."""
    return call.model_copy(
        update={
            "from_": veil.number(call.from_),
            "to": veil.number(call.to),
            "agent": veil.number(call.agent),
            "parties": tuple(_party(party, veil) for party in call.parties),
        }
    )


def _veiled(call: Call, veil: Veil) -> Call:
    """Everything hidden that has numbers in it."""
    return _veiled_head(call, veil).model_copy(
        update={
            "legs": tuple(_leg(leg, veil) for leg in call.legs),
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
