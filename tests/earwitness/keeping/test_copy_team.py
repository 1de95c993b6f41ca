"""Many copies are made by several processes, which share a backlog and end with it."""

import os
import pickle
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from earwitness import wiring
from earwitness.keeping import copy_team
from earwitness.keeping.copy_team import CopyTeam
from earwitness.settings import Settings
from storage.copies.copier import BATCH
from storage.helper import Helper
from storage.targets import LocalTarget
from tests.storage.copies.centre import Centre
from tests.waiting import until

CALLS = 5 * BATCH
COPY_ALL = """
import pickle, sys
from pathlib import Path
from earwitness.keeping import copy_team
from earwitness.keeping.copy_hand import _copier
from earwitness.settings import Settings
copy_team._WORTH, copy_team._SHARE = 1, 64
given = Path(sys.argv[1]).read_bytes()
with copy_team.CopyTeam(_copier(given), "nas", given, helpers=2) as team:
    while team.batch(lambda: False).taken:
        print(*(helper.pid for helper in team._helpers), flush=True)
"""


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """One full batch is worth helpers, and each takes one at once."""
    monkeypatch.setattr(copy_team, "_WORTH", 1)
    monkeypatch.setattr(copy_team, "_SHARE", BATCH)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    target = {"name": "nas", "kind": "local", "folder": tmp_path / "nas"}
    made = Settings.model_validate({"data": tmp_path / "data", "targets": [target]})
    made.folders.make()
    return made


@pytest.fixture
def centre(settings: Settings, tmp_path: Path):
    targets = {"nas": LocalTarget(tmp_path / "nas")}
    made = Centre(wiring.catalogue(settings), targets, LocalTarget(settings.archive_folder))
    made.now = datetime.now(UTC)
    yield made
    made.catalogue.close()


@pytest.fixture
def team(settings: Settings, centre: Centre):
    with CopyTeam(centre.copier(), "nas", pickle.dumps(settings), helpers=2) as made:
        yield made


@pytest.fixture
def helpers(monkeypatch):
    """The helpers that were started."""
    started: list[Helper] = []
    start = Helper.__init__

    def noted(self, *shared):
        start(self, *shared)
        started.append(self)

    monkeypatch.setattr(Helper, "__init__", noted)
    return started


def backlog(centre: Centre, calls: int) -> None:
    centre.archive(*range(calls), size=8)
    centre.fill()


def copied(team: CopyTeam) -> list[str]:
    found: list[str] = []
    while (batch := team.batch(lambda: False)).taken:
        assert batch.failed == {}
        found += batch.copied
    return found


def waiting(centre: Centre) -> int:
    backlog = centre.catalogue.copy_tasks.waiting(centre.now).get("nas")
    return backlog.calls if backlog else 0


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def check_ended(helpers: list[Helper]) -> None:
    assert not any(is_alive(helper.pid) for helper in helpers)


def test_helpers_take_their_share_of_many_calls(centre, team, helpers, monkeypatch):
    shares: list[int] = []
    ask = team._ask

    def noted(*asked):
        batch = ask(*asked)
        shares.append(len(batch.copied))
        return batch

    monkeypatch.setattr(team, "_ask", noted)
    backlog(centre, CALLS)
    found = copied(team)
    assert len(found) == len(set(found)) == CALLS
    assert sum(shares) >= 2 * BATCH
    centre.check("nas")
    assert len(helpers) == 2
    check_ended(helpers)


def test_few_calls_get_none(centre, team, helpers):
    backlog(centre, BATCH - 1)
    assert len(copied(team)) == BATCH - 1
    assert helpers == []


def test_one_that_is_killed_leaves_its_calls_to_the_others(centre, team, helpers, monkeypatch):
    call = Helper.call
    killed: list[int] = []

    def dying(self, *given, **options):
        if not killed:
            killed.append(self.pid)
            os.kill(self.pid, signal.SIGKILL)
        return call(self, *given, **options)

    monkeypatch.setattr(Helper, "call", dying)
    backlog(centre, CALLS)
    assert len(copied(team)) == CALLS
    assert killed
    centre.check("nas")
    check_ended(helpers)


def test_who_asks_to_stop_stops_all(centre, team, helpers):
    backlog(centre, CALLS)
    first = team.batch(lambda: False)
    asked = iter([False, True])
    second = team.batch(lambda: next(asked, True))
    assert len(helpers) == 2
    team.close()
    check_ended(helpers)
    done = len(first.copied) + len(second.copied)
    assert done < CALLS
    assert len(copied(team)) == CALLS - done
    centre.check("nas")


@pytest.mark.parametrize("share", [2, 3, 4])
def test_helpers_end_with_the_process_that_is_killed(centre, team, settings, tmp_path, share):
    backlog(centre, CALLS)
    (tmp_path / "given").write_bytes(pickle.dumps(settings))
    command = [sys.executable, "-c", COPY_ALL, str(tmp_path / "given")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        pids = [int(pid) for pid in process.stdout.readline().split()]
        until(lambda: waiting(centre) <= CALLS - share * BATCH + 9)
        process.kill()
    assert len(pids) == 2
    until(lambda: not any(is_alive(pid) for pid in pids))
    team.free()
    copied(team)
    centre.check("nas")


def test_where_no_process_can_be_started_this_one_goes_on(centre, team, monkeypatch):
    def refused(self, *shared):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(Helper, "__init__", refused)
    backlog(centre, CALLS)
    assert len(copied(team)) == CALLS
    centre.check("nas")


def test_only_requests_that_compute_much_get_helpers(centre, tmp_path):
    kinds = {
        "disk": {"kind": "local", "folder": tmp_path},
        "cloud": {"kind": "s3", "bucket": "calls"},
        "slowed": {"kind": "s3", "bucket": "others", "bandwidth": "1 MB/s"},
    }
    settings = Settings.model_validate({"targets": [{"name": name, **kind} for name, kind in kinds.items()]})
    most = {name: CopyTeam.of(settings, centre.copier(), name)._most for name in kinds}
    assert most["disk"] == most["slowed"] == 0
    assert most["cloud"] > 0
