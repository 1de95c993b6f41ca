"""Playing while a target hangs: another copy is served soon, or the answer says that none can be, and the API
goes on answering everybody else."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from qa_api.archive import Archive
from storage.copies import reader
from storage.copies.choice import Nearness
from storage.targets import LocalTarget
from storage.targets.timely import TimelyTarget
from tests.hanging import HangingFolder
from tests.qa_api.office import Office
from tests.qa_api.world import HEARD
from tests.waiting import until

AUDIO = f"/api/v1/calls/{HEARD}/audio"
READS = (AUDIO, f"/api/v1/calls/{HEARD}/peaks", f"/api/v1/calls/{HEARD}/download")
LISTENERS = 60
"""More than there are threads for requests."""


class Hanging(Office):
    """An office whose calls lie at home, in a folder that may hang, and, if there is a ``backup``, there."""

    def __init__(self, folder: Path, seconds: float, *, backup: bool) -> None:
        self.home = HangingFolder(folder / "archive")
        self.seconds = seconds
        super().__init__(folder, copies={"backup": LocalTarget(folder / "backup")} if backup else {})

    def __enter__(self) -> "Hanging":
        super().__enter__()
        self.expected = {path: self.user("supervisor").get(path).content for path in READS}
        home = TimelyTarget(LocalTarget(self.folder / "archive"), self.seconds, chunks=1)
        self.services.targets["local"] = home
        self.home.hang()
        return self


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "office"))


@pytest.fixture
def two(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hanging]:
    monkeypatch.setattr(reader, "SECONDS", 0.2)
    with Hanging(folder, 60.0, backup=True) as running:
        yield running
        running.home.answer()


@pytest.fixture
def alone(folder: Path) -> Iterator[Hanging]:
    with Hanging(folder, 0.2, backup=False) as running:
        yield running
        running.home.answer()


def test_another_copy_is_served_soon(two: Hanging) -> None:
    browser = two.user("supervisor")
    for path in READS:
        begun = time.monotonic()
        answer = browser.get(path)
        assert (answer.status_code, answer.content) == (200, two.expected[path])
        assert time.monotonic() - begun < two.seconds / 2
    assert "copy not read" in two.whole_log()


def test_without_another_copy_the_answer_says_so_and_it_is_served_once_it_answers(alone: Hanging) -> None:
    browser = alone.user("supervisor")
    for path in READS:
        answer = browser.get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "archive-unavailable")
    alone.home.answer()
    until(lambda: browser.get(AUDIO).content == alone.expected[AUDIO])


def test_many_who_want_to_hear_it_take_the_api_from_nobody(alone: Hanging) -> None:
    browser = alone.user("supervisor")

    def wave() -> int:
        """All of them ask; how many threads the folder keeps afterwards."""
        with ThreadPoolExecutor(LISTENERS) as asking:
            answers = [asking.submit(browser.get, AUDIO, timeout=60) for _ in range(LISTENERS)]
            assert browser.get("/api/v1/calls", timeout=60).status_code == 200
            assert {answer.result().status_code for answer in answers} == {503}
        return sum(thread.name == "answering" for thread in threading.enumerate())

    kept = wave()
    assert kept < LISTENERS
    assert wave() <= kept


def test_the_last_copy_is_waited_for_longer_than_one_that_has_another_after_it(
    two: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that sleeps needs some seconds to wake up."""
    found = two.catalogue.calls.get(HEARD)
    assert found is not None
    assert found.call.recording is not None
    waited: list[float] = []
    home = two.services.targets["local"]
    own = threading.get_ident()

    def noted(target: TimelyTarget, act: Callable[[], object]) -> object:
        # The API may still be at the end of what was asked of it before.
        if threading.get_ident() == own:
            waited.append(target._seconds)
        return act()

    monkeypatch.setattr(TimelyTarget, "_read", noted)
    two.home.answer()
    for targets in (dict(two.services.targets), {"local": home}):
        archive = Archive(targets, Nearness("local"))
        archive.audio(found, found.call.recording).copy()
    assert waited == [reader.SECONDS, two.seconds]
