"""The hand-off folder."""

from datetime import UTC, datetime

import pytest

from recorder.finish.handoff import publish
from storage.model import Call, CallState, Encrypted, Side

WHEN = datetime(2026, 11, 21, 19, 25, tzinfo=UTC)
CALL = Call(id="0190-a", start=WHEN, end=WHEN, duration=0, state=CallState.ANSWERED)


@pytest.fixture
def audio(tmp_path):
    path = tmp_path / "work" / "call.opus"
    path.parent.mkdir()
    path.write_bytes(b"sound")
    return path


def test_a_call_appears_whole(tmp_path, audio):
    handoff = tmp_path / "handoff"
    assert publish(handoff, CALL, audio, b"peaks")
    assert [path.name for path in handoff.iterdir()] == [CALL.id]
    folder = handoff / CALL.id
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".json"} == {
        "audio.opus": b"sound",
        "peaks.dat": b"peaks",
    }
    assert Call.model_validate_json((folder / "call.json").read_text()) == CALL
    assert not audio.exists()


def test_a_call_without_audio(tmp_path):
    assert publish(tmp_path, CALL, None, None)
    assert [path.name for path in (tmp_path / CALL.id).iterdir()] == ["call.json"]


def test_packets_that_stayed_closed_come_along(tmp_path):
    media = tmp_path / "work.bin"
    media.write_bytes(b"packets")
    kept = Encrypted(path="media.bin", bytes=7, sha256="", sides=(Side.A,))
    call = CALL.model_copy(update={"encrypted": kept})
    assert publish(tmp_path / "handoff", call, None, None, media)
    assert (tmp_path / "handoff" / CALL.id / "media.bin").read_bytes() == b"packets"
    assert not media.exists()


def test_the_second_time_nothing_happens(tmp_path, audio):
    handoff = tmp_path / "handoff"
    publish(handoff, CALL, None, b"first")
    assert not publish(handoff, CALL, audio, b"second")
    assert (handoff / CALL.id / "peaks.dat").read_bytes() == b"first"


def test_a_half_made_folder_is_replaced(tmp_path, audio):
    litter = tmp_path / f".{CALL.id}.tmp"
    litter.mkdir()
    (litter / "audio.wav").write_bytes(b"half")
    assert publish(tmp_path, CALL, audio, None)
    assert not litter.exists()
    assert sorted(path.name for path in (tmp_path / CALL.id).iterdir()) == ["audio.opus", "call.json"]


def test_a_failure_keeps_the_audio(tmp_path, audio):
    handoff = tmp_path / "handoff"
    handoff.write_text("in the way")
    with pytest.raises(OSError, match="handoff"):
        publish(handoff, CALL, audio, None)
    assert audio.read_bytes() == b"sound"
