"""Calls of H.323 with fast connect, from the wire to the description of the call."""

import struct
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from recorder.protocol.q931 import (
    ALERTING,
    CALL_PROCEEDING,
    CONNECT,
    FACILITY,
    INFORMATION,
    PROGRESS,
    RELEASE_COMPLETE,
    SETUP,
)
from storage.model import Call, CallState, Direction, Side
from tests.recorder.phones import recorded
from tests.recorder.protocol.h323_samples import MESSAGES
from tests.recorder.protocol.tcp_talk import Talk
from tests.recorder.recording import SECOND, call_files, captured, taken_over, watched
from tests.recorder.wire import Wire

CALL = bytes.fromhex("112233445566778899aabbccddeeff")
"""Most of the call's identifier in the samples."""
ANNA, BERND = ("192.0.2.61", 5000), ("192.0.2.62", 6000)
"""Where the two receive media, as the samples say."""


def element(kind: int, content: bytes) -> bytes:
    return bytes([kind, len(content)]) + content


@dataclass
class Signalling:
    """A connection of call signalling; the messages of ITU-T Q.931, 3.1, each in a packet (RFC 1006)."""

    wire: Wire
    port: int = 1720
    caller: str = ANNA[0]
    called: str = BERND[0]
    reference: int = 0x1234
    talk: Talk = field(init=False)

    def __post_init__(self) -> None:
        self.talk = Talk((self.caller, 30_000), (self.called, self.port))

    def says(
        self, at: float, kind: int, sample: str = "", elements: bytes = b"", *, size: int = 1 << 14
    ) -> None:
        """A message of the caller; ``sample`` names its user-user information."""
        self._send(at, kind, self.reference, sample, elements, size, from_caller=True)

    def hears(
        self, at: float, kind: int, sample: str = "", elements: bytes = b"", *, size: int = 1 << 14
    ) -> None:
        """A message of the called party."""
        self._send(at, kind, self.reference | 0x8000, sample, elements, size, from_caller=False)

    def _send(
        self,
        at: float,
        kind: int,
        reference: int,
        sample: str,
        elements: bytes,
        size: int,
        *,
        from_caller: bool,
    ) -> None:
        user = MESSAGES[sample.removesuffix(" of another")] if sample else b""
        if sample.endswith(" of another"):
            user = user.replace(CALL, CALL[::-1])
        tail = struct.pack("!BHB", 0x7E, len(user) + 1, 5) + user if user else b""
        message = struct.pack("!BBHB", 8, 2, reference, kind) + elements + tail
        packet = struct.pack("!BBH", 3, 0, len(message) + 4) + message
        self.wire.tcp(at, self.talk, packet, from_client=from_caller, size=size)


NUMBERS = element(0x28, b"Anna") + element(0x6C, b"\x01\x808001") + element(0x70, b"\x818002")


def conversation(wire: Wire, *, port: int = 1720, size: int = 1 << 14, answer: str = "connect") -> Signalling:
    """8001 calls 8002; they talk from 3 s to 6 s, and the called party hangs up."""
    one = Signalling(wire, port)
    one.says(0.0, SETUP, "setup", NUMBERS, size=size)
    one.hears(0.1, CALL_PROCEEDING, "callProceeding", size=size)
    one.hears(1.0, ALERTING, "alerting with channels" if answer != "connect" else "alerting", size=size)
    one.hears(3.0, CONNECT, answer, element(0x28, b"Bernd"), size=size)
    wire.speech(3.1, 3.0, ANNA, BERND, seed=1)
    wire.speech(3.1, 3.0, BERND, ANNA, seed=2)
    one.hears(6.2, RELEASE_COMPLETE, "releaseComplete", element(0x08, b"\x80\x90"), size=size)
    return one


def only(tmp_path: Path, wire: Wire) -> Call:
    (file,) = call_files(captured(tmp_path / "spool", [wire.batch()]))
    return file.call


