"""What holds for all tests: what is missing skips by name, no network, one hypothesis profile."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests import memory, postgres

ROOT = Path(__file__).parents[1]

settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


def captures_folder() -> Path:
    """The folder of real calls: ``EARWITNESS_CAPTURES``, or ``shared/captures`` beside the checkout."""
    return Path(os.environ.get("EARWITNESS_CAPTURES", ROOT.parent / "shared" / "captures"))


def chromium() -> str | None:
    """Debian's Chromium, or another one on the path."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def _namespaces() -> str | None:
    """Why there can be no network namespaces here, if so."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "not root on Linux"
    if shutil.which("ip") is None:
        return "the command ip is missing: apt-get install iproute2"
    name = f"earwitness-probe-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    if made.returncode:
        return f"network namespaces cannot be made: {made.stderr.strip()}"
    subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)
    return None


def _browser() -> str | None:
    if chromium() is None:
        return "Chromium is missing: apt-get install chromium"
    if not (ROOT / "qa_api" / "static" / "index.html").is_file():
        return "the web page is not built: make web"
    return None


def _captures() -> str | None:
    folder = captures_folder()
    return None if folder.is_dir() else f"there is no folder of real calls {folder} (EARWITNESS_CAPTURES)"


def pytest_configure(config: pytest.Config) -> None:
    """Let ``tmp_path`` lie in memory, unless ``--basetemp`` or PYTEST_DEBUG_TEMPROOT says where."""
    if (folder := memory.folder()) and not config.option.basetemp:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))


@pytest.fixture(scope="session", autouse=True)
def _memory_given_back(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """What a run without failures wrote does not stay in memory."""
    yield
    written = tmp_path_factory.getbasetemp()
    if written.is_relative_to(memory.FOLDER) and not request.session.testsfailed:
        shutil.rmtree(written, ignore_errors=True)


@pytest.fixture(scope="session")
def empty_catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an empty catalogue, migrated once because that takes longer than most tests."""
    # Slow to import, and whole rooms have no catalogue.
    from storage.catalogue import migrate, sqlite_url

    path = tmp_path_factory.mktemp("empty") / "catalogue.db"
    migrate(sqlite_url(path))
    return path


MARKERS = {"root": _namespaces, "browser": _browser, "captures": _captures}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine lacks something for, and say what."""
    for marker, probe in MARKERS.items():
        marked = [item for item in items if item.get_closest_marker(marker)]
        reason = probe() if marked else None
        if reason:
            for item in marked:
                item.add_marker(pytest.mark.skip(reason=f"{marker}: {reason}"))


@pytest.fixture(scope="session")
def captures() -> Path:
    """The folder of real calls."""
    return captures_folder()


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Tests reach this machine only: any other address is refused before a packet leaves."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0])
            if not (host.startswith("127.") or host in ("::1", "localhost", "0.0.0.0")):
                raise AssertionError(f"a test wants to reach {host}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    """A PostgreSQL server."""
    found = postgres.programs()
    if found is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    with postgres.running(found) as running:
        yield running


@pytest.fixture
def own_server() -> Iterator[postgres.Server]:
    """A PostgreSQL server that may be stopped: nobody else uses it."""
    found = postgres.programs()
    if found is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    with postgres.running(found, keeps=True) as running:
        yield running


@pytest.fixture(scope="session")
def s3_server() -> Iterator[Any]:
    """A server that speaks S3, a ``tests.s3.Server``."""
    # Slow to import, and few tests want it.
    from tests import s3

    with s3.running() as running:
        yield running
