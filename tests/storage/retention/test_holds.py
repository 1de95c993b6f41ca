"""Legal holds: what they cover, and that it takes two to release one."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.catalogue import Agent
from storage.criteria import Criteria
from storage.errors import BadRule, NotInCatalogue, NotNow, SamePerson
from storage.retention.holds import Holds, HoldState
from tests.storage.handoffs import a_call

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def holds(catalogue):
    return Holds(catalogue)


@pytest.fixture
def ids(catalogue):
    calls = [a_call(number, agent=f"80{number:02}") for number in range(4)]
    catalogue.calls.add_many([(call, ()) for call in calls])
    return [call.id for call in calls]


def covered(catalogue, holds):
    found = catalogue.calls.page(limit=10)
    return {call_id: [hold.name for hold in over] for call_id, over in holds.covering(found).items()}


def test_what_a_hold_covers(catalogue, holds, ids):
    holds.place("Named", "court", by="anna", now=NOW, call_ids=[ids[0], ids[0], ids[1]])
    holds.place("Agent", "court", by="anna", now=NOW + timedelta(1), criteria=Criteria(agents=("8001",)))
    assert covered(catalogue, holds) == {ids[0]: ["Named"], ids[1]: ["Agent", "Named"]}


def test_a_hold_covers_calls_that_come_later(catalogue, holds):
    holds.place("All", "court", by="anna", now=NOW, criteria=Criteria())
    late = a_call(9)
    catalogue.calls.add(late)
    assert covered(catalogue, holds) == {late.id: ["All"]}


def test_a_hold_on_a_team_by_name_or_id_and_on_one_that_is_not_there(catalogue, holds):
    team = catalogue.teams.create("Sales")
    catalogue.agents.put(Agent("8001", "Li", team=team.id))
    call = a_call(1)
    catalogue.calls.add(call)
    for stated in ("Sales", team.id):
        hold = holds.place(stated, "court", by="anna", now=NOW, criteria=Criteria(teams=(stated,)))
        assert hold.criteria == Criteria(teams=(team.id,))
    assert set(covered(catalogue, holds)[call.id]) == {"Sales", team.id}
    with pytest.raises(BadRule, match="There is no team Sale"):
        holds.place("Slip", "court", by="anna", now=NOW, criteria=Criteria(teams=("Sales", "Sale")))
    assert len(holds.all()) == 2


def test_release_takes_two(catalogue, holds, ids):
    hold = holds.place("Named", "court", by="Anna", now=NOW, call_ids=ids)
    assert (hold.state, hold.named, hold.placed_by) == (HoldState.IN_FORCE, 4, "anna")
    with pytest.raises(NotNow):
        holds.release(hold.id, "ben", NOW)
    asked = holds.ask_release(hold.id, "settled", "anna", NOW)
    assert (asked.state, asked.release_reason) == (HoldState.RELEASE_ASKED, "settled")
    with pytest.raises(SamePerson):
        holds.release(hold.id, "anna", NOW)
    assert len(covered(catalogue, holds)) == 4
    assert holds.keep(hold.id).state is HoldState.IN_FORCE
    holds.ask_release(hold.id, "settled", "anna", NOW)
    assert holds.release(hold.id, "ben", NOW).state is HoldState.RELEASED
    assert covered(catalogue, holds) == {}
    with pytest.raises(NotNow, match="released"):
        holds.add_calls(hold.id, ids)
    assert [each.id for each in holds.all()] == [hold.id]


def test_calls_are_added_to_a_hold(catalogue, holds, ids):
    hold = holds.place("Named", "court", by="anna", now=NOW, call_ids=ids[:1])
    assert holds.add_calls(hold.id, ids[:3]).named == 3
    assert holds.calls_of(hold.id) == sorted(ids[:3])
    assert holds.calls_of(hold.id, after=sorted(ids[:3])[0], limit=1) == sorted(ids[:3])[1:2]


def test_a_hold_on_nothing(holds, ids):
    with pytest.raises(BadRule, match="criteria"):
        holds.place("Empty", "court", by="anna", now=NOW)
    with pytest.raises(BadRule, match="reason"):
        holds.place("Why", " ", by="anna", now=NOW, call_ids=ids)
    with pytest.raises(BadRule, match=r"5 to 2,000 characters"):
        holds.place("Why", "x" * 2001, by="anna", now=NOW, call_ids=ids)
    with pytest.raises(NotInCatalogue):
        holds.place("Gone", "court", by="anna", now=NOW, call_ids=[*ids, "nowhere"])
    assert holds.all() == []
