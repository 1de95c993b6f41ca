"""However two who take snapshots come in each other's way, once a call is erased and a snapshot knows of it
nothing older stays on the target."""

import gzip
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from earwitness import wiring
from earwitness.keeping.means import Means
from earwitness.keeping.snapshots import Snapshots
from earwitness.settings import Settings
from storage.catalogue import Catalogue, RunKind, RunState, sqlite_url
from storage.copies.snapshot import FOLDER
from storage.encryption.keyring import KeyOpener
from storage.restore.snapshot import newest_snapshot
from storage.retention.deletion import Deletion
from storage.targets import MemoryTarget
from tests.storage.retention.archived import archive

NUMBER = b"4930222"
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


class Killed(BaseException):
    """The process ends here."""


class Meanwhile(MemoryTarget):
    """A target as one machine has it: at each of its moments something else may happen, once."""

    def __init__(self, shared: MemoryTarget | None = None) -> None:
        super().__init__()
        if shared is not None:
            self._blobs = shared._blobs
        self.at: dict[str, Callable[[], object]] = {}

    def put(self, name, source):
        catalogue = name.endswith(".catalogue.gz")
        self._moment("before it is written", catalogue)
        stored = super().put(name, source)
        self._moment("after it is written", catalogue)
        return stored

    def delete(self, name):
        self._moment("before others are removed", name.startswith(FOLDER))
        super().delete(name)

    def _moment(self, which, holds):
        if holds and which in self.at:
            self.at.pop(which)()


MOMENTS = ("before it is written", "after it is written", "before others are removed")


@dataclass
class Machine:
    """One of those that take snapshots, with a clock of its own."""

    catalogue: Catalogue
    settings: Settings
    target: Meanwhile
    ahead: timedelta = field(default_factory=timedelta)
    time: list[datetime] = field(default_factory=lambda: [datetime(2026, 11, 22, 12, tzinfo=UTC)])
    gone: str = ""
    """The call that is erased."""

    def now(self) -> datetime:
        self.time[0] += SECOND
        return self.time[0] + self.ahead

    def snapshots(self) -> Snapshots:
        targets = {"local": MemoryTarget(), "nas": self.target}
        means = Means.of(self.settings, self.catalogue, targets, lambda: False, self.now)
        return Snapshots(means, "nas")

    def take(self) -> None:
        assert self.snapshots().run() == ""

    def killed(self) -> None:
        with pytest.raises(Killed):
            self.snapshots().run()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path, empty_catalogue: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield sqlite_url(Path(shutil.copy(empty_catalogue, tmp_path / "shared.db")))
    else:
        with request.getfixturevalue("server").lent() as lent:
            yield lent


@pytest.fixture
def machine(url: str, tmp_path: Path) -> Iterator[Machine]:
    nas = {"name": "nas", "kind": "local", "folder": tmp_path / "nas"}
    tree = {"data": tmp_path / "data", "targets": [nas], "catalogue": {"url": url}}
    settings = Settings.model_validate(tree | {"snapshots": {"schedule": "0 2 * * *", "keep": 5}})
    settings.folders.make()
    catalogue = wiring.catalogue(settings)
    here = Machine(catalogue, settings, Meanwhile())
    archive(catalogue, {"local": MemoryTarget()}, [0], to="+4930111")
    here.gone = archive(catalogue, {"local": MemoryTarget()}, [1], to=f"+{NUMBER.decode()}")[0].id
    here.take()
    yield here
    catalogue.close()


@pytest.fixture
def other(machine: Machine, url: str, tmp_path: Path) -> Iterator[Machine]:
    """Another machine with the same catalogue and the same target; its clock is a little ahead."""
    data = tmp_path / "other"
    settings = Settings.model_validate(machine.settings.model_dump() | {"data": data})
    settings.folders.make()
    catalogue = wiring.catalogue(settings)
    target = Meanwhile(machine.target)
    yield replace(machine, catalogue=catalogue, settings=settings, target=target, ahead=20 * SECOND)
    catalogue.close()


def erase(machine: Machine) -> None:
    Deletion(machine.catalogue).again({machine.gone: "erasure: asked for"}, by="ben", now=machine.now())


def kill() -> None:
    raise Killed


def dumps(machine: Machine) -> list[bytes]:
    names = [stored.name for stored in machine.target.list(FOLDER)]
    return [gzip.decompress(b"".join(machine.target.get(name))) for name in names if name.endswith(".gz")]


def check(machine: Machine) -> None:
    """Something lies there, that is a snapshot, and nothing that lies there knows the number."""
    found = dumps(machine)
    assert found
    assert [dump for dump in found if NUMBER in dump] == []
    assert newest_snapshot(machine.target, KeyOpener()) is not None


@pytest.mark.parametrize("moment", MOMENTS[:2])
@pytest.mark.parametrize("late", ["here", "there"])
def test_one_that_was_begun_before_an_erasure_is_outlived(machine, other, late, moment):
    one, first = (machine, other) if late == "here" else (other, machine)

    def meanwhile():
        erase(first)
        first.take()
        check(first) if moment == MOMENTS[0] else None
        first.catalogue.runs.interrupt_silent(first.now() + HOUR, HOUR / 2)

    one.target.at[moment] = meanwhile
    one.take()
    check(machine)
    for each in (other, machine):
        each.take()
        check(machine)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("late", ["here", "there"])
def test_one_that_comes_while_the_first_that_knows_of_it_is_taken(machine, other, late, moment):
    one, first = (machine, other) if late == "here" else (other, machine)
    begun, on = threading.Event(), threading.Event()
    one.target.at["before it is written"] = lambda: (begun.set(), on.wait(60))
    with ThreadPoolExecutor(1) as beside:
        taking = beside.submit(one.take)
        assert begun.wait(60)
        erase(first)
        first.target.at[moment] = lambda: (on.set(), taking.result(60))
        first.take()
        assert on.is_set()
    check(machine)


def test_two_that_know_of_it_leave_one_of_them(machine, other):
    erase(machine)
    machine.target.at["after it is written"] = other.take
    machine.take()
    check(machine)


@pytest.mark.parametrize("moment", MOMENTS[:2])
def test_one_that_came_too_late_and_was_killed_then_goes_with_the_next_look(machine, other, moment):
    if moment == MOMENTS[0]:
        machine.target.at["before it is written"] = lambda: (erase(other), other.take())
        machine.target.at["after it is written"] = kill
    else:
        machine.target.at["after it is written"] = lambda: (erase(other), other.take(), kill())
    machine.killed()
    machine.snapshots().look()
    check(machine)


@pytest.mark.parametrize("moment", MOMENTS)
def test_where_the_first_that_knows_is_killed_the_next_takes_its_place(machine, other, moment):
    erase(machine)
    machine.target.at[moment] = kill
    machine.killed()
    other.take()
    check(machine)


def test_nothing_is_removed_before_something_else_lies_there(machine):
    machine.target.at["before it is written"] = lambda: erase(machine)
    machine.take()
    assert len(dumps(machine)) == 2, "neither knows of it, and nothing else is there"
    machine.snapshots().look()
    assert len(dumps(machine)) == 2
    machine.take()
    check(machine)
    assert len(dumps(machine)) == 1


def test_after_that_they_are_kept_as_before(machine, other):
    erase(machine)
    machine.take()
    for _ in range(3):
        machine.time[0] += 24 * HOUR
        other.take()
        other.snapshots().look()
    assert len(dumps(machine)) == 4
    assert {run.state for run in machine.catalogue.runs.page(kind=RunKind.SNAPSHOT)} == {RunState.DONE}
