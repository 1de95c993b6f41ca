"""A new recording in place of an archived one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from storage.catalogue import Agent, Catalogue
from storage.errors import Mismatch, NotInCatalogue, PacketsHeld
from storage.intake import Intake
from storage.model import Call
from storage.retention.holds import Holds
from storage.revision import NewRecording, Revision, refuse_held
from storage.sidecar import read_sidecar
from storage.targets import LocalTarget
from tests.storage import killed_revision
from tests.storage.handoffs import (
    START,
    a_call,
    a_recording,
    hand_off,
    hand_off_encrypted,
    hand_off_partly_encrypted,
)
from tests.storage.sealers import a_sealer

NEW = b"heard now"


class Meddled(LocalTarget):
    """A target beside which something happens while a sidecar is written anew."""

    then = None

    def put_many(self, blobs):
        if self.then is not None:
            self.then()
            self.then = None
        return super().put_many(blobs)


@pytest.fixture
def target(tmp_path: Path) -> LocalTarget:
    return LocalTarget(tmp_path / "archive")


@pytest.fixture
def revision(target: LocalTarget, catalogue: Catalogue) -> Revision:
    return Revision(target, catalogue, "main", a_sealer(), now=lambda: START)


def archived(tmp_path: Path, target: LocalTarget, catalogue: Catalogue, call: Call) -> Call:
    assert Intake(tmp_path / "handoff", target, catalogue, "main", a_sealer()).take(call.id)
    return catalogue.calls.get(call.id).call


def files(tmp_path: Path, audio: bytes = NEW) -> NewRecording:
    path = tmp_path / "new.opus"
    path.write_bytes(audio)
    return NewRecording(path, b"new peaks")


def opened(call: Call, *, keep: bool = True) -> Call:
    kept = call.encrypted.model_copy(update={"sides": ()}) if keep else None
    return call.model_copy(update={"recording": a_recording(NEW), "encrypted": kept})


def names(target: LocalTarget, call: Call) -> list[str]:
    return [blob.name.removeprefix(f"2026/11/21/{call.id}") for blob in target.list()]


def test_a_call_without_audio_gets_some(tmp_path, target, catalogue, revision):
    call = archived(tmp_path, target, catalogue, hand_off_encrypted(tmp_path / "handoff", 1))
    assert revision.put(opened(call), files(tmp_path))
    assert names(target, call) == [".json", ".media", ".opus", ".peaks.dat"]
    found = catalogue.calls.get(call.id)
    assert found.call.recording.path == f"2026/11/21/{call.id}.opus"
    assert found.call.encrypted.sides == ()
    assert [copy.name for copy in found.copies] == [blob.name for blob in target.list()]
    sidecar = read_sidecar(b"".join(target.get(f"2026/11/21/{call.id}.json")))
    assert sidecar.call() == found.call
    assert len(sidecar.files) == 3
    assert [change.kind for change in catalogue.changes.after()] == ["added", "changed"]


def test_other_audio_takes_the_place_of_what_was_there(tmp_path, target, catalogue, revision):
    call = archived(tmp_path, target, catalogue, hand_off_partly_encrypted(tmp_path / "handoff", 1))
    assert names(target, call) == [".json", ".media", ".opus", ".peaks.dat"]
    assert revision.put(opened(call, keep=False), files(tmp_path))
    found = catalogue.calls.get(call.id).call
    assert found.encrypted is None
    short = a_recording(NEW).sha256[:8]
    assert names(target, call) == [f"-{short}.opus", f"-{short}.peaks.dat", ".json"]
    assert b"".join(target.get(found.recording.path)) == NEW


def test_done_again_it_changes_nothing(tmp_path, target, catalogue, revision):
    call = archived(tmp_path, target, catalogue, hand_off_partly_encrypted(tmp_path / "handoff", 1))
    assert revision.put(opened(call), files(tmp_path))
    before = names(target, call)
    assert not revision.put(opened(catalogue.calls.get(call.id).call), files(tmp_path))
    assert names(target, call) == before
    assert len(catalogue.changes.after()) == 2


def test_the_same_packets_handed_off_again_do_not_close_it(tmp_path, target, catalogue, revision):
    handoff = tmp_path / "handoff"
    call = archived(tmp_path, target, catalogue, hand_off_encrypted(handoff, 1))
    revision.put(opened(call), files(tmp_path))
    hand_off_encrypted(handoff, 1)
    assert [outcome.new for outcome in Intake(handoff, target, catalogue, "main", a_sealer()).run()] == [
        False
    ]
    assert catalogue.calls.get(call.id).call.recording is not None
    assert names(target, call) == [".json", ".media", ".opus", ".peaks.dat"]


def place_hold(catalogue, call):
    return Holds(catalogue).place("Case 9", "court", by="anna", now=START, call_ids=[call.id])


def test_packets_under_a_hold_stay_and_what_is_heard_is_archived(tmp_path, target, catalogue, revision):
    call = archived(tmp_path, target, catalogue, hand_off_partly_encrypted(tmp_path / "handoff", 1))
    place_hold(catalogue, call)
    with pytest.raises(PacketsHeld) as refused:
        refuse_held(catalogue, call.id)
    with pytest.raises(PacketsHeld, match=r"under legal hold \(Case 9\)"):
        revision.put(opened(call, keep=False), files(tmp_path))
    assert "without --remove" in str(refused.value)
    found = catalogue.calls.get(call.id)
    assert (found.call.encrypted.sides, found.call.encrypted.path) == ((), call.encrypted.path)
    assert b"".join(target.get(found.call.recording.path)) == NEW
    assert {copy.name for copy in found.copies} == {blob.name for blob in target.list()}
    sidecar = read_sidecar(b"".join(target.get(f"2026/11/21/{call.id}.json")))
    assert sidecar.call() == found.call
    with pytest.raises(PacketsHeld):
        revision.put(found.call.model_copy(update={"encrypted": None}), files(tmp_path))
    assert revision.fetch_media(call.id, tmp_path / "media") is not None
    assert not revision.put(found.call, files(tmp_path))


def test_a_hold_that_is_placed_while_a_call_is_opened_keeps_its_packets(tmp_path, catalogue):
    target = Meddled(tmp_path / "archive")
    call = archived(tmp_path, target, catalogue, hand_off_partly_encrypted(tmp_path / "handoff", 1))
    refuse_held(catalogue, call.id)
    target.then = lambda: place_hold(catalogue, call)
    with pytest.raises(PacketsHeld):
        Revision(target, catalogue, "main", a_sealer(), now=lambda: START).put(
            opened(call, keep=False), files(tmp_path)
        )
    assert target.then is None
    assert f"2026/11/21/{call.id}.media" in {blob.name for blob in target.list()}
    assert catalogue.calls.get(call.id).call.encrypted is not None


def test_packets_go_once_two_released_the_hold(tmp_path, target, catalogue, revision):
    call = archived(tmp_path, target, catalogue, hand_off_encrypted(tmp_path / "handoff", 1))
    hold = place_hold(catalogue, call)
    Holds(catalogue).ask_release(hold.id, "settled", "anna", START)
    with pytest.raises(PacketsHeld):
        refuse_held(catalogue, call.id)
    Holds(catalogue).release(hold.id, "ben", START)
    refuse_held(catalogue, call.id)
    assert revision.put(opened(call, keep=False), files(tmp_path))
    assert catalogue.calls.get(call.id).call.encrypted is None


def test_team_and_release_stay(tmp_path, target, catalogue, revision):
    team = catalogue.teams.create("Service")
    catalogue.agents.put(Agent("8001", team=team.id))
    call = archived(tmp_path, target, catalogue, hand_off_encrypted(tmp_path / "handoff", 1))
    catalogue.calls.release(call.id, START)
    revision.put(opened(call), files(tmp_path))
    found = catalogue.calls.get(call.id)
    assert (found.team, found.released_at) == (team.id, START)


def test_the_packets_are_fetched_as_they_were_kept(tmp_path, target, catalogue, revision):
    call = archived(tmp_path, target, catalogue, hand_off_encrypted(tmp_path / "handoff", 1))
    assert revision.fetch_media(call.id, tmp_path / "media").call == call
    assert (tmp_path / "media").stat().st_size == 3000
    (tmp_path / "archive" / call.encrypted.path).chmod(0o600)
    (tmp_path / "archive" / call.encrypted.path).write_bytes(b"x" * 3000)
    with pytest.raises(Mismatch):
        revision.fetch_media(call.id, tmp_path / "media")


def test_a_call_that_has_none_or_is_none(tmp_path, target, catalogue, revision):
    call = archived(tmp_path, target, catalogue, hand_off(tmp_path / "handoff", 1))
    assert revision.fetch_media(call.id, tmp_path / "media") is None
    with pytest.raises(NotInCatalogue):
        revision.fetch_media("nobody", tmp_path / "media")
    with pytest.raises(NotInCatalogue):
        revision.put(a_call(7), NewRecording(None, None))


def test_audio_that_changed_on_the_way_is_noticed(tmp_path, target, catalogue, revision):
    call = archived(tmp_path, target, catalogue, hand_off_encrypted(tmp_path / "handoff", 1))
    with pytest.raises(Mismatch):
        revision.put(opened(call), files(tmp_path, b"something else"))
    assert catalogue.calls.get(call.id).call == call


def test_killed_anywhere_and_done_again(tmp_path):
    root = Path(killed_revision.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "tests.storage.killed_revision", str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(root)},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 20
