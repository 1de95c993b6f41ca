"""A backlog is archived by four processes as by one, also where a helper is killed."""

import os
import signal

import pytest

from storage import intake
from storage.carrying import carry
from storage.catalogue import Catalogue, sqlite_url
from storage.encryption.target import EncryptedTarget
from storage.helper import Helper
from storage.intake import Intake
from storage.lock import DataFolderLock
from storage.outcomes import Rejected, Taken
from storage.spent import remove_all
from storage.targets import LocalTarget, MemoryTarget
from storage.targets.contract import Stored, verify
from tests.storage.encryption.keys import a_keyring
from tests.storage.handoffs import a_call, hand_off, hand_off_call, hand_off_encrypted
from tests.storage.sealers import a_sealer

DAMAGED, CLOSED, COUNT = 4, 6, 9


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(intake, "_BATCH", 2)
    monkeypatch.setattr(intake, "_MANY", COUNT)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "handoff"


@pytest.fixture
def target(tmp_path):
    return LocalTarget(tmp_path / "archive")


@pytest.fixture
def catalogue(tmp_path):
    opened = Catalogue(sqlite_url(tmp_path / "catalogue.db"))
    yield opened
    opened.close()


@pytest.fixture
def backlog(folder):
    """The ids of nine hand-offs, oldest first: one is damaged, one kept as packets."""
    ids = []
    for number in range(COUNT):
        if number == DAMAGED:
            call = hand_off_call(folder, a_call(number, audio=b"promised"), b"delivered")
        else:
            call = (hand_off_encrypted if number == CLOSED else hand_off)(folder, number)
        os.utime(folder / call.id, (number, number))
        ids.append(call.id)
    return ids


@pytest.fixture
def asked(monkeypatch):
    """What helpers are asked to do."""
    asked = []
    call = Helper.call

    def noted(self, function, *args):
        asked.append(function)
        return call(self, function, *args)

    monkeypatch.setattr(Helper, "call", noted)
    return asked


@pytest.fixture
def taking(tmp_path, folder, target, catalogue):
    with DataFolderLock(tmp_path, "archive") as lock:
        yield Intake(folder, target, catalogue, "main", a_sealer(), a_keyring(catalogue), lock=lock)


def check(backlog, folder, target, catalogue, outcomes):
    """Everything is said once, in its order, and lies encrypted where the catalogue says."""
    assert [outcome.call_id for outcome in outcomes if isinstance(outcome, Taken)] == [
        call_id for call_id in backlog if call_id != backlog[DAMAGED]
    ]
    (rejected,) = (outcome for outcome in outcomes if not isinstance(outcome, Taken))
    assert isinstance(rejected, Rejected)
    assert rejected.reason == "audio.opus has 9 bytes; call.json says 8."
    assert [path.name for path in folder.iterdir()] == [".rejected"]
    opened = EncryptedTarget(target, a_keyring(catalogue))
    for found in catalogue.calls.iterate():
        for copy in found.copies:
            verify(target, Stored(copy.name, copy.bytes, copy.sha256))
        for blob in filter(None, (found.call.recording, found.call.encrypted)):
            verify(opened, Stored(blob.path, blob.bytes, blob.sha256))
    assert catalogue.calls.count() == COUNT - 1
    assert [row.number for row in catalogue.seals.page(a_sealer().chain)] == list(range(1, COUNT))


def test_helpers_carry_and_remove_a_backlog(taking, backlog, folder, target, catalogue, asked):
    outcomes = list(taking.run())
    check(backlog, folder, target, catalogue, outcomes)
    assert asked.count(carry) == asked.count(remove_all) == 5


def test_few_calls_are_not_worth_helpers(taking, backlog, folder, asked):
    for path in (folder / backlog[0]).iterdir():
        path.unlink()
    (folder / backlog[0]).rmdir()
    list(taking.run())
    assert asked == []


def test_targets_elsewhere_get_no_helpers(tmp_path, folder, catalogue, backlog, asked):
    with DataFolderLock(tmp_path, "archive") as lock:
        taking = Intake(folder, MemoryTarget(), catalogue, "main", a_sealer(), lock=lock)
        assert taking.run_once() == COUNT - 1
    assert asked == []


@pytest.mark.parametrize("at", [0, 1, 2, 4, 7])
def test_a_helper_that_is_killed_is_replaced_by_this_process(
    taking, backlog, folder, target, catalogue, monkeypatch, at
):
    call = Helper.call
    calls = []

    def killed_at(self, function, *args):
        calls.append(function)
        if len(calls) == at + 1:
            os.kill(self.pid, signal.SIGKILL)
        return call(self, function, *args)

    monkeypatch.setattr(Helper, "call", killed_at)
    outcomes = list(taking.run())
    check(backlog, folder, target, catalogue, outcomes)


def test_where_no_process_can_be_started_this_one_does_it(
    taking, backlog, folder, target, catalogue, monkeypatch
):
    start = Helper.__init__
    started = []

    def refused(self, lock):
        if started:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        started.append(self)
        start(self, lock)

    monkeypatch.setattr(Helper, "__init__", refused)
    check(backlog, folder, target, catalogue, list(taking.run()))
    with pytest.raises(ProcessLookupError):
        os.kill(started[0].pid, 0)


def test_helpers_end_with_the_run_that_is_left(taking, backlog, folder, tmp_path, monkeypatch):
    pids = []
    start = Helper.__init__

    def noted(self, lock):
        start(self, lock)
        pids.append(self.pid)

    monkeypatch.setattr(Helper, "__init__", noted)
    running = taking.run()
    next(running)
    running.close()
    assert len(pids) == 3
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
