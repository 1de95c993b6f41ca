"""Installations that are restored from their disk, in clear and encrypted; nobody changes them."""

import pytest

from tests.earwitness.installation import Installation
from tests.earwitness.restoring.drill import gone_on_after, snapshot_last


@pytest.fixture(scope="module", params=[False, True], ids=["clear", "encrypted"])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return snapshot_last(tmp_path_factory.mktemp("installation"), encrypted=request.param)


@pytest.fixture(scope="module", params=[False, True], ids=["clear", "encrypted"])
def gone_on(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return gone_on_after(tmp_path_factory.mktemp("installation"), encrypted=request.param)
