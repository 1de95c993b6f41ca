"""A process that works for another one: what it answers, and how it ends."""

import operator
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage.errors import FolderBusy, HelperGone
from storage.helper import Helper
from storage.lock import DataFolderLock
from tests.waiting import until

START_AND_WAIT = """
import os, sys
from pathlib import Path
from storage.helper import Helper
from storage.lock import DataFolderLock
with DataFolderLock(Path(sys.argv[1]), "archive") as lock, Helper(lock.shared()) as helper:
    print(helper.call(os.getpid), flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def lock(tmp_path: Path):
    with DataFolderLock(tmp_path, "archive") as lock:
        yield lock


@pytest.fixture
def helper(lock: DataFolderLock):
    with Helper(lock.shared()) as helper:
        yield helper


def is_free(folder: Path) -> bool:
    try:
        with DataFolderLock(folder, "archive"):
            return True
    except FolderBusy:
        return False


def test_answers_from_a_process_of_its_own(helper):
    assert helper.call(os.getpid) not in {os.getpid(), 0}
    assert helper.call(int, "ff", base=16) == 255
    assert isinstance(helper.call(OSError, 28, "No space left on device"), OSError)


def test_many_threads_get_each_its_own_answer(helper):
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda n: helper.call(operator.neg, n), range(200))) == [-n for n in range(200)]


def test_what_is_printed_is_no_answer(helper):
    assert helper.call(print, "to standard error") is None
    assert helper.call(os.write, 1, b"this too\n") == 9
    assert helper.call(operator.neg, 1) == -1


def test_signals_to_everybody_do_not_end_it(helper):
    pid = helper.call(os.getpid)
    os.kill(pid, signal.SIGINT)
    os.kill(pid, signal.SIGTERM)
    assert helper.call(os.getpid) == pid


def test_one_that_is_killed_is_gone(helper):
    with pytest.raises(HelperGone, match="ended: -9"):
        helper.call(signal.raise_signal, signal.SIGKILL)
    with pytest.raises(HelperGone):
        helper.call(os.getpid)


def test_an_error_of_the_function_ends_it(helper):
    with pytest.raises(HelperGone, match="ended: 1"):
        helper.call(int, "no number")


def test_the_lock_is_held_until_both_are_gone(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", START_AND_WAIT, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        helper = int(process.stdout.readline())
        os.kill(helper, signal.SIGSTOP)
        process.kill()
    assert not is_free(tmp_path)
    os.kill(helper, signal.SIGCONT)
    until(lambda: is_free(tmp_path))
