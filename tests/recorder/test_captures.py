"""Calls of a real PBX with real telephones, both sides of it on the wire, held to what really happened."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from recorder.capture import Capture
from recorder.finish.policy import ArchivePolicy
from recorder.finish.worker import FinishWorker, WorkerOptions
from recorder.taps.capture_file import CaptureFileTap
from storage.model import Call, Side
from tests.earwitness.likeness import heard, likeness

pytestmark = pytest.mark.captures


@dataclass(frozen=True)
class Recorded:
    """The one call of a capture, its audio, and the truth."""

    call: Call
    audio: Path
    truth: dict[str, Any]
    folder: Path


@pytest.fixture
def recorded(request: pytest.FixtureRequest, captures: Path, tmp_path: Path) -> Recorded:
    folder = captures / request.param
    capture = Capture(tmp_path / "spool")
    for batch in CaptureFileTap(folder / "capture.pcap"):
        capture.feed(batch)
    capture.finish()
    done: list[Call] = []
    policy = ArchivePolicy(format="wav")
    FinishWorker(tmp_path / "spool", tmp_path / "out", WorkerOptions(policy), done=done.append).poll()
    (call,) = done
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return Recorded(call, tmp_path / "out" / call.id / "audio.wav", truth, folder)


def scenario(*names: str) -> pytest.MarkDecorator:
    """These captures, one after the other."""
    return pytest.mark.parametrize("recorded", names, indirect=True)


def alike(recorded: Recorded, side: Side, suffix: str) -> float:
    """How alike a party is to the PBX's recording of it."""
    (pbx,) = (path for path in (recorded.folder / "recordings").glob(f"*-{suffix}*.flac"))
    return likeness(heard(recorded.audio)[0 if side is Side.A else 1], heard(pbx)[0])


def at(text: str) -> float:
    """Seconds since the epoch."""
    return datetime.fromisoformat(text).timestamp()


@scenario("01_pcmu", "03_g722", "06_hold", "13_dtmf")
def test_a_direct_call_is_one_conversation_between_its_people(recorded: Recorded) -> None:
    call, result = recorded.call, recorded.truth["result"]
    assert (call.from_, call.to, call.agent, call.state) == ("15551230001", "1001", "1001", "answered")
    assert len(call.legs) == 2
    assert call.duration == pytest.approx(result["talk_seconds"], abs=0.3)
    assert call.answered is not None
    assert call.answered.timestamp() == pytest.approx(at(result["answered"]), abs=0.3)
    assert [party.packets.lost for party in call.parties] == [0, 0]


@scenario("01_pcmu", "03_g722")
def test_both_parties_sound_like_the_recordings_of_the_pbx(recorded: Recorded) -> None:
    assert alike(recorded, Side.A, "rx") > 0.98
    assert alike(recorded, Side.B, "tx") > 0.98
    assert alike(recorded, Side.A, "tx") < 0.2
    assert alike(recorded, Side.B, "rx") < 0.2


@scenario("06_hold")
def test_a_hold_is_on_the_timeline_where_it_was(recorded: Recorded) -> None:
    hold = recorded.truth["plan"]["hold"]
    events = {event.kind: event for event in recorded.call.events}
    assert (events["hold"].side, events["resume"].side) == (Side.B, Side.B)
    assert events["hold"].at.timestamp() == pytest.approx(at(hold["from"]), abs=0.2)
    assert events["resume"].at.timestamp() == pytest.approx(at(hold["to"]), abs=0.2)
    assert recorded.call.unrecorded_seconds < 0.1


@scenario("07_blind_transfer")
def test_a_blind_transfer_is_one_call_with_both_agents(recorded: Recorded) -> None:
    call, result = recorded.call, recorded.truth["result"]
    assert [leg.to for leg in call.legs] == ["1001", "1001", "1003"]
    assert call.agent == "1003"
    assert call.end.timestamp() == pytest.approx(at(result["ended"]), abs=0.3)
    (transfer,) = (event for event in call.events if event.kind == "transfer")
    assert transfer.at.timestamp() == pytest.approx(at(result["transfer_sent"]), abs=0.3)
    assert (transfer.side, transfer.detail["to"]) == (Side.B, "1003")
    assert [event.kind for event in call.events if event.kind != "hold"] == [
        *("ringing", "answered", "transfer", "ringing", "left", "answered", "end")
    ]


@scenario("09_queue_rna")
def test_a_queue_call_belongs_to_the_agent_who_answered_it(recorded: Recorded) -> None:
    call = recorded.call
    assert (call.to, call.agent, call.state) == ("500", "1002", "answered")
    assert [(leg.to, leg.state) for leg in call.legs] == [
        ("500", "answered"),
        ("1001", "cancelled"),
        ("1002", "answered"),
    ]
    assert call.end.timestamp() == pytest.approx(at(recorded.truth["result"]["ended"]), abs=0.3)


@scenario("13_dtmf")
def test_the_keys_pressed_are_read_once_each_with_who_pressed_them(recorded: Recorded) -> None:
    pressed = [(event.side, event.detail["digit"]) for event in recorded.call.events if event.kind == "dtmf"]
    assert pressed == [(Side.A, digit) for digit in "1234567890*#"] + [(Side.B, digit) for digit in "42"]
    assert recorded.call.dtmf == "1234567890*#42"


@scenario("19_audiosocket", "22_queue_abandon")
def test_a_call_that_the_pbx_answers_itself_is_one_leg(recorded: Recorded) -> None:
    call, result = recorded.call, recorded.truth["result"]
    assert len(call.legs) == 1
    assert call.end.timestamp() == pytest.approx(at(result["ended"]), abs=0.3)
    assert call.recording is not None
    assert call.recording.seconds == pytest.approx(call.duration, abs=0.3)
