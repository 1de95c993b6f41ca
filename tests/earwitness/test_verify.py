"""``earwitness verify`` and ``earwitness keys``, on a small archive."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from earwitness.archiving import Archiving
from earwitness.cli.application import app
from earwitness.cli.faults import Flags, report
from earwitness.settings import Settings
from qa_api.run_findings import findings
from storage.catalogue.runs import RunKind
from tests.earwitness.installation import Installation
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

    alter(data, 2)
    earwitness("verify", "--all", "--data", str(data))
    catalogue = Catalogue(sqlite_url(data / "catalogue.db"))
    (run,) = catalogue.runs.page(kind=RunKind.VERIFY)
    catalogue.close()
    assert (run.state, run.done, run.total) == ("done", 3, 3)
    assert (run.message, run.report["altered"]) == ("2 intact, 1 altered, 0 unknown.", 1)


def put_back_after_deletion(made: Installation) -> list[str]:
    """Call 2, deleted, lies on the disk again; the options that name installation and disk."""
    disk = made.settings.data.parent / "disk"
    kept = {path: path.read_bytes() for path in disk.rglob(f"{a_call(2).id}.*")}
    made.delete(a_call(2).id)
    for path, data in kept.items():
        path.write_bytes(data)
    target = f'targets=[{{name="disk", kind="local", folder="{disk}"}}]'
    return ["--data", str(made.settings.data), "--set", target]


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_deleted_call_that_was_put_back_is_found_everywhere(tmp_path, encrypted):
    made = Installation(tmp_path, encrypted=encrypted)
    made.record(1, 2)
    made.back_up()
    options = put_back_after_deletion(made)
    for chosen in (["--all"], ["--target", "disk"], ["--path", str(tmp_path / "disk")]):
        done = earwitness("verify", *chosen, *options, "--json")
        assert done.exit_code == 1, done.output
        said = json.loads(done.stdout)
        assert said["altered"] == 1
        (verdict,) = said["calls"]
        assert (verdict["call"], [one["code"] for one in verdict["findings"]]) == (a_call(2).id, ["erased"])
    assert "2026-11-22 03:04" in earwitness("verify", "--target", "disk", *options).stdout
    assert earwitness("verify", "--target", "local", *options).exit_code == 0


def test_a_disk_says_how_far_it_goes(data):
    offline = ["verify", "--path", str(data / "archive"), "--data", str(data)]
    done = earwitness(*offline)
    assert done.exit_code == 0
    assert "up to seal 3; the newest that a call here bears is of 20" in done.stdout
    said = json.loads(earwitness(*offline, "--json").stdout)
    assert said["chains"][0]["newest"].endswith("Z")
    assert said["remarks"] == []


def test_what_a_run_finds_besides_stands_on_the_page_storage(tmp_path):
    made = Installation(tmp_path, encrypted=False)
    made.record(1, 2)
    made.back_up()
    earwitness("verify", "--target", "disk", *put_back_after_deletion(made))
    (run,) = made.catalogue.runs.page(kind=RunKind.VERIFY)
    assert [(one.code, one.count, one.grave) for one in findings(run.report)] == [("altered", 1, True)]
