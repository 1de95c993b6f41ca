"""A catalogue for tests of which there are so many that one kind of database must do."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.catalogue import Catalogue, sqlite_url


@pytest.fixture
def embedded(empty_catalogue: Path, tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(sqlite_url(Path(shutil.copy(empty_catalogue, tmp_path))))
    yield opened
    opened.close()