@pytest.mark.parametrize(
    ("port", "answer"), [(1720, "connect"), (1720, "connect without channels"), (40_017, "connect")]
)
def test_a_call_with_fast_connect(tmp_path: Path, port: int, answer: str) -> None:
    wire = Wire()
    conversation(wire, port=port, answer=answer)
    call, _ = recorded(tmp_path, wire.batch())
    assert (call.from_, call.to, call.agent) == ("8001", "8002", "8001")
    assert (call.state, call.direction) == (CallState.ANSWERED, Direction.INTERNAL)
    assert call.duration == pytest.approx(3.2, abs=0.01)
    assert call.legs[0].call_id == "4660@192.0.2.61-192.0.2.62"
    assert [(party.name, party.number, party.codec) for party in call.parties] == [
        ("Anna", "8001", "PCMU"),
        ("Bernd", "8002", "PCMU"),
    ]
    assert [party.packets.written for party in call.parties] == [150, 150]
    assert [(event.kind, event.side) for event in call.events] == [
        ("ringing", Side.B),
        ("answered", Side.B),
        ("end", Side.B),
    ]
    assert call.recording is not None
    assert call.recording.seconds == pytest.approx(3.0, abs=0.05)


def test_numbers_may_stand_in_the_user_user_information_alone(tmp_path: Path) -> None:
    wire = Wire()
    one = Signalling(wire)
    one.says(0.0, SETUP, "setup without fast start")
    one.hears(1.0, CONNECT, "connect without channels")
    one.says(2.0, RELEASE_COMPLETE, "releaseComplete")
    call = only(tmp_path, wire)
    assert (call.from_, call.parties[0].name, call.to) == ("8001", "Anna", "8002")
    assert call.events[-1].side is Side.A


def test_what_cannot_be_read_leaves_numbers_and_no_media(tmp_path: Path) -> None:
    wire = Wire()
    one = Signalling(wire)
    one.says(0.0, SETUP, "", NUMBERS + b"\x7e\x00\x05\x05\xff\xff\xff\xff")
    one.hears(1.0, CONNECT, "", b"\x7e\x00\x02\x05\x22")
    wire.speech(1.1, 1.0, ANNA, BERND)
    one.says(3.0, RELEASE_COMPLETE)
    files = call_files(captured(tmp_path / "spool", [wire.batch()]))
    assert [file.call.state for file in files] == [CallState.ANSWERED, CallState.MEDIA_ONLY]
    assert (files[0].call.from_, files[0].call.to) == ("8001", "8002")


@pytest.mark.parametrize(
    ("cause", "sample", "state", "status"),
    [
        (17, "releaseComplete", CallState.BUSY, 486),
        (1, "releaseComplete", CallState.FAILED, 404),
        (19, "releaseComplete", CallState.MISSED, 480),
        (16, "releaseComplete", CallState.MISSED, None),
        (77, "", CallState.FAILED, 500),
    ],
)
def test_calls_that_nobody_takes_say_why(
    tmp_path: Path, cause: int, sample: str, state: CallState, status: int | None
) -> None:
    wire = Wire()
    one = Signalling(wire)
    one.says(0.0, SETUP, "setup", NUMBERS)
    one.hears(2.0, RELEASE_COMPLETE, sample, element(0x08, bytes([0x80, 0x80 | cause])))
    call = only(tmp_path, wire)
    assert (call.state, call.legs[0].cause) == (state, status)


def test_a_caller_who_gives_up_has_cancelled(tmp_path: Path) -> None:
    wire = Wire()
    one = Signalling(wire)
    one.says(0.0, SETUP, "setup", NUMBERS)
    one.hears(1.0, ALERTING, "alerting")
    one.says(5.0, RELEASE_COMPLETE, "releaseComplete")
    assert only(tmp_path, wire).state is CallState.CANCELLED


def test_keys_and_what_is_dialled_bit_by_bit(tmp_path: Path) -> None:
    wire = Wire()
    one = Signalling(wire)
    one.says(0.0, SETUP, "setup", element(0x70, b"\x8180"))
    one.says(0.5, INFORMATION, "information", element(0x2C, b"02"))
    one.hears(1.0, CONNECT, "connect")
    one.says(2.0, INFORMATION, "information", element(0x2C, b"4#"))
    one.says(3.0, RELEASE_COMPLETE, "releaseComplete")
    call = only(tmp_path, wire)
    assert (call.to, call.dtmf) == ("8002", "4#")


