"""Calls as a viewer may see them: the replies, with numbers masked."""

from collections.abc import Container, Mapping

from qa_api.masking import hide_digits, mask_keys
from qa_api.permissions import Action
from qa_api.schemas.agents import Agent
from qa_api.schemas.calls import (
    CallDetail,
    CallItem,
    EncryptedInfo,
    KeepingInfo,
    PartyBrief,
    RecordingInfo,
    RelatedInfo,
)
from qa_api.veil import Veil
from qa_api.viewer import Viewer
from storage.catalogue import Agent as KnownAgent
from storage.catalogue import CatalogueCall
from storage.model import Call, Encrypted, Event, Leg, Party, Recording


def item(found: CatalogueCall, agents: Mapping[str, KnownAgent], viewer: Viewer) -> CallItem:
    """One row of the list."""
    call = found.call if viewer.sees_numbers else _veiled_head(found.call, Veil(found.call, agents))
    parties = tuple(PartyBrief(**party.model_dump(include=_BRIEF)) for party in call.parties)
    return CallItem(**_head(found, call, agents), parties=parties, tags=_tags(found, viewer))


def detail(
    found: CatalogueCall,
    agents: Mapping[str, KnownAgent],
    viewer: Viewer,
    related: tuple[RelatedInfo, ...] = (),
    keeping: KeepingInfo | None = None,
) -> CallDetail:
    """Everything about one call, which calls belong to it, and how it is kept."""
    call = found.call if viewer.sees_numbers else veiled(found.call, agents)
    return CallDetail(
        **_head(found, call, agents),
        from_e164=call.from_e164,
        to_e164=call.to_e164,
        recorder=call.recorder,
        legs=call.legs,
        parties=call.parties,
        dtmf=call.dtmf,
        events=call.events,
        gaps=call.gaps,
        measures=call.measures,
        recording=_recording(call.recording),
        encrypted=_encrypted(call.encrypted),
        related=related,
        tags=_tags(found, viewer),
        keeping=keeping,
    )


def veiled(call: Call, known: Container[str]) -> Call:
    """The call with every number hidden but the extensions ``known``, and with what carries one shortened."""
    veil = Veil(call, known)
    return _veiled_head(call, veil).model_copy(
        update={
            "legs": tuple(_leg(leg, veil) for leg in call.legs),
            "dtmf": mask_keys(call.dtmf),
            "events": tuple(_event(event, veil) for event in call.events),
        }
    )


def _veiled_head(call: Call, veil: Veil) -> Call:
    """Who spoke with whom, hidden: what a row of the list shows.

    A number in a second form would have other digits of it hidden, and both together fewer than four.
    """
    return call.model_copy(
        update={
            "from_": veil.number(call.from_),
            "to": veil.number(call.to),
            "from_e164": "",
            "to_e164": "",
            "agent": veil.number(call.agent),
            "codecs": tuple(map(veil.text, call.codecs)),
            "parties": tuple(_party(party, veil) for party in call.parties),
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


def _tags(found: CatalogueCall, viewer: Viewer) -> tuple[str, ...]:
    if not viewer.may(Action.TAGS_READ):
        return ()
    return found.tags if viewer.sees_numbers else tuple(map(hide_digits, found.tags))


def _recording(recording: Recording | None) -> RecordingInfo | None:
    return RecordingInfo(**recording.model_dump(exclude={"path"})) if recording else None


def _encrypted(encrypted: Encrypted | None) -> EncryptedInfo | None:
    return EncryptedInfo(sides=encrypted.sides, bytes=encrypted.bytes) if encrypted else None


def _leg(leg: Leg, veil: Veil) -> Leg:
    changed = {
        "id": veil.leg_id(leg.id),
        "call_id": veil.call_id(leg.call_id),
        "from_": veil.number(leg.from_),
        "to": veil.number(leg.to),
        "from_e164": "",
        "to_e164": "",
        "from_name": veil.text(leg.from_name),
        "to_name": veil.text(leg.to_name),
        "source": veil.place(leg.source),
        "destination": veil.place(leg.destination),
    }
    return leg.model_copy(update=changed)


def _party(party: Party, veil: Veil) -> Party:
    changed = {
        "name": veil.text(party.name),
        "number": veil.number(party.number),
        "codec": veil.text(party.codec),
    }
    return party.model_copy(update=changed)


def _event(event: Event, veil: Veil) -> Event:
    return event.model_copy(update={"detail": veil.detail(event.detail)})
