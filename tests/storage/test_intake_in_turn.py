"""More hand-offs than a batch holds: one batch is archived while others are looked at and removed."""

import os
from pathlib import Path

import pytest

from storage import intake
from storage.errors import CatalogueError, DiskFull
from storage.intake import Intake
from storage.outcomes import Outcome, Rejected, Taken
from storage.targets.contract import Source, Stored
from storage.targets.memory import MemoryTarget
from tests.storage.handoffs import a_call, hand_off, hand_off_call
from tests.storage.sealers import a_sealer


@pytest.fixture(autouse=True)
def batches_of_two(monkeypatch):
    monkeypatch.setattr(intake, "_BATCH", 2)


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "handoff"


class Full(MemoryTarget):
    """Has no room for the blobs of one call."""

    at = "nothing"

    def put(self, name: str, source: Source) -> Stored:
        if self.at in name:
            raise DiskFull("the archive")
        return super().put(name, source)


def waiting(folder: Path, count: int, damaged: frozenset[int] = frozenset()) -> list[str]:
    """The ids of so many hand-offs, oldest first."""
    ids = []
    for number in range(count):
        if number in damaged:
            call = hand_off_call(folder, a_call(number, audio=b"promised"), b"delivered")
        else:
            call = hand_off(folder, number)
        os.utime(folder / call.id, (number, number))
        ids.append(call.id)
    return ids


def test_all_are_taken_in_their_order(folder, catalogue):
    ids = waiting(folder, 7)
    outcomes = list(Intake(folder, MemoryTarget(), catalogue, "main", a_sealer()).run())
    assert [outcome.call_id for outcome in outcomes] == ids
    assert all(isinstance(outcome, Taken) and outcome.new for outcome in outcomes)
    chain = catalogue.seals.page(a_sealer().chain)
    assert [(row.number, row.call_id) for row in chain] == list(enumerate(ids, 1))
    assert list(folder.iterdir()) == []


def test_a_full_disk_stops_after_everything_else_was_said(folder, catalogue):
    ids = waiting(folder, 8, damaged=frozenset({5}))
    target = Full()
    target.at = ids[2]
    taking = Intake(folder, target, catalogue, "main", a_sealer())
    outcomes: list[Outcome] = []
    with pytest.raises(DiskFull):
        outcomes.extend(taking.run())
    said = {outcome.call_id: type(outcome) for outcome in outcomes}
    assert said == {ids[0]: Taken, ids[1]: Taken, ids[3]: Taken, ids[5]: Rejected}
    assert taking.pending() == [ids[2], ids[4], ids[6], ids[7]]
    target.at = "nothing"
    assert taking.run_once() == 4
    assert catalogue.calls.count() == 7


def test_a_catalogue_that_fails_later_does_not_hide_what_was_taken(folder, catalogue, monkeypatch):
    ids = waiting(folder, 4)
    looked: list[list[str]] = []
    many = catalogue.calls.get_many

    def get_many(call_ids):
        looked.append(list(call_ids))
        if len(looked) > 1:
            raise CatalogueError("The catalogue went away.")
        return many(call_ids)

    monkeypatch.setattr(catalogue.calls, "get_many", get_many)
    taking = Intake(folder, MemoryTarget(), catalogue, "main", a_sealer())
    outcomes: list[Outcome] = []
    with pytest.raises(CatalogueError, match="went away"):
        outcomes.extend(taking.run())
    assert [outcome.call_id for outcome in outcomes] == ids[:2]
    monkeypatch.undo()
    assert taking.pending() == ids[2:]
