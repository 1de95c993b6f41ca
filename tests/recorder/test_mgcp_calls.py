"""Calls of media gateways that a call agent controls by MGCP, from the wire to the call's description."""

from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from recorder.capture import CaptureOptions
from storage.model import Call, CallState, Direction, Side
from tests.recorder.phones import recorded
from tests.recorder.protocol import gateway
from tests.recorder.recording import call_files, captured, taken_over, watched
from tests.recorder.wire import Place, Wire

AGENT = ("192.0.2.10", 2727)
CALL = "C: A3C47F21456789F0"


@dataclass
class Line:
    """A line of a gateway, and where it receives media."""

    wire: Wire
    numbers: "count[int]"
    host: str
    port: int
    name: str = "aaln/1@rgw.example.net"
    agent: Place = AGENT

    @property
    def place(self) -> Place:
        return self.host, self.port

    def is_told(self, at: float, verb: str, *parameters: str, sdp: bytes = b"", answer: bytes = b"") -> None:
        """A command of the agent, and the gateway's answer."""
        number = next(self.numbers)
        command = gateway.command(verb, number, self.name, *parameters, sdp=sdp)
        self.wire.udp(at, command, self.agent, (self.host, 2427))
        self.wire.udp(at + 0.01, answer or gateway.response(200, number), (self.host, 2427), self.agent)

    def creates(self, at: float, mode: str, *parameters: str, far: Place | None = None) -> None:
        number = next(self.numbers)
        sdp = gateway.description(*far) if far else b""
        command = gateway.command("CRCX", number, self.name, CALL, f"M: {mode}", *parameters, sdp=sdp)
        self.wire.udp(at, command, self.agent, (self.host, 2427))
        answer = gateway.response(200, number, "I: FDE234C8", sdp=gateway.description(*self.place))
        self.wire.udp(at + 0.01, answer, (self.host, 2427), self.agent)

    def changes(self, at: float, mode: str, far: Place | None = None) -> None:
        sdp = gateway.description(*far) if far else b""
        self.is_told(at, "MDCX", CALL, "I: FDE234C8", f"M: {mode}", sdp=sdp)

    def tells(self, at: float, *events: str) -> None:
        number = next(self.numbers)
        content = gateway.command("NTFY", number, self.name, "X: 1", f"O: {', '.join(events)}")
        self.wire.udp(at, content, (self.host, 2427), self.agent)
        self.wire.udp(at + 0.01, gateway.response(200, number), self.agent, (self.host, 2427))


def lines(wire: Wire) -> tuple[Line, Line]:
    numbers = count(1200)
    return (
        Line(wire, numbers, "192.0.2.41", 3456, "aaln/1@rgw-1.example.net"),
        Line(wire, numbers, "192.0.2.42", 4456, "aaln/2@rgw-2.example.net"),
    )


def dials(anna: Line, bernd: Line) -> None:
    """As RFC 3435, appendix F.3 has it: the called line rings from 1 s on."""
    anna.tells(0.0, "L/hd")
    anna.is_told(0.05, "RQNT", "X: 2", "R: L/hu(N), [0-9#*T](D)", "S: L/dl")
    anna.tells(0.6, "D/5", "D/5", "D/5", "D/1", "D/2")
    anna.creates(0.7, "recvonly", "L: p:20, a:PCMU")
    bernd.creates(0.8, "sendrecv", "S: L/rg, L/ci(10/14/17/26,5550001,Anna)", far=anna.place)
    anna.changes(0.9, "recvonly", bernd.place)
    anna.is_told(1.0, "RQNT", "X: 3", "S: L/rt")


def conversation(wire: Wire) -> tuple[Line, Line]:
    """Two residential lines; they talk from 3 s to 6 s, and the called party hangs up."""
    anna, bernd = lines(wire)
    dials(anna, bernd)
    bernd.tells(3.0, "L/hd")
    anna.changes(3.1, "sendrecv")
    wire.speech(3.1, 3.0, anna.place, bernd.place, seed=1)
    wire.speech(3.1, 3.0, bernd.place, anna.place, seed=2)
    bernd.tells(6.2, "L/hu")
    for line in (anna, bernd):
        line.is_told(6.25, "DLCX", CALL, "I: FDE234C8")
    return anna, bernd


