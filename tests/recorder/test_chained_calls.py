"""Calls on a wire where a border controller before the PBX shows each of them twice: what the PBX does at its
end of the chain is heard there."""

from pathlib import Path

import pytest

from storage.model import Direction, Relation, Side
from tests.recorder.switchboard import AGENT, COLLEAGUE, CUSTOMER, PBX, Line, Wire, heard
from tests.recorder.voices import CALLED, CALLER, HOP, INSIDE, SBC, begin, end, lines, says, through, voice

IN = ((CUSTOMER.host, INSIDE, CUSTOMER.number, "800"), (INSIDE, PBX, CUSTOMER.number, "800"))
OUT = ((PBX, INSIDE, "4969700800", CUSTOMER.number), (INSIDE, CUSTOMER.host, "4969700800", CUSTOMER.number))
TO_AGENT = (PBX, AGENT.host, "queue", AGENT.number)


@pytest.mark.parametrize("is_agent_first", [True, False], ids=["click-to-dial", "dialler"])
def test_a_call_that_the_pbx_makes_to_both_is_one(tmp_path: Path, is_agent_first: bool) -> None:
    wire = Wire()
    agent, *out = lines(wire, "leg", TO_AGENT, *OUT)
    first, second = ([agent], out) if is_agent_first else (out, [agent])
    begin(first)
    begin(second, 1)
    says(agent, CALLED, 1.5, 5, called=True)
    through(out, CALLED, CALLER, 1.5, 5)
    says(agent, CALLER, 1.5, 5, lag=2 * HOP)
    end([agent, *out], 5)
    ((call, folder),) = wire.recorded(tmp_path)
    assert (call.from_, call.to, call.agent) == (AGENT.number, CUSTOMER.number, AGENT.number)
    assert call.direction is Direction.OUTBOUND
    assert [party.packets.received for party in call.parties] == [175, 175]
    assert [heard(folder, 0, 0.1, 3), heard(folder, 1, 0.1, 3)] == [AGENT.voice, CUSTOMER.voice]


def test_agents_behind_the_border_controller_of_the_trunk_are_in_the_call(tmp_path: Path) -> None:
    """Both ways of each voice are between the same two hosts, the PBX and the controller."""
    wire = Wire()
    agent = lines(wire, "agent", (PBX, SBC, "queue", AGENT.number), (SBC, AGENT.host, "queue", AGENT.number))
    out = lines(wire, "out", (PBX, SBC, *OUT[0][2:]), (SBC, CUSTOMER.host, *OUT[0][2:]))
    begin(agent)
    begin(out, 1)
    # Something comes at once on both legs of the PBX.
    says(agent[0], voice(900), 1.3, 3.9)
    through(agent, None, CALLED, 1.5, 12)
    through(out, CALLED, None, 1.5, 12)
    through(out, None, CALLER, 4, 12)
    through(agent, CALLER, None, 4, 12)
    end([*agent, *out], 12)
    ((call, folder),) = wire.watched(tmp_path)
    assert len(call.legs) == 4
    assert [heard(folder, 0, 4, 9), heard(folder, 1, 4, 9)] == [AGENT.voice, CUSTOMER.voice]


def test_a_short_call_whose_end_is_seen_with_its_sound_is_one(tmp_path: Path) -> None:
    """As in a file, of which much is read at once; what the PBX holds back comes behind the end."""
    wire = Wire()
    agent = lines(wire, "agent", (PBX, SBC, "queue", AGENT.number), (SBC, AGENT.host, "queue", AGENT.number))
    out = lines(wire, "out", *OUT)
    begin(agent)
    begin(out, 1)
    for sound, way, called in ((CALLED, [*agent[::-1], *out], 2), (CALLER, [*out[::-1], *agent], 2)):
        for number, line in enumerate(way):
            says(line, sound, 1.5, 4, called=number < called, lag=0.06 * number)
    end([*agent, *out], 4)
    ((call, folder),) = wire.recorded(tmp_path)
    assert [heard(folder, 0, 0.1, 2), heard(folder, 1, 0.1, 2)] == [AGENT.voice, CUSTOMER.voice]
    assert call.to == CUSTOMER.number


