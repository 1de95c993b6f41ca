"""Calls of which signalling explains some of the media, or none of it, seen on both sides of a host."""

from pathlib import Path

import pytest

from recorder.media import MediaBlock
from storage.model import Call, CallState
from tests.recorder.assembly.messages import Talk, sdp
from tests.recorder.finish.packets import packets, voice
from tests.recorder.finish.sealed import bodies, headers
from tests.recorder.recording import call_files, captured
from tests.recorder.wire import Place, Wire

ANNA, BERND = ("192.0.2.1", 4000), ("192.0.2.2", 5000)
PBX_IN, PBX_OUT = ("192.0.2.9", 7000), ("192.0.2.9", 7002)
OUTSIDE = ("203.0.113.1", 9000)
Way = tuple[Place, Place]
AGENT = Talk(call_id="agent@test")


def speech(seed: int, seconds: float = 8.0) -> MediaBlock:
    return packets(voice(seconds, seed=seed), 0, sequence=1000 * seed, timestamp=9000 * seed)


def heard(wire: Wire, block: MediaBlock, *ways: Way, at: float = 0.0) -> None:
    """The same packets on several ways, one after the other, each of its own SSRC where the port tells."""
    for index, (head, body) in enumerate(zip(headers(block), bodies(block), strict=True)):
        for hop, (source, destination) in enumerate(ways):
            wire.udp(at + 0.02 * index + 0.0005 * hop, head + body, source, destination)


def said(wire: Wire, at: float, message: object, source: Place, destination: Place) -> None:
    wire.udp(at, bytes(message), (source[0], 5060), (destination[0], 5060))  # type: ignore[call-overload]


def calls(folder: Path, wire: Wire) -> list[Call]:
    batches = wire.batch().within(50_000_000)
    return [file.call for file in call_files(captured(folder / "spool", batches))]


def agent_is_called(wire: Wire, at: float) -> None:
    """The PBX calls 8002, for whom somebody has been waiting since before the capture began."""
    said(wire, at, AGENT.request(body=sdp(*PBX_OUT)), PBX_OUT, BERND)
    said(wire, at + 1, AGENT.response(200, sdp(*BERND)), BERND, PBX_OUT)


def through_the_pbx(wire: Wire, at: float = 0.0, seconds: float = 8.0) -> None:
    heard(wire, speech(1, seconds), (ANNA, PBX_IN), (PBX_OUT, BERND), at=at)
    heard(wire, speech(2, seconds), (BERND, PBX_OUT), (PBX_IN, ANNA), at=at + 0.1)


def test_who_waited_since_before_the_capture_is_in_the_call_of_the_agent_with_its_numbers(
    tmp_path: Path,
) -> None:
    wire = Wire()
    heard(wire, speech(3, 2.0), (ANNA, PBX_IN))
    agent_is_called(wire, 1.0)
    through_the_pbx(wire, 2.1)
    (call,) = calls(tmp_path, wire)
    assert (call.state, call.from_, call.to) == (CallState.ANSWERED, "8001", "8002")
    assert [party.number for party in call.parties] == ["8001", "8002"]
    assert [party.packets.written for party in call.parties] == [500, 400]


def test_media_that_goes_directly_later_is_the_same_call(tmp_path: Path) -> None:
    """The agent's leg names the place of who waited: what nothing explained is part of it then."""
    wire = Wire()
    agent_is_called(wire, 0.0)
    through_the_pbx(wire, 1.1)
    again = {"CSeq": "2 INVITE"}
    said(wire, 6.0, AGENT.request(body=sdp(*ANNA), to_tag="b", **again), PBX_OUT, BERND)
    said(wire, 6.1, AGENT.response(200, sdp(*BERND), **again), BERND, PBX_OUT)
    (call,) = calls(tmp_path, wire)
    assert (call.state, call.from_) == (CallState.ANSWERED, "8001")
    assert [party.packets.written for party in call.parties] == [400, 400]


@pytest.mark.parametrize("is_agent_seen", [True, False])
def test_a_session_that_is_refreshed_on_one_hop_leaves_the_other_one_in_the_call(
    tmp_path: Path, is_agent_seen: bool
) -> None:
    wire = Wire()
    if is_agent_seen:
        agent_is_called(wire, 0.0)
    through_the_pbx(wire, 1.1)
    caller = Talk(call_id="caller@test")
    said(wire, 6.0, caller.request(body=sdp(*ANNA), to_tag="b"), ANNA, PBX_IN)
    said(wire, 6.1, caller.response(200, sdp(*PBX_IN)), PBX_IN, ANNA)
    (call,) = calls(tmp_path, wire)
    assert sorted(leg.call_id for leg in call.legs) == ["agent@test" if is_agent_seen else "", "caller@test"]
    assert (call.state, call.from_) == (CallState.ANSWERED, "8001")
    assert [party.packets.written for party in call.parties] == [400, 400]


def test_both_sides_of_a_relay_count_once(tmp_path: Path) -> None:
    wire = Wire()
    through_the_pbx(wire)
    (call,) = calls(tmp_path, wire)
    assert len(call.legs) == 2
    assert [party.number for party in call.parties] == ["192.0.2.1:4000", "192.0.2.2:5000"]
    assert [party.packets.written for party in call.parties] == [400, 400]


@pytest.mark.parametrize("later", [0.3, 0.0001, -0.3])
def test_media_before_and_behind_a_translator_of_addresses_is_one_call(tmp_path: Path, later: float) -> None:
    """Whoever speaks first: the sides of both are only guessed."""
    wire = Wire()
    heard(wire, speech(1), (ANNA, BERND), (OUTSIDE, BERND), at=1.0)
    heard(wire, speech(2), (BERND, OUTSIDE), (BERND, ANNA), at=1.0 + later)
    (call,) = calls(tmp_path, wire)
    assert len(call.legs) == 2
    assert [party.packets.written for party in call.parties] == [400, 400]


def test_one_who_is_heard_alone_before_and_behind_a_translator_is_recorded_once(tmp_path: Path) -> None:
    wire = Wire()
    heard(wire, speech(1), (ANNA, BERND), (OUTSIDE, BERND))
    (call,) = calls(tmp_path, wire)
    assert [party.packets.written for party in call.parties] == [400, 0]


def test_what_a_host_says_to_two_others_at_once_makes_no_call_of_them(tmp_path: Path) -> None:
    wire = Wire()
    heard(wire, speech(1), (PBX_IN, ANNA), (PBX_IN, BERND))
    heard(wire, speech(2), (ANNA, PBX_IN), at=0.2)
    heard(wire, speech(3), (BERND, PBX_IN), at=0.4)
    assert [len(call.legs) for call in calls(tmp_path, wire)] == [1, 1]


def test_who_sends_before_anybody_listens_is_in_one_call_behind_a_relay_though_silent(tmp_path: Path) -> None:
    """Silence proves nothing, and who was the first to send on a side of the relay is no caller for that."""
    wire = Wire()
    silence = packets(0 * voice(8.0), 0, sequence=1, timestamp=1)
    heard(wire, silence, (BERND, PBX_OUT))
    heard(wire, speech(1), (ANNA, PBX_IN), (PBX_OUT, BERND), at=0.5)
    heard(wire, silence, (PBX_IN, ANNA), at=1.0)
    (call,) = calls(tmp_path, wire)
    assert len(call.legs) == 2
    assert [party.packets.written for party in call.parties] == [400, 400]
