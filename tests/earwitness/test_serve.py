"""``earwitness serve`` as a whole: real processes, real kills, one data folder."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from earwitness import serving, wiring
from earwitness.ports import next_free
from earwitness.settings import Settings
from recorder.spool.callfile import Journal
from storage.model import CallState
from tests.earwitness.processes import alive, health, pids, running
from tests.waiting import PATIENCE, until

TAP = 'taps=[{kind="simulator", agents=6, talk_seconds=4, codecs=["PCMU"]}]'


def arguments(data: Path, port: int) -> list[str]:
    chosen = [TAP, f"api.port={port}", "api.allow_root=true"]
    return ["serve", "--data", str(data), *(word for each in chosen for word in ("--set", each))]


def answered(data: Path) -> bool:
    catalogue = wiring.catalogue(Settings(data=data))
    try:
        return any(each.call.state is CallState.ANSWERED for each in catalogue.calls.page())
    finally:
        catalogue.close()


def test_parts_are_watched_calls_archived_and_running_ones_kept(tmp_path: Path) -> None:
    data = tmp_path / "data"
    port = next_free("127.0.0.1", 20000 + os.getpid() % 10000)
    with running(*arguments(data, port), folder=tmp_path):
        until(lambda: (health(port) or {}).get("condition") == "well")
        first = pids(data)
        assert set(first) == {"archive", "finish-1", "capture-simulator", "jobs", "api"}
        second = subprocess.run(
            [sys.executable, "-m", "earwitness", *arguments(data, port + 1)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert second.returncode == 1
        assert "is in use" in second.stderr
        until(lambda: answered(data))
        os.kill(first["finish-1"], signal.SIGKILL)
        until(lambda: pids(data)["finish-1"] not in {0, first["finish-1"]})
        after = pids(data)
        assert {name for name in first if first[name] != after[name]} == {"finish-1"}
        until(lambda: len(Journal(data / "spool" / "simulator").stamps()))
    assert not any(alive(pid) for pid in after.values())
    assert Journal(data / "spool" / "simulator").stamps(), "calls that ran are kept for the next start"
    assert not list((data / "run").glob("*.parts"))


def test_a_part_that_is_still_starting_ends_at_once(tmp_path: Path) -> None:
    """Whatever it is at: loading, opening the catalogue, or about to listen."""
    port = next_free("127.0.0.1", 20000 + os.getpid() % 10000)
    command = [sys.executable, "-m", "earwitness", *arguments(tmp_path / "data", port), "--part", "api"]
    serving.prepare(Settings(data=tmp_path / "data"))
    for seconds in (0.2, 0.8, 1.6, 2.4):
        part = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        with pytest.raises(subprocess.TimeoutExpired):
            part.wait(seconds)
        part.send_signal(signal.SIGTERM)
        _, said = part.communicate(timeout=PATIENCE)
        assert part.returncode in {0, -signal.SIGTERM}, said
        assert b"Traceback" not in said
