"""Whatever happens while keys are wrapped anew: in the end each opens with the new master key wherever it
lies, and nowhere lies one of an erased call."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.catalogue import Catalogue, sqlite_url
from storage.catalogue.key_changes import GRACE
from storage.copies.backlog import Backlog
from storage.copies.copier import Copier
from storage.copies.placement import Placement
from storage.encryption.keyring import KeyMaker, KeyOpener
from storage.encryption.rotation import Rotation
from storage.encryption.wrapping import read_document
from storage.errors import TargetError
from storage.intake import Intake
from storage.retention.deletion import Deletion
from storage.retention.removing import remove_pending
from storage.targets import MemoryTarget
from tests import postgres
from tests.storage.conftest import KINDS
from tests.storage.encryption.keys import a_keyring, a_master
from tests.storage.handoffs import hand_off
from tests.storage.sealers import a_sealer
from tests.storage.targets.contract import content

MASTERS = [a_master(1), a_master(2)]
PLACEMENT = Placement(("disk", "usb"))
TASKS = ("nothing", "copy disk", "copy usb", "erase", "remove", "forth", "back", "fail")
anything = st.lists(st.sampled_from(TASKS), max_size=25)
beside = st.lists(st.sampled_from(TASKS[:5]), max_size=25)


class Clock:
    """A moment later each time."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(microseconds=1)
        return self.at


class Interrupted(MemoryTarget):
    """A target on which something else happens before and after each blob that is put."""

    def __init__(self, happen: Callable[[], None]) -> None:
        super().__init__()
        self._happen = happen

    def put(self, name, source):
        if not name.endswith(".key"):
            return super().put(name, source)
        self._happen()
        kept = super().put(name, source)
        self._happen()
        return kept


class Scene:
    """Three calls that come in at home; ``left`` is what happens, one after and within the other."""

    def __init__(self, catalogue: Catalogue, folder: Path, left: list[str]) -> None:
        self.catalogue = catalogue
        self.left = []
        self.now = Clock()
        self.targets = {name: Interrupted(self.happen) for name in ("home", "disk", "usb")}
        ids = [hand_off(folder, number).id for number in range(3)]
        keys = a_keyring(catalogue)
        home = self.targets["home"]
        assert Intake(folder, home, catalogue, "home", a_sealer(), keys).run_once() == len(ids)
        self.alive = sorted(ids)
        self.left = left

    def happen(self) -> None:
        match self.left.pop(0) if self.left else "nothing":
            case "copy disk":
                self.copy("disk")
            case "copy usb":
                self.copy("usb")
            case "erase" if len(self.alive) > 1:
                call_id = self.alive.pop()
                Deletion(self.catalogue).again({call_id: "erasure: asked"}, by="ben", now=self.now())
            case "remove":
                remove_pending(self.catalogue, self.targets, now=self.now())
            case "forth":
                self.rotate(1)
            case "back":
                self.rotate(0)
            case "fail":
                raise TargetError("The target does not answer.")

    def copy(self, name: str) -> None:
        backlog = Backlog(self.catalogue, PLACEMENT, "home")
        while backlog.fill(name, self.now()):
            pass
        Copier(self.catalogue, self.targets, PLACEMENT, "home", self.now, at_once=1).batch(name)

    def rotate(self, number: int) -> list[str]:
        maker = KeyMaker(MASTERS[number])
        rotation = Rotation(self.catalogue, self.targets, KeyOpener(MASTERS), maker, self.now)
        return [item.reason for item in rotation.run() if item.reason]

    def exhaust(self) -> None:
        """Let all of it happen."""
        while self.left:
            with suppress(TargetError):
                self.happen()

    def settle(self) -> None:
        """Let copies and removals come to their end."""
        self.now.at += timedelta(hours=2)
        for name in ("disk", "usb"):
            self.catalogue.copy_tasks.hurry(name, self.now())
            self.copy(name)
        self.now.at += GRACE + timedelta(days=1)
        remove_pending(self.catalogue, self.targets, now=self.now())

    def check(self) -> None:
        calls = {found.call.id: found for found in self.catalogue.calls.page()}
        assert sorted(calls) == self.alive
        for name, target in self.targets.items():
            there = [blob.name for blob in target.list() if blob.name.endswith(".key")]
            assert {Path(blob).stem for blob in there} == set(calls), name
            for blob in there:
                KeyOpener(MASTERS[1:]).open(read_document(content(target, blob)))
        assert self.catalogue.keys.masters() == [MASTERS[1].id]
        assert list(self.catalogue.keys.unfinished(MASTERS[1].id)) == []


@pytest.fixture(params=KINDS)
def catalogues(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], AbstractContextManager[tuple[Catalogue, Path]]]:
    """Gives an empty catalogue and a folder each time."""

    @contextmanager
    def fresh() -> Iterator[tuple[Catalogue, Path]]:
        folder = tmp_path_factory.mktemp("scene")
        with ExitStack() as closing:
            if request.param == "sqlite":
                url = sqlite_url(Path(shutil.copy(request.getfixturevalue("empty_catalogue"), folder)))
            else:
                server: postgres.Server = request.getfixturevalue("server")
                url = closing.enter_context(server.lent(request.getfixturevalue("empty_database")))
            catalogue = Catalogue(url)
            closing.callback(catalogue.close)
            yield catalogue, folder / "handoff"

    return fresh


def test_at_the_end_of_anything(catalogues):
    @settings(max_examples=15, deadline=None)
    @given(anything)
    def holds(left: list[str]) -> None:
        with catalogues() as (catalogue, folder):
            scene = Scene(catalogue, folder, left)
            scene.exhaust()
            assert scene.rotate(1) == []
            scene.settle()
            scene.check()

    holds()


def test_one_rotation_is_enough_beside_copying_and_erasing(catalogues):
    @settings(max_examples=15, deadline=None)
    @given(beside)
    def holds(left: list[str]) -> None:
        with catalogues() as (catalogue, folder):
            scene = Scene(catalogue, folder, left)
            assert scene.rotate(1) == []
            scene.exhaust()
            scene.settle()
            scene.check()

    holds()
