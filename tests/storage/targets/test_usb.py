"""The target on a removable disk."""

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.errors import DiskFull, TargetAbsent, TargetError, TargetRefused
from storage.targets.marker import MARKER, marker, volume_of
from storage.targets.mounts import Mount
from storage.targets.usb import UsbTarget
from storage.targets.usb_care import advice, eject, prepare
from tests.descriptors import descriptors
from tests.storage.targets import disks
from tests.storage.targets.contract import DATA, TargetContract, content

pytestmark = pytest.mark.root
VOLUME = "backup-1"


@pytest.mark.parametrize("kind", disks.KINDS)
def test_this_file_system_is_tried(kind):
    if reason := disks.lacking(kind) or disks.unmountable():
        pytest.skip(f"the suite does not run on {kind}: {reason}")


@pytest.fixture(scope="module", params=[kind for kind in disks.KINDS if not disks.lacking(kind)] or ["ext4"])
def plugged(request, tmp_path_factory) -> Iterator[Path]:
    """A prepared disk of each file system, mounted for all tests of the contract."""
    folder = tmp_path_factory.mktemp("usb")
    disk = disks.make(request.param, folder / "image")
    point = disk.plug(folder / "disk")
    try:
        prepare(point, VOLUME, (folder,))
        yield point
    finally:
        disk.unplug()


class TestUsbTarget(TargetContract):
    @pytest.fixture
    def target(self, plugged) -> UsbTarget:
        for entry in plugged.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry.name != MARKER:
                entry.unlink()
        return UsbTarget(VOLUME, (plugged.parent,))


@pytest.fixture
def new_disk(tmp_path) -> Iterator[Callable[[], disks.Disk]]:
    made: list[disks.Disk] = []

    def make() -> disks.Disk:
        made.append(disks.make("ext4", tmp_path / f"image-{len(made)}", 16))
        return made[-1]

    yield make
    for disk in made:
        disk.unplug()


@pytest.fixture
def roots(tmp_path) -> tuple[Path, ...]:
    (tmp_path / "media").mkdir()
    return (tmp_path / "media",)


@pytest.fixture
def place(roots) -> Path:
    return roots[0] / "disk"


@pytest.fixture
def disk(new_disk, roots, place) -> disks.Disk:
    """A prepared disk, plugged in."""
    made = new_disk()
    prepare(made.plug(place), VOLUME, roots)
    return made


@pytest.fixture
def target(disk, roots) -> UsbTarget:
    return UsbTarget(VOLUME, roots)


def uses(target: UsbTarget) -> list[Callable[[], object]]:
    return [
        lambda: target.put("2026/a", DATA),
        lambda: target.get("2026/a"),
        lambda: target.stat("2026/a"),
        lambda: list(target.list()),
        lambda: target.delete("2026/a"),
        target.space,
    ]


def test_nothing_is_written_where_the_disk_is_not(target, disk, place):
    target.put("2026/a", DATA)
    disk.unplug()
    for use in uses(target):
        with pytest.raises(TargetAbsent, match="backup-1 is not mounted at or below"):
            use()
    assert list(place.iterdir()) == [], "the folder on the system disk"
    disk.plug(place)
    assert content(target, "2026/a") == DATA


def test_a_mount_whose_driver_was_killed_has_to_be_unmounted_first(target, disk, place, roots):
    target.put("2026/a", DATA)
    disk.unplug()
    with disks.broken_mount(place):
        for use in [*uses(target), lambda: eject(VOLUME, roots)]:
            with pytest.raises(
                TargetAbsent, match=rf"is broken \(Transport endpoint .*run `umount -l {place}`"
            ):
                use()
        with pytest.raises(TargetRefused, match=rf"mount at {place} is broken .*umount -l"):
            prepare(place, VOLUME, roots)
        disk.plug(place.with_name("elsewhere"))
        assert content(target, "2026/a") == DATA, "one that is well is found beside it"


def test_the_folder_that_the_disk_was_on_is_not_made(target, disk, place):
    disk.unplug()
    place.rmdir()
    with pytest.raises(TargetAbsent):
        target.put("2026/a", DATA)
    assert not place.exists()


def test_a_marker_on_the_system_disk_makes_no_disk_of_it(target, disk, place):
    disk.unplug()
    (place / MARKER).write_bytes(marker(VOLUME))
    for use in uses(target):
        with pytest.raises(TargetAbsent):
            use()
    assert [entry.name for entry in place.iterdir()] == [MARKER]


def test_another_disk_in_its_place_is_left_alone(target, disk, new_disk, place, roots):
    disk.unplug()
    other = new_disk()
    other.plug(place)
    for use in uses(target):
        with pytest.raises(TargetAbsent):
            use()
    prepare(place, "backup-2", roots)
    with pytest.raises(TargetAbsent):
        target.put("2026/a", DATA)
    assert {entry.name for entry in place.iterdir()} == {MARKER, "lost+found"}


def test_the_disk_is_found_wherever_it_is_mounted(target, disk, roots):
    target.put("2026/a", DATA)
    disk.unplug()
    (roots[0] / "user").mkdir()
    moved = disk.plug(roots[0] / "user" / "Backup Disk\t1\\2")
    assert content(target, "2026/a") == DATA
    target.put("2026/b", DATA)
    assert (moved / "2026/b").read_bytes() == DATA


def test_two_disks_of_one_name_are_refused(target, disk, new_disk, roots):
    twin = new_disk()
    point = twin.plug(roots[0] / "twin")
    (point / MARKER).write_bytes(marker(VOLUME))
    with pytest.raises(TargetRefused, match="Two disks call themselves backup-1"):
        target.put("2026/a", DATA)


