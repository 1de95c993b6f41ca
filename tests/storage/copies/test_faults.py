"""Targets that fail, lie, fill up and dawdle: nothing is lost, nothing doubled, every copy verified."""

import threading
from dataclasses import replace

import pytest

from storage.catalogue import Condition
from storage.errors import DiskFull, TargetError
from storage.targets import LocalTarget, MemoryTarget
from tests.storage.copies.centre import Centre

CALLS = 3
PUTS = 3 * CALLS


class Failing(MemoryTarget):
    """Fails once, at the put or the get of this number, counted from 0."""

    def __init__(self, at_put: int | None = None, at_get: int | None = None, error: Exception | None = None):
        super().__init__()
        self._lock = threading.RLock()
        self._puts, self._gets = at_put, at_get
        self._error = error or TargetError("The connection was cut.")

    def put(self, name, source):
        if self._comes("_puts"):
            if not isinstance(source, bytes):
                source.read(10)
            raise self._error
        return super().put(name, source)

    def get(self, name, start=0, length=None):
        chunks = super().get(name, start, length)
        return self._cut(chunks) if self._comes("_gets") else chunks

    def _cut(self, chunks):
        yield next(chunks)[:5]
        raise self._error

    def _comes(self, counter: str) -> bool:
        with self._lock:
            left = getattr(self, counter)
            if left is None:
                return False
            setattr(self, counter, left - 1 if left else None)
            return left == 0


def finish(centre: Centre, name: str = "nas") -> None:
    """Copy on, hour after hour, until all is there; nothing that is not there may count as copied."""
    for _ in range(10):
        centre.later(hours=1)
        batch = centre.copy(name)
        for found in centre.catalogue.calls.iterate():
            for copy in found.copies:
                assert centre.targets[copy.target].stat(copy.name).bytes == copy.bytes
        if not batch.taken:
            break
    centre.check(name)


@pytest.mark.parametrize("at", range(PUTS))
@pytest.mark.parametrize("error", [DiskFull("nas"), TargetError("The connection was cut.")])
def test_a_full_disk_or_a_cut_connection_at_every_write(embedded, at, error, monkeypatch):
    monkeypatch.setattr("storage.copies.transfer._IN_MEMORY", 100)
    centre = Centre(embedded, {"nas": Failing(at_put=at, error=error)})
    centre.archive(*range(CALLS), size=400)
    batch = centre.copy("nas")
    assert len(batch.copied) < CALLS
    assert (batch.trouble is not None) == isinstance(error, DiskFull)
    finish(centre)


@pytest.mark.parametrize("at", range(PUTS))
def test_a_connection_that_is_cut_at_every_read_back(embedded, at):
    centre = Centre(embedded, {"nas": Failing(at_get=at)})
    centre.archive(*range(CALLS), size=400)
    centre.copy("nas")
    finish(centre)


class Lying(MemoryTarget):
    """Says that it kept what it was given, and keeps ``keeps`` of it, while ``lies``."""

    def __init__(self, keeps):
        super().__init__()
        self.lies = True
        self._keeps = keeps

    def put(self, name, source):
        data = source if isinstance(source, bytes) else source.read()
        told = MemoryTarget().put(name, data)
        kept = self._keeps(data) if self.lies else data
        if kept is not None:
            super().put(name, kept)
        return told

    def stat(self, name):
        found = super().stat(name)
        return replace(found, bytes=found.bytes + 1) if found and self.lies else found


@pytest.mark.parametrize(
    "keeps",
    [
        lambda data: None,
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data + b"more",
        lambda data: bytes([data[0] ^ 1]) + data[1:],
    ],
    ids=["nothing", "an empty file", "all but the end", "more", "another byte"],
)
def test_a_server_that_lies_about_success(embedded, keeps):
    centre = Centre(embedded, {"nas": Lying(keeps)})
    centre.archive(*range(CALLS), size=400)
    batch = centre.copy("nas")
    assert batch.copied == []
    assert batch.trouble.condition is Condition.DOWN, "what is tried then is lied about as well"
    assert all(copy.target != "nas" for found in centre.catalogue.calls.iterate() for copy in found.copies)
    centre.targets["nas"].lies = False
    centre.later(hours=1)
    finish(centre)


class Slow(MemoryTarget):
    """Takes nothing before it is let go."""

    def __init__(self):
        super().__init__()
        self.asked, self.let_go = threading.Event(), threading.Event()

    def put(self, name, source):
        self.asked.set()
        self.let_go.wait(60)
        return super().put(name, source)


def test_a_slow_target_keeps_no_other_waiting(catalogue):
    slow = Slow()
    centre = Centre(catalogue, {"slow": slow, "nas": MemoryTarget()})
    centre.archive(*range(12))
    centre.fill()
    thread = threading.Thread(target=centre.copier().batch, args=("slow",))
    thread.start()
    assert slow.asked.wait(60)
    centre.copy_all("nas")
    centre.check("nas")
    slow.let_go.set()
    thread.join()
    centre.check("slow")


def test_two_copiers_that_lose_their_claims_do_no_harm(catalogue):
    slow = Slow()
    centre = Centre(catalogue, {"nas": slow})
    centre.archive(*range(6))
    centre.fill()
    thread = threading.Thread(target=centre.copier().batch, args=("nas",))
    thread.start()
    assert slow.asked.wait(60)
    centre.later(minutes=5)
    other = threading.Thread(target=centre.copier().batch, args=("nas",))
    other.start()
    slow.let_go.set()
    thread.join()
    other.join()
    centre.check("nas")
    assert len(list(slow.list())) == 18


def test_a_folder_that_cannot_be_written_is_down_until_it_can(embedded, tmp_path):
    place = tmp_path / "nas"
    place.write_text("no folder")
    centre = Centre(embedded, {"nas": LocalTarget(place)})
    centre.archive(*range(CALLS))
    batch = centre.copy("nas")
    assert batch.copied == []
    assert batch.trouble.detail.startswith(f"{place} is no folder"), "and no further call was tried"
    place.unlink()
    centre.later(hours=1)
    finish(centre)
