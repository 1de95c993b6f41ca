import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from qa_api.page import STATIC
from tests.e2e import centre
from tests.e2e.visitor import ARGUMENTS, PATIENCE, Visitor
from tests.qa_api.office import Office

SHOTS = Path(__file__).parents[2] / "test-results"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The call centre as it is in the beginning; copied, never used itself."""
    folder = tmp_path_factory.mktemp("centre")
    centre.build(folder, datetime.now(UTC))
    return folder


def _running(folder: Path) -> Office:
    return Office(folder, overrides={"now": lambda: datetime.now(UTC), "static": STATIC})


@pytest.fixture(scope="session")
def office(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A server for tests that only look."""
    folder = tmp_path_factory.mktemp("office") / "office"
    shutil.copytree(built, folder)
    with _running(folder) as running:
        yield running


@pytest.fixture
def own_office(built: Path, tmp_path: Path) -> Iterator[Office]:
    """A server of one's own, for tests that change something."""
    folder = tmp_path / "office"
    shutil.copytree(built, folder)
    with _running(folder) as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests; each visitor has cookies of its own."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, office: Office) -> Iterator[Callable[..., Visitor]]:
    """Makes visitors: ``visit("supervisor")`` is signed in, ``visit()`` stands at the door.

    The test fails where the page of one of them threw an error or broke its security policy.
    """
    with ExitStack() as leaving:

        def come(username: str = "", *, at: Office = office, language: str = "en-GB") -> Visitor:
            visitor = Visitor(chromium, at.url, SHOTS, language)
            leaving.callback(visitor.leave)
            if username:
                visitor.sign_in(username)
            return visitor

        yield come
