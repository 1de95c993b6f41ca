"""A catalogue on disk for every test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.catalogue import Catalogue, sqlite_url


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(sqlite_url(tmp_path / "catalogue.db"))
    yield opened
    opened.close()
