"""A catalogue on disk for every test that asks for one."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.catalogue import Catalogue, migrate, sqlite_url


@pytest.fixture(scope="session")
def empty_catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an empty catalogue, migrated once because that takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "catalogue.db"
    migrate(sqlite_url(path))
    return path


@pytest.fixture
def catalogue(tmp_path: Path, empty_catalogue: Path) -> Iterator[Catalogue]:
    opened = Catalogue(sqlite_url(Path(shutil.copy(empty_catalogue, tmp_path))))
    yield opened
    opened.close()
