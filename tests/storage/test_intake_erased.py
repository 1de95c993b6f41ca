"""A hand-off of a call that is gone: it does not come back, and nothing of it stays aside either."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from storage import reception
from storage.catalogue import AuditEntry
from storage.catalogue.audit import append_events
from storage.criteria import Criteria
from storage.intake import Intake
from storage.outcomes import Deferred, Refused, Taken
from storage.retention.deletion import ACTION, Deletion
from storage.retention.holds import Holds
from storage.retention.removing import remove_pending
from storage.targets import MemoryTarget
from tests.storage.handoffs import hand_off
from tests.storage.sealers import a_sealer

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def target():
    return MemoryTarget()


@pytest.fixture
def intake(tmp_path, target, catalogue):
    return Intake(tmp_path / "handoff", target, catalogue, "main", a_sealer())


@pytest.fixture
def deleted(tmp_path, target, catalogue, intake):
    """Deletes an archived call of which the hand-off lies there still, or again: it came ``left`` after the
    deletion, by the clock."""

    def make(cause: str, *, remove: bool = True, left: timedelta | None = None) -> str:
        call = hand_off(tmp_path / "handoff", 1)
        assert intake.run_once() == 1
        Deletion(catalogue).again({call.id: cause}, by="ben", now=NOW)
        if remove:
            remove_pending(catalogue, {"main": target}, now=NOW)
        again = hand_off(tmp_path / "handoff", 1)
        if left is not None:
            came = (NOW + left).timestamp()
            os.utime(tmp_path / "handoff" / again.id, (came, came))
        return again.id

    return make


@pytest.mark.parametrize("remove", [True, False], ids=["gone", "being-removed"])
def test_an_erased_call_does_not_come_back(tmp_path, target, catalogue, intake, deleted, remove):
    call_id = deleted("erasure: asked for", remove=remove)
    other = hand_off(tmp_path / "handoff", 2).id
    refused, taken = sorted(intake.run(), key=lambda outcome: outcome.call_id != call_id)
    assert isinstance(refused, Refused)
    assert refused.reason == (
        "The call was erased on 2026-11-22 (UTC), as two people agreed. It is not archived again, and what "
        "was recorded is removed."
    )
    assert isinstance(taken, Taken)
    assert [found.call.id for found in catalogue.calls.page()] == [other]
    assert [path for path in (tmp_path / "handoff").rglob("*") if path.is_file()] == []
    assert list(intake.run()) == []
    remove_pending(catalogue, {"main": target}, now=NOW)
    assert not any(call_id in blob.name for blob in target.list("2026"))


def test_what_cannot_be_removed_waits_and_is_said(tmp_path, catalogue, intake, deleted, monkeypatch):
    call_id = deleted("erasure: asked for")
    error = OSError("Read-only file system")
    monkeypatch.setattr(reception, "remove_all", lambda folders: [error for _ in folders])
    (outcome,) = intake.run()
    assert isinstance(outcome, Deferred)
    assert outcome.reason.endswith("cannot be removed: Read-only file system")
    assert catalogue.calls.get(call_id) is None
    monkeypatch.undo()
    assert [type(outcome) for outcome in intake.run()] == [Refused]


def test_what_is_handed_off_after_a_rule_deleted_it_is_kept_again(catalogue, intake, deleted):
    call_id = deleted("retention: Old", left=timedelta(seconds=1))
    (outcome,) = intake.run()
    assert isinstance(outcome, Taken)
    assert catalogue.calls.get(call_id) is not None


@pytest.mark.parametrize("remove", [True, False], ids=["gone", "being-removed"])
def test_what_was_left_behind_before_a_rule_deleted_it_goes(tmp_path, catalogue, intake, deleted, remove):
    call_id = deleted("retention: Old", remove=remove, left=timedelta(seconds=-1))
    (outcome,) = intake.run()
    assert isinstance(outcome, Refused)
    assert outcome.reason == (
        "A rule deleted the call on 2026-11-22 (UTC), and this hand-off is older. It is not archived again, "
        "and what was recorded is removed."
    )
    assert catalogue.calls.get(call_id) is None
    assert [path for path in (tmp_path / "handoff").rglob("*") if path.is_file()] == []


def test_an_erased_call_stays_away_whatever_a_rule_did_with_it(catalogue, intake, deleted):
    call_id = deleted("erasure: asked for")
    with catalogue.database.write() as connection:
        event = AuditEntry(
            at=NOW,
            actor="rules",
            action=ACTION,
            object_kind="call",
            object_id=call_id,
            reason="retention: Old",
        )
        append_events(connection, [event])
    assert [type(outcome) for outcome in intake.run()] == [Refused]


def test_what_a_later_hold_may_cover_is_kept_again(catalogue, intake, deleted):
    call_id = deleted("retention: Old", left=timedelta(days=-1))
    Holds(catalogue).place(
        "Case 7", "A law suit", by="cara", now=NOW, criteria=Criteria(numbers=("13812348910",))
    )
    assert [type(outcome) for outcome in intake.run()] == [Taken]
    assert catalogue.calls.get(call_id) is not None


def test_a_hand_off_of_a_clock_that_cannot_be_right_is_not_taken_for_old(catalogue, intake, deleted):
    call_id = deleted("retention: Old", left=datetime(2019, 1, 1, tzinfo=UTC) - NOW)
    assert [type(outcome) for outcome in intake.run()] == [Taken]
    assert catalogue.calls.get(call_id) is not None
