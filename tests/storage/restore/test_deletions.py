"""Deletions that records on a target tell of are repeated, where the records are ours."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.criteria import Criteria
from storage.encryption.keyring import KeyOpener
from storage.intake import Intake
from storage.model import rfc3339
from storage.outcomes import Refused, Taken
from storage.restore.deletions import repeat_deletions
from storage.restore.rows import RowsFromSidecars
from storage.retention.holds import Holds
from storage.seals.deletion import deletion_record, second_name
from storage.targets import MemoryTarget
from tests.storage.encryption.keys import a_master
from tests.storage.handoffs import hand_off
from tests.storage.sealers import a_key, a_sealer

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OURS = {a_key().public.id: a_key().public}


def deleted(archived, number: int, sealer=None, seals=None, rule="erasure") -> str:
    """Put the record of a deletion on the target; the id of the call."""
    call_id = archived.calls[number].id
    named = archived.catalogue.seals.of_calls([call_id])[call_id] if seals is None else seals
    archived.target.put(*deletion_record(sealer or a_sealer(), call_id, named, NOW, rule, "anna"))
    return call_id


@pytest.fixture
def restored(archived, fresh):
    RowsFromSidecars(fresh, archived.target, "disk", KeyOpener([a_master()])).restore(NOW)
    return fresh


def test_what_was_deleted_goes_again(archived, restored):
    gone = deleted(archived, 1)
    done = repeat_deletions(restored, archived.target, OURS, NOW)
    assert (done.calls, done.unproven) == ([gone], [])
    assert restored.calls.get(gone) is None
    assert len(restored.calls.page()) == 2
    assert repeat_deletions(restored, archived.target, OURS, NOW).calls == []


def test_the_second_record_of_a_call_is_followed_too_and_one_under_another_name_is_not(archived, restored):
    seals = archived.catalogue.seals
    for number, rename in ((0, second_name), (1, lambda name, _: name.replace(".json", "-12345678.json"))):
        call_id = archived.calls[number].id
        name, data = deletion_record(
            a_sealer(), call_id, seals.of_calls([call_id])[call_id], NOW, "erasure", "anna"
        )
        archived.target.put(rename(name, data), data)
    done = repeat_deletions(restored, archived.target, OURS, NOW)
    assert done.calls == [archived.calls[0].id]


def test_a_record_that_others_signed_is_told_and_not_followed(archived, restored):
    kept = deleted(archived, 1, a_sealer(7))
    done = repeat_deletions(restored, archived.target, OURS, NOW)
    assert (done.calls, done.unproven) == ([], [kept])
    assert restored.calls.get(kept) is not None


def test_a_call_that_was_sealed_after_its_deletion_stays(archived, restored):
    kept = deleted(archived, 1, seals=[])
    assert repeat_deletions(restored, archived.target, OURS, NOW).calls == []
    assert restored.calls.get(kept) is not None


def test_a_call_that_is_held_by_now_stays_until_two_released_the_hold(archived, restored):
    again = deleted(archived, 1)
    holds = Holds(restored)
    hold = holds.place("Case 9", "court", by="anna", now=NOW, criteria=Criteria())
    done = repeat_deletions(restored, archived.target, OURS, NOW)
    assert (done.calls, done.held) == ([], [again])
    assert restored.calls.get(again) is not None
    holds.ask_release(hold.id, "settled", "anna", NOW)
    assert repeat_deletions(restored, archived.target, OURS, NOW).held == [again]
    holds.release(hold.id, "ben", NOW)
    done = repeat_deletions(restored, archived.target, OURS, NOW)
    assert (done.calls, done.held) == ([again], [])


def test_holds_of_a_snapshot_keep_what_was_deleted_before_it_and_nothing_that_went_later(archived, restored):
    again = deleted(archived, 1)
    Holds(restored).place("Case 9", "court", by="anna", now=NOW, call_ids=[again])
    later, earlier = NOW + timedelta(hours=1), NOW - timedelta(hours=1)
    assert repeat_deletions(restored, archived.target, OURS, NOW, as_of=later).held == [again]
    done = repeat_deletions(restored, archived.target, OURS, NOW, as_of=earlier)
    assert (done.calls, done.held) == ([again], [])


def test_records_from_before_the_snapshot_are_left_out(archived, restored):
    deleted(archived, 1)
    assert repeat_deletions(restored, archived.target, OURS, NOW, NOW + timedelta(days=2)).calls == []


def test_the_seals_of_calls_that_came_and_went_leave_no_hole(archived, fresh):
    for number in range(3):
        deleted(archived, number)
    assert repeat_deletions(fresh, archived.target, OURS, NOW).calls == []
    chain = fresh.seals.page(a_sealer().chain, 0, 10)
    before = archived.catalogue.seals.page(a_sealer().chain, 0, 10)
    assert [(row.number, row.hash, row.previous) for row in chain] == [
        (row.number, row.hash, row.previous) for row in before
    ]


@pytest.fixture
def intake(tmp_path, catalogue):
    return Intake(tmp_path / "handoff", MemoryTarget(), catalogue, "main", a_sealer())


def test_an_erasure_of_a_call_that_the_snapshot_did_not_know_is_known_from_then_on(
    tmp_path, archived, catalogue, intake
):
    for number, rule in ((0, "erasure: asked for"), (1, "retention: Old")):
        deleted(archived, number, rule=rule)
    erased, other = (hand_off(tmp_path / "handoff", number) for number in (0, 1))
    later = NOW + timedelta(hours=1)
    assert repeat_deletions(catalogue, archived.target, OURS, later).calls == []
    assert {one.call_id: type(one) for one in intake.run()} == {erased.id: Refused, other.id: Taken}
    (event,) = catalogue.audit.page()
    assert (event.actor, event.object_id, event.reason) == ("anna", erased.id, "erasure: asked for")
    assert (event.at, event.after) == (later, {"deleted": rfc3339(NOW)})
    repeat_deletions(catalogue, archived.target, OURS, later)
    assert [one.object_id for one in catalogue.audit.page() if one.object_id == erased.id] == [erased.id]


def test_an_erasure_that_a_hold_keeps_from_being_repeated_is_not_said_to_be_done(archived, restored):
    again = deleted(archived, 1, rule="erasure: asked for")
    Holds(restored).place("Case 9", "court", by="anna", now=NOW, criteria=Criteria())
    assert repeat_deletions(restored, archived.target, OURS, NOW).held == [again]
    assert [event.action for event in restored.audit.page()] == []