def one(tmp_path: Path, wire: Wire) -> Call:
    (file,) = call_files(captured(tmp_path / "spool", [wire.batch()]))
    return file.call


def test_a_call_between_two_lines(tmp_path: Path) -> None:
    wire = Wire()
    conversation(wire)
    call, _ = recorded(tmp_path, wire.batch())
    assert (call.from_, call.to) == ("5550001", "55512")
    assert (call.state, call.duration) == (CallState.ANSWERED, pytest.approx(3.26, abs=0.02))
    assert [leg.call_id for leg in call.legs] == ["a3c47f21456789f0@192.0.2.10"]
    assert [(party.name, party.number) for party in call.parties] == [
        ("Anna", "5550001"),
        ("aaln/2@rgw-2.example.net", "55512"),
    ]
    assert [party.packets.written for party in call.parties] == [150, 150]
    assert [(event.kind, event.side) for event in call.events] == [
        ("ringing", Side.B),
        ("answered", Side.B),
        ("end", Side.B),
    ]
    assert call.recording is not None
    assert call.recording.seconds == pytest.approx(3.0, abs=0.05)


def held(wire: Wire, until: float, spoken: float) -> Line:
    """A trunk on hold from 3.2 s until then, over which the other side is heard for a second later on."""
    trunk = Line(wire, count(1), "192.0.2.50", 16_384, "s0/su1/ds1-0/1@gw.example.net")
    far = ("192.0.2.21", 20_000)
    trunk.creates(0.0, "recvonly")
    trunk.changes(2.0, "sendrecv", far)
    wire.speech(2.1, 1.0, trunk.place, far, seed=1)
    trunk.changes(3.2, "inactive")
    trunk.changes(until, "sendrecv")
    wire.speech(spoken, 1.0, far, trunk.place, seed=2)
    return trunk


def test_a_trunk_of_a_call_agent_that_speaks_no_mgcp_to_the_other_side(tmp_path: Path) -> None:
    wire = Wire()
    trunk = held(wire, 4.2, 4.3)
    trunk.tells(5.0, "D/4", "D/2")
    trunk.is_told(6.0, "DLCX", CALL)
    call = one(tmp_path, wire)
    assert [event.kind for event in call.events] == ["answered", "hold", "resume", "dtmf", "dtmf", "end"]
    assert (call.dtmf, call.direction) == ("42", Direction.UNKNOWN)
    assert call.parties[0].name == "s0/su1/ds1-0/1@gw.example.net"
    assert [party.packets.written for party in call.parties] == [50, 50]


def test_a_call_goes_on_behind_a_long_hold_though_its_media_comes_a_moment_later(tmp_path: Path) -> None:
    wire = Wire()
    trunk = held(wire, 123.2, 124.3)
    trunk.is_told(126.0, "DLCX", CALL)
    (file,) = call_files(watched(tmp_path / "spool", wire.batch()))
    assert [event.kind for event in file.call.events] == ["answered", "hold", "resume", "end"]
    assert [party.packets.written for party in file.call.parties] == [50, 50]


@pytest.mark.parametrize(
    ("tone", "state", "cause"), [("L/bz", CallState.BUSY, 486), ("L/ro", CallState.FAILED, 503)]
)
def test_the_tone_that_a_caller_hears_says_why_there_is_no_call(
    tmp_path: Path, tone: str, state: CallState, cause: int
) -> None:
    wire = Wire()
    anna, _ = lines(wire)
    anna.tells(0.0, "L/hd")
    anna.tells(0.6, "D/5", "D/5")
    anna.creates(0.7, "recvonly")
    anna.is_told(1.0, "RQNT", "X: 3", f"S: {tone}")
    anna.tells(3.0, "L/hu")
    anna.is_told(3.1, "DLCX", CALL)
    call = one(tmp_path, wire)
    assert (call.state, call.legs[0].cause, call.to) == (state, cause, "55")


