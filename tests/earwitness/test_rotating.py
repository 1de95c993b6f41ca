"""Another master key for a whole installation: what it opens, and that the earlier one can be thrown away."""

import base64
import shutil
from pathlib import Path

import pytest

from earwitness import encrypting, rotating, wiring
from earwitness.keeping import levelling
from earwitness.keeping.means import Means
from earwitness.keeping_settings import EncryptionSettings
from earwitness.restoring import Restoring, folder, home
from earwitness.settings import Settings
from storage.catalogue import RunKind, RunState
from storage.clock import utc_now
from storage.encryption.keyring import KeyOpener
from storage.encryption.masterkey import MasterKey
from tests.earwitness.installation import NOW, Installation

CALLS = range(4)
SECOND = MasterKey(b"s" * 32)


@pytest.fixture(params=["copy"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Installation:
    """Backed up with a snapshot and the index, all of it encrypted."""
    disk = {"name": "disk", "kind": "local", "folder": tmp_path / "disk", "role": request.param}
    installation = Installation(tmp_path, encrypted=True, target=disk)
    installation.give_master_key()
    installation.record(*CALLS)
    with wiring.index_sync(installation.settings, installation.catalogue) as sync:
        sync.rebuild()
    installation.furnish()
    installation.back_up()
    assert snapshot(installation) == {}
    return installation


def snapshot(made: Installation) -> dict[str, str]:
    targets = wiring.targets(made.settings, made.catalogue)
    means = Means.of(made.settings, made.catalogue, targets, lambda: False, utc_now)
    return levelling.snapshots(means, ["disk"])


def change_key(made: Installation) -> None:
    """Let the settings name another master key, and the first one as the previous."""
    file = made.settings.data / "second"
    file.write_text(base64.b64encode(b"s" * 32).decode())
    keys = EncryptionSettings(master_key=f"file:{file}", previous=[made.settings.encryption.master_key])
    made.settings = made.settings.model_copy(update={"encryption": keys})


def rotate(made: Installation) -> tuple[rotating.Rotated, dict[str, str]]:
    opener = KeyOpener(encrypting.masters(made.settings))
    work = rotating.rotation(made.settings, made.catalogue, opener)
    done = rotating.rotate(
        made.settings, made.catalogue, work, lambda *_: None, everything=False, by="cli:root"
    )
    return done, rotating.snapshots(made.settings, made.catalogue)


def snapshots(made: Installation) -> list[str]:
    return sorted(
        path.name for path in (made.settings.targets[0].folder / "snapshots").glob("*.catalogue.gz")
    )


@pytest.mark.parametrize("made", ["copy", "primary"], indirect=True)
def test_the_earlier_key_can_be_thrown_away(made, tmp_path):
    change_key(made)
    done, hindered = rotate(made)
    assert (done.wrapped, done.failed, done.left, hindered) == (len(CALLS) + 1, [], 0, {})
    made.catalogue.close()
    settings: Settings = made.settings.model_copy(update={"data": tmp_path / "new"})
    (made.settings.data / "master").unlink()
    source = folder(settings, made.settings.targets[0].folder)
    restored = Restoring(settings, source, home(settings), KeyOpener([SECOND])).run(NOW, "cli:root")
    assert restored.calls == len(CALLS)
    assert (restored.rows.refused, restored.blobs.lacking if restored.blobs else {}) == ({}, {})
    assert restored.index, "the index came along, though its snapshot is from before"
    catalogue = wiring.catalogue(settings)
    assert catalogue.keys.masters() == [SECOND.id]
    catalogue.close()


def test_the_snapshot_after_it_knows_the_keys_of_calls_and_is_taken_once(made):
    change_key(made)
    runs = made.catalogue.runs
    before = runs.last(RunKind.SNAPSHOT, "disk")
    assert rotate(made)[1] == {}
    after = runs.last(RunKind.SNAPSHOT, "disk")
    assert (after.id != before.id, after.state) == (True, RunState.DONE)
    done, hindered = rotate(made)
    assert (done.wrapped, hindered, runs.last(RunKind.SNAPSHOT, "disk").id) == (0, {}, after.id)
    made.catalogue.close()


def test_a_target_that_takes_no_snapshot_is_told_until_it_does(made):
    change_key(made)
    disk = made.settings.targets[0].folder
    rotate_calls = rotating.rotation(
        made.settings, made.catalogue, KeyOpener(encrypting.masters(made.settings))
    )
    rotating.rotate(made.settings, made.catalogue, rotate_calls, lambda *_: None, everything=False, by="me")
    shutil.move(disk, disk.with_name("elsewhere"))
    disk.write_bytes(b"")
    hindered = rotating.snapshots(made.settings, made.catalogue)
    assert list(hindered) == ["disk"]
    assert hindered["disk"].startswith("No snapshot on disk: ")
    disk.unlink()
    shutil.move(disk.with_name("elsewhere"), disk)
    done, hindered = rotate(made)
    assert (done.wrapped, hindered) == (0, {})
    made.catalogue.close()
