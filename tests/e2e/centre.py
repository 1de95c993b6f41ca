"""A call centre on disk for the page to show: agents, users of every role, and calls up to this moment."""

from datetime import datetime
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
from storage.model import CallState
from storage.targets.local import LocalTarget
from tests.e2e.calls import AGENTS, Story, tell
from tests.e2e.voices import conversation
from tests.qa_api.recordings import opus, peaks, sha256

PASSWORD = "correct horse battery"
CALLS = 130
CLIPS = 6
SECONDS = 24.0


def cheap_passwords() -> Passwords:
    """argon2id with parameters for tests."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


def build(folder: Path, now: datetime) -> None:
    """Fill ``folder`` with ``catalogue.db``, ``archive/`` and ``index/``, the newest call just now."""
    catalogue = Catalogue(sqlite_url(folder / "catalogue.db"))
    team = catalogue.teams.create("Support")
    for extension, name in AGENTS.items():
        catalogue.agents.put(Agent(extension, name, team=team.id))
    for role in Role:
        more = {"agent": "8001"} if role is Role.AGENT else {}
        teams = (team.id,) if role in (Role.SUPERVISOR, Role.EVALUATOR) else ()
        account = Account(username=role.value, password=PASSWORD, role=role, teams=teams, **more)
        create_user(catalogue, account, now=now, passwords=cheap_passwords())
    officer = Account(username="officer", password=PASSWORD, role=Role.COMPLIANCE)
    create_user(catalogue, officer, now=now, passwords=cheap_passwords())
    archive = Archive(catalogue, LocalTarget(folder / "archive"), now)
    for number in range(CALLS):
        archive.add(tell(number, now, SECONDS))
    index(catalogue, folder / "index")
    catalogue.close()


class Archive:
    """Puts calls where intake would put them."""

    def __init__(self, catalogue: Catalogue, target: LocalTarget, now: datetime) -> None:
        self._catalogue, self._target, self._now = catalogue, target, now
        sounds = [conversation(SECONDS, seed) for seed in range(CLIPS)]
        self._clips = [(opus(sound), peaks(sound)) for sound in sounds]

    def add(self, story: Story) -> None:
        """One call; an answered one with a recording."""
        call = story.call
        if call.state is not CallState.ANSWERED:
            self._catalogue.calls.add(call)
            return
        audio, waveform = self._clips[story.number % CLIPS]
        call = story.recorded(audio_name(call, "opus"), len(audio), sha256(audio))
        copies = []
        blobs = {audio_name(call, "opus"): audio, peaks_name(call): waveform, sidecar_name(call): b"{}"}
        for name, data in blobs.items():
            stored = self._target.put(name, data)
            copies.append(Copy("local", name, stored.bytes, sha256(data), self._now))
        self._catalogue.calls.add(call, copies)


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
