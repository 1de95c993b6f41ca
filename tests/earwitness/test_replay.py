"""``earwitness replay`` on calls of a real PBX with real telephones, against the PBX's own recordings."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.earwitness import warm
from tests.earwitness.likeness import heard, likeness

pytestmark = pytest.mark.captures


@dataclass(frozen=True)
class Replayed:
    calls: list[dict[str, Any]]
    archive: Path
    folder: Path


def run(capture: Path, data: Path, *options: str) -> list[dict[str, Any]]:
    done = warm.earwitness("replay", str(capture), "--data", str(data), "--json", *options, cwd=data)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module", params=["01_pcmu", "03_g722"])
def replayed(
    request: pytest.FixtureRequest, captures: Path, tmp_path_factory: pytest.TempPathFactory
) -> Replayed:
    data = tmp_path_factory.mktemp(request.param)
    folder = captures / request.param
    return Replayed(run(folder / "capture.pcap", data), data / "archive", folder)


def test_both_sides_of_the_pbx_are_one_conversation(replayed: Replayed) -> None:
    (call,) = replayed.calls
    truth = json.loads((replayed.folder / "truth.json").read_text(encoding="utf-8"))
    assert len(call["legs"]) == 2
    assert (call["from"], call["to"], call["agent"]) == ("15551230001", "1001", "1001")
    assert (call["state"], call["direction"]) == ("answered", "inbound")
    assert call["codecs"] == [truth["plan"]["codec"].upper()]
    assert call["duration"] == pytest.approx(truth["result"]["talk_seconds"], abs=0.3)
    apart = datetime.fromisoformat(call["answered"]) - datetime.fromisoformat(truth["result"]["answered"])
    assert abs(apart.total_seconds()) < 0.3


def test_every_packet_is_accounted_for(replayed: Replayed) -> None:
    (call,) = replayed.calls
    for party in call["parties"]:
        packets = party["packets"]
        assert packets["received"] == packets["written"] + packets["duplicate"] + packets["unwritten"]
        assert (
            packets["expected"] + packets["duplicate"]
            == packets["received"] + packets["lost"] + packets["dropped"]
        )
        assert (packets["lost"], packets["written"]) == (0, pytest.approx(1250, abs=1))
        assert party["seconds"] == pytest.approx(25, abs=0.1)


def test_both_parties_are_apart_and_sound_like_the_recordings_of_the_pbx(replayed: Replayed) -> None:
    (call,) = replayed.calls
    recording = call["recording"]
    assert (recording["format"], recording["channels"]) == ("opus", 2)
    assert recording["seconds"] == pytest.approx(25, abs=0.2)
    caller, agent = heard(replayed.archive / recording["path"])
    (from_caller,) = heard(next((replayed.folder / "recordings").glob("*-rx*.flac")))
    (to_caller,) = heard(next((replayed.folder / "recordings").glob("*-tx*.flac")))
    assert likeness(caller, from_caller) > 0.9
    assert likeness(agent, to_caller) > 0.9
    assert likeness(agent, from_caller) < 0.3
    assert likeness(caller, to_caller) < 0.3


def test_a_second_replay_finds_everything_done_and_changes_nothing(captures: Path, tmp_path: Path) -> None:
    capture = captures / "01_pcmu" / "capture.pcap"
    first = run(capture, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "archive").rglob("*.opus")}
    assert run(capture, tmp_path) == first
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "archive").rglob("*.opus")} == before


@pytest.mark.parametrize(
    ("form", "suffix"), [("wav", "wav"), ("flac", "flac"), ("g711", "wav"), ("adpcm", "wav")]
)
def test_other_formats_hold_the_same_sound(captures: Path, tmp_path: Path, form: str, suffix: str) -> None:
    (call,) = run(captures / "01_pcmu" / "capture.pcap", tmp_path, "--format", form, "--no-archive")
    sound = tmp_path / "handoff" / call["id"] / call["recording"]["path"]
    assert (sound.suffix, call["recording"]["format"]) == (f".{suffix}", form)
    caller, agent = heard(sound)
    (from_caller,) = heard(next((captures / "01_pcmu" / "recordings").glob("*-rx*.flac")))
    assert likeness(caller, from_caller) > 0.95
    assert likeness(agent, from_caller) < 0.3
