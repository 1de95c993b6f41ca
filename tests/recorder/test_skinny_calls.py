"""Calls of phones that speak SCCP, from the wire to the description of the call."""

import base64
from pathlib import Path

import pytest

from recorder.assembly.limits import Limits
from recorder.capture import Capture, CaptureOptions
from recorder.protocol.sccp_messages import OUTBOUND, State
from recorder.recovery import recover
from storage.model import CallState, Direction, Side
from tests.recorder.phones import recorded
from tests.recorder.protocol import skinny
from tests.recorder.recording import call_files, captured, taken_over, watched
from tests.recorder.skinny_phones import ANNA, BERND, GATEWAY, Phone, conversation, one, outside
from tests.recorder.wire import Wire


@pytest.mark.parametrize("version", [0, 11, 17, 20])
def test_a_call_seen_at_both_phones_is_one_call_with_both_parties(tmp_path: Path, version: int) -> None:
    wire = Wire()
    conversation(wire, version)
    call, _ = recorded(tmp_path, wire.batch())

    assert (call.from_, call.to, call.agent) == ("8001", "8002", "8001")
    assert (call.state, call.direction) == (CallState.ANSWERED, Direction.INTERNAL)
    assert call.duration == pytest.approx(3.21, abs=0.02)
    assert [leg.call_id for leg in call.legs] == ["16777221@192.0.2.21", "16777222@192.0.2.22"]
    assert [(party.name, party.number, party.codec) for party in call.parties] == [
        ("Anna", "8001", "PCMU"),
        ("Bernd", "8002", "PCMU"),
    ]
    assert [party.packets.written for party in call.parties] == [150, 150]
    assert [event.kind for event in call.events] == ["ringing", "answered", "end"]
    assert call.events[-1].side is Side.B
    assert call.recording is not None
    assert call.recording.seconds == pytest.approx(3.0, abs=0.05)


def test_keys_are_dialled_before_the_answer_and_tones_after(tmp_path: Path) -> None:
    wire = Wire()
    anna = outside(wire)
    for index, key in enumerate([4, 4, 15]):
        anna.says(4.0 + 0.05 * index, skinny.keypad(key, reference=anna.reference))
    anna.says(6.0, skinny.keypad(14))
    anna.says(7.0, skinny.soft_key(9, anna.reference))
    anna.enters(7.01, State.ON_HOOK)
    call = one(tmp_path, wire)
    assert call.dtmf == "44#*"
    assert {event.side for event in call.events if event.kind == "dtmf"} == {Side.A}
    assert (call.from_, call.to, call.direction) == ("8001", "0015551230001", Direction.OUTBOUND)
    assert call.events[-1].side is Side.A


def test_hold_and_what_comes_after_it_are_one_call(tmp_path: Path) -> None:
    wire = Wire()
    anna = outside(wire)
    wire.speech(3.1, 1.0, anna.place, GATEWAY, seed=1)
    anna.enters(4.2, State.HOLD)
    anna.is_told(4.21, skinny.close_receive(anna.reference, anna.party))
    anna.enters(5.2, State.CONNECTED)
    anna.port = 20_002
    anna.opens(5.22, GATEWAY)
    wire.speech(5.3, 1.0, GATEWAY, anna.place, seed=2)
    anna.enters(6.5, State.ON_HOOK)
    call = one(tmp_path, wire)
    assert [(event.kind, event.side) for event in call.events] == [
        ("ringing", Side.B),
        ("answered", Side.B),
        ("hold", Side.A),
        ("resume", Side.A),
        ("end", Side.B),
    ]
    assert [party.packets.written for party in call.parties] == [50, 50]


def test_a_call_goes_on_behind_a_long_hold_though_its_media_comes_a_moment_later(tmp_path: Path) -> None:
    wire = Wire()
    anna = outside(wire)
    wire.speech(3.1, 1.0, anna.place, GATEWAY, seed=1)
    anna.enters(4.2, State.HOLD)
    anna.enters(124.2, State.CONNECTED)
    anna.opens(125.2, GATEWAY)
    wire.speech(125.3, 1.0, GATEWAY, anna.place, seed=2)
    anna.enters(126.5, State.ON_HOOK)
    (file,) = call_files(watched(tmp_path / "spool", wire.batch()))
    kinds = [event.kind for event in file.call.events]
    assert kinds == ["ringing", "answered", "hold", "resume", "end"]
    assert [party.packets.written for party in file.call.parties] == [50, 50]


