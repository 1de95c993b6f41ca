"""Intake: from the hand-off folder into archive and catalogue, and what does not get there."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from storage.catalogue import Catalogue
from storage.errors import DiskFull, TargetError
from storage.intake import Intake
from storage.outcomes import Deferred, Rejected, Taken
from storage.seals.sealing import Sealer
from storage.sidecar import read_sidecar
from storage.targets import LocalTarget, MemoryTarget, Stored
from storage.targets.contract import Source
from tests.storage.handoffs import START, a_call, a_recording, hand_off, hand_off_call, hand_off_encrypted
from tests.storage.sealers import a_key, a_sealer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "handoff"


@pytest.fixture
def target(tmp_path: Path) -> LocalTarget:
    return LocalTarget(tmp_path / "archive")


@pytest.fixture
def intake(folder: Path, target: LocalTarget, catalogue: Catalogue) -> Intake:
    return Intake(folder, target, catalogue, "main", a_sealer(), now=lambda: START)


def test_takes_a_call_into_archive_and_catalogue(intake, folder, target, catalogue):
    call = hand_off(folder, 1)
    assert list(intake.run()) == [Taken(call.id, 60.0, 5000, new=True)]
    stem = f"2026/11/21/{call.id}"
    assert [blob.name for blob in target.list()] == [f"{stem}.json", f"{stem}.opus", f"{stem}.peaks.dat"]
    found = catalogue.calls.get(call.id)
    assert found.call.recording.path == f"{stem}.opus"
    assert found.call.recording.sha256 == call.recording.sha256
    for copy in found.copies:
        data = b"".join(target.get(copy.name))
        assert (copy.target, copy.bytes, copy.sha256) == ("main", len(data), hashlib.sha256(data).hexdigest())
        assert copy.at == START
    assert list(folder.iterdir()) == []


def test_the_sidecar_says_everything(intake, folder, target, catalogue):
    call = hand_off(folder)
    intake.run_once()
    sidecar = read_sidecar(b"".join(target.get(f"2026/11/21/{call.id}.json")))
    found = catalogue.calls.get(call.id)
    assert sidecar.call() == found.call
    files = {(file.name, file.bytes, file.sha256) for file in sidecar.files}
    copies = {(copy.name, copy.bytes, copy.sha256) for copy in found.copies}
    assert {name for name, _, _ in copies - files} == {f"2026/11/21/{call.id}.json"}
    assert files < copies


def test_takes_a_call_without_audio(intake, folder, target, catalogue):
    call = hand_off_call(folder, a_call(3), None)
    assert intake.take(call.id)
    assert [blob.name for blob in target.list()] == [f"2026/11/21/{call.id}.json"]
    assert catalogue.calls.get(call.id).call.recording is None


def test_takes_packets_that_nothing_opens(intake, folder, target, catalogue):
    call = hand_off_encrypted(folder, 3)
    assert intake.take(call.id)
    stem = f"2026/11/21/{call.id}"
    assert [blob.name for blob in target.list()] == [f"{stem}.json", f"{stem}.media"]
    found = catalogue.calls.get(call.id)
    assert found.call.encrypted.path == f"{stem}.media"
    sidecar = read_sidecar(b"".join(target.get(f"{stem}.json")))
    assert sidecar.call() == found.call
    assert [(file.name, file.bytes) for file in sidecar.files] == [(f"{stem}.media", 3000)]
    hand_off_encrypted(folder, 3)
    assert [outcome.new for outcome in intake.run()] == [False]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda media: media.unlink(), "missing"),
        (lambda media: media.write_bytes(b"short"), "has 5 bytes"),
        (lambda media: media.write_bytes(b"x" * 3000), "SHA-256"),
    ],
)
def test_packets_that_are_not_what_was_promised_are_rejected(intake, folder, catalogue, spoil, reason):
    call = hand_off_encrypted(folder, 3)
    spoil(folder / call.id / "media.bin")
    (outcome,) = intake.run()
    assert isinstance(outcome, Rejected)
    assert reason in outcome.reason
    assert catalogue.calls.count() == 0


def test_packets_that_the_call_does_not_know_are_rejected(intake, folder):
    call = hand_off(folder, 1)
    (folder / call.id / "media.bin").write_bytes(b"?")
    (outcome,) = intake.run()
    assert "knows of no encrypted packets" in outcome.reason


def test_takes_many_oldest_first(intake, folder, catalogue):
    calls = [hand_off(folder, number) for number in range(70)]
    for number, call in enumerate(calls):
        os.utime(folder / call.id, (number, number))
    assert intake.pending() == [call.id for call in calls]
    assert intake.run_once() == 70
    assert [change.call_id for change in catalogue.changes.after()] == [call.id for call in calls]
    assert intake.run_once() == 0


def test_a_missing_folder_is_an_empty_one(intake):
    assert intake.pending() == []
    assert intake.run_once() == 0


def test_what_is_still_being_written_is_left_alone(intake, folder):
    (folder / ".aa.tmp").mkdir(parents=True)
    (folder / "stray").write_text("not a folder")
    assert intake.run_once() == 0
    assert sorted(path.name for path in folder.iterdir()) == [".aa.tmp", "stray"]


def test_the_same_hand_off_again_is_no_second_call(intake, folder, target, catalogue):
    call = hand_off(folder, 1)
    assert intake.run_once() == 1
    before = catalogue.calls.get(call.id)
    hand_off(folder, 1)
    assert list(intake.run()) == [Taken(call.id, 60.0, 5000, new=False)]
    assert catalogue.calls.get(call.id) == before
    assert catalogue.changes.position() == 1
    assert intake.pending() == []


def test_the_same_hand_off_again_restores_lost_blobs(intake, folder, target):
    call = hand_off(folder, 1)
    intake.run_once()
    target.delete(f"2026/11/21/{call.id}.opus")
    hand_off(folder, 1)
    intake.run_once()
    assert target.stat(f"2026/11/21/{call.id}.opus").bytes == 5000


def test_another_recording_of_an_archived_call_replaces_nothing(intake, folder, target, catalogue):
    call = hand_off(folder, 1)
    intake.run_once()
    other = hand_off_call(folder, a_call(1, audio=b"other"), b"other")
    (outcome,) = intake.run()
    assert isinstance(outcome, Rejected)
    assert "already" in outcome.reason
    assert (outcome.folder / "audio.opus").read_bytes() == b"other"
    assert catalogue.calls.get(other.id).call.recording.sha256 == call.recording.sha256
    assert target.stat(f"2026/11/21/{call.id}.opus").bytes == 5000


def _no_json(place: Path) -> None:
    (place / "call.json").unlink()


def _bad_json(place: Path) -> None:
    (place / "call.json").write_text('{"id":')


def _not_utf8(place: Path) -> None:
    (place / "call.json").write_bytes(b"\xff\xfe\x00")


def _unknown_field(place: Path) -> None:
    _edit(place, extra=1)


def _other_id(place: Path) -> None:
    _edit(place, id="another")


def _no_audio(place: Path) -> None:
    (place / "audio.opus").unlink()


def _short_audio(place: Path) -> None:
    (place / "audio.opus").write_bytes(b"short")


def _altered_audio(place: Path) -> None:
    data = bytearray((place / "audio.opus").read_bytes())
    data[100] ^= 1
    (place / "audio.opus").write_bytes(data)


def _audio_is_a_link(place: Path) -> None:
    (place / "audio.opus").rename(place.parent / "elsewhere")
    (place / "audio.opus").symlink_to(place.parent / "elsewhere")


def _audio_is_a_folder(place: Path) -> None:
    (place / "audio.opus").unlink()
    (place / "audio.opus").mkdir()


def _audio_outside(place: Path) -> None:
    _edit(
        place,
        recording=json.loads(a_recording(b"x").model_copy(update={"path": "../../x"}).model_dump_json()),
    )


def _audio_unmentioned(place: Path) -> None:
    _edit(place, recording=None)


def _not_a_number(place: Path) -> None:
    _edit(place, duration=float("nan"))


def _number_beyond_any_column(place: Path) -> None:
    document = json.loads((place / "call.json").read_text())
    document["legs"][0]["cause"] = 10**30
    (place / "call.json").write_text(json.dumps(document))


def _edit(place: Path, **changes: object) -> None:
    document = json.loads((place / "call.json").read_text())
    (place / "call.json").write_text(json.dumps(document | changes))


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (_no_json, "There is no call.json"),
        (_bad_json, "call.json cannot be read"),
        (_not_utf8, "call.json cannot be read"),
        (_unknown_field, "extra"),
        (_other_id, "not of the one"),
        (_no_audio, "audio.opus is missing"),
        (_short_audio, "audio.opus has 5 bytes; call.json says 5000"),
        (_altered_audio, "The SHA-256 of audio.opus"),
        (_audio_is_a_link, "audio.opus is missing"),
        (_audio_is_a_folder, "audio.opus is missing"),
        (_audio_outside, "not a name for it"),
        (_audio_unmentioned, "knows no recording"),
        (_not_a_number, "duration"),
        (_number_beyond_any_column, "refuses"),
    ],
)
def test_a_damaged_hand_off_is_put_aside_and_stops_nobody(intake, folder, catalogue, damage, reason):
    bad, good = hand_off(folder, 1), hand_off(folder, 2)
    damage(folder / bad.id)
    kept = {path.name for path in (folder / bad.id).iterdir()}
    outcomes = {outcome.call_id: outcome for outcome in intake.run()}
    assert isinstance(outcomes[good.id], Taken)
    rejected = outcomes[bad.id]
    assert isinstance(rejected, Rejected)
    assert reason in rejected.reason
    assert rejected.folder == folder / ".rejected" / f"{bad.id}-1"
    assert {path.name for path in rejected.folder.iterdir()} == kept | {"rejected.json"}
    assert json.loads((rejected.folder / "rejected.json").read_text())["reason"] == rejected.reason
    assert catalogue.calls.get(bad.id) is None
    assert intake.pending() == []


def test_rejected_again_gets_the_next_number(intake, folder):
    for number in (1, 2, 3):
        call = hand_off(folder, 1)
        _no_audio(folder / call.id)
        assert not intake.take(call.id)
        assert (folder / ".rejected" / f"{call.id}-{number}").is_dir()


@pytest.mark.parametrize("name", ["a b.", "x" * 255, "q?", "报" * 85, os.fsdecode(b"\xff\xfe")])
def test_odd_folder_names_are_put_aside(intake, folder, name):
    place = folder / name
    place.mkdir(parents=True)
    document = json.loads(a_call().model_dump_json()) | {"id": name}
    (place / "call.json").write_text(json.dumps(document))
    (outcome,) = intake.run()
    assert isinstance(outcome, Rejected)
    assert outcome.folder.is_dir()
    assert intake.pending() == []


class FullTarget(MemoryTarget):
    """Has no room for the blobs of some calls, as long as it is told so."""

    def __init__(self) -> None:
        super().__init__()
        self.full_at: str | None = None
        self.error: Exception = DiskFull("the archive")

    def put(self, name: str, source: Source) -> Stored:
        if self.full_at and self.full_at in name:
            raise self.error
        return super().put(name, source)


def test_a_full_disk_stops_with_an_alarm_and_loses_nothing(folder, catalogue):
    target = FullTarget()
    intake = Intake(folder, target, catalogue, "main", a_sealer())
    calls = [hand_off(folder, number) for number in range(5)]
    for number, call in enumerate(calls):
        os.utime(folder / call.id, (number, number))
    target.full_at = calls[2].id
    running = intake.run()
    outcomes = [next(running) for _ in range(4)]
    with pytest.raises(DiskFull, match="Free some space"):
        next(running)
    assert [outcome.call_id for outcome in outcomes] == [call.id for call in calls if call is not calls[2]]
    assert intake.pending() == [calls[2].id]
    target.full_at = None
    assert intake.run_once() == 1
    assert catalogue.calls.count() == 5


def test_a_target_that_fails_defers_that_call_alone(folder, catalogue):
    target = FullTarget()
    target.error = TargetError("The archive failed.")
    intake = Intake(folder, target, catalogue, "main", a_sealer())
    calls = [hand_off(folder, number) for number in range(3)]
    target.full_at = calls[1].id
    outcomes = {outcome.call_id: outcome for outcome in intake.run()}
    assert outcomes[calls[1].id] == Deferred(calls[1].id, "The archive failed.")
    assert intake.pending() == [calls[1].id]
    target.full_at = None
    assert intake.run_once() == 1


def test_a_number_that_was_given_out_meanwhile_is_not_given_again(folder, target, catalogue, tmp_path):
    first, second = hand_off(folder, 1), hand_off(tmp_path / "other", 2)
    other = Intake(tmp_path / "other", target, catalogue, "main", a_sealer())

    class Overtaken(Sealer):
        def seal(self, *arguments):
            sealed = super().seal(*arguments)
            other.run_once()
            return sealed

    assert Intake(folder, target, catalogue, "main", Overtaken(a_key())).run_once() == 1
    chain = catalogue.seals.page(a_sealer().chain)
    assert [(row.number, row.call_id) for row in chain] == [(1, second.id), (2, first.id)]
    assert chain[1].previous == chain[0].hash
    sidecar = read_sidecar(b"".join(target.get(f"2026/11/21/{first.id}.json")))
    assert sidecar.hash == chain[1].hash


def test_an_archive_that_cannot_be_written_defers_all(intake, folder, tmp_path):
    (tmp_path / "archive").write_text("not a folder")
    calls = [hand_off(folder, number) for number in range(2)]
    outcomes = list(intake.run())
    assert {outcome.call_id for outcome in outcomes} == {call.id for call in calls}
    assert all(isinstance(outcome, Deferred) for outcome in outcomes)
    (tmp_path / "archive").unlink()
    assert intake.run_once() == 2


def test_a_target_that_keeps_other_bytes_is_caught(folder, catalogue):
    class Forgetful(MemoryTarget):
        def put(self, name: str, source: Source) -> Stored:
            stored = super().put(name, source)
            super().put(name, b"something else")
            return stored

    call = hand_off(folder, 1)
    (outcome,) = Intake(folder, Forgetful(), catalogue, "main", a_sealer()).run()
    assert isinstance(outcome, Deferred)
    assert "reads back as 14 bytes" in outcome.reason
    assert catalogue.calls.get(call.id) is None


def test_what_a_kill_left_of_a_removal_is_swept(intake, folder):
    (folder / ".done-x").mkdir(parents=True)
    (folder / ".done-x" / "call.json").write_text("{}")
    assert intake.run_once() == 0
    assert list(folder.iterdir()) == []
