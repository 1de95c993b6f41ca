"""A target is down, for minutes or weeks: recording goes on, calls wait, and get there in the end."""

import hashlib
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from earwitness import health, wiring
from earwitness.ports import next_free
from earwitness.settings import Settings
from storage.catalogue import CatalogueCall
from storage.clock import utc_now
from tests.earwitness import warm
from tests.earwitness.processes import running
from tests.held_port import held_port
from tests.storage.handoffs import hand_off
from tests.storage.targets import ftp_server
from tests.waiting import PATIENCE, until

TAP = 'taps=[{kind="simulator", agents=6, talk_seconds=1, codecs=["PCMU"]}]'
SOME = 2


class Site:
    """An installation with the target ``nas`` on a server that is off."""

    def __init__(self, folder: Path, role: str, port: int) -> None:
        self.folder = folder
        self.disk = folder / "disk"
        self.port = port
        self.settings = Settings(data=folder / "data")
        self.settings.folders.make()
        self.catalogue = wiring.catalogue(self.settings)
        target = (
            f'{{name="nas", kind="ftp", host="127.0.0.1", port={port}, tls=false, user="{ftp_server.USER}", '
            f'password="env:NAS_PASSWORD", role="{role}"}}'
        )
        self.chosen = ["--data", str(self.settings.data), "--set", f"targets=[{target}]"]

    @contextmanager
    def serving(self, *options: str) -> Iterator[None]:
        """``serve``, which is ended by SIGTERM and has to end by itself."""
        place = self.folder / f"run-{len(list(self.folder.glob('run-*')))}"
        place.mkdir()
        api = next_free("127.0.0.1", 20000 + os.getpid() % 10000)
        more = ["--set", f"api.port={api}", "--set", "api.allow_root=true", *options]
        with running("serve", *self.chosen, *more, folder=place) as process:
            yield
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
        said = (place / "stderr.log").read_text()
        self.log = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
        assert "part does not stop: killed" not in self.logged()
        assert "part crashed" not in self.logged()

    @contextmanager
    def server(self) -> Iterator[None]:
        """The server, on."""
        self.disk.mkdir(exist_ok=True)
        server = ftp_server.Server(self.disk, ftp_server.Make(), self.port)
        try:
            yield
        finally:
            server.stop()

    def logged(self) -> list[str]:
        return [line["event"] for line in self.log]

    def said(self, part: str) -> str:
        reports = health.read(self.settings.folders.run, time.time())
        return next((each.detail for each in reports if each.part == part), "")

    def is_well(self, kind: str) -> bool:
        reports = health.read(self.settings.folders.run, time.time())
        return all(each.well for each in reports if each.part.startswith(kind))

    def handed_off(self) -> set[str]:
        return {path.name for path in self.settings.folders.handoff.glob("[!.]*")}

    def archived(self) -> dict[str, CatalogueCall]:
        return {found.call.id: found for found in self.catalogue.calls.page(limit=100_000)}

    def is_all_copied(self) -> bool:
        copies = [[copy.target for copy in each.copies] for each in self.archived().values()]
        return all("nas" in targets for targets in copies) and not self.catalogue.copy_tasks.waiting(
            utc_now()
        )

    def check(self) -> None:
        """Every call of the catalogue lies on the target as it was archived, once, with a seal that fits."""
        found = self.archived()
        copies = {copy.name: copy for each in found.values() for copy in each.copies if copy.target == "nas"}
        assert {Path(name).stem for name in copies if name.endswith(".json")} == set(found)
        blobs = {str(path.relative_to(self.disk)): path for path in self.disk.glob("20*/**/*.*")}
        assert set(blobs) == set(copies)
        for name, path in blobs.items():
            assert hashlib.sha256(path.read_bytes()).hexdigest() == copies[name].sha256
        verified = warm.earwitness("verify", *self.chosen, "--target", "nas", "--json")
        assert verified.returncode == 0, verified.stdout + verified.stderr


@contextmanager
def site_with(role: str, folder: Path, port: int) -> Iterator[Site]:
    site = Site(folder, role, port)
    with closing(site.catalogue):
        yield site


@pytest.fixture(autouse=True)
def password(monkeypatch):
    monkeypatch.setenv("NAS_PASSWORD", ftp_server.PASSWORD)


def test_calls_wait_in_the_archive_for_a_copy_target_that_is_down(tmp_path: Path) -> None:
    with held_port() as port, site_with("copy", tmp_path, port) as site:
        with site.serving("--set", TAP):
            until(lambda: "nas is down since" in site.said("jobs"))
            before = len(site.archived())
            until(lambda: len(site.archived()) >= before + SOME)
            assert site.is_well("capture")
            assert site.is_well("finish")
            assert site.is_well("archive")
        assert "target changed" in site.logged()
        assert not any(copy.target == "nas" for each in site.archived().values() for copy in each.copies)
        with site.server():
            with site.serving("--only", "jobs"):
                until(site.is_all_copied)
            site.check()


def test_calls_wait_in_the_hand_off_folder_for_a_primary_target_that_is_down(tmp_path: Path) -> None:
    with held_port() as port, site_with("primary", tmp_path, port) as site:
        with site.serving("--set", TAP):
            until(lambda: "Calls wait to be archived since" in site.said("archive"))
            assert "cannot be reached" in site.said("archive")
            before = len(site.handed_off())
            until(lambda: len(site.handed_off()) >= before + SOME)
            until(lambda: "nas is down since" in site.said("jobs"))
            assert "hand-off folder" in site.said("jobs")
            assert site.is_well("capture")
            assert site.is_well("finish")
        assert site.logged().count("no call is archived") == 1
        waited = site.handed_off()
        assert site.archived() == {}
        with site.serving("--only", "archive"):
            until(lambda: "Calls wait to be archived since" in site.said("archive"))
            with site.server():
                until(lambda: not site.handed_off())
                until(lambda: site.is_well("archive"))
        assert site.logged().count("calls are archived again") == 1
        assert set(site.archived()) == waited
        with site.server():
            site.check()


@pytest.mark.parametrize("part", ["archive", "jobs"])
def test_a_primary_target_that_hangs_keeps_nothing_from_ending(tmp_path: Path, part: str) -> None:
    """It takes connections, and says nothing."""
    with ExitStack() as open_until_the_end:
        silent = open_until_the_end.enter_context(socket.create_server(("127.0.0.1", 0)))
        silent.settimeout(PATIENCE)
        site = open_until_the_end.enter_context(site_with("primary", tmp_path, silent.getsockname()[1]))
        call = hand_off(site.settings.folders.handoff)
        with site.serving("--only", part):
            connection, _ = silent.accept()
            open_until_the_end.enter_context(connection)
            until(lambda: site.is_well(part))
        assert any(event.startswith("what was under way is given up") for event in site.logged())
        assert site.handed_off() == {call.id}
