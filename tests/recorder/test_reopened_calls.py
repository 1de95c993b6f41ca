"""Calls captured without a key, and heard once it is supplied, as if it had been known all the time."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from recorder.errors import FinishError, WrongKeys
from recorder.finish.policy import ArchivePolicy
from recorder.finish.reopen import Reopened, reopen
from recorder.finish.supplied import SuppliedKey, supplied
from recorder.finish.supplies import Supplies
from recorder.media import SrtpKey
from recorder.taps.capture_file import CaptureFileTap
from storage.model import Call, Side
from tests.recorder.finish.packets import packets, voice
from tests.recorder.finish.sealed import key
from tests.recorder.phones import recorded
from tests.recorder.secured import ANN, BEN, OURS, THEIRS, call, untold

A, B = Side.A, Side.B
DTLS = "UDP/TLS/RTP/SAVP 0"


def reopened(tmp_path: Path, known: Call, folder: Path, *keys: tuple[Side, SrtpKey]) -> Reopened:
    work = tmp_path / "reopened"
    work.mkdir(parents=True)
    (work / "media").write_bytes((folder / "media.bin").read_bytes())
    given = Supplies(tuple(SuppliedKey((side,), one) for side, one in keys))
    return reopen(known, work / "media", given, work, ArchivePolicy(format="wav"))


def test_with_both_keys_it_is_the_same_call_to_the_sample(tmp_path: Path) -> None:
    known, heard = recorded(tmp_path / "known", call())
    blind, folder = recorded(tmp_path / "blind", call(untold(ANN), untold(BEN)))
    assert blind.recording is None
    assert blind.encrypted is not None
    assert blind.encrypted.sides == (A, B)
    made = reopened(tmp_path, blind, folder, (A, OURS), (B, THEIRS))
    assert made.audio is not None
    assert made.audio.read_bytes() == (heard / "audio.wav").read_bytes()
    assert made.peaks == (heard / "peaks.dat").read_bytes()
    assert made.opened == {A: len(ANN.said), B: len(BEN.said)}
    assert made.closed == ()
    exchange = {"events": (), "encrypted": None}
    assert made.call.model_copy(update=exchange) == known.model_copy(update=exchange)
    (first, second) = (event.detail for event in made.call.events if event.kind == "encrypted")
    assert first == second == {"opened": True, "suite": OURS.suite, "exchange": "unknown"}


def test_what_was_heard_before_is_heard_again_without_its_key(tmp_path: Path) -> None:
    """The key of one side was in the signalling, and is gone with the spool."""
    _, heard = recorded(tmp_path / "known", call())
    half, folder = recorded(tmp_path / "half", call(ANN, untold(BEN), protocol="RTP/SAVP 0"))
    assert half.recording is not None
    assert half.encrypted is not None
    assert half.encrypted.sides == (B,)
    assert OURS.secret.encode() not in (folder / "media.bin").read_bytes()
    made = reopened(tmp_path, half, folder, (B, THEIRS))
    assert made.audio is not None
    assert made.audio.read_bytes() == (heard / "audio.wav").read_bytes()
    assert made.opened == {A: 0, B: len(BEN.said)}
    assert [event.detail["opened"] for event in made.call.events if event.kind == "encrypted"] == [True] * 2


def test_one_key_of_two_opens_one_side(tmp_path: Path) -> None:
    blind, folder = recorded(tmp_path, call(untold(ANN), untold(BEN), protocol=DTLS))
    made = reopened(tmp_path, blind, folder, (B, THEIRS), (A, key(seed=9)))
    assert made.opened == {A: 0, B: len(BEN.said)}
    assert made.closed == (A,)
    assert {gap.side for gap in made.call.gaps if gap.cause == "encrypted"} == {A}
    assert made.call.recording is not None


def test_encryption_that_was_only_guessed_is_opened(tmp_path: Path) -> None:
    """ZRTP, say: signalling tells of G.711 in clear."""
    plain = "RTP/AVP 0"
    _, heard = recorded(tmp_path / "known", call())
    blind, folder = recorded(tmp_path / "blind", call(untold(ANN), untold(BEN), protocol=plain))
    assert blind.recording is None
    made = reopened(tmp_path, blind, folder, (A, OURS), (B, THEIRS))
    assert made.audio is not None
    assert made.audio.read_bytes() == (heard / "audio.wav").read_bytes()


def test_a_wrong_key_opens_nothing(tmp_path: Path) -> None:
    blind, folder = recorded(tmp_path, call(untold(ANN), untold(BEN)))
    with pytest.raises(WrongKeys, match="nothing was changed"):
        reopened(tmp_path, blind, folder, (A, THEIRS), (B, OURS))


def test_a_side_that_was_opened_before_is_not_lost_again(tmp_path: Path) -> None:
    blind, folder = recorded(tmp_path, call(untold(ANN), untold(BEN)))
    gaps = tuple(gap for gap in blind.gaps if gap.side is not A)
    with pytest.raises(WrongKeys, match=r"Side A .* was opened before"):
        reopened(tmp_path, blind.model_copy(update={"gaps": gaps}), folder, (B, THEIRS))


def test_a_side_that_was_opened_among_packets_that_nothing_decodes_is_not_lost_again(tmp_path: Path) -> None:
    said = packets(voice(4, seed=1))
    said.payload_types[::5] = 98
    ann = replace(untold(ANN), said=said)
    blind, folder = recorded(tmp_path, call(ann, untold(BEN), protocol=DTLS))
    half = reopened(tmp_path, blind, folder, (A, OURS)).call
    assert {gap.cause for gap in half.gaps if gap.side is A} == {"codec"}
    with pytest.raises(WrongKeys, match=r"Side A .* was opened before"):
        reopened(tmp_path / "again", half, folder, (B, THEIRS))


def test_a_side_that_is_described_otherwise_by_now_was_not_opened(tmp_path: Path) -> None:
    """Packets that could not be decoded were all taken for 20 ms once."""
    blind, folder = recorded(tmp_path, call(untold(ANN), untold(BEN)))
    (gap,) = (gap for gap in blind.gaps if gap.side is A)
    starts = [gap.start + at * 0.06 for at in range(round(gap.seconds / 0.06))]
    brief = tuple(gap.model_copy(update={"start": start, "seconds": 0.02}) for start in starts)
    before = blind.model_copy(update={"gaps": (*brief, *(one for one in blind.gaps if one.side is B))})
    assert reopened(tmp_path, before, folder, (B, THEIRS)).closed == (A,)


def test_packets_of_another_call_are_refused(tmp_path: Path) -> None:
    blind, folder = recorded(tmp_path, call(untold(ANN), untold(BEN)))
    other = blind.model_copy(update={"id": "another"})
    with pytest.raises(FinishError, match="not of another"):
        reopened(tmp_path, other, folder, (A, OURS))


@pytest.mark.captures
def test_a_real_call_whose_keys_were_blotted_out_sounds_as_with_them(captures: Path, tmp_path: Path) -> None:
    """Both legs of a PBX, each party with a key of its own on each."""
    wire = (captures / "14_srtp_sdes" / "capture.pcap").read_bytes()
    assert wire.count(b"a=crypto:") > 2
    (tmp_path / "blind.pcap").write_bytes(wire.replace(b"a=crypto:", b"a=nothing"))
    keys = supplied(
        f"*:{suite.decode()}:{secret.decode()}"
        for suite, secret in re.findall(rb"a=crypto:\d+ (\S+) inline:([A-Za-z0-9+/=]+)", wire)
    )
    known, heard = recorded(tmp_path / "known", *CaptureFileTap(captures / "14_srtp_sdes" / "capture.pcap"))
    blind, folder = recorded(tmp_path / "blind", *CaptureFileTap(tmp_path / "blind.pcap"))
    assert blind.recording is None
    made = reopened(tmp_path, blind, folder, *((side, one.key) for one in keys for side in one.sides))
    assert made.closed == ()
    assert made.audio is not None
    assert made.audio.read_bytes() == (heard / "audio.wav").read_bytes()
    assert made.call.recording == known.recording