def test_a_caller_who_hangs_up_first_has_cancelled(tmp_path: Path) -> None:
    wire = Wire()
    anna, bernd = lines(wire)
    dials(anna, bernd)
    anna.tells(3.0, "L/hu")
    for line in (anna, bernd):
        line.is_told(3.1, "DLCX", CALL)
    call = one(tmp_path, wire)
    assert (call.state, call.answered) == (CallState.CANCELLED, None)


def test_a_connection_that_a_gateway_refuses_is_a_failed_call(tmp_path: Path) -> None:
    wire = Wire()
    line = lines(wire)[0]
    command = gateway.command("CRCX", 7, line.name, CALL, "M: recvonly")
    wire.udp(0.0, command, AGENT, (line.host, 2427))
    wire.udp(0.1, gateway.response(502, 7, text="No resources"), (line.host, 2427), AGENT)
    call = one(tmp_path, wire)
    assert (call.state, call.legs[0].cause) == (CallState.FAILED, 503)


def test_a_line_that_the_gateway_chooses_is_known_by_its_name(tmp_path: Path) -> None:
    wire = Wire()
    trunk = Line(wire, count(1), "192.0.2.50", 16_384, "ds/ds1-1/$@gw")
    number = 9
    command = gateway.command(
        "CRCX", number, trunk.name, CALL, "M: sendrecv", sdp=gateway.description("192.0.2.21", 20_000)
    )
    wire.udp(0.0, command, AGENT, (trunk.host, 2427))
    answer = gateway.response(200, number, "I: 1", "Z: ds/ds1-1/7@gw", sdp=gateway.description(*trunk.place))
    wire.udp(0.1, answer, (trunk.host, 2427), AGENT)
    trunk.name = "ds/ds1-1/7@gw"
    wire.speech(0.2, 1.0, trunk.place, ("192.0.2.21", 20_000))
    trunk.tells(2.0, "L/hu")
    trunk.is_told(2.1, "DLCX", CALL, "I: 1")
    call = one(tmp_path, wire)
    assert (call.events[-1].kind, call.events[-1].side) == ("end", Side.A)
    assert call.parties[0].packets.written == 50


def test_repeated_and_mirrored_datagrams_change_nothing(tmp_path: Path) -> None:
    plain, busy = Wire(), Wire()
    conversation(plain)
    conversation(busy)
    signals = [(at + 0.6, frame) for at, frame in busy.sent if b"MGCP 1.0" in frame]
    busy.sent = [*[(at, frame) for at, frame in busy.sent for _ in range(2)], *signals]
    before, after = (one(tmp_path / name, wire) for name, wire in (("a", plain), ("b", busy)))
    assert before.legs == after.legs
    assert [event.kind for event in before.events] == [event.kind for event in after.events]


def test_messages_of_several_calls_in_one_datagram(tmp_path: Path) -> None:
    wire = Wire()
    far = ("192.0.2.21", 20_000)
    for index in range(2):
        line = Line(wire, count(100 * index), "192.0.2.50", 16_384 + 2 * index, f"ds/ds1-1/{index}@gw")
        sdp = gateway.description(far[0], far[1] + 2 * index)
        content = gateway.together(
            [
                gateway.response(200, 5000 + index),
                gateway.command("CRCX", 10 + index, line.name, f"C: {index}", "M: sendrecv", sdp=sdp),
            ]
        )
        wire.udp(index, content, AGENT, (line.host, 2427))
    answers = [
        gateway.response(200, 10 + index, sdp=gateway.description("192.0.2.50", 16_384 + 2 * index))
        for index in range(2)
    ]
    wire.udp(2.0, gateway.together(answers), ("192.0.2.50", 2427), AGENT)
    for index in range(2):
        wire.speech(2.1, 1.0, ("192.0.2.50", 16_384 + 2 * index), (far[0], far[1] + 2 * index), seed=index)
    files = call_files(captured(tmp_path / "spool", [wire.batch()]))
    assert [file.call.parties[0].packets.written for file in files] == [50, 50]
    assert [file.call.state for file in files] == [CallState.ANSWERED] * 2


