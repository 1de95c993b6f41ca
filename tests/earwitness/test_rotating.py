"""Another master key for a whole installation: what it opens, and that the earlier one can be thrown away."""

import base64
import shutil
from pathlib import Path

import pytest

from earwitness import encrypting, rotating, wiring
from earwitness.keeping import levelling
from earwitness.keeping.means import Means
from earwitness.keeping_settings import EncryptionSettings
from earwitness.place import folder, home
from earwitness.restoring import Restoring
from earwitness.settings import Settings
from storage.catalogue import RunKind, RunState
from storage.clock import utc_now
from storage.encryption.keyring import KeyOpener
from storage.encryption.masterkey import MasterKey
from storage.errors import WrongKey
from storage.media.reading import Reading
from storage.targets import LocalTarget
from tests.earwitness.installation import MASTER, NOW, Installation
from tests.earwitness.test_verify import earwitness

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


def listed(made: Installation, *keys: MasterKey) -> tuple[bool, int]:
    """Whether the disk has a list that these keys open, and how many calls they find there without it too."""
    reading = Reading(LocalTarget(made.settings.targets[0].folder), KeyOpener(keys))
    return reading.listed, sum(len(reading.rows(day)) for day in reading.days())


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


def test_a_list_that_was_not_brought_up_yet_leaves_the_calls_to_be_found(made):
    change_key(made)
    rotate(made)
    assert listed(made, MASTER) == (True, len(CALLS))
    assert listed(made, SECOND) == (False, len(CALLS))
    with pytest.raises(WrongKey):
        listed(made, MasterKey(b"t" * 32))
    made.catalogue.close()


def test_what_the_command_leaves_opens_with_the_new_key_alone(made):
    change_key(made)
    made.catalogue.close()
    chosen, (disk,) = made.settings.encryption, made.settings.targets
    target = f'targets=[{{name="disk", kind="local", folder="{disk.folder}"}}]'
    keys = [f'encryption.master_key="{chosen.master_key}"', f'encryption.previous=["{chosen.previous[0]}"]']
    options = [text for one in (target, *keys) for text in ("--set", one)]
    done = earwitness("keys", "rotate", "--data", str(made.settings.data), *options)
    assert (done.exit_code, done.stdout) == (0, f"{len(CALLS) + 1} keys are wrapped anew.\n"), done.stderr
    assert listed(made, SECOND) == (True, len(CALLS))
    second = str(made.settings.data / "second")
    seen = earwitness("browse", str(disk.folder), "--key-file", second)
    assert (seen.exit_code, seen.stderr) == (0, f"{len(CALLS)}\n")


def test_a_list_that_cannot_be_brought_up_is_told(made):
    change_key(made)
    rotate(made)
    browse = made.settings.targets[0].folder / "browse"
    browse.rename(browse.with_name("elsewhere"))
    browse.write_text("in the way")
    hindered = rotating.lists(made.settings, made.catalogue)
    assert hindered["disk"].startswith("The list of calls on disk was not brought up: ")
    browse.unlink()
    browse.with_name("elsewhere").rename(browse)
    assert rotating.lists(made.settings, made.catalogue) == {}
    assert listed(made, SECOND) == (True, len(CALLS))
    made.catalogue.close()
