"""The target on a local disk."""

import io
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.errors import TargetError
from storage.targets import LocalTarget
from tests.descriptors import descriptors
from tests.storage.targets.contract import DATA, TargetContract, content


@pytest.fixture
def target(tmp_path: Path) -> LocalTarget:
    return LocalTarget(tmp_path / "archive")


class TestLocalTarget(TargetContract):
    """The fixture ``target`` is that of the module."""


def test_blobs_are_plain_files(target, tmp_path):
    target.put("2026/11/21/a.opus", DATA)
    assert (tmp_path / "archive/2026/11/21/a.opus").read_bytes() == DATA


def test_a_file_of_the_same_disk_is_linked_and_not_copied(target, tmp_path):
    source = tmp_path / "source"
    source.write_bytes(DATA)
    target.put("a", source)
    assert (tmp_path / "archive/a").stat().st_ino == source.stat().st_ino


def test_what_a_killed_put_left_is_not_seen_and_swept_when_old(target, tmp_path):
    target.put("2026/a", DATA)
    left = tmp_path / "archive/2026/.part-0123456789abcdef.tmp"
    left.write_bytes(DATA[:100])
    assert [blob.name for blob in target.list()] == ["2026/a"]
    now = datetime.now(UTC)
    assert target.sweep(now - timedelta(hours=1)) == 0
    assert target.sweep(now + timedelta(hours=1)) == 1
    assert not left.exists()
    assert content(target, "2026/a") == DATA


KILLED = """
import os, signal, sys
from io import BytesIO
from pathlib import Path
from storage.targets import LocalTarget

class Stream(BytesIO):
    def read(self, size=-1):
        if self.tell() >= 2 << 20:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().read(size)

LocalTarget(Path(sys.argv[1])).put("2026/b", Stream(bytes(3 << 20)))
"""


def test_what_a_process_left_that_is_no_more_is_swept_at_once_and_no_other(target, tmp_path):
    """One that was killed in the middle of a put, beside one that writes now."""
    subprocess.run(
        [sys.executable, "-c", KILLED, tmp_path / "archive"], check=False, cwd=Path(__file__).parents[3]
    )
    assert len(list((tmp_path / "archive/2026").iterdir())) == 1
    last_year = datetime.now(UTC) - timedelta(days=365)

    class Stream(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                swept.append(target.sweep(last_year))
            return super().read(size)

    swept: list[int] = []
    target.put("2026/a", Stream(DATA))
    assert sum(swept) == 1
    assert content(target, "2026/a") == DATA
    assert [path.name for path in (tmp_path / "archive/2026").iterdir()] == ["a"]


def test_other_hidden_files_of_the_disk_are_not_ours(target, tmp_path):
    target.put("a", DATA)
    (tmp_path / "archive/.Trash").mkdir()
    (tmp_path / "archive/.Trash/b").write_bytes(DATA)
    assert [blob.name for blob in target.list()] == ["a"]
    assert target.sweep(datetime.now(UTC) + timedelta(hours=1)) == 0


def test_a_file_where_a_folder_should_be_is_said(target):
    target.put("a", DATA)
    with pytest.raises(TargetError, match="a is no folder"):
        target.put("a/b", DATA)
    assert content(target, "a") == DATA


def test_a_blob_that_goes_while_it_is_read_is_still_whole(target):
    target.put("a", bytes(3_000_000))
    chunks = target.get("a")
    first = next(chunks)
    target.put("a", b"new")
    assert len(first) + sum(map(len, chunks)) == 3_000_000


def test_a_blob_cut_short_by_somebody_else_is_an_error(target, tmp_path):
    target.put("a", bytes(3_000_000))
    chunks = target.get("a")
    next(chunks)
    os.truncate(tmp_path / "archive/a", 10)
    with pytest.raises(TargetError, match="became shorter"):
        list(chunks)


def test_a_get_that_nobody_reads_leaves_nothing_open(target):
    target.put("a", DATA)
    before = descriptors()
    unread = [target.get("a") for _ in range(10)]
    assert descriptors() - before == {}
    del unread


def test_space_is_that_of_the_disk_also_before_the_folder_is_made(target, tmp_path):
    disk = os.statvfs(tmp_path)
    assert target.space().total == disk.f_blocks * disk.f_frsize
    assert not (tmp_path / "archive").exists()


def test_what_it_would_never_be_asked_for_is_not_listed(target, tmp_path):
    target.put("a", DATA)
    for name in ("b:c", "d ", "lost+found", "System Volume Information"):
        (tmp_path / "archive" / name).mkdir()
        (tmp_path / "archive" / name / "file").write_bytes(DATA)
    assert [blob.name for blob in target.list()] == ["a"]
