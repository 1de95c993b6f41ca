import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.qa_api import world
from tests.qa_api.office import Office


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The call centre as it is in the beginning; copied, never used itself."""
    folder = tmp_path_factory.mktemp("world")
    world.build(folder)
    return folder


@pytest.fixture
def place(built: Path, tmp_path: Path) -> Path:
    """The folder of a call centre of one's own."""
    return shutil.copytree(built, tmp_path / "office")


@pytest.fixture
def office(place: Path) -> Iterator[Office]:
    """A call centre of one's own, with a running server."""
    with Office(place) as running:
        yield running


@pytest.fixture(scope="session")
def reading(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A call centre for tests that only look: ``known`` users, nothing changed."""
    folder = tmp_path_factory.mktemp("reading") / "office"
    shutil.copytree(built, folder)
    with Office(folder) as running:
        yield running
