"""The archive part beside its own folder, on a mount that hangs: it says so, ends in time, and goes on."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from earwitness import wiring
from earwitness.settings import Settings
from storage.targets.timely import DOES_NOT_ANSWER
from tests.hanging import HangingFolder
from tests.hanging_writes import HangingWrites
from tests.storage.handoffs import hand_off
from tests.waiting import PATIENCE, until

PART = """
import sys
from functools import partial
from pathlib import Path
from earwitness.parts import archive
from earwitness.settings import ArchiveSettings, Settings
from earwitness.stop import Stop, on_signals
from storage import passage
archive.Lookout = partial(archive.Lookout, silence=1.0, patience=1.0)
passage.FOLDER_ANSWERS_WITHIN = 1.0
stop = Stop()
on_signals(stop.ask)
settings = Settings(data=Path(sys.argv[1]), archive=ArchiveSettings(folder=Path(sys.argv[2])))
archive.run(settings, "archive", stop)
"""
"""As it is, but for its patience."""


class Site:
    """An installation whose archive folder is a mount; three calls of it wait."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(data=folder / "data")
        self.settings.folders.make()
        self.vault = folder / "vault"
        self.vault.mkdir()
        self.catalogue = wiring.catalogue(self.settings)
        self.calls = {hand_off(self.settings.folders.handoff, number).id for number in range(3)}

    @contextmanager
    def part(self) -> Iterator[None]:
        """The part, which is asked to end by SIGTERM and has to end by itself."""
        (self.settings.folders.run / "archive.json").unlink(missing_ok=True)
        command = [sys.executable, "-c", PART, str(self.settings.data), str(self.vault)]
        with subprocess.Popen(command) as process:
            try:
                yield
                process.send_signal(signal.SIGTERM)
                assert process.wait(PATIENCE) == 0
            finally:
                process.kill()

    def report(self) -> dict[str, Any]:
        path = self.settings.folders.run / "archive.json"
        return json.loads(path.read_text()) if path.exists() else {"well": False, "detail": "", "numbers": {}}

    def is_told(self) -> bool:
        said = self.report()
        return (
            not said["well"]
            and "Calls wait to be archived since" in said["detail"]
            and DOES_NOT_ANSWER in said["detail"]
        )

    def waiting(self) -> set[str]:
        return {path.name for path in self.settings.folders.handoff.glob("[!.]*")}

    def check(self) -> None:
        """Every call is in the catalogue, and what lies in the folder is theirs."""
        found = list(self.catalogue.calls.page(limit=100))
        assert sorted(each.call.id for each in found) == sorted(self.calls)
        assert self.catalogue.seals.of_calls(sorted(self.calls)).keys() == self.calls
        files = {str(path.relative_to(self.vault)) for path in self.vault.rglob("*") if path.is_file()}
        assert files == {copy.name for each in found for copy in each.copies}


@pytest.fixture
def site(tmp_path):
    made = Site(tmp_path)
    with closing(made.catalogue):
        yield made


@pytest.mark.parametrize("kind", [HangingFolder, HangingWrites])
def test_an_archive_folder_that_hangs_is_told_and_gets_all_that_waited(
    site: Site, kind: type[HangingFolder]
) -> None:
    mount = kind(site.vault)
    mount.hang()
    try:
        with site.part():
            until(site.is_told)
        assert site.waiting() == site.calls
        with site.part():
            until(site.is_told)
            site.calls.add(hand_off(site.settings.folders.handoff, 3).id)
            until(lambda: site.report()["numbers"].get("calls_waiting") == 4)
            assert not isinstance(mount, HangingWrites) or mount.holds_somebody
            mount.answer()
            until(lambda: not site.waiting())
            until(lambda: site.report()["well"])
    finally:
        mount.answer()
    site.check()
