"""Calls in the catalogue, and the feed of their changes."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from storage.catalogue import Agent, CallKey, Change, ChangeKind, Copy
from storage.errors import CatalogueRefused, NotInCatalogue
from storage.model import Call
from tests.storage.handoffs import START, a_call

COPIES = (Copy("main", "a.json", 10, "ab" * 32, START), Copy("main", "a.opus", 5000, "cd" * 32, START))


def test_a_call_comes_back_as_it_was(catalogue):
    call = a_call(1, audio=b"audio")
    assert catalogue.calls.add(call, COPIES)
    found = catalogue.calls.get(call.id)
    assert (found.call, found.team, found.released_at, found.copies) == (call, None, None, COPIES)


def test_adding_again_changes_nothing(catalogue):
    call = a_call(1)
    assert catalogue.calls.add(call, COPIES)
    assert not catalogue.calls.add(call.model_copy(update={"to": "other"}))
    assert catalogue.calls.get(call.id).call == call
    assert catalogue.changes.after() == [Change(1, call.id, ChangeKind.ADDED)]


def test_adding_many_says_which_were_new(catalogue):
    one, two, three = (a_call(number) for number in range(3))
    catalogue.calls.add(two)
    assert catalogue.calls.add_many([(one, ()), (two, ()), (three, COPIES), (one, ())]) == [
        True,
        False,
        True,
        False,
    ]
    assert [change.call_id for change in catalogue.changes.after()] == [two.id, one.id, three.id]
    assert catalogue.calls.add_many([]) == []


def test_a_refused_batch_leaves_nothing(catalogue):
    good, bad = a_call(1), a_call(2)
    leg = bad.legs[0].model_copy(update={"cause": 10**30})
    with pytest.raises(CatalogueRefused):
        catalogue.calls.add_many([(good, ()), (bad.model_copy(update={"legs": (leg,)}), ())])
    assert catalogue.calls.count() == 0
    assert catalogue.changes.after() == []


@pytest.mark.parametrize("length", [300, 100_000])
def test_texts_of_the_wire_may_be_of_any_length(catalogue, length):
    call = a_call(1, from_="1\0" * length, agent="a" * length, codecs=("X" * length,))
    catalogue.calls.add(call)
    assert catalogue.calls.get(call.id).call == call


OLDER = """
select document from calls where (start, id) < ('2026-11-21 00:00:00', 'y') order by start desc, id desc
"""


def test_rows_repeat_the_document_to_select_by(catalogue, tmp_path):
    call = a_call(1, audio=b"audio")
    catalogue.calls.add(call, COPIES)
    with catalogue.calls._database.read() as connection:
        row = connection.execute(text("select * from calls")).mappings().one()
        legs = connection.execute(text("select * from legs")).mappings().all()
        parties = connection.execute(text("select * from parties order by position")).mappings().all()
    assert str(row["start"]).startswith("2026-11-21 19:25:47.323000")
    assert (row["from"], row["to"], row["agent"], row["state"]) == ("8001", "13812348910", "8001", "answered")
    assert (row["unrecorded_seconds"], row["recording_bytes"], row["codecs"]) == (0.5, 5, "PCMU")
    assert [(leg["id"], leg["sip_call_id"]) for leg in legs] == [("leg-1", "1@pbx")]
    assert [(party["side"], party["number"]) for party in parties] == [("A", "8001"), ("B", "13812348910")]


def test_many_by_id_keep_the_order_asked_for(catalogue):
    calls = [a_call(number) for number in range(1200)]
    catalogue.calls.add_many([(call, ()) for call in calls])
    wanted = [call.id for call in reversed(calls)]
    found = catalogue.calls.get_many(["unknown", *wanted])
    assert [item.call.id for item in found] == wanted
    assert catalogue.calls.get_many([]) == []
    assert catalogue.calls.get("unknown") is None


def newest_first(calls: list[Call]) -> list[str]:
    return [call.id for call in sorted(calls, key=lambda call: (call.start, call.id), reverse=True)]


@pytest.mark.parametrize("chunk", [1, 3, 100])
def test_iterates_over_all_newest_first_with_equal_starts(catalogue, chunk):
    calls = [a_call(number, start=START + timedelta(seconds=number // 4)) for number in range(22)]
    catalogue.calls.add_many([(call, COPIES) for call in calls])
    found = list(catalogue.calls.iterate(chunk=chunk))
    assert [item.call.id for item in found] == newest_first(calls)
    assert all(item.copies == COPIES for item in found)
    after = CallKey(found[9].call.start, found[9].call.id)
    assert [item.call.id for item in catalogue.calls.iterate(after, chunk)] == newest_first(calls)[10:]


def test_a_key_from_a_call_that_was_never_stored_meets_its_row(catalogue):
    """A call fresh from the recorder has microseconds, its row and its JSON have none."""
    call = a_call(1, start=START + timedelta(microseconds=999))
    catalogue.calls.add(call)
    found = catalogue.calls.page()[0].call
    assert found.start == START
    assert catalogue.calls.page(CallKey(found.start, found.id)) == []
    assert catalogue.calls.page(CallKey(call.start, call.id)) == []


@pytest.mark.parametrize("catalogue_url", ["sqlite"], indirect=True)
def test_paging_reads_an_index(catalogue):
    with catalogue.calls._database.read() as connection:
        plan = [row[3] for row in connection.execute(text(f"explain query plan {OLDER}"))]
    assert len(plan) == 1, "no step that sorts"
    assert plan[0].startswith("SEARCH calls USING INDEX ix_calls_start_id")


@pytest.mark.parametrize("catalogue_url", ["postgresql"], indirect=True)
def test_paging_reads_an_index_of_postgresql(catalogue):
    with catalogue.calls._database.read() as connection:
        # An empty table is read whole otherwise.
        connection.execute(text("set local enable_seqscan = off"))
        connection.execute(text("set local enable_bitmapscan = off"))
        plan = [row[0] for row in connection.execute(text(f"explain {OLDER}"))]
    assert plan[0].startswith("Index Scan Backward using ix_calls_start_id on calls")


def test_release_once(catalogue):
    call = a_call(1)
    catalogue.calls.add(call)
    assert catalogue.calls.release(call.id, START)
    assert not catalogue.calls.release(call.id, START + timedelta(days=1))
    assert catalogue.calls.get(call.id).released_at == START
    assert [change.kind for change in catalogue.changes.after(1)] == [ChangeKind.CHANGED]
    with pytest.raises(NotInCatalogue, match="unknown"):
        catalogue.calls.release("unknown", START)


def test_delete_takes_everything_and_tells_the_feed(catalogue):
    call = a_call(1)
    catalogue.calls.add(call, COPIES)
    assert catalogue.calls.delete(call.id)
    assert not catalogue.calls.delete(call.id)
    assert catalogue.calls.get(call.id) is None
    with catalogue.calls._database.read() as connection:
        for table in ("legs", "parties", "copies"):
            assert connection.execute(text(f"select count(*) from {table}")).scalar_one() == 0
    assert [change.kind for change in catalogue.changes.after()] == [ChangeKind.ADDED, ChangeKind.DELETED]
    assert catalogue.calls.add(call)


def test_the_feed_is_read_in_portions(catalogue):
    calls = [a_call(number) for number in range(10)]
    catalogue.calls.add_many([(call, ()) for call in calls])
    assert catalogue.changes.position() == 10
    assert [change.position for change in catalogue.changes.after(0, 4)] == [1, 2, 3, 4]
    assert [change.position for change in catalogue.changes.after(8, 4)] == [9, 10]
    assert catalogue.changes.after(10) == []


def test_a_call_gets_the_team_of_its_agent(catalogue):
    team = catalogue.teams.create("Sales")
    catalogue.agents.put(Agent("8001", team=team.id))
    catalogue.calls.add(a_call(1))
    catalogue.calls.add(a_call(2, agent="8002"))
    assert [item.team for item in catalogue.calls.page()] == [None, team.id]


def test_an_agent_who_becomes_known_brings_the_earlier_calls(catalogue):
    catalogue.calls.add_many([(a_call(1), ()), (a_call(2, agent="8002"), ())])
    sales, service = catalogue.teams.create("Sales"), catalogue.teams.create("Service")
    catalogue.agents.put(Agent("8001", team=sales.id))
    assert [item.team for item in catalogue.calls.page()] == [None, sales.id]
    assert catalogue.changes.after(2) == [Change(3, a_call(1).id, ChangeKind.CHANGED)]
    catalogue.agents.put(Agent("8001", team=service.id))
    assert [item.team for item in catalogue.calls.page()] == [None, sales.id]
    assert catalogue.changes.position() == 3


def test_times_need_a_zone(catalogue):
    with pytest.raises(CatalogueRefused, match="needs its zone"):
        catalogue.calls.release("x", START.replace(tzinfo=None))
