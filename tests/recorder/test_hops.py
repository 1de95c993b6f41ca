"""Dialogs of which a tap sees several hops, one way, or not all: each is one call, counted once."""

from pathlib import Path

import pytest

from recorder.protocol.sip import SipMessage
from storage.model import CallState
from tests.recorder.assembly.messages import Talk, sdp
from tests.recorder.switchboard import AGENT, CUSTOMER, PBX, Line, Wire, heard

NUMBERS = (CUSTOMER.number, AGENT.number)


def via(branch: str, method: str = "INVITE") -> dict[str, str]:
    return {"Via": f"SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK{branch}", "CSeq": f"1 {method}"}


def hops(wire: Wire, second: str = "one@test", tag: str = "a") -> tuple[Line, Line]:
    """A dialog of customer and agent on both hops of a proxy, or of an agent that keeps the Call-ID."""
    here = wire.line("one", (CUSTOMER.host, PBX), NUMBERS)
    there = wire.line("two", (PBX, AGENT.host), NUMBERS)
    there.call_id = second
    before = here.talk
    behind = Talk(second, f"<sip:{CUSTOMER.number}@test>;tag={tag}", before.called)
    here.says(0, before.request(body=sdp(here.hosts[0], here.ports[0]), **via("own")))
    there.says(0.01, behind.request(body=sdp(there.hosts[0], there.ports[0]), **via("hop")))
    there.says(1, behind.response(200, sdp(there.hosts[1], there.ports[1]), **via("hop")), from_called=True)
    here.says(1.01, before.response(200, sdp(here.hosts[1], here.ports[1]), **via("own")), from_called=True)
    return here, there


@pytest.mark.parametrize("tag", ["a", "another"], ids=["proxy", "agent"])
def test_both_hops_of_a_dialog_through_a_relay_are_one_call_and_count_once(tmp_path: Path, tag: str) -> None:
    wire = Wire()
    here, there = hops(wire, tag=tag)
    for line, delay in ((here, 0.0), (there, 0.02)):
        line.carries(400, 1.1 + delay, 5)
        line.carries(700, 1.12 - delay, 5, from_called=True)
    for line in (here, there):
        line.says(5, Talk("one@test", f"<sip:8001@test>;tag={tag}").request("BYE", to_tag="b"))
    here.hangs_up(5.01)
    ((call, folder),) = wire.watched(tmp_path)
    assert [leg.call_id for leg in call.legs] == ["one@test"]
    assert [party.packets.received for party in call.parties] == [195, 195]
    assert [event.kind for event in call.events] == ["answered", "end"]
    assert (heard(folder, 0, 1, 3), heard(folder, 1, 1, 3)) == (400, 700)


def test_a_bye_that_is_seen_on_one_hop_ends_the_call(tmp_path: Path) -> None:
    wire = Wire()
    here, there = hops(wire)
    here.carries(400, 1.1, 5)
    there.hangs_up(5)
    ((call, _),) = wire.watched(tmp_path)
    assert (call.duration, call.events[-1].kind) == (pytest.approx(4, abs=0.1), "end")


def test_a_leg_whose_media_goes_past_the_tap_lives_with_its_call(tmp_path: Path) -> None:
    wire = Wire()
    here, there = hops(wire, second="two@test", tag="z")
    here.carries(400, 1.1, 130)
    here.hangs_up(130)
    there.says(130.01, Talk("two@test", "<sip:8001@test>;tag=z").request("BYE", to_tag="b"))
    ((call, _),) = wire.watched(tmp_path)
    assert [event.kind for event in call.events] == ["answered", "end"]
    assert [(leg.end - leg.start).total_seconds() for leg in call.legs] == pytest.approx([130, 130], abs=0.1)


def test_a_call_of_which_only_one_way_is_seen_was_answered(tmp_path: Path) -> None:
    wire = Wire()
    line = wire.line("one", (CUSTOMER.host, PBX), NUMBERS)
    line.says(0, line.talk.request(body=sdp(CUSTOMER.host, line.ports[0]), **via("own")))
    line.says(2, line.talk.request("ACK", to_tag="b", **via("later", "ACK")))
    line.carries(400, 2, 5)
    line.hangs_up(5)
    ((call, _),) = wire.watched(tmp_path)
    assert (call.state, call.duration) == (CallState.ANSWERED, pytest.approx(3, abs=0.1))


def test_a_call_that_is_captured_from_its_middle_on_is_as_long_as_it_was_heard(tmp_path: Path) -> None:
    wire = Wire()
    line = wire.line("one", (CUSTOMER.host, PBX), NUMBERS)
    line.carries(400, 0, 8)
    line.carries(700, 0, 8, from_called=True)
    line.says(5, line.talk.request(body=sdp(CUSTOMER.host, line.ports[0]), to_tag="b"))
    line.says(5.1, line.talk.response(200, sdp(PBX, line.ports[1])), from_called=True)
    line.hangs_up(8)
    ((call, _),) = wire.watched(tmp_path)
    assert call.recording is not None
    assert (call.duration, call.recording.seconds) == pytest.approx((8, 8), abs=0.1)
    assert call.answered == call.start


def test_sequence_numbers_and_methods_may_be_parted_by_any_white_space() -> None:
    message = SipMessage.parse(b"SIP/2.0 200 OK\r\nCSeq:\t7 \t INVITE\r\n\r\n")
    assert (message.cseq.number, message.method) == (7, "INVITE")
