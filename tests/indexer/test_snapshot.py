"""An index that is packed while it is written is one commit, and works where it is unpacked."""

import io
import shutil
import tarfile
import threading
from pathlib import Path

import pytest

from indexer.errors import IndexUnusable
from indexer.query import Query
from indexer.scope import EVERYTHING
from indexer.snapshot import pack, unpack
from indexer.sync import Sync
from indexer.tantivy_engine import TantivyEngine, TantivyReader
from storage.catalogue import Catalogue, sqlite_url
from tests.storage.handoffs import a_call


@pytest.fixture
def catalogue(tmp_path, empty_catalogue):
    made = Catalogue(sqlite_url(Path(shutil.copy(empty_catalogue, tmp_path))))
    yield made
    made.close()


def level(catalogue, folder):
    engine = TantivyEngine(folder)
    sync = Sync(catalogue, engine)
    while sync.run_once():
        pass
    engine.close()


def packed(folder, history=""):
    file = io.BytesIO()
    place = pack(folder, file, history)
    file.seek(0)
    return file, place


def test_what_is_unpacked_finds_the_same_and_goes_on(catalogue, tmp_path):
    for number in range(5):
        catalogue.calls.add(a_call(number))
    level(catalogue, tmp_path / "index")
    file, place = packed(tmp_path / "index")
    assert place == 5
    assert unpack(file, tmp_path / "other", "")
    before = TantivyReader(tmp_path / "index").search(Query(), EVERYTHING)
    assert TantivyReader(tmp_path / "other").search(Query(), EVERYTHING) == before
    catalogue.calls.add(a_call(9))
    level(catalogue, tmp_path / "other")
    assert TantivyReader(tmp_path / "other").search(Query(), EVERYTHING).total == 6


def test_packed_while_it_is_written(catalogue, tmp_path):
    catalogue.calls.add_many([(a_call(number), []) for number in range(60)])
    engine = TantivyEngine(tmp_path / "index")
    sync = Sync(catalogue, engine)
    sync.run_once(1)
    enough = threading.Event()

    def write():
        while not enough.is_set() and sync.run_once(1):
            pass

    writer = threading.Thread(target=write)
    writer.start()
    places = []
    while len(places) < 3:
        file, place = packed(tmp_path / "index")
        if place is None:
            continue  # written faster than it could be read, twenty times
        other = tmp_path / f"other{len(places)}"
        assert unpack(file, other, "")
        copy = TantivyEngine(other)
        assert copy.checkpoint() >= place
        assert copy.search(Query(), EVERYTHING).total == copy.checkpoint()
        copy.close()
        places.append(place)
    enough.set()
    writer.join()
    engine.close()
    assert places == sorted(places)


def test_none_that_can_be_used_is_none(tmp_path):
    assert packed(tmp_path / "index")[1] is None
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "CURRENT").write_text("v0-1")
    assert packed(tmp_path / "index")[1] is None


def test_one_of_another_history_or_version_is_left(catalogue, tmp_path, monkeypatch):
    catalogue.calls.add(a_call(1))
    level(catalogue, tmp_path / "index")
    file, _ = packed(tmp_path / "index", "before")
    assert not unpack(file, tmp_path / "other", "after")
    monkeypatch.setattr("indexer.snapshot.VERSION", 10_000)
    file.seek(0)
    assert not unpack(file, tmp_path / "other", "before")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("spoil", [lambda data: b"", lambda data: data[:3000], lambda data: b"x" * 5000])
def test_one_that_is_damaged_is_said(catalogue, tmp_path, spoil):
    catalogue.calls.add(a_call(1))
    level(catalogue, tmp_path / "index")
    file, _ = packed(tmp_path / "index")
    with pytest.raises(IndexUnusable):
        unpack(io.BytesIO(spoil(file.getvalue())), tmp_path / "other", "")


def test_a_tar_with_names_that_lead_elsewhere_writes_nothing_there(catalogue, tmp_path):
    catalogue.calls.add(a_call(1))
    level(catalogue, tmp_path / "index")
    file, _ = packed(tmp_path / "index")
    evil = io.BytesIO()
    with tarfile.open(fileobj=file) as tar, tarfile.open(fileobj=evil, mode="w") as out:
        for member in tar:
            out.addfile(member, tar.extractfile(member))
        member = tarfile.TarInfo("../evil")
        member.size = 4
        out.addfile(member, io.BytesIO(b"evil"))
    evil.seek(0)
    assert unpack(evil, tmp_path / "other" / "index", "")
    assert not list((tmp_path / "other").glob("evil"))