def test_channels_opened_and_keys_pressed_in_the_tunnel(tmp_path: Path) -> None:
    wire = Wire()
    one = Signalling(wire)
    one.says(0.0, SETUP, "setup without fast start", NUMBERS)
    one.hears(1.0, CONNECT, "connect without channels")
    one.hears(1.1, FACILITY, "facility of the called")
    one.says(1.2, FACILITY, "facility of the caller")
    wire.speech(1.3, 1.0, ANNA, BERND, seed=1)
    wire.speech(1.3, 1.0, BERND, ANNA, seed=2)
    one.says(2.0, FACILITY, "facility with keys")
    one.hears(3.0, RELEASE_COMPLETE, "releaseComplete")
    call = only(tmp_path, wire)
    assert [party.packets.written for party in call.parties] == [50, 50]
    assert [party.codec for party in call.parties] == ["PCMU", "PCMU"]
    assert call.dtmf == "4#7"


def test_a_gatekeeper_on_the_way_makes_two_legs_of_one_call(tmp_path: Path) -> None:
    wire = Wire()
    gatekeeper = "192.0.2.70"
    ways = (
        Signalling(wire, called=gatekeeper, reference=7),
        Signalling(wire, caller=gatekeeper, reference=9),
    )
    for index, way in enumerate(ways):
        way.says(0.01 * index, SETUP, "setup", NUMBERS)
    for index, way in enumerate(reversed(ways)):
        way.hears(1.0 + 0.01 * index, PROGRESS, "progress")
        way.hears(2.0 + 0.01 * index, CONNECT, "connect")
    wire.speech(2.1, 1.0, ANNA, BERND, seed=1)
    wire.speech(2.1, 1.0, BERND, ANNA, seed=2)
    for way in ways:
        way.says(4.0, RELEASE_COMPLETE, "releaseComplete")
    call = only(tmp_path, wire)
    assert len(call.legs) == 2
    assert [party.packets.written for party in call.parties] == [50, 50]
    assert [event.kind for event in call.events] == ["answered", "end"]


def test_a_forwarded_call_tells_where_to(tmp_path: Path) -> None:
    wire = Wire()
    one = Signalling(wire)
    one.says(0.0, SETUP, "setup", NUMBERS)
    one.hears(1.0, CONNECT, "connect")
    one.hears(2.0, FACILITY, "facility")
    one.says(3.0, RELEASE_COMPLETE, "releaseComplete")
    call = only(tmp_path, wire)
    assert [(event.kind, event.detail.get("to")) for event in call.events] == [
        ("answered", None),
        ("transfer", "8009"),
        ("end", None),
    ]


@pytest.mark.parametrize("size", [3, 50])
def test_small_segments_and_copies_change_nothing(tmp_path: Path, size: int) -> None:
    wire = Wire()
    conversation(wire, size=size)
    wire.sent = [(at, frame) for at, frame in wire.sent for _ in range(2)]
    call = only(tmp_path, wire)
    assert (call.from_, call.to, call.state) == ("8001", "8002", CallState.ANSWERED)
    assert [party.packets.written for party in call.parties] == [150, 150]


@pytest.mark.parametrize("cut", [0.5, 2.0, 4.0])
def test_an_engine_that_stops_leaves_the_call_to_the_next(tmp_path: Path, cut: float) -> None:
    wire = Wire()
    conversation(wire)
    before, after = wire.batch(end=cut), wire.batch(start=cut)
    (file,) = taken_over(tmp_path / "spool", [before], [after])
    assert (file.call.from_, file.call.to, file.call.state) == ("8001", "8002", CallState.ANSWERED)
    assert [party.packets.written for party in file.call.parties] == [150, 150]


def test_a_capture_that_begins_before_the_answer_knows_both_places(tmp_path: Path) -> None:
    wire = Wire()
    conversation(wire)
    (file,) = call_files(captured(tmp_path / "spool", [wire.batch(start=2.0)]))
    assert file.call.state is CallState.ANSWERED
    assert [party.packets.written for party in file.call.parties] == [150, 150]