def test_a_call_whose_media_goes_past_the_tap_lives_as_long_as_it_is_told_of(tmp_path: Path) -> None:
    wire = Wire()
    anna = outside(wire)
    for at in (1500.0, 3000.0):
        anna.says(at, skinny.keypad(5, reference=anna.reference))
    anna.enters(4500.0, State.ON_HOOK)
    (file,) = call_files(watched(tmp_path / "spool", wire.batch()))
    assert (file.call.duration, file.call.events[-1].kind) == (pytest.approx(4497, abs=0.1), "end")


@pytest.mark.parametrize(
    ("state", "expected", "cause"),
    [
        (State.BUSY, CallState.BUSY, 486),
        (State.CONGESTION, CallState.FAILED, 503),
        (State.INVALID_NUMBER, CallState.FAILED, 404),
        (None, CallState.CANCELLED, None),
    ],
)
def test_calls_that_nobody_takes_say_why(
    tmp_path: Path, state: State | None, expected: CallState, cause: int | None
) -> None:
    wire = Wire()
    anna = Phone(wire, "192.0.2.21", 16777221, 33, 20_000)
    anna.calls(0.0, ANNA, BERND)
    if state is not None:
        anna.enters(2.0, state)
    anna.says(4.0, skinny.on_hook())
    anna.enters(4.01, State.ON_HOOK)
    call = one(tmp_path, wire)
    assert (call.state, call.legs[0].cause, call.answered) == (expected, cause, None)
    assert (call.from_, call.to) == ("8001", "8002")


def test_a_phone_that_rings_in_vain_has_a_missed_call(tmp_path: Path) -> None:
    wire = Wire()
    bernd = Phone(wire, "192.0.2.22", 16777222, 34, 22_000)
    bernd.is_called(0.0, ("15551230001", "Zoë"), BERND)
    bernd.enters(20.0, State.ON_HOOK)
    call = one(tmp_path, wire)
    assert (call.state, call.direction, call.agent) == (CallState.MISSED, Direction.INBOUND, "8002")
    assert (call.from_, call.parties[0].name) == ("15551230001", "Zoë")


def test_another_party_after_a_transfer_is_told(tmp_path: Path) -> None:
    wire = Wire()
    anna = outside(wire)
    anna.is_told(5.0, skinny.call_info(anna.reference, OUTBOUND, ANNA, ("8009", "Carla"), 17))
    anna.enters(7.0, State.ON_HOOK)
    call = one(tmp_path, wire)
    (transfer,) = [event for event in call.events if event.kind == "transfer"]
    assert (transfer.side, transfer.detail["to"]) == (Side.B, "8009")
    assert call.to == "0015551230001"


def test_encrypted_media_comes_with_its_keys(tmp_path: Path) -> None:
    wire = Wire()
    anna = Phone(wire, "192.0.2.21", 16777221, 33, 20_000)
    anna.calls(0.0, ANNA, BERND)
    anna.enters(3.0, State.CONNECTED)
    heard, said = skinny.cipher(2, b"h" * 16, b"s" * 14), skinny.cipher(2, b"t" * 16, b"u" * 14)
    anna.opens(3.02, GATEWAY, (heard, said))
    wire.speech(3.1, 1.0, anna.place, GATEWAY)
    wire.speech(3.1, 1.0, GATEWAY, anna.place)
    (file,) = call_files(captured(tmp_path / "spool", [wire.batch()]))
    assert file.plan is not None
    secrets = [channel.sources[0].keys[0].secret for channel in file.plan.channels]
    assert [base64.b64decode(secret) for secret in secrets] == [b"t" * 16 + b"u" * 14, b"h" * 16 + b"s" * 14]
    assert file.call.parties[0].codec == "SRTP/PCMU"


def test_a_call_goes_on_though_many_that_become_none_come_after_it(tmp_path: Path) -> None:
    wire = Wire()
    anna = outside(wire)
    wire.speech(3.1, 3.0, anna.place, GATEWAY, seed=1)
    other = Phone(wire, "192.0.2.77", 0, 0, 0)
    for reference in range(100, 350):
        other.is_told(4.0, skinny.state(State.OFF_HOOK, reference, 17))
    anna.enters(5.0, State.HOLD)
    anna.enters(5.5, State.CONNECTED)
    anna.says(6.2, skinny.on_hook(anna.reference))
    anna.enters(6.21, State.ON_HOOK)
    options = CaptureOptions(limits=Limits(remembered=100))
    (file,) = call_files(captured(tmp_path / "spool", [wire.batch()], options))
    assert [event.kind for event in file.call.events] == ["ringing", "answered", "hold", "resume", "end"]
    assert file.call.parties[0].packets.written == 150


