"""A small archive in clear, and one that is encrypted."""

from pathlib import Path

import pytest

from storage.catalogue import Catalogue
from tests.storage.encryption.keys import a_keyring
from tests.storage.seals.world import World


@pytest.fixture(params=["clear", "encrypted"])
def world(request: pytest.FixtureRequest, tmp_path: Path, catalogue: Catalogue) -> World:
    """Calls 1 to 4."""
    keys = a_keyring(catalogue) if request.param == "encrypted" else None
    world = World(tmp_path / "handoff", catalogue, keys=keys)
    world.archive(1, 2, 3, 4)
    return world
