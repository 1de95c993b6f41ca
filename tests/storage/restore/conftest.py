"""An archive with calls in it, and a catalogue that knows nothing of them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.catalogue import Catalogue, sqlite_url
from storage.intake import Intake
from storage.model import Call
from storage.targets import MemoryTarget
from tests.storage.encryption.keys import a_keyring
from tests.storage.handoffs import hand_off
from tests.storage.sealers import a_sealer


@pytest.fixture
def fresh(tmp_path: Path, empty_catalogue: Path) -> Iterator[Catalogue]:
    """A catalogue without a row."""
    opened = Catalogue(sqlite_url(Path(shutil.copy(empty_catalogue, tmp_path / "fresh.db"))))
    yield opened
    opened.close()


class Archived:
    """Three calls on ``target``, which ``catalogue`` calls ``disk``; encrypted, if ``keys`` are given."""

    def __init__(self, folder: Path, catalogue: Catalogue, *, encrypted: bool) -> None:
        self.target = MemoryTarget()
        self.catalogue = catalogue
        keys = a_keyring(catalogue) if encrypted else None
        self.calls: list[Call] = [hand_off(folder, number) for number in range(3)]
        assert Intake(folder, self.target, catalogue, "disk", a_sealer(), keys).run_once() == 3

    def name(self, number: int, ending: str) -> str:
        """The name of a blob of the call with this number."""
        (found,) = (
            each.name for each in self.target.list() if each.name.endswith(self.calls[number].id + ending)
        )
        return found


@pytest.fixture(params=[False, True], ids=["clear", "encrypted"])
def archived(request: pytest.FixtureRequest, tmp_path: Path, empty_catalogue: Path) -> Iterator[Archived]:
    opened = Catalogue(sqlite_url(Path(shutil.copy(empty_catalogue, tmp_path / "before.db"))))
    (tmp_path / "handoff").mkdir()
    yield Archived(tmp_path / "handoff", opened, encrypted=request.param)
    opened.close()
