"""The commands as people and programs call them: what they print, where, and how they end."""

import json
import os
import pwd
import subprocess
from pathlib import Path

import pytest

from earwitness import wiring
from earwitness.settings import Settings
from tests.earwitness import warm


def earwitness(
    *arguments: str, data: Path | None = None, typed: str = ""
) -> "subprocess.CompletedProcess[str]":
    where = [] if data is None else ["--data", str(data)]
    return warm.earwitness(*arguments, *where, typed=typed, TERM="dumb")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with three simulated calls, of agents from 8001 on."""
    folder = tmp_path_factory.mktemp("data")
    options = ["--calls", "3", "--concurrent", "3", "--talk", "3", "--seed", "4", "--json"]
    done = earwitness("simulate", *options, data=folder)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["recorded"] == 3
    return folder


def calls(data: Path, *query: str) -> list[dict[str, object]]:
    done = earwitness("search", "--json", *query, data=data)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_search_finds_calls_newest_first_with_numbers_masked(data: Path) -> None:
    found = calls(data)
    assert len(found) == 3
    assert found == sorted(found, key=lambda call: str(call["start"]), reverse=True)
    mine = calls(data, f"agent:{found[0]['agent']}")
    assert found[0] in mine
    outside = [number for call in found for number in (call["from"], call["to"]) if len(str(number)) > 5]
    assert outside
    assert all("****" in str(number) or str(number) == "95500" for number in outside)
    whole = calls(data, "--whole-numbers")
    assert all("*" not in str(call["from"]) for call in whole)


def test_a_query_that_cannot_be_understood_is_shown_where(data: Path) -> None:
    done = earwitness("search", "agnt:8001", data=data)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[:2] == ["agnt:8001", "^^^^"]
    assert "did you mean 'agent'?" in done.stderr


def test_play_writes_the_archived_audio(data: Path, tmp_path: Path) -> None:
    answered = next(call for call in calls(data) if call["recording"])
    recording = answered["recording"]
    assert isinstance(recording, dict)
    path = tmp_path / "call.opus"
    assert earwitness("play", str(answered["id"]), "-o", str(path), data=data).returncode == 0
    assert path.stat().st_size == recording["bytes"]
    assert path.read_bytes()[:4] == b"OggS"


def test_play_of_a_call_that_is_not_there_says_what_to_do(data: Path) -> None:
    done = earwitness("play", "nothing", data=data)
    assert done.returncode == 1
    assert (
        done.stderr
        == "earwitness: There is no call nothing. `earwitness search` shows calls with their ids.\n"
    )


def test_reindex_finds_all_again(data: Path) -> None:
    done = earwitness("reindex", data=data)
    assert (done.returncode, done.stderr) == (0, "3 calls are in the index.\n")
    assert len(calls(data)) == 3


def test_users_and_agents_are_made_and_shown(tmp_path: Path) -> None:
    add = ["user", "add", "anna", "--role", "supervisor", "--team", "一组", "--password-stdin"]
    assert earwitness(*add, data=tmp_path, typed="correct horse battery\n").returncode == 0
    again = earwitness(*add, data=tmp_path, typed="correct horse battery\n")
    assert again.returncode == 1
    assert again.stderr.startswith("earwitness: ")
    assert (
        earwitness("user", "passwd", "anna", "--password-stdin", data=tmp_path, typed="short\n").returncode
        == 1
    )
    assert earwitness("agent", "add", "8001", "王小明 [a]", "--team", "一组", data=tmp_path).returncode == 0
    (user,) = json.loads(earwitness("user", "list", "--json", data=tmp_path).stdout)
    assert (user["username"], user["role"], user["teams"]) == ("anna", "supervisor", ["一组"])
    assert "password" not in "".join(user)
    (agent,) = json.loads(earwitness("agent", "list", "--json", data=tmp_path).stdout)
    assert (agent["extension"], agent["name"], agent["team"]) == ("8001", "王小明 [a]", "一组")
    assert "王小明 [a]" in earwitness("agent", "list", data=tmp_path).stdout
    assert earwitness("agent", "remove", "8001", data=tmp_path).returncode == 0
    again = earwitness("agent", "remove", "8001", data=tmp_path)
    assert (again.returncode, "no agent 8001" in again.stderr) == (1, True)
    assert json.loads(earwitness("agent", "list", "--json", data=tmp_path).stdout) == []


def test_doctor_says_what_is_in_force_and_where_from(tmp_path: Path) -> None:
    done = earwitness("doctor", "--json", "--set", "finish.bitrate=16000", data=tmp_path)
    report = json.loads(done.stdout)
    assert report["settings"]["finish.bitrate"] == {"value": 16000, "from": "command line"}
    assert report["settings"]["api.port"] == {"value": 8080, "from": "default"}
    assert done.returncode == any(finding["level"] == "wrong" for finding in report["findings"])
    assert {"clock", "disk", "codecs"} <= {finding["check"] for finding in report["findings"]}


def test_what_is_no_capture_file_is_said_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "letter.pcap"
    file.write_text("Dear Sir or Madam, this is not a capture.")
    done = earwitness("replay", str(file), data=tmp_path / "data")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"earwitness: {file} cannot be read as a capture file: ")
    assert done.stderr.count("\n") == 1


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    done = earwitness("--debug", "play", "nothing", data=tmp_path / "data")
    assert done.returncode == 1
    assert "Traceback" in done.stderr


@pytest.mark.parametrize("command", [["search"], ["play", "x"], ["user", "list"], ["agent", "list"]])
def test_reading_where_there_is_no_data_says_so_and_makes_nothing(tmp_path: Path, command: list[str]) -> None:
    done = earwitness(*command, data=tmp_path / "data")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"earwitness: There is no Earwitness data in {tmp_path}/data.")
    assert list(tmp_path.iterdir()) == []


def test_what_reveals_leaves_a_trail(tmp_path: Path) -> None:
    data, audio = tmp_path / "data", tmp_path / "call.opus"
    simulated = ["--calls", "1", "--talk", "2", "--seed", "4"]
    assert earwitness("simulate", *simulated, data=data).returncode == 0
    (call,) = calls(data, "--whole-numbers", "after:2020-01-01")
    written = earwitness("play", str(call["id"]), "-o", str(audio), data=data)
    assert written.returncode == 0, written.stderr
    catalogue = wiring.catalogue(Settings(data=data))
    try:
        download, search = catalogue.audit.page()
    finally:
        catalogue.close()
    assert (download.action, download.object_id) == ("call.download", call["id"])
    assert download.after == {"format": "opus"}
    assert search.action == "call.search"
    assert search.after is not None
    assert "2020-01-01" in search.after["query"]
    assert download.actor == search.actor == f"cli:{pwd.getpwuid(os.getuid()).pw_name}"


WRONG = (
    "frobnicate",
    "simulate",
    "simulate --pcap x.pcap --codec XYZ",
    "simulate --pcap x.pcap --loss 5",
    "simulate --pcap x.pcap --vlan 99999",
    "replay none.pcap",
    "replay .",
    "serve --only kitchen",
    "doctor --set finish.bitrat=1",
    "doctor --set finish.bitrate=1",
    "doctor --config none.toml",
    "user add anna --role agent --password-stdin",
    "user add anna --role evaluator",
)


@pytest.mark.parametrize("line", WRONG)
def test_wrong_usage_ends_with_2(tmp_path: Path, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = earwitness(*line.split(), typed="correct horse battery\n")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr
