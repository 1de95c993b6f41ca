"""What tests of keeping share."""

import pytest

from storage.catalogue import Catalogue, migrate, sqlite_url


@pytest.fixture
def catalogue(tmp_path):
    migrate(sqlite_url(tmp_path / "catalogue.db"))
    opened = Catalogue(sqlite_url(tmp_path / "catalogue.db"))
    yield opened
    opened.close()
