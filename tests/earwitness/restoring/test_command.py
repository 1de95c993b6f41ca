"""``earwitness restore``: from where, with which keys, and what it says."""

import json
import shutil

import pytest

from earwitness.cli.opening import opener
from earwitness.cli.restore import from_snapshot, places
from earwitness.errors import SettingsError
from earwitness.keeping_settings import EncryptionSettings, LocalTargetSettings
from earwitness.restored import Restored
from earwitness.settings import Settings
from storage.errors import KeyUnusable
from storage.targets.marker import MARKER
from tests.earwitness.installation import NOW
from tests.earwitness.restoring.drill import CALLS, LATER, disk, restore
from tests.earwitness.test_commands import earwitness
from tests.storage.handoffs import a_call


@pytest.mark.parametrize("filled", [False], indirect=True, ids=["clear"])
def test_a_wrong_folder_is_refused_and_the_right_one_restores_after_it(filled, tmp_path):
    wrong, to = tmp_path / "wrong", tmp_path / "new"
    (wrong / "photos").mkdir(parents=True)
    (wrong / "photos" / "cat.json").write_text("{}")
    shutil.copy(disk(filled) / MARKER, wrong)
    done = earwitness("restore", "--path", str(wrong), "--json", data=to)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"There is nothing to restore in {wrong}" in done.stderr
    assert not to.exists()
    done = earwitness("restore", "--path", str(disk(filled)), "--json", data=to)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["calls"] == len(CALLS)


@pytest.mark.parametrize("filled", [True], indirect=True, ids=["encrypted"])
def test_the_command_restores(filled, tmp_path):
    key = tmp_path / "master"
    key.write_text("bW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW0=\n")
    done = earwitness(
        "restore", "--path", str(disk(filled)), "--key-file", str(key), "--json", data=tmp_path / "new"
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["calls"] == len(CALLS)


@pytest.mark.parametrize("filled", [True], indirect=True, ids=["encrypted"])
def test_keys_that_do_not_open_are_told_with_how_to_give_others(filled, tmp_path):
    words = tmp_path / "words"
    words.write_text("wrong\n")
    shown = earwitness("browse", str(disk(filled)), "--passphrase-file", str(words))
    assert shown.returncode == 1
    assert "The list of calls on the medium box-7 is encrypted for the master key" in shown.stderr
    assert "--key-file FILE" in shown.stderr
    done = earwitness(
        "restore", "--path", str(disk(filled)), "--passphrase-file", str(words), data=tmp_path / "new"
    )
    assert done.returncode == 1
    assert "The snapshot snapshots/" in done.stderr
    assert "(a passphrase) do not open it. Give the passphrase with --passphrase-file FILE" in done.stderr


def test_a_key_that_is_given_stands_in_for_one_of_the_settings_that_is_gone(tmp_path):
    keys = EncryptionSettings(master_key=f"file:{tmp_path / 'gone'}")
    settings = Settings(data=tmp_path, encryption=keys)
    with pytest.raises(KeyUnusable, match=r"put its copy back.*--passphrase-file FILE"):
        opener(None, None, settings)
    (tmp_path / "words").write_text("horse\n")
    assert opener(None, tmp_path / "words", settings).masters == ""


def test_the_command_wants_to_know_from_where(tmp_path):
    with pytest.raises(SettingsError, match="--from TARGET"):
        places(Settings(data=tmp_path), "", None)
    with pytest.raises(SettingsError, match="no target nowhere"):
        places(Settings(data=tmp_path), "nowhere", None)
    disk = LocalTargetSettings(kind="local", name="disk", folder=tmp_path / "disk")
    source, to = places(Settings(data=tmp_path, targets=(disk,)), "disk", None)
    assert (source.name, to.name) == ("disk", "local")


@pytest.mark.parametrize("gone_on", [False], indirect=True, ids=["clear"])
def test_it_is_said_what_is_missing_since_the_snapshot(gone_on, tmp_path):
    _, done = restore(gone_on, tmp_path / "new")
    assert done.newest == a_call(max(LATER)).start
    said = from_snapshot(done)
    assert said.startswith(
        f"As of {NOW.astimezone():%Y-%m-%d %H:%M:%S}, when the snapshot was taken: users 1, "
    )
    assert said.endswith("What people changed after that time is missing.")
    assert from_snapshot(Restored()).startswith("There was no snapshot: users, ")
