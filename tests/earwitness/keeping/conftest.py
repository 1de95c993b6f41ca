"""What tests of keeping share."""

import shutil
from pathlib import Path

import pytest

from storage.catalogue import Catalogue, sqlite_url


@pytest.fixture
def catalogue(tmp_path, empty_catalogue):
    opened = Catalogue(sqlite_url(Path(shutil.copy(empty_catalogue, tmp_path))))
    yield opened
    opened.close()
