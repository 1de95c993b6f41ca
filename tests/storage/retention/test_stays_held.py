"""What a legal hold covers stays covered, whatever is changed of the call, until two release the hold."""

import threading
from datetime import UTC, datetime

import pytest

from storage.catalogue import Agent, Catalogue, load, sqlite_url
from storage.catalogue.changes import lock_feed
from storage.criteria import Criteria
from storage.errors import BadRule, SamePerson, TagHeld, UnderHold
from storage.model import CallState, Direction
from storage.retention.apply import apply_erasures, apply_retention
from storage.retention.deletion import Deletion
from storage.retention.erasures import Erasures
from storage.retention.holds import Holds
from tests.storage.handoffs import a_call
from tests.storage.retention.archived import NOW, archive, rule

TAGGED = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def holds(catalogue):
    return Holds(catalogue)


@pytest.fixture
def call(catalogue):
    """A call whose time is over by the rule in force."""
    (made,) = archive(catalogue, {}, [0])
    rule(catalogue, 1)
    return made


def place(holds, name="Case 9", **criteria):
    return holds.place(name, "court", by="anna", now=NOW, criteria=Criteria(**criteria))


def release(holds, hold):
    holds.ask_release(hold.id, "settled", "anna", NOW)
    holds.release(hold.id, "ben", NOW)


def deleted(catalogue):
    return [each.call_id for each in apply_retention(catalogue, by="system", now=NOW).deleted]


def test_the_tag_by_which_a_call_is_held_stays_on_it(catalogue, holds, call):
    catalogue.tags.put(call.id, "complaint", "qa", TAGGED)
    hold = place(holds, tags=("complaint",))
    position = catalogue.changes.position()
    with pytest.raises(TagHeld) as refused:
        catalogue.tags.remove(call.id, "complaint")
    assert (refused.value.tag, refused.value.holds) == ("complaint", ("Case 9",))
    assert str(refused.value) == (
        f"The tag complaint stays on the call {call.id}: by it the call is under legal hold (Case 9). "
        "It takes two people to release a hold: one asks for it, on the page Compliance or by "
        "`earwitness hold ask-release`, and another one agrees."
    )
    assert catalogue.calls.get(call.id).tags == ("complaint",)
    assert catalogue.changes.position() == position
    assert deleted(catalogue) == []
    holds.ask_release(hold.id, "settled", "anna", NOW)
    with pytest.raises(TagHeld):
        catalogue.tags.remove(call.id, "complaint")
    holds.release(hold.id, "ben", NOW)
    assert catalogue.tags.remove(call.id, "complaint")
    assert deleted(catalogue) == [call.id]


def test_a_call_that_is_tagged_after_the_hold_is_held_by_the_tag_too(catalogue, holds, call):
    place(holds, tags=("complaint",))
    catalogue.tags.put(call.id, "complaint", "qa", TAGGED)
    with pytest.raises(TagHeld):
        catalogue.tags.remove(call.id, "complaint")
    assert deleted(catalogue) == []


def test_tags_that_no_hold_needs_come_off(catalogue, holds, call):
    for tag in ("complaint", "fraud", "vip"):
        catalogue.tags.put(call.id, tag, "qa", TAGGED)
    place(holds, tags=("complaint", "fraud"))
    place(holds, "Elsewhere", tags=("vip",), agents=("9999",))
    assert catalogue.tags.remove(call.id, "vip")
    assert catalogue.tags.remove(call.id, "complaint"), "the other tag holds the call still"
    with pytest.raises(TagHeld):
        catalogue.tags.remove(call.id, "fraud")


def test_a_hold_that_names_the_call_needs_no_tag(catalogue, holds, call):
    catalogue.tags.put(call.id, "complaint", "qa", TAGGED)
    hold = place(holds, tags=("complaint",))
    holds.add_calls(hold.id, [call.id])
    assert catalogue.tags.remove(call.id, "complaint")
    assert deleted(catalogue) == []


def test_each_hold_that_needs_the_tag_is_told(catalogue, holds, call):
    catalogue.tags.put(call.id, "complaint", "qa", TAGGED)
    first, _ = place(holds, "B", tags=("complaint",)), place(holds, "A", tags=("complaint",))
    with pytest.raises(TagHeld, match=r"legal hold \(A, B\)"):
        catalogue.tags.remove(call.id, "complaint")
    release(holds, first)
    with pytest.raises(TagHeld, match=r"legal hold \(A\)"):
        catalogue.tags.remove(call.id, "complaint")


def test_a_tag_is_held_as_calls_bear_it(catalogue, holds, call):
    catalogue.tags.put(call.id, "complaint", "qa", TAGGED)
    assert place(holds, tags=(" complaint ",)).criteria.tags == ("complaint",)
    assert deleted(catalogue) == []
    with pytest.raises(BadRule, match="visible characters"):
        place(holds, tags=(" ",))


def test_a_catalogue_that_moved_holds_what_it_held(catalogue, holds, call, tmp_path):
    catalogue.tags.put(call.id, "complaint", "qa", TAGGED)
    tagged = place(holds, tags=("complaint",))
    named = holds.place("Named", "court", by="anna", now=NOW, call_ids=[call.id])
    holds.ask_release(named.id, "settled", "anna", NOW)
    url = sqlite_url(tmp_path / "moved.db")
    load(url, catalogue.dump(NOW))
    moved = Catalogue(url)
    assert Holds(moved).all() == holds.all()
    with pytest.raises(TagHeld):
        moved.tags.remove(call.id, "complaint")
    assert deleted(moved) == []
    with pytest.raises(SamePerson):
        Holds(moved).release(named.id, "anna", NOW)
    Holds(moved).release(named.id, "ben", NOW)
    assert deleted(moved) == []
    release(Holds(moved), tagged)
    assert deleted(moved) == [call.id]
    moved.close()


