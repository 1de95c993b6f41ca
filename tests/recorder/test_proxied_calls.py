"""Phones and a PBX behind a proxy that stays in the path (RFC 3261, 16.6), both sides of it on the wire."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from recorder.protocol.sip import SipMessage
from storage.model import CallState, Relation
from tests.recorder import frames
from tests.recorder.assembly.messages import sdp
from tests.recorder.switchboard import AGENT, COLLEAGUE, CUSTOMER, PBX, Line, Wire, heard
from tests.recorder.voices import CALLED, CALLER, through, voice

PROXY = "192.0.2.5"


@dataclass
class Proxied(Line):
    """A dialog whose every message is seen on its way to the proxy and on its way from there."""

    def says(self, at: float, message: SipMessage, *, from_called: bool = False) -> None:
        first, last = self.hosts[::-1] if from_called else self.hosts
        self.wire.put(at, frames.udp(bytes(message)), first, PROXY)
        self.wire.put(at + 0.001, frames.udp(bytes(message)), PROXY, last)


def line(wire: Wire, call_id: str, hosts: tuple[str, str], numbers: tuple[str, str]) -> Proxied:
    plain = wire.line(call_id, hosts, numbers)
    return Proxied(wire, plain.call_id, plain.hosts, plain.numbers, plain.ports)


def test_an_attended_transfer_behind_a_proxy_keeps_everybody_on_their_channel(tmp_path: Path) -> None:
    wire = Wire()
    customer = line(wire, "one", (CUSTOMER.host, PBX), (CUSTOMER.number, AGENT.number))
    agent = line(wire, "two", (PBX, AGENT.host), (CUSTOMER.number, AGENT.number))
    asking = line(wire, "three", (AGENT.host, PBX), (AGENT.number, COLLEAGUE.number))
    asked = line(wire, "four", (PBX, COLLEAGUE.host), (AGENT.number, COLLEAGUE.number))
    colleague = voice(COLLEAGUE.voice)
    customer.begins(0)
    agent.begins(0.02)
    through([customer, agent], CALLER, CALLED, 0.3, 4)
    agent.holds(4, called=True)
    asking.begins(4.2)
    asked.begins(4.22)
    through([asking, asked], CALLED, colleague, 4.5, 8)
    agent.refers(8.05, COLLEAGUE.number, replaces=asking, called=True)
    asking.hangs_up(8.1)
    agent.hangs_up(8.11, called=True)
    through([customer, asked], CALLER, colleague, 8.2, 12)
    customer.hangs_up(12)
    asked.hangs_up(12.01)
    (call, folder), (consultation, other) = wire.recorded(tmp_path)
    assert [leg.call_id for leg in call.legs] == ["one@test", "two@test", "four@test"]
    assert call.agent == COLLEAGUE.number
    assert [heard(folder, 0, at, at + 2) for at in (1, 8.5)] == [CUSTOMER.voice] * 2
    assert [heard(folder, 1, at, at + 2) for at in (1, 8.5)] == [AGENT.voice, COLLEAGUE.voice]
    assert [heard(other, 0, 0.2, 3), heard(other, 1, 0.2, 3)] == [AGENT.voice, COLLEAGUE.voice]
    assert [one.relation for one in call.related] == [Relation.CONSULTATION]
    assert [one.relation for one in consultation.related] == [Relation.CONSULTED_ABOUT]


@pytest.mark.parametrize("is_answered", [True, False])
def test_a_call_through_proxy_and_pbx_is_one(tmp_path: Path, is_answered: bool) -> None:
    """Whatever codecs the PBX speaks on both sides."""
    wire = Wire()
    customer = line(wire, "one", (CUSTOMER.host, PBX), (CUSTOMER.number, "800"))
    agent = line(wire, "two", (PBX, AGENT.host), (CUSTOMER.number, AGENT.number))
    for at, one in ((0, customer), (0.02, agent)):
        one.says(at, one.talk.request(body=sdp(one.hosts[0], one.ports[0])))
    for one in (agent, customer):
        if is_answered:
            one.says(1, one.talk.response(200, sdp(one.hosts[1], one.ports[1])), from_called=True)
        else:
            one.says(5, one.talk.request("CANCEL"))
    if is_answered:
        through([customer], CALLER, CALLED, 1.2, 4)
        through([agent], voice(500), voice(900), 1.2, 4)
        customer.hangs_up(4)
        agent.hangs_up(4)
    ((call, _),) = wire.recorded(tmp_path)
    assert (call.from_, call.agent) == (CUSTOMER.number, AGENT.number)
    assert call.state is (CallState.ANSWERED if is_answered else CallState.CANCELLED)


def test_who_picks_up_behind_a_proxy_is_the_called_party(tmp_path: Path) -> None:
    wire = Wire()
    customer = line(wire, "one", (CUSTOMER.host, PBX), (CUSTOMER.number, AGENT.number))
    ringing = line(wire, "two", (PBX, AGENT.host), (CUSTOMER.number, AGENT.number))
    fetching = line(wire, "three", (COLLEAGUE.host, PBX), (COLLEAGUE.number, AGENT.number))
    for at, one in ((0, customer), (0.02, ringing)):
        one.says(at, one.talk.request(body=sdp(one.hosts[0], one.ports[0])))
    fetching.begins(3, Replaces="two@test;to-tag=a;from-tag=b;early-only")
    ringing.says(3.2, ringing.talk.request("CANCEL"))
    customer.says(3.3, customer.talk.response(200, sdp(PBX, customer.ports[1])), from_called=True)
    through([customer], CALLER, voice(COLLEAGUE.voice), 3.4, 7)
    through([fetching], voice(COLLEAGUE.voice), CALLER, 3.4, 7)
    customer.hangs_up(7)
    fetching.hangs_up(7.01)
    ((call, folder),) = wire.recorded(tmp_path)
    assert call.agent == COLLEAGUE.number
    assert [heard(folder, 0, 0.2, 3), heard(folder, 1, 0.2, 3)] == [CUSTOMER.voice, COLLEAGUE.voice]