@pytest.mark.parametrize("cut", [0.95, 3.05, 4.5])
def test_an_engine_that_stops_leaves_the_call_to_the_next(tmp_path: Path, cut: float) -> None:
    wire = Wire()
    conversation(wire)
    before, after = wire.batch(end=cut), wire.batch(start=cut)
    (file,) = taken_over(tmp_path / "spool", [before], [after], CaptureOptions(flush=10**8))
    assert [party.packets.written for party in file.call.parties] == [150, 150]
    assert (file.call.from_, file.call.to, file.call.state) == ("5550001", "55512", CallState.ANSWERED)


def test_a_capture_that_begins_after_the_answer_knows_the_places_that_are_told_again(tmp_path: Path) -> None:
    wire = Wire()
    trunk = Line(wire, count(1), "192.0.2.50", 16_384)
    far = ("192.0.2.21", 20_000)
    trunk.changes(0.0, "sendrecv", far)
    wire.speech(0.1, 1.0, trunk.place, far, seed=1)
    wire.speech(0.1, 1.0, far, trunk.place, seed=2)
    call = one(tmp_path, wire)
    assert call.state is CallState.ANSWERED
    assert [party.packets.written for party in call.parties] == [50, 50]


def test_junk_on_the_port_is_counted(tmp_path: Path) -> None:
    wire = Wire()
    wire.udp(0.0, b"CRCX 1 no version\r\n", AGENT, ("192.0.2.50", 2427))
    capture = captured(tmp_path / "spool", [wire.batch()])
    assert capture.counters.rejected["not-mgcp"] == 1
    assert not call_files(capture)


def test_a_connection_that_is_made_anew_is_of_the_same_call(tmp_path: Path) -> None:
    """The identifier names the call, not the connection (RFC 3435, 2.1.4)."""
    wire = Wire()
    trunk = Line(wire, count(1), "192.0.2.50", 16_384, "s0/su1/ds1-0/1@gw")
    first, second = ("192.0.2.21", 20_000), ("192.0.2.22", 22_000)
    trunk.creates(0.0, "sendrecv", far=first)
    wire.speech(0.1, 1.0, trunk.place, first, seed=1)
    trunk.is_told(1.2, "DLCX", CALL, "I: FDE234C8")
    trunk.port = 16_386
    trunk.creates(1.3, "sendrecv", far=second)
    wire.speech(1.4, 14.0, trunk.place, second, seed=2)
    trunk.is_told(16.0, "DLCX", CALL, "I: FDE234C8")
    batches = [wire.batch(end=1.25), wire.batch(start=1.25, end=8.0), wire.batch(start=8.0)]
    (file,) = call_files(captured(tmp_path / "spool", batches))
    assert [event.kind for event in file.call.events] == ["answered", "end"]
    assert (file.call.duration, file.call.parties[0].packets.written) == (pytest.approx(16.0, abs=0.1), 750)


def test_a_line_with_two_connections_is_in_its_call_until_both_are_gone(tmp_path: Path) -> None:
    wire = Wire()
    line = Line(wire, count(1), "192.0.2.50", 16_384, "aaln/1@gw")
    far = [("192.0.2.21", 20_000), ("192.0.2.22", 22_000)]
    for index in range(2):
        number = 100 + index
        command = gateway.command(
            "CRCX", number, line.name, CALL, "M: confrnce", sdp=gateway.description(*far[index])
        )
        wire.udp(index, command, AGENT, (line.host, 2427))
        sdp = gateway.description(line.host, line.port + 2 * index)
        wire.udp(
            index + 0.1, gateway.response(200, number, f"I: {index}A", sdp=sdp), (line.host, 2427), AGENT
        )
    line.is_told(2.0, "DLCX", CALL, "I: 1a")
    wire.speech(2.1, 14.0, far[0], line.place)
    line.is_told(17.0, "DLCX", CALL, "I: 0A")
    (file,) = call_files(captured(tmp_path / "spool", [wire.batch(end=8.0), wire.batch(start=8.0)]))
    assert file.call.duration == pytest.approx(17.0, abs=0.1)
    assert sum(party.packets.written for party in file.call.parties) == 700


