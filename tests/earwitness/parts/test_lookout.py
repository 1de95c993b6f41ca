"""What a part says of the folder that holds it up, and what goes on meanwhile."""

import pytest
from structlog.testing import capture_logs

from earwitness.parts.archive import log
from earwitness.parts.lookout import Lookout
from indexer.errors import IndexUnusable
from storage.targets import LocalTarget
from storage.targets.timely import DOES_NOT_ANSWER
from tests.hanging import HangingFolder
from tests.hanging_writes import HangingWrites
from tests.storage.handoffs import START
from tests.waiting import PATIENCE

SOON = 0.05


class Part:
    silent = 0.0
    indexed = 0
    broken = False

    def meanwhile(self):
        if self.broken:
            raise IndexUnusable("The index is damaged.")
        self.indexed += 1
        return {"calls_waiting": 3}


@pytest.fixture
def part():
    return Part()


@pytest.fixture(params=[HangingFolder, HangingWrites])
def folder(request, tmp_path):
    made = request.param(tmp_path / "vault")
    yield made
    made.answer()


def looking(part, tmp_path, patience):
    options = {"silence": 30, "patience": patience}
    target = LocalTarget(tmp_path / "vault")
    return Lookout(target, lambda: part.silent, part.meanwhile, log, lambda: START, **options)


@pytest.fixture
def lookout(part, tmp_path):
    return looking(part, tmp_path, SOON)


def test_a_folder_that_hangs_is_told_while_the_part_is_silent(part, folder, lookout):
    folder.hang()
    lookout.look()
    assert (lookout.hindrance(), part.indexed) == (None, 0), "it gave a sign of life"
    part.silent = 31.0
    with capture_logs() as said:
        lookout.look()
        lookout.look()
    hindrance = lookout.hindrance()
    assert hindrance.text == f"Calls wait to be archived since 2026-11-21 19:25 UTC: {DOES_NOT_ANSWER}"
    assert (hindrance.numbers, part.indexed) == ({"calls_waiting": 3}, 2)
    assert [line["event"] for line in said] == ["no call is archived"]
    part.silent = 0.0
    lookout.look()
    assert lookout.hindrance() is None


def test_a_folder_that_is_only_slow_is_not_told(part, tmp_path):
    (tmp_path / "vault").mkdir()
    lookout = looking(part, tmp_path, PATIENCE)
    part.silent = 400.0
    lookout.look()
    assert (lookout.hindrance(), part.indexed) == (None, 0)
    assert list((tmp_path / "vault").iterdir()) == []


def test_a_folder_is_told_also_where_nothing_else_goes_on(part, folder, lookout):
    part.broken = True
    folder.hang()
    part.silent = 31.0
    with capture_logs() as said:
        lookout.look()
        lookout.look()
    assert DOES_NOT_ANSWER in lookout.hindrance().text
    assert [line["event"] for line in said] == ["no call is archived", "not all goes on beside the folder"]
