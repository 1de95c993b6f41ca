"""Calls with encrypted media from the wire to the hand-off: heard where a key is known, else marked."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile

from recorder.capture import Capture
from recorder.finish.worker import FinishWorker
from recorder.taps.capture_file import CaptureFileTap
from storage.model import Call, Side
from tests.earwitness.likeness import heard, likeness
from tests.recorder import frames
from tests.recorder.assembly.messages import sdp
from tests.recorder.finish.packets import packets, voice
from tests.recorder.finish.sealed import key, sealed
from tests.recorder.phones import CALLED, CALLER, recorded, rtp, talk

SECURE = "RTP/SAVP 0"
OURS, THEIRS = key(seed=1), key(seed=2)
SAID = packets(voice(3))


def crypto(one) -> str:
    return f"a=crypto:1 {one.suite} inline:{one.secret}|2^20"


def encrypted_events(call: Call) -> list[tuple[Side | None, dict[str, object]]]:
    return [(event.side, event.detail) for event in call.events if event.kind == "encrypted"]


def test_a_call_with_keys_in_its_signalling_is_heard(tmp_path: Path) -> None:
    offer, answer = sdp(*CALLER, crypto(OURS), protocol=SECURE), sdp(*CALLED, crypto(THEIRS), protocol=SECURE)
    call, folder = recorded(tmp_path, talk(offer, answer, sealed(SAID, THEIRS)))
    pcm, _ = soundfile.read(folder / "audio.wav", dtype="int16")
    assert likeness(pcm[:, 1].astype(float), voice(3).astype(float)) > 0.99
    assert not pcm[:, 0].any()
    assert call.codecs == ("PCMU",)
    assert call.parties[1].codec == "PCMU"
    assert call.gaps == ()
    assert call.encrypted is None
    assert not (folder / "media.bin").exists()
    assert encrypted_events(call) == [
        (Side.B, {"opened": True, "suite": THEIRS.suite, "exchange": "sdes"}),
    ]


def test_keys_in_an_encrypted_call_are_no_codec_of_it(tmp_path: Path) -> None:
    lines = (crypto(OURS), "a=rtpmap:101 telephone-event/8000")
    offer, answer = (sdp(*place, *lines, protocol=f"{SECURE} 101") for place in (CALLER, CALLED))
    said = replace(SAID, payload_types=SAID.payload_types.copy())
    said.payload_types[:5] = 101
    call, _ = recorded(tmp_path, talk(offer, answer, sealed(said, THEIRS)))
    assert call.codecs == ("SRTP/PCMU",)
    assert call.parties[1].codec == "SRTP/PCMU"


def test_the_offer_opens_what_the_offerer_sends_and_nothing_else(tmp_path: Path) -> None:
    offer, answer = sdp(*CALLER, crypto(OURS), protocol=SECURE), sdp(*CALLED, crypto(THEIRS), protocol=SECURE)
    call, folder = recorded(tmp_path, talk(offer, answer, sealed(SAID, OURS)))
    assert not (folder / "audio.wav").exists()
    assert encrypted_events(call) == [(Side.B, {"opened": False, "exchange": "sdes"})]


@pytest.mark.parametrize(
    ("protocol", "exchange"), [("UDP/TLS/RTP/SAVPF 0", "dtls"), ("RTP/SAVP 0", "unknown")]
)
def test_a_call_without_a_known_key_is_a_gap_and_no_noise(
    tmp_path: Path, protocol: str, exchange: str
) -> None:
    offer, answer = sdp(*CALLER, protocol=protocol), sdp(*CALLED, protocol=protocol)
    call, folder = recorded(tmp_path, talk(offer, answer, sealed(SAID, THEIRS)))
    assert call.recording is None
    assert sorted(path.name for path in folder.iterdir()) == ["call.json", "media.bin"]
    assert call.encrypted is not None
    assert (call.encrypted.path, call.encrypted.sides) == ("media.bin", (Side.B,))
    assert call.encrypted.bytes == (folder / "media.bin").stat().st_size
    assert [(gap.side, gap.cause) for gap in call.gaps] == [(Side.B, "encrypted")]
    assert call.unrecorded_seconds == pytest.approx(3, abs=0.05)
    assert call.codecs == ("SRTP/PCMU",)
    assert encrypted_events(call) == [(Side.B, {"opened": False, "exchange": exchange})]


def test_an_answer_in_clear_to_a_choice_of_both_is_heard(tmp_path: Path) -> None:
    offer = sdp(*CALLER) + sdp(CALLER[0], 4002, protocol=SECURE).split(b"t=0 0\r\n")[1]
    answer = sdp(*CALLED) + b"m=audio 0 RTP/SAVP 0\r\n"
    call, _ = recorded(tmp_path, talk(offer, answer, SAID))
    assert call.recording is not None
    assert encrypted_events(call) == []


def test_media_that_nothing_explains_is_looked_at_before_it_is_heard(tmp_path: Path) -> None:
    batch = frames.batch(rtp(sealed(SAID, OURS), CALLER, CALLED))
    batch.times[:] = batch.times[0] + 20_000_000 * batch.times.argsort()
    call, _ = recorded(tmp_path, batch)
    assert call.state == "media-only"
    assert call.recording is None
    assert encrypted_events(call) == [(Side.A, {"opened": False, "guessed": True})]


def test_keys_are_in_the_spool_alone_and_for_its_user_alone(tmp_path: Path) -> None:
    offer, answer = sdp(*CALLER, crypto(OURS), protocol=SECURE), sdp(*CALLED, crypto(THEIRS), protocol=SECURE)
    capture = Capture(tmp_path / "spool")
    capture.feed(talk(offer, answer, sealed(SAID, THEIRS)))
    capture.finish()
    (path,) = (tmp_path / "spool" / "calls").iterdir()
    assert THEIRS.secret in path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o777 == 0o600
    FinishWorker(tmp_path / "spool", tmp_path / "out").poll()
    (call,) = (tmp_path / "out").glob("*/call.json")
    known = call.read_text(encoding="utf-8")
    assert json.loads(known)["recording"]
    for one in (OURS, THEIRS):
        assert one.secret not in known
        assert not any(one.secret.encode() in left.read_bytes() for left in tmp_path.rglob("*.*"))


@pytest.mark.captures
def test_a_real_encrypted_call_sounds_like_the_recordings_of_the_pbx(captures: Path, tmp_path: Path) -> None:
    folder = captures / "14_srtp_sdes"
    call, out = recorded(tmp_path, *CaptureFileTap(folder / "capture.pcap"))
    assert (len(call.legs), call.codecs, call.gaps) == (2, ("PCMU",), ())
    assert [detail["opened"] for _, detail in encrypted_events(call)] == [True, True]
    caller, agent = heard(out / "audio.wav")
    (from_caller,) = heard(next((folder / "recordings").glob("*-rx*.flac")))
    (to_caller,) = heard(next((folder / "recordings").glob("*-tx*.flac")))
    assert likeness(caller, from_caller) > 0.98
    assert likeness(agent, to_caller) > 0.98
    assert likeness(caller, to_caller) < 0.2
    assert likeness(agent, from_caller) < 0.2