def test_an_engine_that_stops_leaves_the_call_to_the_next(tmp_path: Path) -> None:
    wire = Wire()
    conversation(wire)
    before, after = wire.batch(end=4.0), wire.batch(start=4.0)
    (file,) = taken_over(tmp_path / "spool", [before], [after])
    assert [party.packets.written for party in file.call.parties] == [150, 150]
    assert [event.kind for event in file.call.events] == ["ringing", "answered", "recorder-restarted", "end"]
    assert file.call.duration == pytest.approx(3.21, abs=0.02)


def test_what_was_noted_before_a_kill_is_followed_by_the_next_engine(tmp_path: Path) -> None:
    wire = Wire()
    conversation(wire)
    Capture(tmp_path / "spool", CaptureOptions(flush=10**12)).feed(wire.batch(end=3.05))
    second = Capture(tmp_path / "spool")
    recover(second)
    second.feed(wire.batch(start=3.05))
    second.finish()
    (file,) = call_files(second)
    assert (file.call.from_, file.call.to, len(file.call.legs)) == ("8001", "8002", 2)


@pytest.mark.parametrize("start", [0.65, 0.78, 3.0, 3.025])
def test_a_capture_that_begins_in_the_middle_shows_what_it_saw(tmp_path: Path, start: float) -> None:
    wire = Wire()
    conversation(wire)
    (file,) = call_files(captured(tmp_path / "spool", [wire.batch(start=start)]))
    assert file.call.state is CallState.ANSWERED
    assert sorted(party.packets.written for party in file.call.parties) == [150, 150]


def test_only_media_is_left_of_a_call_whose_signalling_was_before(tmp_path: Path) -> None:
    wire = Wire()
    conversation(wire)
    (file,) = call_files(captured(tmp_path / "spool", [wire.batch(start=3.5)]))
    assert file.call.state is CallState.MEDIA_ONLY


def test_copies_of_a_mirror_and_small_segments_change_nothing(tmp_path: Path) -> None:
    plain, busy = Wire(), Wire()
    conversation(plain)
    conversation(busy)
    busy.sent = [(at, frame) for at, frame in busy.sent for _ in range(2)]
    (before,), (after,) = (
        call_files(captured(tmp_path / name, [wire.batch()])) for name, wire in (("a", plain), ("b", busy))
    )
    assert before.call.events == after.call.events
    assert before.call.legs == after.call.legs


def test_a_phone_that_calls_again_on_the_same_port_has_two_calls(tmp_path: Path) -> None:
    wire = Wire()
    anna = outside(wire)
    wire.speech(3.1, 1.0, anna.place, GATEWAY, seed=1)
    # The end of the first call is not seen.
    anna.reference, anna.party = 16777300, 50
    anna.calls(10.0, ANNA, ("8005", "Emil"))
    anna.enters(12.0, State.CONNECTED)
    anna.opens(12.02, ("192.0.2.31", 31_000))
    wire.speech(12.1, 1.0, anna.place, ("192.0.2.31", 31_000), seed=2)
    anna.enters(14.0, State.ON_HOOK)
    files = call_files(captured(tmp_path / "spool", [wire.batch()]))
    assert [file.call.to for file in files] == ["0015551230001", "8005"]
    assert [file.call.parties[0].packets.written for file in files] == [50, 50]


def test_a_call_that_the_called_phone_shows_as_answered_is_answered(tmp_path: Path) -> None:
    """What the calling phone was told of it was not captured."""
    wire = Wire()
    anna = Phone(wire, "192.0.2.21", 16777221, 33, 20_000)
    bernd = Phone(wire, "192.0.2.22", 16777222, 34, 22_000)
    anna.calls(0.0, ANNA, BERND)
    bernd.is_called(0.75, ANNA, BERND)
    bernd.enters(3.0, State.CONNECTED)
    wire.speech(3.1, 1.0, bernd.place, anna.place)
    for phone, far in ((bernd, anna), (anna, bernd)):
        phone.opens(3.02, far.place)
        phone.enters(5.0, State.ON_HOOK)
    call = one(tmp_path, wire)
    assert (call.state, call.duration) == (CallState.ANSWERED, pytest.approx(2.0, abs=0.02))
    assert [event.kind for event in call.events] == ["ringing", "answered", "end"]


def test_a_call_whose_media_goes_past_the_tap_lasts_until_it_is_hung_up(tmp_path: Path) -> None:
    """The called party knows of its answer; SCCP has no message that tells so."""
    wire = Wire()
    anna = outside(wire)
    anna.enters(400.0, State.ON_HOOK)
    (file,) = call_files(watched(tmp_path / "spool", wire.batch()))
    assert (file.call.duration, file.call.events[-1].kind) == (pytest.approx(397, abs=0.1), "end")
