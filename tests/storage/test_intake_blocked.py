"""Intake where the target does not answer: it leaves what waits as it lies, and loses and doubles nothing."""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from storage import intake
from storage.errors import TargetError, TargetUnreachable
from storage.intake import Intake
from storage.outcomes import Deferred, Rejected, Taken
from storage.passage import IN_A_ROW, STOPPING
from storage.targets.contract import Source, Stored
from storage.targets.local import LocalTarget
from storage.targets.memory import MemoryTarget
from tests.storage.handoffs import a_call, hand_off, hand_off_call
from tests.storage.sealers import a_sealer

AT_ONCE = 16
"""Blobs that may be under way when the target goes: those of one batch, and sidecars of the one before."""
GONE = "Nobody answers at the archive."


class Far(MemoryTarget):
    """On a machine that can be switched off; counts what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.off = False
        self.off_after: int | None = None
        """So many puts go well before it is switched off."""
        self.tries = 0
        self.puts: Counter[str] = Counter()
        self.refuses: Callable[[str], bool] = lambda _: False
        """Which names are not taken."""

    def _ask(self) -> None:
        self.tries += 1
        if self.off:
            raise TargetUnreachable(GONE)

    def put(self, name: str, source: Source) -> Stored:
        if self.off_after is not None and sum(self.puts.values()) >= self.off_after:
            self.off = True
        self._ask()
        if self.refuses(name):
            raise TargetError(f"There is no right to write {name}.")
        stored = super().put(name, source)
        self.puts[name] += 1
        return stored

    def stat(self, name: str) -> Stored | None:
        self._ask()
        return super().stat(name)


@pytest.fixture(autouse=True)
def batches_of_ten(monkeypatch):
    monkeypatch.setattr(intake, "_BATCH", 10)


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "handoff"


@pytest.fixture
def target() -> Far:
    return Far()


@pytest.fixture
def taking(folder, target, catalogue) -> Intake:
    return Intake(folder, target, catalogue, "main", a_sealer())


def waiting(folder: Path, count: int) -> list[str]:
    """The ids of so many hand-offs, oldest first."""
    ids = []
    for number in range(count):
        ids.append(hand_off(folder, number).id)
        os.utime(folder / ids[-1], (number, number))
    return ids


def chain(catalogue) -> list[tuple[int, str]]:
    return [(row.number, row.call_id) for row in catalogue.seals.page(a_sealer().chain)]


def test_a_target_that_does_not_answer_is_asked_once_and_nothing_is_touched(
    folder, target, taking, catalogue
):
    ids = waiting(folder, 45)
    damaged = hand_off_call(folder, a_call(99, audio=b"promised"), b"delivered").id
    target.off = True
    outcomes = list(taking.run())
    assert outcomes == [Deferred(call_id, GONE) for call_id in [*ids, damaged]]
    assert (target.tries, taking.blocked) == (1, GONE)
    target.off = False
    outcomes = list(taking.run())
    assert [outcome.call_id for outcome in outcomes if isinstance(outcome, Rejected)] == [damaged]
    assert [outcome.call_id for outcome in outcomes if isinstance(outcome, Taken) and outcome.new] == ids
    assert taking.blocked == ""
    assert chain(catalogue) == list(enumerate(ids, 1))


def test_nobody_is_asked_where_nothing_waits(taking, target):
    target.off = True
    assert list(taking.run()) == []
    assert (target.tries, taking.blocked) == (0, "")


@pytest.mark.parametrize("after", [7, 31, 80])
def test_a_target_that_goes_away_on_the_way_gets_the_rest_later_in_order(
    folder, target, taking, catalogue, after
):
    ids = waiting(folder, 60)
    target.off_after = after
    first = list(taking.run())
    assert taking.blocked == GONE
    assert {outcome.call_id for outcome in first} == set(ids)
    taken = [outcome.call_id for outcome in first if isinstance(outcome, Taken)]
    assert taken == ids[: len(taken)], "whole batches, as none was entered without all before it"
    assert [name for _, name in chain(catalogue)] == taken == ids[: catalogue.calls.count()]
    assert taking.pending() == ids[len(taken) :]
    assert target.tries <= 2 * after + AT_ONCE + 1
    target.off, target.off_after = False, None
    assert taking.run_once() == len(ids) - len(taken)
    assert chain(catalogue) == list(enumerate(ids, 1))
    stored = {copy.name for found in catalogue.calls.page(limit=100) for copy in found.copies}
    assert {stored.name for stored in target.list()} == stored
    assert taking.pending() == []


def test_calls_that_a_target_does_not_take_stand_in_nobodys_way(folder, target, taking, catalogue):
    ids = waiting(folder, 40)
    bad = set(ids[: 2 * IN_A_ROW])
    target.refuses = lambda name: any(call_id in name for call_id in bad)
    outcomes = list(taking.run())
    assert {outcome.call_id for outcome in outcomes if isinstance(outcome, Deferred)} == bad
    assert (catalogue.calls.count(), taking.blocked) == (40 - len(bad), "")
    target.refuses = lambda _: False
    assert taking.run_once() == len(bad)


def test_a_target_that_takes_nothing_is_left_alone_soon(folder, target, taking):
    ids = waiting(folder, 60)
    target.refuses = lambda _: True
    outcomes = list(taking.run())
    assert [outcome.call_id for outcome in outcomes] == ids
    assert "no right to write probe-" in taking.blocked
    assert target.tries <= IN_A_ROW + AT_ONCE + 3
    target.refuses = lambda _: False
    assert taking.run_once() == 60


def test_when_it_is_to_stop_what_was_carried_is_entered_and_no_more_is_begun(
    folder, target, taking, catalogue
):
    ids = waiting(folder, 60)
    outcomes = list(taking.run(lambda: len(target.puts) >= 26))
    taken = [outcome.call_id for outcome in outcomes if isinstance(outcome, Taken)]
    assert taken
    assert catalogue.calls.count() == len(taken) < 30
    deferred = [outcome for outcome in outcomes if not isinstance(outcome, Taken)]
    assert all(outcome == Deferred(outcome.call_id, STOPPING) for outcome in deferred)
    assert (taking.blocked, len(outcomes)) == ("", len(taken) + len(deferred))
    assert sorted(taking.pending()) == sorted(set(ids) - set(taken))
    assert taking.run_once() == 60 - len(taken)
    assert {call_id for _, call_id in chain(catalogue)} == set(ids)


def test_a_folder_of_this_machine_is_left_between_batches(folder, tmp_path, catalogue):
    ids = waiting(folder, 35)
    taking = Intake(folder, LocalTarget(tmp_path / "archive"), catalogue, "main", a_sealer())
    outcomes = list(taking.run(lambda: catalogue.calls.count() > 0))
    assert [outcome.call_id for outcome in outcomes] == ids[:20]
    assert all(isinstance(outcome, Taken) for outcome in outcomes)
    assert taking.run_once() == 15
    assert chain(catalogue) == list(enumerate(ids, 1))


def test_a_folder_of_this_machine_that_cannot_be_written_is_left_alone_soon(folder, tmp_path, catalogue):
    ids = waiting(folder, 35)
    damaged = hand_off_call(folder, a_call(99, audio=b"promised"), b"delivered").id
    (tmp_path / "archive").write_text("no folder")
    taking = Intake(folder, LocalTarget(tmp_path / "archive"), catalogue, "main", a_sealer())
    outcomes = list(taking.run())
    assert [outcome.call_id for outcome in outcomes] == [*ids, damaged]
    assert all(isinstance(outcome, Deferred) for outcome in outcomes), "also one that it never came to"
    assert "is no folder" in taking.blocked
    (tmp_path / "archive").unlink()
    assert taking.run_once() == 35
    assert (taking.blocked, chain(catalogue)) == ("", list(enumerate(ids, 1)))


def test_what_is_asked_of_a_medium_that_keeps_everything_leaves_nothing_there(tmp_path, catalogue):
    far = Far()
    far.refuses = lambda name: name.startswith("2026")
    for number in range(2 * IN_A_ROW):
        hand_off(tmp_path, number)
    names: list[str] = []
    put = far.put
    far.put = lambda name, source: (names.append(name), put(name, source))[1]
    list(Intake(tmp_path, far, catalogue, "main", a_sealer(), lasting=True).run())
    assert names
    assert [name for name in names if name.startswith("probe-")] == []
