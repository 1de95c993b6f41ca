"""Looking at a target, and trying what a copy does."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from storage.catalogue import Condition
from storage.copies.probe import ONLY_ASKED, probe
from storage.errors import DiskFull, TargetAbsent, TargetError, TargetUnreachable
from storage.targets import LocalTarget, MemoryTarget
from storage.targets.contract import Space, Stored


def test_a_target_that_is_well_keeps_nothing_of_it(tmp_path):
    target = LocalTarget(tmp_path / "not yet there")
    seen = probe(target)
    assert seen.condition is Condition.UP
    assert not target.root.exists()
    seen = probe(target, writes=True)
    assert (seen.condition, seen.detail) == (Condition.UP, "")
    assert 0 < seen.free <= seen.total
    assert list(target.list()) == []


def test_a_folder_that_cannot_be_made_is_down():
    seen = probe(LocalTarget(Path("/proc/nothing")), writes=True)
    assert (seen.condition, seen.answers) == (Condition.DOWN, False)
    assert seen.detail.startswith("/proc/nothing is not there: it cannot be made")


def test_a_file_in_the_way_is_down(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    seen = probe(LocalTarget(tmp_path / "file"), writes=True)
    assert seen.condition is Condition.DOWN
    assert "is no folder" in seen.detail


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_of_others_is_down(tmp_path):
    tmp_path.chmod(0o500)
    try:
        seen = probe(LocalTarget(tmp_path / "ours"), writes=True)
    finally:
        tmp_path.chmod(0o700)
    assert seen.condition is Condition.DOWN
    assert "has no right to use" in seen.detail


class Away(MemoryTarget):
    def __init__(self, error):
        super().__init__()
        self.error = error

    def stat(self, name):
        raise self.error


@pytest.mark.parametrize(
    ("error", "condition"),
    [
        (TargetAbsent("The disk is not mounted."), Condition.ABSENT),
        (TargetUnreachable("The FTP server cannot be reached."), Condition.DOWN),
    ],
)
def test_a_disk_that_is_not_here_is_absent_and_a_server_that_nobody_reaches_is_down(error, condition):
    seen = probe(Away(error), writes=True)
    assert (seen.condition, seen.detail, seen.answers) == (condition, str(error), False)
    assert not seen.lasting


class Full(MemoryTarget):
    def put(self, name, source):
        raise DiskFull("the disk")

    def space(self):
        return Space(0, 100)


def test_a_full_one_answers_and_is_down():
    seen = probe(Full(), writes=True)
    assert (seen.condition, seen.answers, seen.free, seen.total) == (Condition.DOWN, True, 0, 100)


class Lying(MemoryTarget):
    def put(self, name, source):
        stored = super().put(name, bytes(len(source)))
        return Stored(name, stored.bytes, "")


def test_one_that_keeps_other_bytes_is_down_and_is_left_empty():
    target = Lying()
    seen = probe(target, writes=True)
    assert seen.condition is Condition.DOWN
    assert "reads back as" in seen.detail
    assert list(target.list()) == []


class Clinging(MemoryTarget):
    def delete(self, name):
        raise TargetError("Nothing is deleted here.")


def test_one_that_does_not_delete_is_down():
    assert probe(Clinging(), writes=True).detail == "Nothing is deleted here."


class Lasting(MemoryTarget):
    capabilities = replace(MemoryTarget.capabilities, deletes=False)


@pytest.mark.parametrize(("target", "keeps"), [(MemoryTarget(), True), (Lasting(), False)])
def test_on_one_that_keeps_what_it_has_nothing_is_written_and_that_is_said(target, keeps):
    seen = probe(target, writes=True, keeps=keeps)
    assert (seen.condition, seen.detail) == (Condition.UP, ONLY_ASKED)
    assert list(target.list()) == []
