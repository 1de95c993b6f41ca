"""Targets on the servers that people have: OpenSSH, and ProFTPD in clear and with TLS."""

from collections.abc import Iterator

import pytest

from storage.errors import TargetRefused
from tests.storage.targets import daemons
from tests.storage.targets.contract import DATA, TargetContract
from tests.storage.targets.fresh import fresh


@pytest.fixture(scope="session")
def openssh(tmp_path_factory) -> Iterator[daemons.Sshd]:
    with daemons.sshd(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture(scope="session", params=["clear", "tls"])
def proftpd(request, tmp_path_factory) -> Iterator[daemons.Proftpd]:
    with daemons.proftpd(tmp_path_factory.mktemp("proftpd"), tls=request.param == "tls") as server:
        yield server


class TestOpenSsh(TargetContract):
    @pytest.fixture
    def target(self, openssh):
        with fresh(openssh) as target:
            yield target

    def test_the_room_is_told(self, target):
        target.put("a", DATA)
        space = target.space()
        assert 0 < space.free <= space.total


class TestProftpd(TargetContract):
    """With TLS it wants data connections to resume the session of the control connection."""

    @pytest.fixture
    def target(self, proftpd):
        with fresh(proftpd) as target:
            yield target


def test_another_key_than_the_known_one_is_refused(openssh, tmp_path):
    strange = tmp_path / "known_hosts"
    other = (openssh.folder / "user_key.pub").read_text()
    strange.write_text(f"[127.0.0.1]:{openssh.port} {other}")
    target = openssh.target(tmp_path / "files", strange)
    try:
        with pytest.raises(TargetRefused):
            target.put("a", DATA)
    finally:
        target.close()
    assert not (tmp_path / "files").exists()
