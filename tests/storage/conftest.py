"""A catalogue for every test that asks for one, on each database that it may be on."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.catalogue import Catalogue, migrate, sqlite_url
from tests import postgres

KINDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def empty_database(server: postgres.Server) -> str:
    """The name of an empty catalogue's database."""
    name = server.create()
    migrate(server.url(name))
    return name


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "catalogue.db")
    else:
        server: postgres.Server = request.getfixturevalue("server")
        with server.lent() as lent:
            yield lent


@pytest.fixture(params=KINDS)
def catalogue_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty catalogue."""
    if request.param == "sqlite":
        yield sqlite_url(Path(shutil.copy(request.getfixturevalue("empty_catalogue"), tmp_path)))
    else:
        server: postgres.Server = request.getfixturevalue("server")
        with server.lent(request.getfixturevalue("empty_database")) as lent:
            yield lent


@pytest.fixture
def catalogue(catalogue_url: str) -> Iterator[Catalogue]:
    opened = Catalogue(catalogue_url)
    yield opened
    opened.close()
