"""What was spooled comes onto the disk without anybody waiting for it."""

import errno
import os
import threading
from pathlib import Path

import pytest

from recorder.spool.syncing import Syncing, syncfs
from tests.waiting import PATIENCE


class Disk:
    """Counts how often it was synced; ``fails`` where it cannot be."""

    def __init__(self) -> None:
        self.written = 0
        self.synced = 0
        self.fails = False
        self.told: list[str] = []

    def sync(self, descriptor: int) -> None:
        assert os.fstat(descriptor)
        if self.fails:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        self.synced += 1

    def syncing(self, folder: Path, every: float = 0.0) -> Syncing:
        return Syncing(folder, lambda: self.written, self.told.append, every, self.sync)


def test_the_disk_is_synced_where_anything_was_written(tmp_path: Path) -> None:
    disk = Disk()
    syncing = disk.syncing(tmp_path)
    counts = []
    for written in (0, 5, 5, 9):
        disk.written = written
        syncing.look()
        counts.append(disk.synced)
    assert counts == [0, 1, 1, 2]


def test_a_disk_that_fails_is_told_once_and_tried_again(tmp_path: Path) -> None:
    disk = Disk()
    syncing = disk.syncing(tmp_path)
    disk.written, disk.fails = 5, True
    syncing.look()
    syncing.look()
    assert disk.told == ["the spool cannot be brought onto its disk: Input/output error"]
    disk.fails = False
    syncing.look()
    assert disk.told[1:] == [""]
    assert disk.synced == 1


def test_it_goes_on_by_itself_and_a_last_time_at_the_end(tmp_path: Path) -> None:
    disk, is_synced = Disk(), threading.Event()
    disk.written = 1
    mark, sync = (lambda: disk.written), disk.sync

    def seen(descriptor: int) -> None:
        sync(descriptor)
        is_synced.set()

    with Syncing(tmp_path, mark, disk.told.append, 0.001, seen):
        assert is_synced.wait(PATIENCE)
    with Syncing(tmp_path, mark, disk.told.append, PATIENCE, seen):
        disk.synced = 0
    assert disk.synced == 1
    assert not disk.told


def test_a_disk_that_hangs_does_not_hold_up_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recorder.spool.syncing.PATIENCE", 0.01)
    disk, goes_on = Disk(), threading.Event()
    disk.written = 1
    with Syncing(tmp_path, lambda: 1, disk.told.append, PATIENCE, lambda _: goes_on.wait(PATIENCE) and None):
        pass
    goes_on.set()


def test_the_kernel_syncs_the_file_system_of_a_folder(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    syncfs(descriptor)
    os.close(descriptor)
    with pytest.raises(OSError, match="Bad file descriptor"):
        syncfs(descriptor)
