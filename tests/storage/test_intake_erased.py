"""A hand-off of an erased call: it does not come back, and nothing of it stays aside either."""

from datetime import UTC, datetime

import pytest

from storage import reception
from storage.intake import Intake
from storage.outcomes import Deferred, Refused, Taken
from storage.retention.deletion import Deletion
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
    """Deletes an archived call of which the hand-off lies there still, or again."""

    def make(cause: str, *, remove: bool = True) -> str:
        call = hand_off(tmp_path / "handoff", 1)
        assert intake.run_once() == 1
        Deletion(catalogue).again({call.id: cause}, by="ben", now=NOW)
        if remove:
            remove_pending(catalogue, {"main": target}, now=NOW)
        return hand_off(tmp_path / "handoff", 1).id

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


def test_what_a_rule_deleted_may_be_replayed(catalogue, intake, deleted):
    call_id = deleted("retention: Old")
    (outcome,) = intake.run()
    assert isinstance(outcome, Taken)
    assert catalogue.calls.get(call_id) is not None
