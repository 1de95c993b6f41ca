"""Erasures: two people, and never of what is held."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.errors import BadRule, NotInCatalogue, NotNow, SamePerson, UnderHold
from storage.retention.erasures import Erasures, ErasureState
from storage.retention.holds import Holds
from tests.storage.handoffs import a_call

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def erasures(catalogue):
    return Erasures(catalogue)


@pytest.fixture
def ids(catalogue):
    calls = [a_call(number) for number in range(3)]
    catalogue.calls.add_many([(call, ()) for call in calls])
    return [call.id for call in calls]


def test_one_asks_and_another_agrees(erasures, ids):
    asked = erasures.request([*ids, ids[0]], "the customer asked for it", by="Anna", now=NOW)
    assert (asked.state, asked.call_ids, asked.requested_by) == (ErasureState.ASKED, tuple(ids), "anna")
    with pytest.raises(SamePerson):
        erasures.approve(asked.id, "anna", NOW)
    assert erasures.to_do() == []
    approved = erasures.approve(asked.id, "ben", NOW)
    assert (approved.state, approved.decided_by) == (ErasureState.APPROVED, "ben")
    assert erasures.to_do() == [approved] == erasures.page()
    assert erasures.page(before=NOW) == []
    with pytest.raises(NotNow):
        erasures.refuse(asked.id, "carl", NOW)


def test_refused(erasures, ids):
    asked = erasures.request(ids, "a whim", by="anna", now=NOW)
    assert erasures.refuse(asked.id, "anna", NOW).state is ErasureState.REFUSED
    with pytest.raises(NotNow):
        erasures.approve(asked.id, "ben", NOW)


def test_what_is_held_is_not_erased(catalogue, erasures, ids):
    asked = erasures.request(ids, "the customer asked for it", by="anna", now=NOW)
    hold = Holds(catalogue).place("Court", "court", by="carl", now=NOW, call_ids=ids[1:2])
    with pytest.raises(UnderHold, match="Court") as refused:
        erasures.approve(asked.id, "ben", NOW)
    assert refused.value.call_ids == (ids[1],)
    with pytest.raises(UnderHold):
        erasures.request(ids[1:], "again", by="anna", now=NOW)
    assert erasures.get(asked.id).state is ErasureState.ASKED
    Holds(catalogue).ask_release(hold.id, "settled", "carl", NOW)
    Holds(catalogue).release(hold.id, "anna", NOW + timedelta(seconds=1))
    assert erasures.approve(asked.id, "ben", NOW).state is ErasureState.APPROVED


def test_requests_of_nothing(erasures, ids):
    with pytest.raises(BadRule, match="1 to 1000"):
        erasures.request([], "why", by="anna", now=NOW)
    with pytest.raises(BadRule, match="reason"):
        erasures.request(ids, "", by="anna", now=NOW)
    with pytest.raises(BadRule, match=r"5 to 2,000 characters"):
        erasures.request(ids, "  ask   ", by="anna", now=NOW)
    with pytest.raises(NotInCatalogue):
        erasures.request(["nowhere"], "the customer asked for it", by="anna", now=NOW)