@pytest.mark.parametrize("outside", [INSIDE, SBC], ids=["one-address", "two-addresses"])
def test_a_transfer_that_only_the_pbx_knows_of_is_heard(tmp_path: Path, outside: str) -> None:
    """Behind a controller that sends calls on to the PBX and, before, one of the PBX out again."""
    wire = Wire()
    into, out = (CUSTOMER.host, outside, *IN[0][2:]), (outside, CUSTOMER.host, "111", "222")
    before = lines(wire, "before", into, IN[1], (PBX, INSIDE, "111", "222"), out)
    begin(before, -0.5)
    through(before, voice(500), voice(900), 0, 10)
    end(before, 10)
    *customer, agent, asked = lines(
        wire, "leg", into, IN[1], TO_AGENT, (PBX, COLLEAGUE.host, AGENT.number, COLLEAGUE.number)
    )
    colleague = voice(COLLEAGUE.voice)
    begin([*customer, agent])
    through([*customer, agent], CALLER, CALLED, 0.3, 12)
    asked.begins(12.1)
    through(customer, CALLER, None, 12, 24)
    says(agent, CALLED, 12, 24, called=True)
    through([asked], CALLED, colleague, 12.3, 24)
    agent.hangs_up(24, called=True)
    through([*customer, asked], CALLER, colleague, 24, 32)
    end([*customer, asked], 32)
    _, (call, folder), (consultation, other) = wire.watched(tmp_path)
    assert [leg.call_id for leg in call.legs] == [f"leg{number}@test" for number in range(4)]
    assert [leg.call_id for leg in consultation.legs] == ["leg3@test"]
    assert [heard(folder, 1, 1, 10), heard(folder, 1, 25, 31)] == [AGENT.voice, COLLEAGUE.voice]
    assert heard(folder, 0, 25, 31) == CUSTOMER.voice
    assert [heard(other, 0, 1, 11), heard(other, 1, 1, 11)] == [AGENT.voice, COLLEAGUE.voice]
    assert [one.relation for one in call.related] == [Relation.CONSULTATION]
    (joined,) = (event for event in call.events if event.kind == "joined")
    assert (joined.side, joined.detail["number"]) == (Side.B, COLLEAGUE.number)


def test_who_waited_long_is_found_at_the_agent_whatever_the_number(tmp_path: Path) -> None:
    """As soon as one call has shown that the PBX passes calls on."""
    wire = Wire()
    before = lines(wire, "before", *IN, TO_AGENT)
    waiting = lines(wire, "leg", *IN)
    (agent,) = lines(wire, "agent", (PBX, COLLEAGUE.host, "queue", COLLEAGUE.number))
    _call(before, 0, 12)
    begin(waiting, 20)
    through(waiting, voice(500), None, 20.3, 40)
    through(waiting, None, voice(300), 20.3, 40)
    agent.begins(40)
    through([*waiting, agent], voice(500), voice(900), 40.3, 45)
    end([*waiting, agent], 45)
    _, (call, folder) = wire.watched(tmp_path)
    assert [leg.call_id for leg in call.legs] == ["leg0@test", "leg1@test", "agent0@test"]
    assert call.agent == COLLEAGUE.number
    assert [heard(folder, 0, 21, 24), heard(folder, 1, 21, 24)] == [500, 900]


def test_of_two_callers_of_one_company_each_has_the_agent_to_whom_they_talk(tmp_path: Path) -> None:
    """The one who has waited gets an agent as the other one calls."""
    wire = Wire()
    to_agents = ((PBX, phone.host, CUSTOMER.number, phone.number) for phone in (AGENT, COLLEAGUE))
    waiting, calling, (one, another) = (
        lines(wire, name, *hops) for name, hops in (("a", IN), ("b", IN), ("agent", to_agents))
    )
    begin(waiting)
    begin([calling[0]], 2)
    calling[1].says(2.01, calling[1].talk.request(body=b""))
    one.begins(2.05)
    calling[1].begins(2.2)
    through([*waiting, one], CALLER, CALLED, 2.3, 7)
    another.begins(4)
    through([*calling, another], voice(500), voice(900), 4.3, 7)
    end([*waiting, *calling, one, another], 7)
    found = [[leg.call_id.partition("@")[0] for leg in call.legs] for call, _ in wire.recorded(tmp_path)]
    assert found == [["a0", "a1", "agent0"], ["b0", "b1", "agent1"]]


def _call(legs: list[Line], start: float, stop: float) -> None:
    begin(legs, start)
    through(legs, CALLER, CALLED, start + 0.3, stop)
    end(legs, stop)
