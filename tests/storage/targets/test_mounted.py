"""A folder that counts only while its file system is mounted."""

import os
import subprocess
from pathlib import Path

import pytest

from storage.errors import TargetAbsent
from storage.targets.mounted import MountedTarget
from tests.storage.targets.contract import TargetContract
from tests.storage.targets.disks import broken_mount


@pytest.fixture
def share(tmp_path):
    """A mount point with a file system of its own."""
    point = tmp_path / "share"
    point.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "none", point], check=True)
    yield point
    while os.path.ismount(point):
        subprocess.run(["umount", "--lazy", point], check=True)


@pytest.mark.root
class TestMountedTarget(TargetContract):
    @pytest.fixture
    def target(self, share):
        return MountedTarget(share / "recordings", share)


@pytest.mark.root
def test_while_it_is_not_mounted_nothing_is_written_in_its_place(share):
    target = MountedTarget(share / "recordings", share)
    target.put("a", b"sound")
    reading = target.get("a")
    subprocess.run(["umount", "--lazy", share], check=True)
    for use in (
        lambda: target.put("a", b"other"),
        lambda: target.stat("a"),
        lambda: list(target.list()),
        lambda: list(reading),
        lambda: target.delete("a"),
        target.space,
    ):
        with pytest.raises(TargetAbsent, match="Nothing is mounted at"):
            use()
    assert list(share.iterdir()) == []


@pytest.mark.root
def test_a_mount_whose_driver_was_killed_has_to_be_unmounted_first(tmp_path):
    point = tmp_path / "share"
    target = MountedTarget(point / "recordings", point)
    with (
        broken_mount(point),
        pytest.raises(
            TargetAbsent, match=rf"mount at {point} is broken \(Transport .*`umount -l {point}` as root"
        ),
    ):
        target.put("a", b"sound")


def test_a_folder_that_is_no_mount_point_is_absent(tmp_path):
    with pytest.raises(TargetAbsent, match="Mount it"):
        MountedTarget(tmp_path / "recordings", tmp_path).put("a", b"sound")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_elsewhere_is_refused():
    with pytest.raises(ValueError, match="/srv/recordings"):
        MountedTarget(Path("/srv/recordings"), Path("/mnt/nas"))
