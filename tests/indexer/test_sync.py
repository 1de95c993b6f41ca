import shutil
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from indexer import sync as module
from indexer.memory_engine import MemoryEngine
from indexer.query import Query
from indexer.scope import EVERYTHING, Scope
from indexer.sync import Sync
from indexer.tantivy_engine import TantivyEngine, TantivyReader
from storage.catalogue import Agent, Catalogue, sqlite_url
from storage.model import Call, CallState
from tests.indexer.contract import asked
from tests.waiting import PATIENCE

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
ALL = Query()


@pytest.fixture
def catalogue(tmp_path: Path, empty_catalogue: Path):
    catalogue = Catalogue(sqlite_url(Path(shutil.copy(empty_catalogue, tmp_path))))
    yield catalogue
    catalogue.close()


@pytest.fixture(params=["memory", "tantivy"])
def engine(request: pytest.FixtureRequest, tmp_path: Path):
    engine = MemoryEngine() if request.param == "memory" else TantivyEngine(tmp_path / "index")
    yield engine
    engine.close()


def call(number: int, **fields) -> Call:
    start = START + timedelta(minutes=number)
    values = {"state": CallState.ANSWERED, "duration": 5.0, **fields}
    return Call(id=f"c{number:03}", start=start, end=start + timedelta(seconds=5), **values)


def test_calls_come_and_go(catalogue, engine):
    sync = Sync(catalogue, engine)
    assert sync.run_once() == 0
    catalogue.calls.add_many([(call(1), ()), (call(2), ())])
    assert sync.run_once() == 2
    assert engine.search(ALL, EVERYTHING).ids == ("c002", "c001")
    catalogue.calls.delete("c002")
    assert sync.run_once() == 1
    assert engine.search(ALL, EVERYTHING).ids == ("c001",)
    assert sync.run_once() == 0


def test_what_the_catalogue_knows_of_agent_and_team_is_found(catalogue, engine):
    team = catalogue.teams.create("Sales")
    catalogue.agents.put(Agent("8001", "Anna Smith", "", team.id))
    catalogue.calls.add(call(1, agent="8001"))
    sync = Sync(catalogue, engine)
    sync.run_once()
    assert engine.search(asked("agent:'anna"), EVERYTHING).total == 0
    assert engine.search(asked('agent:"anna smith" team:sales'), EVERYTHING).ids == ("c001",)
    assert engine.search(ALL, Scope(teams=frozenset({team.id}))).ids == ("c001",)
    released = Scope(agents=frozenset({"8001"}), released_only=True)
    assert engine.search(ALL, released).ids == ()
    catalogue.calls.release("c001", START)
    sync.run_once()
    assert engine.search(ALL, released).ids == ("c001",)


def test_a_batch_is_bounded_and_the_next_goes_on(catalogue, engine):
    catalogue.calls.add_many([(call(number), ()) for number in range(5)])
    sync = Sync(catalogue, engine)
    assert [sync.run_once(limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert engine.search(ALL, EVERYTHING).total == 5


def test_what_was_not_committed_is_read_again(catalogue, engine, monkeypatch):
    catalogue.calls.add(call(1))
    sync = Sync(catalogue, engine)
    with monkeypatch.context() as patched:
        patched.setattr(engine, "commit", _stopped)
        with pytest.raises(KeyboardInterrupt):
            sync.run_once()
    assert sync.run_once() == 1
    assert engine.search(ALL, EVERYTHING).ids == ("c001",)


def _stopped(position: int) -> None:
    raise KeyboardInterrupt


def test_a_rebuild_forgets_what_the_catalogue_never_knew(catalogue, engine):
    catalogue.calls.add_many([(call(number), ()) for number in range(3)])
    sync = Sync(catalogue, engine)
    sync.run_once()
    engine.delete(["c001"])
    engine.commit(engine.checkpoint())
    heard = []
    assert sync.rebuild(lambda done, whole: heard.append((done, whole))) == 3
    assert heard == [(3, 3)]
    assert engine.search(ALL, EVERYTHING).ids == ("c002", "c001", "c000")
    catalogue.calls.add(call(7))
    assert sync.run_once() == 1
    assert engine.search(ALL, EVERYTHING).total == 4


def test_searches_go_on_during_a_rebuild(catalogue, engine, monkeypatch):
    monkeypatch.setattr(module, "REBUILD_BATCH", 2)
    catalogue.calls.add_many([(call(number), ()) for number in range(5)])
    sync = Sync(catalogue, engine)
    sync.run_once()
    seen = []

    def progress(done: int, whole: int) -> None:
        if not seen:
            catalogue.calls.add(call(9))
        seen.append((done, engine.search(ALL, EVERYTHING).total))

    assert sync.rebuild(progress) == 6
    assert seen == [(2, 5), (4, 6), (6, 6)]


def test_a_catalogue_older_than_the_index_makes_it_begin_anew(catalogue, engine):
    catalogue.calls.add(call(1))
    engine.commit(99)
    sync = Sync(catalogue, engine)
    assert sync.run_once() == 1
    assert (engine.checkpoint(), engine.search(ALL, EVERYTHING).total) == (1, 1)


def test_a_damaged_index_is_filled_anew(catalogue, tmp_path):
    catalogue.calls.add_many([(call(number), ()) for number in range(2000)])
    engine = TantivyEngine(tmp_path / "index")
    sync = Sync(catalogue, engine)
    while sync.run_once(limit=2000):
        pass
    for store in (tmp_path / "index").glob("v*/*.store"):
        content = store.read_bytes()
        store.write_bytes(b"\xff" * (len(content) // 2) + content[len(content) // 2 :])
    reader = TantivyReader(tmp_path / "index")
    with pytest.raises(module.IndexUnusable):
        reader.search(ALL, EVERYTHING)
    while sync.run_once(limit=2000):
        pass
    page = reader.search(ALL, EVERYTHING)
    assert (page.total_capped, page.ids[0]) == (True, "c1999")
    engine.close()


def test_a_new_call_is_soon_found_by_another_reader(catalogue, tmp_path):
    engine = TantivyEngine(tmp_path / "index")
    stop = threading.Event()
    follower = threading.Thread(target=Sync(catalogue, engine).follow, args=(stop,))
    follower.start()
    try:
        reader = TantivyReader(tmp_path / "index")
        catalogue.calls.add(call(1))
        deadline = time.monotonic() + PATIENCE
        while not reader.search(ALL, EVERYTHING).ids:
            assert time.monotonic() < deadline
            stop.wait(0.02)
    finally:
        stop.set()
        follower.join()
        engine.close()
