"""Media that no signalling explains: what of it is a conversation, and how that is described."""

import json
import random
import struct
from collections.abc import Iterable
from pathlib import Path

import pytest

from recorder.capture import Capture
from recorder.recovery import recover
from storage.model import Call, CallState
from tests.recorder.assembly.messages import Talk, sdp
from tests.recorder.recording import call_files, captured, taken_over
from tests.recorder.wire import Place, Wire

ANNA, BERND = ("192.0.2.1", 4000), ("192.0.2.2", 5000)


def calls(folder: Path, wire: Wire) -> list[Call]:
    return [file.call for file in call_files(captured(folder, [wire.batch()]))]


def packet(kind: int, sequence: int, timestamp: int, ssrc: int, body: bytes) -> bytes:
    return struct.pack("!BBHII", 0x80, kind, sequence & 0xFFFF, timestamp, ssrc) + body


def pictures(wire: Wire, source: Place, destination: Place, *, kind: int = 96, parts: int = 4) -> None:
    """Ten seconds of a camera, 25 pictures a second."""
    chance = random.Random(1)
    for number in range(250 * parts):
        picture, part = divmod(number, parts)
        mark = 0x80 * (part == parts - 1)
        content = packet(kind | mark, number, 3600 * picture, 9, chance.randbytes(1000 // (1 + part)))
        wire.udp(picture / 25 + part / 1000, content, source, destination)


@pytest.mark.parametrize(("kind", "parts"), [(96, 4), (96, 1), (34, 1), (26, 3)])
def test_pictures_of_a_camera_are_no_call(tmp_path: Path, kind: int, parts: int) -> None:
    wire = Wire()
    pictures(wire, ANNA, BERND, kind=kind, parts=parts)
    capture = captured(tmp_path / "spool", [wire.batch()])
    assert not call_files(capture)
    assert capture.counters.rejected["stray-media"] == 250 * parts


def test_what_has_any_number_where_rtp_has_its_payload_type_is_no_call(tmp_path: Path) -> None:
    """A game that counts its packets, with the number of what it acknowledges."""
    wire = Wire()
    chance = random.Random(2)
    for number in range(300):
        content = struct.pack("!HHII", 0x8000 + number, number, 0, 0) + chance.randbytes(60)
        wire.udp(0.02 * number, content, ANNA, BERND)
    assert not calls(tmp_path / "spool", wire)


def test_speech_beside_what_is_none_is_recorded_alone(tmp_path: Path) -> None:
    """One ten packets in sequence prove those of the other way, not everything between the same ports."""
    wire = Wire()
    chance = random.Random(3)
    wire.speech(0.0, 2.0, ANNA, BERND, seed=1)
    wire.speech(0.0, 0.14, BERND, ANNA, seed=2)
    for number in range(100):
        wire.udp(0.02 * number, struct.pack("!H", 0x8000 + number) + chance.randbytes(40), BERND, ANNA)
    (call,) = calls(tmp_path / "spool", wire)
    written = {party.number: party.packets.written for party in call.parties}
    assert written["192.0.2.1:4000"] == 100
    assert written.get("192.0.2.2:5000", 0) <= 7


def test_speech_beside_what_is_none_is_recorded_alone_from_a_live_tap_too(tmp_path: Path) -> None:
    """Which shows it in pieces: who was proven by one flush proves nothing for all that come after it."""
    wire = Wire()
    chance = random.Random(3)
    wire.speech(0.0, 4.0, ANNA, BERND, seed=1)
    wire.speech(1.0, 0.14, BERND, ANNA, seed=2)
    for number in range(200):
        wire.udp(0.02 * number, struct.pack("!H", 0x8000 + number) + chance.randbytes(40), BERND, ANNA)
    batches = wire.batch().within(50_000_000)
    (call,) = [file.call for file in call_files(captured(tmp_path / "spool", batches))]
    written = {party.number: party.packets.written for party in call.parties}
    assert written["192.0.2.1:4000"] == 200
    assert written.get("192.0.2.2:5000", 0) <= 10


def test_a_short_answer_is_heard_beside_speech_that_began_long_before(tmp_path: Path) -> None:
    wire = Wire()
    wire.speech(0.0, 4.0, ANNA, BERND, seed=1)
    wire.speech(3.0, 0.1, BERND, ANNA, seed=2)
    batches = wire.batch().within(50_000_000)
    (call,) = [file.call for file in call_files(captured(tmp_path / "spool", batches))]
    assert [party.packets.written for party in call.parties] == [200, 5]


def test_who_spoke_first_is_the_caller_and_the_call_begins_with_that(tmp_path: Path) -> None:
    for index in range(4):
        wire = Wire()
        first, second = (ANNA, BERND) if index % 2 else (BERND, ANNA)
        wire.speech(0.0, 3.0, first, second, seed=index)
        wire.speech(2.0, 2.0, second, first, seed=9)
        (call,) = calls(tmp_path / str(index), wire)
        assert call.parties[0].number == f"{first[0]}:{first[1]}"
        assert call.duration == pytest.approx(3.98, abs=0.01)
        assert (call.end - call.start).total_seconds() == pytest.approx(3.98, abs=0.01)


def test_who_sends_from_another_port_than_they_receive_at_is_heard_in_the_same_call(tmp_path: Path) -> None:
    wire = Wire()
    wire.speech(0.0, 2.0, ANNA, BERND, seed=1)
    wire.speech(0.5, 2.0, (BERND[0], 6000), ANNA, seed=2)
    (call,) = calls(tmp_path / "spool", wire)
    assert [party.packets.written for party in call.parties] == [100, 100]
    assert call.state is CallState.MEDIA_ONLY


def test_a_third_stream_at_a_place_that_has_both_is_of_another_call(tmp_path: Path) -> None:
    """A host that mixes sends to many ports of another one; nothing tells that these belong together."""
    wire = Wire()
    wire.speech(0.0, 2.0, ANNA, BERND, seed=1)
    wire.speech(0.0, 2.0, BERND, ANNA, seed=2)
    wire.speech(0.5, 2.0, (BERND[0], 6000), ANNA, seed=3)
    assert [len(call.legs) for call in calls(tmp_path / "spool", wire)] == [1, 1]


def test_signalling_that_turns_up_takes_over_both_ways_of_a_call_on_three_ports(tmp_path: Path) -> None:
    wire = Wire()
    wire.speech(0.0, 4.0, ANNA, BERND, seed=1)
    wire.speech(0.0, 4.0, (BERND[0], 6000), ANNA, seed=2)
    talk = Talk()
    for at, message, source, destination in (
        (1.0, talk.request(body=sdp(*ANNA)), ANNA, BERND),
        (1.5, talk.response(200, sdp(*BERND)), BERND, ANNA),
    ):
        wire.udp(at, bytes(message), (source[0], 5060), (destination[0], 5060))
    batches = [wire.batch(end=0.9), wire.batch(start=0.9)]
    (file,) = call_files(captured(tmp_path / "spool", batches))
    assert (file.call.state, file.call.from_) == (CallState.ANSWERED, "8001")
    assert [party.packets.written for party in file.call.parties] == [200, 200]


@pytest.mark.parametrize("others", [False, True])
def test_two_conversations_on_the_same_ports_are_two_however_quiet_it_was_between_them(
    tmp_path: Path, others: bool
) -> None:
    wire = Wire()
    for at, seed in ((0.0, 1), (60.0, 3)):
        wire.speech(at, 2.0, ANNA, BERND, seed=seed)
        wire.speech(at, 2.0, BERND, ANNA, seed=seed + 1)
    for at in range(120 * others):
        wire.udp(at / 2, b"\0" * 20, ("192.0.2.7", 7), ("192.0.2.8", 7))
    found = calls(tmp_path / "spool", wire)
    assert [call.duration for call in found] == [pytest.approx(1.98, abs=0.01)] * 2


def report(wire: Wire, seconds: Iterable[int], ssrc: int = 0x1234ABCD) -> None:
    """Anna reports that she receives, and nothing else."""
    for at in seconds:
        receiver = struct.pack("!BBHI", 0x80, 201, 1, ssrc)
        wire.udp(at, receiver, (ANNA[0], ANNA[1] + 1), (BERND[0], BERND[1] + 1))


@pytest.mark.parametrize(("reports", "expected"), [(True, 1), (False, 2)])
def test_a_call_that_is_held_goes_on_as_long_as_its_parties_report(
    tmp_path: Path, reports: bool, expected: int
) -> None:
    """RTCP is all that is seen of it (RFC 3264, 8.4); it ends with what was last heard all the same."""
    wire = Wire()
    for at, seed in ((0.0, 1), (40.0, 1)):
        wire.speech(at, 2.0, ANNA, BERND, seed=seed)
        wire.speech(at, 2.0, BERND, ANNA, seed=seed + 1)
    report(wire, range(0, 60, 5), 0x1234ABCD if reports else 7)
    batches = wire.batch().within(50_000_000)
    found = [file.call for file in call_files(captured(tmp_path / "spool", batches))]
    assert len(found) == expected
    assert (found[-1].end - found[0].start).total_seconds() == pytest.approx(41.98, abs=0.01)


@pytest.mark.parametrize("killed", [8.0, 14.0, 59.0, 62.0, 118.0])
@pytest.mark.parametrize(("reports", "expected"), [(True, 1), (False, 2)])
def test_a_call_that_is_held_goes_on_after_a_kill_too(
    tmp_path: Path, reports: bool, expected: int, killed: float
) -> None:
    """It is not written with each report."""
    wire = Wire()
    for at, seed in ((0.0, 1), (120.0, 1)):
        wire.speech(at, 2.0, ANNA, BERND, seed=seed)
        wire.speech(at, 2.0, BERND, ANNA, seed=seed + 1)
    report(wire, range(1, 125, 5), 0x1234ABCD if reports else 7)
    before, after = wire.batch(end=killed), wire.batch(start=killed)
    tenth = 100_000_000
    files = taken_over(tmp_path / "spool", before.within(tenth), after.within(tenth), is_killed=True)
    assert [[one.packets.written for one in file.call.parties] for file in files] == [
        [200 // expected] * 2
    ] * expected


def test_a_call_that_is_held_goes_on_in_a_spool_in_which_reports_are_no_sign_of_their_own(
    tmp_path: Path,
) -> None:
    """They were kept as messages are."""
    wire = Wire()
    for at, seed in ((0.0, 1), (50.0, 3)):
        wire.speech(at, 2.0, ANNA, BERND, seed=seed)
    report(wire, range(1, 48, 5))
    first = Capture(tmp_path)
    for batch in wire.batch(end=30.0).within(100_000_000):
        first.feed(batch)
    (path,) = (tmp_path / "calls").glob("*.json")
    kept = json.loads(path.read_bytes())
    for leg in kept["legs"]:
        leg["told"] = leg.pop("reported")
    path.write_text(json.dumps(kept))
    second = Capture(tmp_path)
    recover(second)
    for batch in wire.batch(start=30.0).within(100_000_000):
        second.feed(batch)
    second.finish()
    (file,) = call_files(second)
    assert file.call.parties[0].packets.written == 200


@pytest.mark.parametrize("killed", [9.0, 14.0, 28.0])
def test_a_call_that_was_held_at_a_kill_is_over_when_its_parties_report_no_more(
    tmp_path: Path, killed: float
) -> None:
    """The next one is between the same places."""
    wire = Wire()
    for at, seed in ((0.0, 1), (50.0, 3)):
        wire.speech(at, 2.0, ANNA, BERND, seed=seed)
        wire.speech(at, 2.0, BERND, ANNA, seed=seed + 1)
    report(wire, range(1, 32, 5))
    before, after = wire.batch(end=killed), wire.batch(start=killed)
    tenth = 100_000_000
    files = taken_over(tmp_path / "spool", before.within(tenth), after.within(tenth), is_killed=True)
    assert [[one.packets.written for one in file.call.parties] for file in files] == [[100, 100]] * 2


@pytest.mark.parametrize("step", [0.05, 0.1, 2.0])
def test_what_was_said_before_at_the_place_of_a_call_is_none_of_it_though_the_line_was_quiet(
    tmp_path: Path, step: float
) -> None:
    """In a file nothing tells the time while nothing comes."""
    wire = Wire()
    wire.speech(0.0, 2.02, BERND, ("192.0.2.9", 9000), seed=1)
    talk = Talk()
    for at, message, source, destination in (
        (4.0, talk.request(body=sdp(*ANNA)), ANNA, BERND),
        (6.2, talk.response(200, sdp(*BERND)), BERND, ANNA),
    ):
        wire.udp(at, bytes(message), (source[0], 5060), (destination[0], 5060))
    wire.speech(6.3, 1.0, BERND, ANNA, seed=2)
    batches = wire.batch().within(round(step * 1e9))
    files = call_files(captured(tmp_path / "spool", batches))
    assert [file.call.state for file in files] == [CallState.MEDIA_ONLY, CallState.ANSWERED]
    assert [sum(party.packets.written for party in file.call.parties) for file in files] == [101, 50]


@pytest.mark.parametrize("begins", [0.0, 3.0])
@pytest.mark.parametrize("step", [0.05, 60.0])
def test_pictures_at_the_ports_of_speech_are_not_recorded_with_it(
    tmp_path: Path, begins: float, step: float
) -> None:
    """One port for all media of a call (RFC 8843), with an SSRC for each."""
    wire = Wire()
    wire.speech(0.0, 8.0, ANNA, BERND, seed=1)
    wire.speech(0.0, 8.0, BERND, ANNA, seed=2)
    camera = Wire()
    pictures(camera, ANNA, BERND)
    wire.sent += [(begins + at, frame) for at, frame in camera.sent if at < 4.0]
    batches = wire.batch().within(round(step * 1e9))
    (call,) = [file.call for file in call_files(captured(tmp_path / "spool", batches))]
    assert [party.packets.written for party in call.parties] == [400, 400]
