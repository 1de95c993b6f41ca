"""The same call by whatever way its signalling and its media come."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from recorder.batch import Batch
from recorder.capture import Capture
from recorder.taps.capture_file import CaptureFileTap
from storage.model import CallState
from tests.recorder.assembly.messages import Talk, sdp
from tests.recorder.frames import SECOND, START
from tests.recorder.protocol.tcp_talk import Talk as Connection
from tests.recorder.recording import call_files, captured, matched, traffic
from tests.recorder.streamed import Line, PlainLine, WebSocketLine, over_tcp, whole
from tests.recorder.wire import Wire


@pytest.mark.parametrize(("size", "line"), [(5000, PlainLine), (200, PlainLine), (300, WebSocketLine)])
def test_calls_over_tcp_and_websockets_are_as_over_udp(
    tmp_path: Path, size: int, line: Callable[[], Line]
) -> None:
    batches, truths = traffic(legs=2)
    batch = whole(batches)
    plain = [file.call for file in call_files(captured(tmp_path / "udp", [batch]))]
    streamed = [file.call for file in call_files(captured(tmp_path / "tcp", [over_tcp(batch, size, line)]))]
    for call, other in zip(streamed, plain, strict=True):
        assert (call.from_, call.to, call.agent, call.state) == (
            other.from_,
            other.to,
            other.agent,
            other.state,
        )
        assert (call.start, call.answered, call.end) == (other.start, other.answered, other.end)
        assert len(call.legs) == 2
        assert [party.packets for party in call.parties] == [party.packets for party in other.parties]
    matched(streamed, truths)


def test_a_mirror_that_shows_everything_twice_changes_nothing(tmp_path: Path) -> None:
    batches, _ = traffic(legs=2, hold=1.0)
    batch = whole(batches)
    twice = np.repeat(np.arange(len(batch)), 2)
    doubled = Batch(
        batch.data, batch.offsets[twice], batch.lengths[twice], batch.wire_lengths[twice], batch.times[twice]
    )
    once, both = captured(tmp_path / "once", [batch]), captured(tmp_path / "both", [doubled])
    assert both.counters.sip == once.counters.sip
    assert both.counters.rejected["copied-sip"] == once.counters.sip
    for call, other in zip(call_files(both), call_files(once), strict=True):
        assert call.call.events == other.call.events
        assert call.call.legs == other.call.legs
        for party, plain in zip(call.call.parties, other.call.parties, strict=True):
            assert party.packets.written == plain.packets.written
            assert party.packets.duplicate == plain.packets.received


@pytest.mark.parametrize("end", [Capture.finish, Capture.stop])
def test_an_answer_behind_a_lost_segment_is_heard_when_the_capture_ends(
    tmp_path: Path, end: Callable[[Capture], None]
) -> None:
    one, connection, wire = Talk(), Connection(), Wire()
    wire.sent += [(0, frame) for frame in connection.open()]
    wire.tcp(0.1, connection, bytes(one.request(body=sdp("192.0.2.1", 4000))))
    wire.tcp(0.2, connection, bytes(one.response(100)), from_client=False)
    wire.sent.pop()
    answer = bytes(one.response(200, sdp("192.0.2.2", 5000)))
    wire.tcp(0.5, connection, answer, from_client=False)
    wire.speech(0.6, 1, ("192.0.2.1", 4000), ("192.0.2.2", 5000))
    capture = Capture(tmp_path)
    capture.feed(wire.batch())
    end(capture)
    (file,) = call_files(capture)
    assert file.call.answered is not None
    assert file.call.answered.timestamp() == START / SECOND + 0.5


@pytest.mark.parametrize("is_port_changed", [False, True])
def test_both_sides_of_a_translator_of_addresses_count_once(tmp_path: Path, is_port_changed: bool) -> None:
    """The caller is at 10.0.0.5 behind it, and offers the address that it has outside."""
    one, outside, inside, called = Talk(), ("192.0.2.1", 4000), ("10.0.0.5", 4000), ("192.0.2.2", 5000)
    behind = ("10.0.0.5", 7000) if is_port_changed else inside
    wire = Wire()
    for delay, port, caller in ((0.0, 5060, outside), (0.0002, 5060 - 20 * is_port_changed, behind)):
        ends = (caller[0], port), (called[0], 5060)
        wire.udp(delay, bytes(one.request(body=sdp(*outside))), *ends)
        wire.udp(0.5 + delay, bytes(one.response(200, sdp(*called))), *ends[::-1])
        wire.speech(1 + delay, 4, caller, called, seed=1)
        wire.speech(1.01 + delay, 4, called, caller, seed=2)
        wire.udp(5.5 + delay, bytes(one.request("BYE", to_tag="b")), *ends)
    (file,) = call_files(captured(tmp_path, [wire.batch()]))
    assert [party.packets.received for party in file.call.parties] == [200, 200]
    assert [party.packets.expected for party in file.call.parties] == [200, 200]


@pytest.mark.captures
def test_a_real_call_over_tcp_has_its_people_and_both_legs(tmp_path: Path, captures: Path) -> None:
    with CaptureFileTap(captures / "15_tcp" / "capture.pcap") as tap:
        (file,) = call_files(captured(tmp_path, tap))
    call = file.call
    assert (call.from_, call.to, call.agent) == ("15551230001", "1001", "1001")
    assert (call.state, len(call.legs)) == (CallState.ANSWERED, 2)
    assert call.duration == pytest.approx(25, abs=0.3)
    assert [party.packets.received for party in call.parties] == [1250, 1250]
