"""What every search engine keeps to. An engine's test module subclasses ``EngineContract``."""

from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.document import SearchDocument, Team, document
from indexer.engine import COUNT_CAP, Engine, Key
from indexer.language import parse
from indexer.memory_engine import MemoryEngine
from indexer.query import Query
from indexer.scope import EVERYTHING, NOTHING, Scope, own_released
from storage.model import Call, CallState
from tests.indexer import strategies

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
ALL = Query()


def made(
    number: int,
    *,
    seconds: float = 0.0,
    released: bool = False,
    team: str = "",
    tags: tuple[str, ...] = (),
    **fields,
) -> SearchDocument:
    """A call that started ``number`` minutes after START."""
    start = START + timedelta(minutes=number)
    values = {"id": f"c{number:05}", "state": CallState.ANSWERED, "agent": "8001", **fields}
    call = Call(start=start, end=start + timedelta(seconds=seconds), duration=seconds, **values)
    return document(call, team=Team(team, team), tags=tags, released=released)


def asked(text: str) -> Query:
    return parse(text, now=START, zone=UTC)


class EngineContract(ABC):
    @abstractmethod
    def make(self, folder: Path) -> Engine:
        """An engine over ``folder``, new or as it was left there."""

    @pytest.fixture
    def engine(self, tmp_path: Path):
        engine = self.make(tmp_path / "index")
        yield engine
        engine.close()

    def test_what_is_not_committed_is_not_found(self, engine: Engine):
        engine.add([made(1)])
        assert engine.search(ALL, EVERYTHING).ids == ()
        engine.commit(7)
        assert engine.search(ALL, EVERYTHING).ids == ("c00001",)
        assert engine.checkpoint() == 7

    def test_the_checkpoint_is_no_call(self, engine: Engine):
        engine.commit(3)
        assert engine.search(ALL, EVERYTHING).total == 0
        assert engine.search(asked("-agent:8001"), EVERYTHING).total == 0
        assert engine.search(asked("-agent:8001 -state:missed"), Scope(agents=frozenset({"8001"}))).total == 0

    def test_a_document_replaces_one_with_its_id(self, engine: Engine):
        engine.add([made(1, agent="8001"), made(1, agent="8002")])
        engine.commit(1)
        engine.add([made(1, agent="8003")])
        engine.commit(2)
        assert engine.search(asked("agent:8001,8002"), EVERYTHING).ids == ()
        assert engine.search(asked("agent:8003"), EVERYTHING).ids == ("c00001",)

    def test_deleted_documents_are_not_found(self, engine: Engine):
        engine.add([made(1), made(2)])
        engine.commit(1)
        engine.delete(["c00001", "unknown"])
        engine.commit(2)
        assert engine.search(ALL, EVERYTHING).ids == ("c00002",)

    def test_an_empty_scope_sees_nothing(self, engine: Engine):
        engine.add([made(1, agent=""), made(2)])
        engine.commit(1)
        for scope in (
            NOTHING,
            Scope(released_only=True),
            Scope(agents=frozenset({""}), teams=frozenset({""})),
        ):
            page = engine.search(ALL, scope)
            assert (page.ids, page.total) == ((), 0)

    def test_a_scope_bounds_what_negation_and_alternatives_find(self, engine: Engine):
        engine.add([made(1, agent="8001", team="a"), made(2, agent="8002", team="b"), made(3, agent="8003")])
        engine.commit(1)
        scope = Scope(agents=frozenset({"8001"}), teams=frozenset({"b"}))
        assert engine.search(asked("-agent:9999"), scope).ids == ("c00002", "c00001")
        assert engine.search(asked("agent:8001 OR agent:8003"), scope).ids == ("c00001",)
        assert engine.search(ALL, Scope(calls=frozenset({"c00003"}))).ids == ("c00003",)

    def test_an_agent_sees_own_released_calls(self, engine: Engine):
        engine.add([made(1, released=True), made(2), made(3, agent="8002", released=True)])
        engine.commit(1)
        assert engine.search(ALL, own_released("8001")).ids == ("c00001",)

    @pytest.mark.parametrize("text", ["tag:复核", "复核", '"复核 later"', "lat*", "tag:复核 OR agent:9999"])
    def test_tags_are_found_by_who_may_see_them(self, engine: Engine, text: str):
        engine.add([made(1, tags=("复核", "复核 later"), released=True), made(2, released=True)])
        engine.commit(1)
        assert engine.search(asked(text), EVERYTHING).ids == ("c00001",)
        assert engine.search(asked(text), own_released("8001")).ids == ()

    @pytest.mark.parametrize("text", ["-tag:vip", "-vip", "-(tag:vip OR agent:9999)"])
    def test_nor_does_their_absence_tell_others(self, engine: Engine, text: str):
        engine.add([made(1, tags=("vip",), released=True), made(2, released=True)])
        engine.commit(1)
        assert engine.search(asked(text), EVERYTHING).ids == ("c00002",)
        assert engine.search(asked(text), own_released("8001")).ids == ("c00002", "c00001")

    def test_agents_of_a_scope_are_compared_exactly(self, engine: Engine):
        engine.add([made(1, agent="Anna")])
        engine.commit(1)
        assert engine.search(ALL, Scope(agents=frozenset({"anna"}))).ids == ()
        assert engine.search(asked("agent:anna"), Scope(agents=frozenset({"Anna"}))).ids == ("c00001",)

    def test_pages_go_through_everything_once_in_both_directions(self, engine: Engine):
        engine.add([made(number) for number in range(25)])
        engine.commit(1)
        forth, page = [], engine.search(ALL, EVERYTHING, limit=4)
        assert page.previous is None
        forth.append(page)
        while page.next is not None:
            page = engine.search(ALL, EVERYTHING, after=page.next, limit=4)
            forth.append(page)
        assert [key for page in forth for key in page.ids] == [
            f"c{number:05}" for number in range(24, -1, -1)
        ]
        back = [forth[-1]]
        while back[-1].previous is not None:
            back.append(engine.search(ALL, EVERYTHING, before=back[-1].previous, limit=4))
        assert sorted((key for page in back for key in page.keys), reverse=True) == [
            key for page in forth for key in page.keys
        ]
        assert {page.total for page in forth} == {25}

    def test_totals_are_told_up_to_a_cap(self, engine: Engine):
        engine.add([made(number) for number in range(COUNT_CAP + 1)])
        engine.commit(1)
        page = engine.search(ALL, EVERYTHING, limit=1)
        assert (page.total, page.total_capped) == (COUNT_CAP, True)
        page = engine.search(asked("-id:c00001"), EVERYTHING, after=page.next, limit=1)
        assert (page.total, page.total_capped) == (COUNT_CAP, False)

    def test_a_page_is_after_or_before_and_not_empty(self, engine: Engine):
        key = Key(START, "x")
        with pytest.raises(ValueError, match="not both"):
            engine.search(ALL, EVERYTHING, after=key, before=key)
        with pytest.raises(ValueError, match="at least one"):
            engine.search(ALL, EVERYTHING, limit=0)

    def test_it_finds_what_the_plain_meaning_of_a_query_finds(self, engine: Engine):
        check_against_plain_meaning(engine)


def check_against_plain_meaning(engine: Engine) -> None:
    """Ask ``engine`` and the plain reading of every document the same, and compare whole pages."""
    position = 0

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.lists(strategies.documents(), max_size=12),
        st.lists(
            st.tuples(strategies.queries, strategies.scopes, strategies.keys, st.integers(1, 5)),
            min_size=3,
            max_size=12,
        ),
    )
    def check(documents, searches):
        nonlocal position
        position += 1
        plain = MemoryEngine()
        plain.add(documents)
        plain.commit(position)
        engine.delete(f"call-{number:03}" for number in range(26))
        engine.add(documents)
        engine.commit(position)
        for query, scope, key, limit in searches:
            for place in ({}, {"after": key}, {"before": key}):
                expected = plain.search(query, scope, limit=limit, **place)
                assert engine.search(query, scope, limit=limit, **place) == expected, str(query)

    check()