def test_no_way_out_of_the_catalogue_leads_past_a_hold(catalogue, holds, call):
    place(holds, agents=("8001",))
    with pytest.raises(UnderHold, match="Case 9"):
        catalogue.calls.delete(call.id)
    assert catalogue.calls.get(call.id) is not None


def test_the_tag_of_a_call_that_is_not_there_or_does_not_bear_it(catalogue, holds, call):
    place(holds, tags=("complaint",))
    assert not catalogue.tags.remove(call.id, "complaint")
    assert not catalogue.tags.remove("nowhere", "complaint")


def test_a_hold_and_the_taking_off_of_its_tag_at_one_moment(catalogue_url, catalogue, call):
    catalogue.tags.put(call.id, "complaint", "qa", TAGGED)
    other = Catalogue(catalogue_url)
    placed = threading.Thread(target=place, args=(Holds(other),), kwargs={"tags": ("complaint",)})
    taken: list[object] = []

    def take_off() -> None:
        try:
            taken.append(catalogue.tags.remove(call.id, "complaint"))
        except TagHeld as error:
            taken.append(error)

    taking = threading.Thread(target=take_off)
    with other.database.write() as connection:
        lock_feed(connection)
        placed.start()
        taking.start()
    placed.join()
    taking.join()
    other.close()
    # Whichever was first: a call that lost its tag was not held then, and one that is held bears it.
    assert (catalogue.calls.get(call.id).tags == ("complaint",)) == isinstance(taken[0], TagHeld)


@pytest.mark.parametrize(
    "met",
    [
        {"numbers": ("138*",)},
        {"states": (CallState.ANSWERED,)},
        {"directions": (Direction.OUTBOUND,)},
        {"agents": ("8001",)},
        {"shortest": 30},
        {"longest": 60},
    ],
    ids=lambda met: next(iter(met)),
)
def test_a_call_that_is_described_anew_is_named_by_the_hold_that_it_would_leave(catalogue, holds, call, met):
    hold = place(holds, **met)
    other = {
        "from_": "1",
        "to": "2",
        "agent": "",
        "state": CallState.MISSED,
        "direction": Direction.INBOUND,
        "duration": 61 if "longest" in met else 1,
        "parties": (),
    }
    catalogue.calls.revise(call.model_copy(update=other), "main", ())
    assert not Criteria(**met).met_by(catalogue.calls.get(call.id))
    assert holds.calls_of(hold.id) == [call.id]
    assert deleted(catalogue) == []
    release(holds, hold)
    assert deleted(catalogue) == [call.id]


def test_a_call_that_is_described_anew_and_still_met_is_not_named(catalogue, holds, call):
    hold = place(holds, agents=("8001",))
    catalogue.calls.revise(call.model_copy(update={"duration": 1}), "main", ())
    assert holds.get(hold.id).named == 0


def test_what_becomes_of_the_agent_does_not_let_a_call_go(catalogue, holds):
    sales, service = catalogue.teams.create("Sales"), catalogue.teams.create("Service")
    catalogue.agents.put(Agent("8001", "Li", team=sales.id))
    (made,) = archive(catalogue, {}, [0])
    rule(catalogue, 1)
    place(holds, teams=("Sales",), agents=("8001",))
    catalogue.agents.put(Agent("8001", "Wang", team=service.id))
    assert deleted(catalogue) == []
    catalogue.agents.put(Agent("8001", "Wang", team=None))
    assert deleted(catalogue) == []
    catalogue.agents.delete("8001")
    catalogue.agents.put(Agent("8001", "Wang", team=service.id))
    assert deleted(catalogue) == []
    assert catalogue.calls.get(made.id).team == sales.id


def test_the_release_of_another_hold_lets_nothing_go(catalogue, holds, call):
    catalogue.tags.put(call.id, "complaint", "qa", TAGGED)
    place(holds, tags=("complaint",))
    for other in (
        place(holds, "Other"),
        holds.place("Named", "court", by="anna", now=NOW, call_ids=[call.id]),
    ):
        release(holds, other)
    assert deleted(catalogue) == []


def test_time_lets_nothing_go(catalogue, holds, call):
    place(holds, shortest=1)
    late = NOW.replace(year=2126)
    assert apply_retention(catalogue, by="system", now=late).deleted == ()


def test_an_erasure_that_was_agreed_to_before_the_hold_leaves_the_call(catalogue, holds, call):
    erasures = Erasures(catalogue)
    asked = erasures.request([call.id], "The customer asks", by="anna", now=NOW)
    erasures.approve(asked.id, "ben", NOW)
    catalogue.tags.put(call.id, "complaint", "qa", TAGGED)
    place(holds, tags=("complaint",))
    assert apply_erasures(catalogue, now=NOW)[asked.id].held == (call.id,)
    with pytest.raises(TagHeld):
        catalogue.tags.remove(call.id, "complaint")
    assert catalogue.calls.get(call.id) is not None


def test_the_same_call_handed_off_again_leaves_its_tags_and_its_hold(catalogue, holds, call):
    catalogue.tags.put(call.id, "complaint", "qa", TAGGED)
    place(holds, tags=("complaint",))
    assert not catalogue.calls.add(a_call(0, agent="9"))
    assert deleted(catalogue) == []
    assert Deletion(catalogue).by_rules([call.id], by="system", now=NOW) == []
