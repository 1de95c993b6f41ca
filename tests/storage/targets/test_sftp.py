"""Targets on a real SSH server."""

from collections.abc import Iterator

import pytest

from tests.storage.targets.contract import TargetContract
from tests.storage.targets.fresh import fresh
from tests.storage.targets.sftp_server import Server, running


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("sftp")) as server:
        yield server


class TestSftp(TargetContract):
    @pytest.fixture
    def target(self, server):
        with fresh(server) as target:
            yield target
