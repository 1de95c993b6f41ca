"""Calls between phones of different protocols, through the call manager that speaks them all."""

from itertools import count
from pathlib import Path

import pytest

from recorder.protocol.sccp_messages import INBOUND, OUTBOUND, State
from storage.model import Call, CallState, Direction, Side
from tests.recorder.assembly.messages import Talk as Dialog
from tests.recorder.protocol import gateway, skinny
from tests.recorder.protocol.tcp_talk import Talk
from tests.recorder.recording import call_files, captured
from tests.recorder.wire import Place, Wire

MANAGER = "192.0.2.10"
PHONE, TRUNK = ("192.0.2.21", 20_000), ("192.0.2.30", 16_384)
ANNA, OUTSIDE = ("8001", "Anna"), ("0015551230001", "")
VERSION = 17


def phone(wire: Wire, at: float, *, is_caller: bool) -> None:
    """A Skinny phone's part of a call that is answered at ``at``."""
    talk = Talk((PHONE[0], 50_000), (MANAGER, 2000))
    parties = (ANNA, OUTSIDE) if is_caller else (OUTSIDE, ANNA)
    kind = OUTBOUND if is_caller else INBOUND
    wire.tcp(0.2, talk, skinny.state(State.PROCEED if is_caller else State.RING_IN, 7), from_client=False)
    wire.tcp(0.2, talk, skinny.call_info(7, kind, *parties, VERSION), from_client=False)
    if is_caller:
        wire.tcp(0.3, talk, skinny.state(State.RING_OUT, 7), from_client=False)
    wire.tcp(at, talk, skinny.state(State.CONNECTED, 7), from_client=False)
    wire.tcp(at + 0.01, talk, skinny.open_receive(7, 5, version=VERSION), from_client=False)
    wire.tcp(at + 0.02, talk, skinny.receives(5, PHONE, version=VERSION))
    wire.tcp(at + 0.03, talk, skinny.start_media(7, 5, TRUNK, version=VERSION), from_client=False)
    wire.tcp(6.0, talk, skinny.state(State.ON_HOOK, 7), from_client=False)


def mgcp_trunk(wire: Wire, at: float, first: float = 0.25) -> None:
    """A gateway's part: its connection is made at ``first``, and told of the far end at ``at``."""
    numbers, name = count(10), "s0/su1/ds1-0/1@gw"

    def told(
        when: float, verb: str, *parameters: str, far: Place | None = None, answers: bool = False
    ) -> None:
        number = next(numbers)
        sdp = gateway.description(*far) if far else b""
        wire.udp(
            when,
            gateway.command(verb, number, name, "C: 77", *parameters, sdp=sdp),
            (MANAGER, 2427),
            (TRUNK[0], 2427),
        )
        local = gateway.description(*TRUNK) if answers else b""
        wire.udp(when + 0.005, gateway.response(200, number, sdp=local), (TRUNK[0], 2427), (MANAGER, 2427))

    told(first, "CRCX", "M: recvonly", answers=True)
    told(at, "MDCX", "M: sendrecv", far=PHONE)
    told(6.0, "DLCX")


def sip_trunk(wire: Wire, at: float, *, is_caller: bool) -> None:
    """A trunk of SIP to a gateway that calls, or is called."""
    ends = (TRUNK[0], MANAGER) if is_caller else (MANAGER, TRUNK[0])
    users = (OUTSIDE[0], ANNA[0]) if is_caller else (ANNA[0], OUTSIDE[0])
    dialog = Dialog(caller=f"<sip:{users[0]}@test>;tag=a", called=f"<sip:{users[1]}@test>")
    offer, answer = (TRUNK, PHONE) if is_caller else (PHONE, TRUNK)
    contents = [
        (0.1 if is_caller else at + 0.005, bytes(dialog.request(body=gateway.description(*offer))), ends),
        (at + 0.05, bytes(dialog.response(200, gateway.description(*answer))), ends[::-1]),
        (6.0, bytes(dialog.request("BYE", to_tag="b")), ends),
    ]
    for when, content, (source, destination) in contents:
        wire.udp(when, content, (source, 5060), (destination, 5060))


def speech(wire: Wire) -> None:
    wire.speech(3.2, 2.0, PHONE, TRUNK, seed=1)
    wire.speech(3.2, 2.0, TRUNK, PHONE, seed=2)


def only(tmp_path: Path, wire: Wire) -> Call:
    (file,) = call_files(captured(tmp_path / "spool", [wire.batch()]))
    assert file.plan is not None
    for channel, host in zip(file.plan.channels, (file.call.from_, file.call.to), strict=True):
        expected = PHONE[0] if host == ANNA[0] else TRUNK[0]
        assert {source.stream.partition(":")[0] for source in channel.sources} == {expected}
    return file.call


@pytest.mark.parametrize("told", [2.9, 3.02, 3.15])
@pytest.mark.parametrize("is_caller", [True, False])
def test_a_phone_and_a_trunk_of_mgcp_are_one_call_with_the_phones_sides(
    tmp_path: Path, told: float, is_caller: bool
) -> None:
    wire = Wire()
    phone(wire, 3.0, is_caller=is_caller)
    mgcp_trunk(wire, told)
    speech(wire)
    call = only(tmp_path, wire)
    assert (call.state, len(call.legs)) == (CallState.ANSWERED, 2)
    assert call.direction is (Direction.OUTBOUND if is_caller else Direction.INBOUND)
    assert {party.number for party in call.parties} == {ANNA[0], OUTSIDE[0]}
    assert [party.packets.written for party in call.parties] == [100, 100]


@pytest.mark.parametrize("is_caller", [True, False])
def test_a_phone_and_a_trunk_of_sip_are_one_call(tmp_path: Path, is_caller: bool) -> None:
    wire = Wire()
    phone(wire, 3.0, is_caller=is_caller)
    sip_trunk(wire, 3.0, is_caller=not is_caller)
    speech(wire)
    call = only(tmp_path, wire)
    assert (call.state, len(call.legs)) == (CallState.ANSWERED, 2)
    assert call.agent == ANNA[0]
    assert [party.packets.written for party in call.parties] == [100, 100]
    assert call.events[-1].side in (Side.A, Side.B)


def test_a_trunk_without_numbers_that_begins_a_call_has_those_of_the_phone(tmp_path: Path) -> None:
    """And so are they the call's: who calls in, whom, and which way."""
    wire = Wire()
    mgcp_trunk(wire, 3.1, first=0.1)
    phone(wire, 3.0, is_caller=False)
    speech(wire)
    (file,) = call_files(captured(tmp_path / "spool", [wire.batch()]))
    call = file.call
    assert (call.from_, call.to, call.direction) == (OUTSIDE[0], ANNA[0], Direction.INBOUND)
    assert call.agent == ANNA[0]
    assert {leg.call_id.partition("@")[0] for leg in call.legs} == {"77", "7"}
