"""A small call centre on disk: two teams, their agents, users of every role, calls with real audio."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from argon2 import PasswordHasher

from indexer.document import Team as DocumentTeam
from indexer.document import document
from indexer.tantivy_engine import TantivyEngine
from qa_api.passwords import Passwords
from qa_api.permissions import Role
from qa_api.users import Account, create_user
from storage.archive_names import audio_name, peaks_name, sidecar_name
from storage.catalogue import Agent, Catalogue, Copy, sqlite_url
from storage.model import (
    Call,
    CallState,
    Direction,
    Event,
    Gap,
    Leg,
    Measures,
    PacketCounts,
    Party,
    Recording,
    RelatedCall,
    Relation,
)
from storage.targets import Target
from storage.targets.local import LocalTarget
from tests.qa_api.recordings import opus, peaks, sha256, tones

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
CUSTOMER, DIALLED, LANDLINE = "13812348910", "+8613987654321", "02166668888"
CARD = "4111111111111111"
WHOLE = (CUSTOMER, DIALLED.removeprefix("+"), "13987654321", LANDLINE, CARD)
"""Digits that a viewer of masked numbers must not find in any answer."""

HEARD, UNRELEASED, MISSED = (f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
SECONDS = 4.0
_RELATED = {
    HEARD: tuple(
        RelatedCall(call=call, relation=Relation.CONSULTATION) for call in (UNRELEASED, MISSED, "gone-since")
    )
}


def cheap_passwords() -> Passwords:
    """argon2id with parameters for tests."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


def build(folder: Path) -> None:
    """Fill ``folder`` with ``catalogue.db``, ``archive/`` and ``index/``."""
    catalogue = Catalogue(sqlite_url(folder / "catalogue.db"))
    sales, support = catalogue.teams.create("Sales"), catalogue.teams.create("Support")
    for agent in (
        Agent("8001", "Li Wei", team=sales.id),
        Agent("8002", "Wang Fang", team=sales.id),
        Agent("8101", "Zhao Min", team=support.id),
    ):
        catalogue.agents.put(agent)
    _users(catalogue, sales.id)
    _calls(catalogue, LocalTarget(folder / "archive"))
    catalogue.calls.release(HEARD, NOON)
    index(catalogue, folder / "index")
    catalogue.close()


def copy(catalogue: Catalogue, source: Target, target: Target, name: str) -> None:
    """Let the target ``name`` hold what ``source``, home, holds of every call, and the catalogue know it."""
    for found in catalogue.calls.iterate():
        for blob in (copy for copy in found.copies if copy.target == "local"):
            target.put(blob.name, b"".join(source.get(blob.name)))
            assert catalogue.copy_checks.adopt(found.call.id, replace(blob, target=name))


def index(catalogue: Catalogue, folder: Path) -> None:
    """Put every call of the catalogue into the index."""
    engine = TantivyEngine(folder)
    teams = {team.id: DocumentTeam(team.id, team.name) for team in catalogue.teams.all()}
    for found in catalogue.calls.page(limit=1000):
        team = teams.get(found.team or "", DocumentTeam())
        released = found.released_at is not None
        engine.add([document(found.call, team=team, tags=found.tags, released=released)])
    engine.commit(catalogue.changes.position())
    engine.close()


def _users(catalogue: Catalogue, sales: str) -> None:
    passwords = cheap_passwords()
    for username, role, more in (
        ("agent", Role.AGENT, {"agent": "8001"}),
        ("evaluator", Role.EVALUATOR, {"teams": (sales,)}),
        ("supervisor", Role.SUPERVISOR, {"teams": (sales,)}),
        ("granted", Role.SUPERVISOR, {"teams": (sales,), "sees_numbers": True}),
        ("compliance", Role.COMPLIANCE, {}),
        ("officer", Role.COMPLIANCE, {}),
        ("admin", Role.ADMIN, {}),
        ("auditor", Role.AUDITOR, {}),
    ):
        account = Account(username=username, password=PASSWORD, role=role, **more)
        create_user(catalogue, account, now=NOON, passwords=passwords)


