import os
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from indexer import memory_engine, tantivy_paging, tantivy_window
from indexer.errors import IndexBusy, IndexUnusable
from indexer.language import parse
from indexer.query import Query
from indexer.scope import EVERYTHING
from indexer.tantivy_engine import TantivyEngine, TantivyReader
from tests.indexer.contract import START, EngineContract, asked, check_against_plain_meaning, made

ALL = Query()


class TestTantivyEngine(EngineContract):
    def make(self, folder: Path) -> TantivyEngine:
        return TantivyEngine(folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def engine(folder: Path):
    engine = TantivyEngine(folder)
    yield engine
    engine.close()


def total(searching: TantivyEngine | TantivyReader, text: str = "") -> int:
    return searching.search(parse(text, now=START, zone=START.tzinfo), EVERYTHING).total


def generation(folder: Path) -> Path:
    return folder / (folder / "CURRENT").read_text().strip()


def elsewhere(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run ``code`` in another process, where ``folder`` and the names of this module are known."""
    program = f"from tests.indexer.test_tantivy_engine import *\nfolder = Path({str(folder)!r})\n"
    return subprocess.run(
        [sys.executable, "-c", program + textwrap.dedent(code)], capture_output=True, text=True, check=False
    )


def test_it_is_as_it_was_when_opened_again(folder: Path):
    engine = TantivyEngine(folder)
    engine.add([made(1), made(2)])
    engine.commit(9)
    engine.add([made(3)])
    engine.close()
    engine.close()
    engine = TantivyEngine(folder)
    assert (total(engine), engine.checkpoint()) == (2, 9)
    engine.close()


def test_a_kill_loses_only_what_was_not_committed(folder: Path):
    done = elsewhere(
        folder,
        """
        engine = TantivyEngine(folder)
        engine.add([made(1)])
        engine.commit(4)
        engine.add(made(number) for number in range(2, 2000))
        os.kill(os.getpid(), signal.SIGKILL)
        """,
    )
    assert done.returncode == -signal.SIGKILL
    engine = TantivyEngine(folder)
    assert (total(engine), engine.checkpoint()) == (1, 4)
    engine.add([made(2)])
    engine.commit(5)
    assert (total(engine), engine.checkpoint()) == (2, 5)
    engine.close()


def test_a_second_writer_is_refused(folder: Path, engine: TantivyEngine):
    with pytest.raises(IndexBusy, match=f"process {os.getpid()}"):
        TantivyEngine(folder)


def test_a_reader_sees_commits_of_another_process(folder: Path):
    TantivyEngine(folder).close()
    reader = TantivyReader(folder)
    assert total(reader) == 0
    done = elsewhere(folder, "engine = TantivyEngine(folder); engine.add([made(1)]); engine.commit(1)")
    assert done.returncode == 0, done.stderr
    assert total(reader) == 1


def test_a_reader_makes_no_index(folder: Path):
    with pytest.raises(IndexUnusable, match="no index yet"):
        total(TantivyReader(folder))
    assert not folder.exists()


def test_a_reader_follows_a_rebuild(folder: Path, engine: TantivyEngine):
    engine.add([made(1)])
    engine.commit(1)
    reader = TantivyReader(folder)
    successor = engine.successor()
    successor.add([made(1), made(2)])
    successor.commit(2)
    assert (total(reader), total(engine)) == (1, 1)
    former = generation(folder)
    engine.adopt(successor)
    assert (total(reader), total(engine), engine.checkpoint()) == (2, 2, 2)
    assert not former.exists()


def test_a_rebuild_goes_on_where_it_was(folder: Path):
    engine = TantivyEngine(folder)
    engine.commit(10)
    successor = engine.successor()
    successor.add([made(1)])
    successor.commit(3)
    successor.close()
    engine.close()
    engine = TantivyEngine(folder)
    successor = engine.successor()
    assert (successor.checkpoint(), total(successor)) == (3, 1)
    successor.close()
    engine.close()


@pytest.mark.parametrize("suffix", ["json", "idx", "term", "store", "fast", "pos"])
@pytest.mark.parametrize("how", ["cut", "gone"])
def test_a_damaged_index_is_made_anew(folder: Path, suffix: str, how: str):
    engine = TantivyEngine(folder)
    engine.add(made(number) for number in range(50))
    engine.commit(50)
    engine.close()
    (victim,) = [path for path in generation(folder).glob(f"*.{suffix}") if not path.name.startswith(".")]
    if how == "gone":
        victim.unlink()
    else:
        os.truncate(victim, victim.stat().st_size // 2)
    with pytest.raises(IndexUnusable):
        total(TantivyReader(folder))
    engine = TantivyEngine(folder)
    assert (engine.checkpoint(), total(engine)) == (0, 0)
    engine.add([made(1)])
    engine.commit(1)
    assert total(TantivyReader(folder)) == 1
    engine.close()


def test_damage_found_by_a_search_is_told_to_the_writer(folder: Path, engine: TantivyEngine):
    engine.add(made(number) for number in range(2000))
    engine.commit(1)
    (store,) = generation(folder).glob("*.store")
    content = store.read_bytes()
    # The end, which is checked when the file is opened, stays whole.
    store.write_bytes(b"\xff" * (len(content) // 2) + content[len(content) // 2 :])
    with pytest.raises(IndexUnusable):
        total(TantivyReader(folder))
    assert not engine.sound()
    engine.start_over()
    assert engine.sound()
    assert (engine.checkpoint(), total(engine)) == (0, 0)


def test_an_index_of_another_version_is_made_anew(folder: Path):
    engine = TantivyEngine(folder)
    engine.add([made(1)])
    engine.commit(1)
    engine.close()
    generation(folder).rename(folder / "v0-7")
    (folder / "CURRENT").write_text("v0-7\n")
    with pytest.raises(IndexUnusable, match="another version"):
        total(TantivyReader(folder))
    engine = TantivyEngine(folder)
    assert engine.checkpoint() == 0
    assert not (folder / "v0-7").exists()
    engine.close()


def test_a_system_that_refuses_leaves_the_index_as_it_was(folder: Path):
    done = elsewhere(
        folder,
        """
        import resource
        from indexer.errors import IndexBlocked
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        engine = TantivyEngine(folder)
        engine.add([made(1)])
        engine.commit(1)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, -1))
        for _ in range(2):
            with pytest.raises(IndexBlocked, match="disk space"):
                engine.add(made(number) for number in range(3000))
                engine.commit(2)
            assert (total(engine), engine.checkpoint()) == (1, 1)
        resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))
        engine.add([made(2)])
        engine.commit(2)
        assert (total(engine), engine.checkpoint()) == (2, 2)
        engine.close()
        """,
    )
    assert done.returncode == 0, done.stderr


def test_threads_search_while_calls_come_and_the_index_is_replaced(folder: Path, engine: TantivyEngine):
    engine.commit(0)
    reader = TantivyReader(folder)

    def totals() -> list[int]:
        return [total(reader) for _ in range(40)]

    with ThreadPoolExecutor(4) as pool:
        searches = [pool.submit(totals) for _ in range(4)]
        for number in range(1, 10):
            if number == 5:
                successor = engine.successor()
                successor.add(made(earlier) for earlier in range(number))
                successor.commit(number)
                engine.adopt(successor)
            engine.add([made(number)])
            engine.commit(number)
        for search in searches:
            seen = search.result()
            assert seen == sorted(seen)
    assert total(reader) == 10


def test_only_a_successor_can_be_adopted(engine: TantivyEngine):
    with pytest.raises(TypeError):
        engine.adopt(engine)


def test_it_is_closed_for_good(folder: Path):
    engine = TantivyEngine(folder)
    engine.close()
    with pytest.raises(ValueError, match="closed"):
        engine.add([made(1)])


def test_a_page_from_a_window_is_that_of_the_whole(engine: TantivyEngine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tantivy_window, "CALLS", 5)
    monkeypatch.setattr(tantivy_window, "_OUTLIERS", 1)
    monkeypatch.setattr(tantivy_window, "_WORTH", 0)
    for module in (tantivy_paging, memory_engine):
        monkeypatch.setattr(module, "COUNT_CAP", 2)
    check_against_plain_meaning(engine)


def test_many_calls_at_one_time_are_paged_by_id(engine: TantivyEngine):
    documents = [made(number % 2, id=f"{number:04}") for number in range(300)]
    engine.add(documents)
    engine.commit(1)
    seen, page = [], engine.search(ALL, EVERYTHING, limit=7)
    seen += page.ids
    while page.next is not None:
        page = engine.search(asked(""), EVERYTHING, after=page.next, limit=7)
        seen += page.ids
    assert seen == [f"{n:04}" for n in range(299, 0, -2)] + [f"{n:04}" for n in range(298, -1, -2)]
