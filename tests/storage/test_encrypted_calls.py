"""Calls that are archived encrypted: what lies on the target, and what comes back."""

import pytest

from storage.encryption.blob import is_encrypted
from storage.encryption.keyring import CatalogueKeyring, KeyOpener
from storage.encryption.sidecars import open_sidecar
from storage.encryption.target import EncryptedTarget
from storage.errors import KeyUnusable, WrongKey
from storage.intake import Intake
from storage.outcomes import Deferred
from storage.revision import NewRecording, Revision
from storage.sidecar import read_sidecar
from storage.targets import MemoryTarget
from tests.storage.encryption.keys import a_keyring
from tests.storage.handoffs import a_recording, hand_off, hand_off_partly_encrypted
from tests.storage.sealers import a_sealer
from tests.storage.targets.contract import content

STEM = "2026/11/21/"


@pytest.fixture
def target() -> MemoryTarget:
    return MemoryTarget()


@pytest.fixture
def intake(tmp_path, target, catalogue) -> Intake:
    return Intake(tmp_path, target, catalogue, "main", a_sealer(), a_keyring(catalogue))


def test_everything_heard_and_said_is_closed(tmp_path, intake, target, catalogue):
    call = hand_off(tmp_path, 1, 200_000)
    assert intake.take(call.id)
    stem = STEM + call.id
    assert [blob.name for blob in target.list()] == [
        f"{stem}.json",
        f"{stem}.key",
        f"{stem}.opus",
        f"{stem}.peaks.dat",
    ]
    for blob in target.list():
        assert b"13812348910" not in content(target, blob.name)
    assert is_encrypted(content(target, f"{stem}.opus"))
    assert content(EncryptedTarget(target, a_keyring(catalogue)), f"{stem}.opus") == b"\x01" * 200_000
    found = catalogue.calls.get(call.id)
    assert {copy.name: copy.bytes for copy in found.copies} == {
        blob.name: blob.bytes for blob in target.list()
    }
    assert found.call.recording.bytes == 200_000


def test_the_sidecar_opens_with_the_key_of_the_call_alone(tmp_path, intake, target, catalogue):
    call = hand_off(tmp_path, 1)
    intake.run_once()
    sidecar = read_sidecar(content(target, f"{STEM}{call.id}.json"))
    assert sidecar.encrypted
    assert [file.name.removeprefix(STEM + call.id) for file in sidecar.seal.files] == [".opus", ".peaks.dat"]
    key = a_keyring(catalogue).of_call(call.id)
    assert open_sidecar(sidecar, key.data) == catalogue.calls.get(call.id).call
    with pytest.raises(KeyUnusable, match="its key is needed"):
        open_sidecar(sidecar, None)


def test_handed_off_again_a_lost_blob_comes_back_with_a_new_seal(tmp_path, intake, target, catalogue):
    call = hand_off(tmp_path, 1)
    intake.run_once()
    target.delete(f"{STEM}{call.id}.opus")
    hand_off(tmp_path, 1)
    assert [outcome.new for outcome in intake.run()] == [False]
    assert content(EncryptedTarget(target, a_keyring(catalogue)), f"{STEM}{call.id}.opus") == b"\x01" * 5000
    first, second = catalogue.seals.of_calls([call.id])[call.id]
    seal = read_sidecar(content(target, f"{STEM}{call.id}.json")).seal
    assert (seal.number, seal.supersedes[0].hash) == (2, first.hash)
    assert second.previous == first.hash
    assert catalogue.keys.count() == 1


def test_without_the_right_key_a_lost_blob_waits(tmp_path, intake, target, catalogue):
    call = hand_off(tmp_path, 1)
    intake.run_once()
    target.delete(f"{STEM}{call.id}.opus")
    hand_off(tmp_path, 1)
    other = Intake(tmp_path, target, catalogue, "main", a_sealer(), a_keyring(catalogue, 2))
    (outcome,) = other.run()
    assert isinstance(outcome, Deferred)
    assert "do not open it" in outcome.reason
    with pytest.raises(WrongKey):
        EncryptedTarget(target, a_keyring(catalogue, 2)).get(f"{STEM}{call.id}.peaks.dat")


def test_a_revised_call_keeps_its_key(tmp_path, intake, target, catalogue):
    call = hand_off_partly_encrypted(tmp_path, 1)
    intake.run_once()
    keyring = a_keyring(catalogue)
    before = keyring.of_call(call.id)
    revision = Revision(target, catalogue, "main", a_sealer(), keyring)
    revision.fetch_media(call.id, tmp_path / "media")
    assert (tmp_path / "media").read_bytes() == b"\x01" * 3000
    (tmp_path / "new.opus").write_bytes(b"heard")
    known = catalogue.calls.get(call.id).call
    changed = known.model_copy(update={"recording": a_recording(b"heard")})
    assert revision.put(changed, NewRecording(tmp_path / "new.opus", b"peaks"))
    found = catalogue.calls.get(call.id)
    assert keyring.of_call(call.id) == before
    assert f"{STEM}{call.id}.key" in {copy.name for copy in found.copies}
    opened = EncryptedTarget(target, keyring)
    assert content(opened, found.call.recording.path) == b"heard"
    assert content(opened, found.call.encrypted.path) == b"\x01" * 3000


def test_a_call_that_lay_in_clear_stays_so(tmp_path, target, catalogue):
    call = hand_off_partly_encrypted(tmp_path, 1)
    plain = CatalogueKeyring(catalogue, KeyOpener())
    assert Intake(tmp_path, target, catalogue, "main", a_sealer(), plain).take(call.id)
    revision = Revision(target, catalogue, "main", a_sealer(), a_keyring(catalogue))
    (tmp_path / "new.opus").write_bytes(b"heard")
    known = catalogue.calls.get(call.id).call
    changed = known.model_copy(update={"recording": a_recording(b"heard")})
    assert revision.put(changed, NewRecording(tmp_path / "new.opus", None))
    assert catalogue.keys.count() == 0
    found = catalogue.calls.get(call.id).call
    assert content(EncryptedTarget(target, a_keyring(catalogue)), found.recording.path) == b"heard"