class PulledAfter(io.BytesIO):
    """Something happens to the disk between two pieces of what is written to it."""

    def __init__(self, happens: Callable[[], None]) -> None:
        super().__init__(bytes(3_000_000))
        self.happens = happens

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() >= 2 << 20:
            self.happens()
            self.happens = lambda: None
        return super().read(size)


def test_pulled_while_writing_leaves_nothing_half_there(target, disk, place):
    target.put("2026/a", b"old")
    os.sync()
    for name in ("2026/a", "2026/b"):
        with pytest.raises(TargetAbsent, match="went away while"):
            target.put(name, PulledAfter(disk.break_off))
        with pytest.raises(TargetAbsent):
            target.stat("2026/a")
        disk.unplug()
        assert list(place.iterdir()) == []
        disk.plug(place)
        assert content(target, "2026/a") == b"old"
        assert [blob.name for blob in target.list()] == ["2026/a"]
    target.sweep(datetime.now(UTC) + timedelta(hours=1))
    assert [entry.name for entry in (place / "2026").iterdir()] == ["a"]


def test_unmounted_while_writing_it_is_written_to_the_disk_and_never_beside_it(target, disk, place):
    target.put("2026/a", PulledAfter(disk.unplug))
    assert list(place.iterdir()) == []
    with pytest.raises(TargetAbsent):
        target.stat("2026/a")
    disk.plug(place)
    assert content(target, "2026/a") == bytes(3_000_000)


def test_another_disk_mounted_over_it_while_writing_gets_nothing(target, disk, new_disk, place):
    other = new_disk()
    target.put("2026/a", PulledAfter(lambda: other.plug(place)))
    assert {entry.name for entry in place.iterdir()} == {"lost+found"}
    other.unplug()
    assert content(target, "2026/a") == bytes(3_000_000)


def test_a_disk_without_room_is_told_by_its_name(target, place):
    with pytest.raises(DiskFull, match=rf"No space left on the disk of backup-1 \({place}\)\."):
        target.put("a", bytes(32 << 20))
    assert list(target.list()) == []


def test_a_disk_that_is_read_only_is_told(target, place):
    subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
    with pytest.raises(TargetRefused, match="is mounted read-only"):
        target.put("a", DATA)


def test_the_marker_stays_and_keeps_its_name(target):
    for other in (b"", b"[]", b"{}", marker("backup-2"), b'{"volume": "backup-1"}'):
        with pytest.raises(TargetRefused, match="has to name this volume"):
            target.put(MARKER, other)
    with pytest.raises(TargetRefused, match="it stays"):
        target.delete(MARKER)
    more = marker(VOLUME)[:-2] + b', "installation": "x"}'
    target.put(MARKER, io.BytesIO(more))
    assert content(target, MARKER) == more
    assert volume_of(more) == VOLUME
    assert list(target.list()) == []


def test_nothing_stays_open(target):
    before = descriptors()
    target.put("a", DATA)
    unread = target.get("a")
    begun = target.get("a")
    next(begun)
    del unread, begun
    list(target.list())
    assert descriptors() - before == {}


def test_prepare_says_what_is_wrong(new_disk, roots, place, tmp_path):
    with pytest.raises(TargetRefused, match="is not below"):
        prepare(tmp_path, VOLUME, roots)
    place.mkdir()
    with pytest.raises(TargetRefused, match="Nothing is mounted at"):
        prepare(place, VOLUME, roots)
    assert list(place.iterdir()) == []
    disk = new_disk()
    disk.plug(place)
    assert prepare(place, VOLUME, roots).kind == "ext4"
    assert prepare(place, VOLUME, roots).point == place
    with pytest.raises(TargetRefused, match="already known as backup-1"):
        prepare(place, "backup-2", roots)
    second = new_disk().plug(roots[0] / "second")
    with pytest.raises(TargetRefused, match=f"Another disk is known as backup-1: at {place}"):
        prepare(second, VOLUME, roots)


def test_eject_unmounts_and_says_when_it_cannot(target, disk, place, roots):
    target.put("2026/a", DATA)
    with (place / "2026/a").open("rb"), pytest.raises(TargetError, match=r"[^.]\. Do not pull the disk"):
        eject(VOLUME, roots)
    assert eject(VOLUME, roots).point == place
    assert not place.is_mount()
    with pytest.raises(TargetAbsent):
        eject(VOLUME, roots)
    disk.plugged.clear()
    disk.plug(place)
    assert content(target, "2026/a") == DATA


PROGRAM = """
import resource, sys
from io import BytesIO
from pathlib import Path
from storage.errors import TargetRefused
from storage.targets.mounts import Mount
from storage.targets.usb import UsbTarget
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
target = UsbTarget("backup-1", (Path(sys.argv[1]),))
try:
    target.put("a", BytesIO(bytes(3 << 20)))
except TargetRefused as error:
    print(error)
assert list(target.list()) == []
"""


def test_a_file_that_becomes_too_long_for_the_disk_is_told(target, roots):
    command = [sys.executable, "-c", PROGRAM, str(roots[0])]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    assert "a is longer than a file can be on this disk" in done.stdout


def test_what_is_said_of_a_file_system():
    fat = Mount(Path("/media/disk"), "/dev/sdb1", "vfat", True)
    assert "no file over 4 GiB" in advice(fat)
    assert advice(replace(fat, kind="exfat")) == ""