def test_a_gateway_may_say_where_it_receives_before_its_final_answer(tmp_path: Path) -> None:
    wire = Wire()
    line = lines(wire)[0]
    command = gateway.command(
        "CRCX", 7, line.name, CALL, "M: sendrecv", sdp=gateway.description("192.0.2.21", 20)
    )
    wire.udp(0.0, command, AGENT, (line.host, 2427))
    pending = gateway.response(100, 7, "I: 1", sdp=gateway.description(*line.place), text="Pending")
    wire.udp(0.1, pending, (line.host, 2427), AGENT)
    wire.udp(0.5, gateway.response(200, 7), (line.host, 2427), AGENT)
    # From behind a NAT: only where it goes tells whose it is.
    wire.speech(0.6, 1.0, ("198.51.100.7", 40_000), line.place)
    call = one(tmp_path, wire)
    assert sum(party.packets.written for party in call.parties) == 50


def test_a_trunk_that_sends_a_fax_in_packets_of_its_own_is_told(tmp_path: Path) -> None:
    """By the call agent's command (RFC 5347, 2); the gateway agrees."""
    wire = Wire()
    trunk = Line(wire, count(1), "192.0.2.50", 16_384, "s0/su1/ds1-0/1@gw")
    far = ("192.0.2.21", 20_000)
    trunk.creates(0.0, "sendrecv", far=far)
    wire.speech(0.1, 1.0, trunk.place, far, seed=1)
    images = [
        gateway.description(*place).replace(b"m=audio", b"m=image").replace(b"RTP/AVP 0 101", b"udptl t38")
        for place in (trunk.place, far)
    ]
    for at, number in ((2.0, 900), (2.5, 901)):
        command = gateway.command("MDCX", number, trunk.name, CALL, "I: FDE234C8", sdp=images[1])
        wire.udp(at, command, AGENT, (trunk.host, 2427))
        wire.udp(at + 0.01, gateway.response(200, number, sdp=images[0]), (trunk.host, 2427), AGENT)
    for number in range(50):
        wire.udp(3.0 + 0.02 * number, bytes([0x80, number]) + bytes(range(60)), trunk.place, far)
    trunk.is_told(6.0, "DLCX", CALL)
    call = one(tmp_path, wire)
    assert [(event.kind, event.detail) for event in call.events if event.kind == "fax"] == [
        ("fax", {"by": "t38"})
    ]
    assert call.parties[0].packets.written == 50


def test_an_agent_that_takes_over_from_another_one_goes_on_with_its_call(tmp_path: Path) -> None:
    wire = Wire()
    lines_ = conversation(wire)
    before = [len(wire.sent)]
    wire.sent = [(at, frame) for at, frame in wire.sent if at < 6.0]
    assert len(wire.sent) < before[0]
    for line in lines_:
        line.agent = ("192.0.2.11", 2727)
        line.changes(6.5, "inactive")
        line.changes(7.5, "sendrecv")
        line.is_told(9.0, "DLCX", CALL, "I: FDE234C8")
    call = one(tmp_path, wire)
    assert len(call.legs) == 1
    assert (call.end - call.start).total_seconds() == pytest.approx(9.0, abs=0.02)
    assert [event.kind for event in call.events] == ["ringing", "answered", "hold", "resume", "end"]


def test_a_call_whose_media_goes_past_the_tap_lasts_until_it_is_hung_up(tmp_path: Path) -> None:
    wire = Wire()
    anna, bernd = lines(wire)
    dials(anna, bernd)
    bernd.tells(3.0, "L/hd")
    anna.changes(3.1, "sendrecv")
    bernd.tells(400.0, "L/hu")
    for line in (anna, bernd):
        line.is_told(400.05, "DLCX", CALL, "I: FDE234C8")
    (file,) = call_files(watched(tmp_path / "spool", wire.batch()))
    assert (file.call.duration, file.call.events[-1].kind) == (pytest.approx(397, abs=0.1), "end")
