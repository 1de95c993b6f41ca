"""Disks that fill up are told long before, the one of the data folder too; sound moves off where it may."""

import subprocess
from datetime import timedelta

import pytest
from sqlalchemy import update

from earwitness import wiring
from earwitness.keeping import room
from earwitness.keeping.means import Means
from earwitness.settings import Settings
from storage.catalogue.tables import copies
from storage.clock import utc_now
from storage.targets import LocalTarget, MemoryTarget
from tests.storage.retention.archived import NOW, archive, names
from tests.storage.targets.disks import unmountable

ALL = 99.9999999
"""What a test writes is more than the rest, however large the disk."""
HALF_FULL = 3 << 20


@pytest.fixture
def disk(tmp_path):
    """A file system of four megabytes of its own."""
    if reason := unmountable():
        pytest.skip(reason)
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def worries(catalogue, settings, now=utc_now, **targets):
    """What the chores worry about."""
    found = Means.of(settings, catalogue, wiring.targets(settings) | targets, lambda: False, now)
    for chore in room.chores(found):
        chore.work()
    return found.worries.all()


def installation(folder, targets=(), **settings):
    made = Settings.model_validate({"data": folder / "data", "targets": list(targets)} | settings)
    made.folders.make()
    return made


def a_folder(folder, role="copy"):
    return {"name": "nas", "kind": "local", "folder": folder, "role": role}


def test_a_disk_that_both_share_is_told_once(catalogue, tmp_path):
    settings = installation(tmp_path, space={"warn_percent": ALL})
    assert list(worries(catalogue, settings)) == ["room"]
    elsewhere = installation(tmp_path, archive={"folder": tmp_path / "calls"}, space={"warn_percent": ALL})
    assert list(worries(catalogue, elsewhere)) == ["room"]
    taken = installation(tmp_path, [a_folder(tmp_path / "nas", "primary")], space={"warn_percent": ALL})
    assert list(worries(catalogue, taken)) == ["room"]
    assert worries(catalogue, installation(tmp_path, space={"warn_percent": 0})) == {}


@pytest.mark.root
def test_the_disk_of_the_data_folder_is_told_where_the_archive_has_its_own(catalogue, tmp_path, disk):
    settings = installation(disk, archive={"folder": tmp_path / "calls"}, space={"warn_percent": 50})
    assert "data room" not in worries(catalogue, settings)
    (settings.data / "handoff" / "calls").write_bytes(bytes(HALF_FULL))
    told = worries(catalogue, settings)["data room"]
    assert told.startswith("Only 2")
    assert f"% of the disk of the data folder {settings.data} are free." in told
    assert "those that wait for local" in told


@pytest.mark.root
def test_a_full_disk_of_the_archive_is_not_that_of_the_data_folder(catalogue, tmp_path, disk):
    settings = installation(tmp_path, archive={"folder": disk}, space={"warn_percent": 50})
    before = worries(catalogue, settings)
    (disk / "calls").write_bytes(bytes(HALF_FULL))
    assert worries(catalogue, settings).keys() - before.keys() == {"room"}


def test_the_disk_of_the_data_folder_is_told_where_calls_come_in_on_a_server(catalogue, tmp_path):
    cloud = {"name": "cloud", "kind": "s3", "bucket": "calls", "role": "primary"}
    settings = installation(tmp_path, [cloud], space={"warn_percent": ALL})
    assert list(worries(catalogue, settings, cloud=MemoryTarget())) == ["data room"]


def test_the_disk_of_the_data_folder_is_told_while_a_share_is_not_mounted(catalogue, tmp_path):
    share = a_folder(tmp_path / "share" / "calls", "primary") | {"mount": tmp_path / "share"}
    settings = installation(tmp_path, [share], space={"warn_percent": ALL})
    assert list(worries(catalogue, settings)) == ["data room"]


@pytest.mark.parametrize(("needed", "proven", "moved"), [(1, 1, True), (2, 1, False), (2, 2, True)])
def test_sound_moves_off_where_so_many_copies_as_the_settings_ask_are_proven(
    catalogue, tmp_path, needed, proven, moved
):
    others = [{"name": name, "kind": "local", "folder": tmp_path / name} for name in ("nas", "disk")]
    space = {"free_percent": ALL, "copies": needed}
    settings = installation(tmp_path, others, space=space, scrub={"days": 30})
    targets = wiring.targets(settings)
    archive(catalogue, targets, range(3), at=NOW)
    with catalogue.database.write() as connection:
        for days, name in zip((29, 29 if proven == 2 else 31), ("nas", "disk"), strict=True):
            checked = update(copies).where(copies.c.target == name).values(checked=NOW - timedelta(days=days))
            connection.execute(checked)
    told = worries(catalogue, settings, lambda: NOW)["room"]
    assert "bytes are lacking" in told
    here = [name for name in names(LocalTarget(settings.archive_folder)) if name.endswith(".opus")]
    assert len(here) == (0 if moved else 3)


def test_no_sound_moves_off_for_a_copy_that_is_to_be_given_away(catalogue, tmp_path):
    settings = installation(tmp_path, [a_folder(tmp_path / "nas", "export")], space={"free_percent": ALL})
    archive(catalogue, wiring.targets(settings), range(3), at=NOW)
    with catalogue.database.write() as connection:
        connection.execute(update(copies).values(checked=NOW))
    assert "no other call lies safely elsewhere" in worries(catalogue, settings, lambda: NOW)["room"]
    assert len(names(LocalTarget(settings.archive_folder))) == 9


def test_no_sound_moves_off_where_the_settings_do_not_ask_for_room(catalogue, tmp_path):
    settings = installation(tmp_path, [a_folder(tmp_path / "nas")])
    archive(catalogue, wiring.targets(settings), range(3), at=NOW)
    with catalogue.database.write() as connection:
        connection.execute(update(copies).values(checked=NOW))
    worries(catalogue, settings, lambda: NOW)
    assert len(names(LocalTarget(settings.archive_folder))) == 9