def test_a_reference_that_is_used_again_at_once_is_another_call(tmp_path: Path) -> None:
    wire = Wire()
    one = Signalling(wire)
    for at in (0.0, 3.0, 3.2):
        one.says(at, SETUP, "", NUMBERS)
        one.hears(at + 0.1, RELEASE_COMPLETE, "", element(0x08, b"\x80\x91"))
    batches = [wire.batch(end=2.9), wire.batch(start=2.9)]
    files = call_files(captured(tmp_path / "spool", batches))
    assert [file.call.state for file in files] == [CallState.BUSY] * 3


def test_calls_one_after_the_other_on_one_connection(tmp_path: Path) -> None:
    wire = Wire()
    one = Signalling(wire)
    for index in range(3):
        one.reference = 100 + index
        one.says(2.0 * index, SETUP, "", NUMBERS)
        one.hears(2.0 * index + 0.5, RELEASE_COMPLETE, "", element(0x08, b"\x80\x91"))
    files = call_files(captured(tmp_path / "spool", [wire.batch()]))
    assert [file.call.state for file in files] == [CallState.BUSY] * 3


def test_calls_of_two_hosts_behind_one_address_that_chose_the_same_reference(tmp_path: Path) -> None:
    wire = Wire()
    both = [Signalling(wire), Signalling(wire)]
    both[1].talk = Talk((ANNA[0], 30_001), (BERND[0], 1720))
    for at, one, sample in ((0.0, both[0], "setup"), (0.5, both[1], "setup of another")):
        one.says(at, SETUP, sample, NUMBERS)
        one.hears(at + 3.0, CONNECT)
        one.hears(at + 6.0, RELEASE_COMPLETE, "", element(0x08, b"\x80\x90"))
    files = call_files(captured(tmp_path / "spool", [wire.batch()]))
    assert [file.call.state for file in files] == [CallState.ANSWERED] * 2
    assert [file.call.duration for file in files] == [pytest.approx(3.0, abs=0.01)] * 2


def test_a_call_whose_media_goes_past_the_tap_lasts_until_it_is_hung_up(tmp_path: Path) -> None:
    wire = Wire()
    one = Signalling(wire, 1720)
    one.says(0.0, SETUP, "setup", NUMBERS)
    one.hears(3.0, CONNECT, "connect", element(0x28, b"Bernd"))
    one.hears(400.0, RELEASE_COMPLETE, "releaseComplete", element(0x08, b"\x80\x90"))
    (file,) = call_files(watched(tmp_path / "spool", wire.batch()))
    assert (file.call.duration, file.call.events[-1].kind) == (pytest.approx(397, abs=0.1), "end")


def kept_alive() -> Wire:
    """A call of which something is told now and then, as is the round trip by H.245 in tunnels."""
    wire = Wire()
    one = Signalling(wire)
    one.says(0.0, SETUP, "setup", NUMBERS)
    one.hears(3.0, CONNECT, "connect")
    for at in (1500.0, 3000.0):
        one.says(at, FACILITY)
    one.hears(4000.0, RELEASE_COMPLETE, "releaseComplete", element(0x08, b"\x80\x90"))
    return wire


def test_a_call_whose_media_goes_past_the_tap_lives_as_long_as_anything_is_told_of_it(tmp_path: Path) -> None:
    (file,) = call_files(watched(tmp_path / "spool", kept_alive().batch()))
    assert (file.call.duration, file.call.events[-1].kind) == (pytest.approx(3997, abs=0.1), "end")


def test_what_was_told_of_a_call_whose_media_goes_past_the_tap_counts_after_a_kill(tmp_path: Path) -> None:
    wire = kept_alive()
    wire.udp(1900.0, b"of no call", ANNA, BERND)
    before, after = wire.batch(end=1900.0), wire.batch(start=1900.0)
    (file,) = taken_over(tmp_path, before.within(SECOND), after.within(SECOND), is_killed=True)
    assert (file.call.duration, file.call.events[-1].kind) == (pytest.approx(3997, abs=0.1), "end")
