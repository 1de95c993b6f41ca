"""Targets on real FTP servers: in clear, with TLS, and with servers that lack something."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.storage.targets.contract import DATA, RangeContract, TargetContract
from tests.storage.targets.fresh import fresh
from tests.storage.targets.ftp_server import Server, certificate, running

RFC_959 = frozenset({"MLSD", "MLST", "FEAT", "EPSV"})


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("plain")) as server:
        yield server


@pytest.fixture(scope="module")
def secured(tmp_path_factory) -> Iterator[Server]:
    with running(
        tmp_path_factory.mktemp("secured"), tls=certificate(tmp_path_factory.mktemp("pem"))
    ) as server:
        yield server


@pytest.fixture(scope="module")
def old(tmp_path_factory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("old"), without=RFC_959, zone=timedelta(hours=8)) as server:
        yield server


@pytest.fixture(scope="module")
def careful(tmp_path_factory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("careful"), replaces=False) as server:
        yield server


@pytest.fixture(
    scope="module",
    params=[{"without": frozenset({"REST"})}, {"restarts": False}],
    ids=["REST is not known", "REST is not meant"],
)
def forward(request, tmp_path_factory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("forward"), **request.param) as server:
        yield server


class TestPlain(TargetContract):
    @pytest.fixture
    def target(self, plain):
        with fresh(plain) as target:
            yield target


class TestTls(TargetContract):
    @pytest.fixture
    def target(self, secured):
        with fresh(secured) as target:
            yield target


class TestOld(TargetContract):
    """A server that knows SIZE, MDTM and REST but not MLSD, MLST and FEAT, and lists in its own time zone."""

    @pytest.fixture
    def target(self, old):
        with fresh(old) as target:
            yield target


class TestCareful(TargetContract):
    """A server that does not rename onto a name that is taken."""

    @pytest.fixture
    def target(self, careful):
        with fresh(careful) as target:
            assert target.capabilities.atomic_put
            target.put("a", DATA)
            target.put("a", DATA)
            assert not target.capabilities.atomic_put
            target.delete("a")
            yield target


class TestForward(RangeContract):
    """A server that always begins at the beginning."""

    @pytest.fixture
    def target(self, forward):
        with fresh(forward) as target:
            yield target