def _calls(catalogue: Catalogue, target: LocalTarget) -> None:
    samples = tones(SECONDS)
    audio, waveform = opus(samples), peaks(samples)
    for call in (
        _call(HEARD, 0, CUSTOMER, "8001", "8001", Direction.INBOUND, audio),
        _call(UNRELEASED, 1, "8002", DIALLED, "8002", Direction.OUTBOUND, audio),
        _call(MISSED, 2, LANDLINE, "8101", "8101", Direction.INBOUND, b""),
    ):
        copies = []
        if call.recording:
            for name, data in (
                (call.recording.path, audio),
                (peaks_name(call), waveform),
                (sidecar_name(call), b"{}"),
            ):
                stored = target.put(name, data)
                copies.append(Copy("local", name, stored.bytes, sha256(data), NOON))
        catalogue.calls.add(call, copies)
    for number in range(30):
        call_id = f"00000000-0000-4000-8000-1000000000{number:02}"
        call = _call(call_id, 10 + number, CUSTOMER, "8001", "8001", Direction.INBOUND, b"")
        catalogue.calls.add(call)


def _call(
    call_id: str, minutes: int, from_: str, to: str, agent: str, direction: Direction, audio: bytes
) -> Call:
    start = NOON - timedelta(minutes=minutes)
    heard = bool(audio)
    call = Call(
        id=call_id,
        recorder="probe-1",
        start=start,
        answered=start + timedelta(seconds=1) if heard else None,
        end=start + timedelta(seconds=SECONDS),
        duration=SECONDS if heard else 0,
        direction=direction,
        from_=from_,
        to=to,
        from_e164=_e164(from_),
        to_e164=_e164(to),
        agent=agent,
        state=CallState.ANSWERED if heard else CallState.MISSED,
        codecs=("PCMU",),
        legs=(_leg(start, from_, to),),
        parties=(_party("A", from_), _party("B", to)),
        dtmf=CARD,
        events=_events(start, from_),
        gaps=(Gap(side="A", start=0.5, seconds=0.1),),
        measures=Measures(talk_a=2.0, talk_b=2.0),
        related=_RELATED.get(call_id, ()),
    )
    if not heard:
        return call
    name = audio_name(call, "opus")
    recording = Recording(
        path=name,
        format="opus",
        start=start,
        channels=2,
        rate=8000,
        seconds=SECONDS,
        bytes=len(audio),
        sha256=sha256(audio),
    )
    return call.model_copy(update={"recording": recording})


def _e164(number: str) -> str:
    if number.startswith("+"):
        return number
    return f"+86{number.removeprefix('0')}" if len(number) > 5 else ""


def _leg(start: datetime, from_: str, to: str) -> Leg:
    return Leg(
        id=f"leg-{from_}",
        call_id=f"x{from_}y@10.0.0.1",
        from_=f"sip:{from_}@pbx.example",
        to=to,
        from_e164=_e164(from_),
        to_e164=_e164(to),
        from_name=f"Mr {from_}",
        start=start,
        end=start + timedelta(seconds=SECONDS),
        state=CallState.ANSWERED,
        source="10.0.0.1:5060",
        destination="10.0.0.2:5060",
    )


def _party(side: str, number: str) -> Party:
    counts = PacketCounts(expected=200, received=199, lost=1, written=199)
    return Party(side=side, name=f"{number} (home)", number=number, codec="PCMU", ssrc=(7,), packets=counts)


def _events(start: datetime, from_: str) -> tuple[Event, ...]:
    keys = (Event(at=start, kind="dtmf", side="A", detail={"digit": digit}) for digit in CARD)
    transfer = Event(at=start, kind="transfer", detail={"to": LANDLINE, "by": [f"tel:{from_}", 8001]})
    return (*keys, transfer, Event(at=start, kind="dtmf", detail={"digits": CARD}))
