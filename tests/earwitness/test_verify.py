"""``earwitness verify`` and ``earwitness keys``, on a small archive."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from earwitness.archiving import Archiving
from earwitness.cli.application import app
from earwitness.cli.faults import Flags, report
from earwitness.settings import Settings
from tests.storage.handoffs import a_call, hand_off


def earwitness(*arguments: str) -> Result:
    """The command in this process; ``exit_code`` as its own would be."""
    result = CliRunner().invoke(app, list(arguments), obj=Flags())
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        result.exit_code = report(result.exception)
    return result


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with three calls."""
    settings = Settings(data=tmp_path / "data")
    settings.folders.make()
    for number in (1, 2, 3):
        hand_off(settings.folders.handoff, number, 200_000)
    with Archiving(settings) as archiving:
        assert len(list(archiving.take())) == 3
    return settings.data


def alter(data: Path, number: int) -> None:
    (path,) = (data / "archive").rglob(f"{a_call(number).id}.opus")
    content = bytearray(path.read_bytes())
    content[70_000] ^= 1
    path.unlink()
    path.write_bytes(content)


def test_intact_is_status_0(data):
    for chosen in (["--all"], ["--target", "local"], [a_call(1).id, a_call(2).id]):
        done = earwitness("verify", *chosen, "--data", str(data), "--json")
        assert done.exit_code == 0, done.output
        said = json.loads(done.stdout)
        assert (said["state"], said["altered"], said["calls"]) == ("intact", 0, [])
    assert "3 intact, 0 altered, 0 unknown." in earwitness("verify", "--all", "--data", str(data)).stdout


def test_calls_and_their_copies_are_told_apart(data, tmp_path):
    disk = (tmp_path / "disk").resolve()
    two = ["--data", str(data), "--set", f'targets=[{{name="disk", kind="local", folder="{disk}"}}]']
    assert earwitness("backup", a_call(1).id, *two).exit_code == 0
    said = earwitness("verify", "--all", *two).stdout
    assert said == "3 calls, 4 copies: 4 intact, 0 altered, 0 unknown.\n"
    said = earwitness("verify", a_call(1).id, *two).stdout
    assert said == "1 call, 2 copies: 2 intact, 0 altered, 0 unknown.\n"
    said = json.loads(earwitness("verify", "--all", "--json", *two).stdout)
    assert (said["calls_checked"], said["checked"]) == (3, 4)


def test_a_target_that_is_away_is_unknown_and_status_1(data, tmp_path):
    disk = (tmp_path / "disk").resolve()
    two = ["--data", str(data), "--set", f'targets=[{{name="disk", kind="local", folder="{disk}"}}]']
    assert earwitness("backup", *two).exit_code == 0
    disk.rename(tmp_path / "away")
    done = earwitness("verify", "--target", "disk", "--json", *two)
    assert done.exit_code == 1, done.output
    said = json.loads(done.stdout)
    assert (said["state"], said["intact"], said["altered"], said["unknown"]) == ("unknown", 0, 0, 3)
    assert {finding["code"] for call in said["calls"] for finding in call["findings"]} == {"unreadable"}
    assert "3 calls, 6 copies: 3 intact, 0 altered, 3 unknown." in earwitness("verify", "--all", *two).stdout


def test_altered_is_status_1_and_says_where(data):
    alter(data, 2)
    done = earwitness("verify", "--all", "--data", str(data))
    assert done.exit_code == 1
    assert a_call(2).id in done.stdout
    assert "altered in 1 of 4 segments. About 19.7-39.3 s." in done.stdout
    assert earwitness("verify", a_call(1).id, "--data", str(data)).exit_code == 0
    said = json.loads(earwitness("verify", a_call(2).id, "--data", str(data), "--json").stdout)
    assert said["calls"][0]["findings"][0]["segments"] == [1]


def test_a_disk_alone_with_the_public_key(data, tmp_path):
    disk = (data / "archive").rename(tmp_path / "disk")
    key = (data / "keys" / "seal.pub").rename(tmp_path / "seal.pub")
    offline = ["verify", "--path", str(disk), "--data", str(tmp_path / "none")]
    assert earwitness(*offline, "--public-key", str(key)).exit_code == 0
    assert earwitness(*offline).exit_code == 2
    for path in disk.rglob(f"{a_call(2).id}*"):
        path.unlink()
    done = earwitness(*offline, "--public-key", str(key), "--json")
    assert done.exit_code == 1
    said = json.loads(done.stdout)
    assert (said["state"], said["intact"], said["chains"][0]["missing"]) == ("unknown", 2, [[2, 2]])


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ([], 2),
        (["--all", "--target", "local"], 2),
        (["--target", "nowhere"], 2),
        (["no-such-call"], 1),
        (["--path", "/", "--public-key", "/nowhere"], 1),
    ],
)
def test_wrong_usage_and_what_is_not_there(data, arguments, status):
    assert earwitness("verify", *arguments, "--data", str(data)).exit_code == status


def test_the_run_and_its_report_are_kept(data):
    from storage.catalogue import Catalogue, sqlite_url
    from storage.catalogue.runs import RunKind

    alter(data, 2)
    earwitness("verify", "--all", "--data", str(data))
    catalogue = Catalogue(sqlite_url(data / "catalogue.db"))
    (run,) = catalogue.runs.page(kind=RunKind.VERIFY)
    catalogue.close()
    assert (run.state, run.done, run.total) == ("done", 3, 3)
    assert (run.message, run.report["altered"]) == ("2 intact, 1 altered, 0 unknown.", 1)
