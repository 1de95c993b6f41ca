"""The lock of a role on a data folder, between real processes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from storage.errors import FolderBusy, FolderUnusable
from storage.lock import DataFolderLock

HOLD = """
import sys
from pathlib import Path
from storage.lock import DataFolderLock
with DataFolderLock(Path(sys.argv[1]), "intake"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path):
    """A process that holds the role until its standard input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process


def test_the_second_is_refused_and_told_who_is_there(tmp_path, holder):
    with pytest.raises(FolderBusy, match=f"{tmp_path} is in use: process {holder.pid} is its intake"):
        DataFolderLock(tmp_path, "intake").acquire()


def test_other_roles_and_other_folders_are_free(tmp_path, holder):
    (tmp_path / "other").mkdir()
    with DataFolderLock(tmp_path, "capture-eth0"), DataFolderLock(tmp_path / "other", "intake"):
        pass


def test_free_again_after_the_holder_ends(tmp_path, holder):
    holder.communicate("")
    with DataFolderLock(tmp_path, "intake"):
        assert (tmp_path / "run" / "intake.lock").read_text() == f"{os.getpid()}\n"


def test_free_again_after_the_holder_is_killed(tmp_path, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with DataFolderLock(tmp_path, "intake"):
        pass


def test_held_once_in_one_process_too(tmp_path):
    with DataFolderLock(tmp_path, "intake"), pytest.raises(FolderBusy, match=f"process {os.getpid()} "):
        DataFolderLock(tmp_path, "intake").acquire()


def test_released_twice_is_released(tmp_path):
    lock = DataFolderLock(tmp_path, "intake")
    lock.acquire()
    lock.release()
    lock.release()
    lock.acquire()
    lock.release()


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FolderUnusable, match="No such file"):
        DataFolderLock(tmp_path / "missing", "intake").acquire()


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderUnusable, match="Not a directory"):
        DataFolderLock(tmp_path / "file", "intake").acquire()


def test_an_unreadable_holder_is_another_process(tmp_path):
    with DataFolderLock(tmp_path, "intake"):
        (tmp_path / "run" / "intake.lock").write_text("")
        with pytest.raises(FolderBusy, match="another process"):
            DataFolderLock(tmp_path, "intake").acquire()
