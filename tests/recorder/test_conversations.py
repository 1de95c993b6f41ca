"""Which legs are one conversation, on the wire as PBXs and border controllers send them."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from recorder.assembly.numbering import Numbering
from recorder.capture import CaptureOptions
from storage.model import CallState, Side
from tests.recorder.assembly.messages import sdp
from tests.recorder.switchboard import AGENT, COLLEAGUE, CUSTOMER, PBX, Wire, heard
from tests.recorder.voices import (
    CALLED,
    CALLER,
    INSIDE,
    SBC,
    SERVER,
    Sound,
    begin,
    end,
    lines,
    same,
    says,
    through,
    voice,
)

CALLED_QUEUE = (CUSTOMER.host, PBX, CUSTOMER.number, "500")
QUEUE_CALLED = (PBX, AGENT.host, "500", AGENT.number)


def conversations(wire: Wire, tmp_path: Path) -> list[list[str]]:
    """The dialogs of each call."""
    return [[leg.call_id.removesuffix("@test") for leg in call.legs] for call, _ in wire.recorded(tmp_path)]


@pytest.mark.parametrize(
    "hops",
    [
        [
            (CUSTOMER.host, INSIDE, "111", "222"),
            (INSIDE, PBX, "333", "444"),
            (PBX, AGENT.host, "555", "666"),
        ],
        [
            (CUSTOMER.host, INSIDE, "111", "800"),
            (INSIDE, PBX, "111", "800"),
            (PBX, AGENT.host, "queue", "201"),
        ],
        [
            (CUSTOMER.host, INSIDE, "111", "800"),
            (INSIDE, PBX, "111", "800"),
            (PBX, SERVER, "queue", "201"),
            (SERVER, AGENT.host, "queue", "201"),
        ],
        [(CUSTOMER.host, SBC, "+49301234567", "+49891234800"), (INSIDE, AGENT.host, "0301234567", "201")],
        [(CUSTOMER.host, SBC, "111", "222"), (INSIDE, AGENT.host, "333", "444")],
        [
            (CUSTOMER.host, SBC, "111", "222"),
            (SBC, PBX, "333", "444"),
            (PBX, SBC, "555", "666"),
            (SBC, AGENT.host, "777", "888"),
        ],
    ],
    ids=["hidden", "third-hidden", "pairs", "rewritten", "two-addresses-hidden", "twice-through-one"],
)
def test_a_chain_of_legs_is_one_conversation_whatever_its_numbers(
    tmp_path: Path, hops: list[tuple[str, str, str, str]]
) -> None:
    wire = Wire()
    legs = lines(wire, "leg", *hops)
    begin(legs)
    through(legs, CALLER, CALLED, 1, 6)
    end(legs, 6)
    ((call, folder),) = wire.recorded(tmp_path)
    assert len(call.legs) == len(hops)
    assert [heard(folder, 0, 1, 4), heard(folder, 1, 1, 4)] == [CUSTOMER.voice, AGENT.voice]


def test_an_agent_who_answers_after_a_long_wait_is_part_of_the_conversation(tmp_path: Path) -> None:
    wire = Wire()
    legs = lines(wire, "leg", (CUSTOMER.host, PBX, "111", "800"), (PBX, AGENT.host, "queue", "201"))
    legs[0].begins(0)
    says(legs[0], CALLER, 0.2, 15)
    says(legs[0], voice(300), 0.2, 15, called=True)
    legs[1].begins(15)
    through(legs, CALLER, CALLED, 15.2, 18)
    end(legs, 18)
    assert conversations(wire, tmp_path) == [["leg0", "leg1"]]


@pytest.mark.parametrize("payload", [bytes([n]) + bytes(range(19)) for n in range(24)])
def test_a_codec_that_is_fed_silence_says_the_same_in_every_call(tmp_path: Path, payload: bytes) -> None:
    wire = Wire()
    one, another = lines(wire, "call", (CUSTOMER.host, PBX, "111", "800"), (PBX, AGENT.host, "222", "201"))
    begin([one, another])
    for line in (one, another):
        says(line, same(payload), 1, 4, kind=18)
        line.hangs_up(4)
    assert conversations(wire, tmp_path) == [["call0"], ["call1"]]


@pytest.mark.parametrize("apart", [0.0, 0.1, 0.3, 0.5])
def test_an_announcement_to_two_callers_makes_no_conversation_of_theirs(tmp_path: Path, apart: float) -> None:
    wire = Wire()
    first = lines(wire, "a", (CUSTOMER.host, INSIDE, "111", "800"), (INSIDE, SERVER, "x", "y"))
    second = lines(wire, "b", (CUSTOMER.host, INSIDE, "222", "801"), (INSIDE, SERVER, "p", "q"))
    begin([*first, *second])
    through(first, None, voice(900, since=1), 1, 4)
    through(second, None, voice(900, since=1 + apart), 1 + apart, 4 + apart)
    through(first, CALLER, CALLED, 5, 7)
    through(second, voice(500), voice(1300), 5, 7)
    end([*first, *second], 7)
    assert conversations(wire, tmp_path) == [["a0", "a1"], ["b0", "b1"]]


@pytest.mark.parametrize("gateways", [("198.51.100.7", "198.51.100.7"), ("198.51.100.8", "198.51.100.9")])
def test_servers_that_say_the_same_to_callers_of_one_number_make_no_conversation_of_theirs(
    tmp_path: Path, gateways: tuple[str, str]
) -> None:
    """Wherever the carrier of both wants its media."""
    wire = Wire()
    calls = lines(
        wire, "call", *((CUSTOMER.host, server, CUSTOMER.number, "800") for server in (SERVER, INSIDE))
    )
    for line, gateway in zip(calls, gateways, strict=True):
        line.says(0, line.talk.request(body=sdp(gateway, line.ports[0])))
        line.says(0.1, line.talk.response(200, sdp(line.hosts[1], line.ports[1])), from_called=True)
        through([replace(line, hosts=(gateway, line.hosts[1]))], None, voice(300), 1, 5)
    end(calls, 5)
    assert sorted(conversations(wire, tmp_path)) == [["call0"], ["call1"]]


def test_two_servers_behind_one_pbx_that_say_the_same_keep_their_callers(tmp_path: Path) -> None:
    wire = Wire()
    first = lines(wire, "a", (CUSTOMER.host, PBX, "111", "800"), (PBX, SERVER, "x", "y"))
    second = lines(wire, "b", ("198.51.100.8", PBX, "222", "801"), (PBX, INSIDE, "p", "q"))
    begin([*first, *second])
    for legs in (first, second):
        through(legs, None, voice(300, since=1), 1, 5)
    through(first, CALLER, CALLED, 5, 7)
    through(second, voice(500), voice(900), 5, 7)
    end([*first, *second], 7)
    assert sorted(map(sorted, conversations(wire, tmp_path))) == [["a0", "a1"], ["b0", "b1"]]


@pytest.mark.parametrize("after", [0.05, 2])
def test_who_is_called_once_more_on_the_same_way_is_in_a_call_of_their_own(
    tmp_path: Path, after: float
) -> None:
    """A PBX calls somebody back to whom a colleague is talking."""
    wire = Wire()
    trunk = (PBX, CUSTOMER.host, "4969700800", CUSTOMER.number)
    legs = lines(wire, "a", (AGENT.host, PBX, AGENT.number, f"0{CUSTOMER.number}"), trunk)
    (again,) = lines(wire, "b", trunk)
    begin(legs)
    again.begins(after)
    through(legs, CALLER, CALLED, 1, 6)
    through([again], voice(500), voice(900), 3, 6)
    end([*legs, again], 6)
    assert conversations(wire, tmp_path) == [["a0", "a1"], ["b0"]]


@pytest.mark.parametrize("said", [CALLER, None], ids=["caller", "called"])
def test_of_whom_only_one_is_heard_at_a_border_is_in_one_call(tmp_path: Path, said: Sound | None) -> None:
    """Behind a controller with two addresses; music is no proof, as all who wait hear it."""
    wire = Wire()
    numbers = CUSTOMER.number, "800"
    legs = lines(wire, "leg", (CUSTOMER.host, SBC, *numbers), (INSIDE, PBX, f"00{CUSTOMER.number}", "800"))
    begin(legs)
    through(legs, said, None if said else CALLED, 1, 5)
    end(legs, 5)
    assert conversations(wire, tmp_path) == [["leg0", "leg1"]]


def test_a_call_of_the_company_to_whom_another_one_was_sent_on_is_another_call(tmp_path: Path) -> None:
    """Somebody calls while the PBX has a colleague of theirs on a mobile, with the number of the company."""
    wire = Wire()
    hops = [
        (CUSTOMER.host, INSIDE, "4989555555", "800"),
        (INSIDE, PBX, "4989555555", "800"),
        (PBX, INSIDE, "4989555555", "491511"),
        (INSIDE, CUSTOMER.host, "4989555555", "491511"),
    ]
    first, second = lines(wire, "a", *hops), lines(wire, "b", *hops[:2])
    begin(first)
    through(first, CALLER, CALLED, 1, 8)
    second[1].begins(5)
    through(second[1:], voice(500), voice(900), 5.3, 8)
    end([*first, second[1]], 8)
    assert conversations(wire, tmp_path) == [["a0", "a1", "a2", "a3"], ["b1"]]


def test_an_application_that_passes_a_call_back_is_asked_twice(tmp_path: Path) -> None:
    """For the caller and for the called party, with the same numbers each time (3GPP TS 23.228, 5.4.11)."""
    wire = Wire()
    numbers = CUSTOMER.number, "4969700800"
    hosts = (CUSTOMER.host, PBX, SERVER, PBX, SERVER, PBX, AGENT.host)
    legs = lines(wire, "leg", *((a, b, *numbers) for a, b in pairwise(hosts)))
    begin(legs)
    for line in legs:
        through([line], voice(400 + 100 * legs.index(line)), None, 1, 2)
    end(legs, 6)
    assert conversations(wire, tmp_path) == [[f"leg{number}" for number in range(6)]]


def test_music_for_all_who_wait_makes_no_conversation_of_theirs(tmp_path: Path) -> None:
    wire = Wire()
    waiting = lines(wire, "call", *((f"198.51.100.{n}", PBX, f"1390000000{n}", "800") for n in range(1, 6)))
    begin(waiting)
    for line in waiting:
        through([line], None, voice(300), 1, 6)
    end(waiting, 6)
    assert conversations(wire, tmp_path) == [[f"call{n}"] for n in range(5)]


def test_a_queue_that_rings_one_agent_after_the_other_is_one_call(tmp_path: Path) -> None:
    wire = Wire()
    customer, first, second = lines(
        wire,
        "leg",
        (CUSTOMER.host, PBX, CUSTOMER.number, "500"),
        (PBX, AGENT.host, CUSTOMER.number, AGENT.number),
        (PBX, COLLEAGUE.host, CUSTOMER.number, COLLEAGUE.number),
    )
    customer.begins(0)
    first.says(15, first.talk.request(body=sdp(first.hosts[0], first.ports[0])))
    first.says(20, first.talk.request("CANCEL"))
    first.says(20.1, first.talk.response(487), from_called=True)
    second.begins(21)
    end([customer, second], 25)
    ((call, _),) = wire.recorded(tmp_path)
    assert (call.from_, call.to, call.agent) == (CUSTOMER.number, "500", COLLEAGUE.number)
    assert [leg.state for leg in call.legs] == ["answered", "cancelled", "answered"]
    (unanswered,) = (event for event in call.events if event.kind == "no-answer")
    assert (unanswered.side, unanswered.detail["number"]) == (Side.B, AGENT.number)
    assert "cancelled" not in [event.kind for event in call.events]


def test_a_call_that_goes_on_to_a_mobile_was_answered_by_no_agent(tmp_path: Path) -> None:
    wire = Wire()
    customer, agent, mobile = lines(
        wire,
        "leg",
        (CUSTOMER.host, PBX, CUSTOMER.number, AGENT.number),
        (PBX, AGENT.host, CUSTOMER.number, AGENT.number),
        (PBX, CUSTOMER.host, CUSTOMER.number, "01729999999"),
    )
    customer.begins(0)
    agent.says(0.1, agent.talk.request(body=sdp(agent.hosts[0], agent.ports[0])))
    agent.says(5, agent.talk.request("CANCEL"))
    agent.says(5.1, agent.talk.response(487), from_called=True)
    mobile.begins(7)
    through([customer, mobile], CALLER, CALLED, 7.2, 9)
    end([customer, mobile], 9)
    ((call, _),) = wire.recorded(tmp_path)
    assert (call.to, call.agent, call.state) == (AGENT.number, "", CallState.ANSWERED)
    assert call.parties[1].number == "01729999999"


@pytest.mark.parametrize(
    ("hops", "agent"),
    [
        ([CALLED_QUEUE], ""),
        ([CALLED_QUEUE, QUEUE_CALLED], AGENT.number),
        ([QUEUE_CALLED], AGENT.number),
        ([(AGENT.host, PBX, AGENT.number, "500")], AGENT.number),
        ([(PBX, CUSTOMER.host, "500", CUSTOMER.number)], ""),
    ],
    ids=["nobody", "answered", "only-the-agent-seen", "an-agent-calls-it", "calls-out"],
)
def test_what_the_pbx_answers_by_itself_is_nobodys_number(
    tmp_path: Path, hops: list[tuple[str, str, str, str]], agent: str
) -> None:
    wire = Wire()
    legs = lines(wire, "leg", *hops)
    begin(legs, 0)
    through(legs, CALLER, CALLED, 1, 4)
    end(legs, 4)
    options = CaptureOptions(numbering=Numbering(services=(re.compile("5[0-9]{2}"),)))
    ((call, _),) = wire.watched(tmp_path, options)
    assert (call.agent, len(call.legs)) == (agent, len(hops))


def test_phones_that_need_not_ring_any_more_did_not_fail_to_answer(tmp_path: Path) -> None:
    wire = Wire()
    customer, first, second = lines(
        wire,
        "leg",
        (CUSTOMER.host, PBX, CUSTOMER.number, "500"),
        (PBX, AGENT.host, CUSTOMER.number, AGENT.number),
        (PBX, COLLEAGUE.host, CUSTOMER.number, COLLEAGUE.number),
    )
    customer.begins(0)
    first.says(1, first.talk.request(body=sdp(first.hosts[0], first.ports[0])))
    second.begins(1)
    first.says(1.2, first.talk.request("CANCEL"))
    end([customer, second], 5)
    ((call, _),) = wire.recorded(tmp_path)
    assert call.agent == COLLEAGUE.number
    assert not {"cancelled", "no-answer"} & {event.kind for event in call.events}


@pytest.mark.parametrize("border", [(INSIDE, INSIDE), (SBC, INSIDE)], ids=["one-address", "two-addresses"])
def test_copies_further_on_are_in_no_ledger(tmp_path: Path, border: tuple[str, str]) -> None:
    wire = Wire()
    numbers = CUSTOMER.number, AGENT.number
    legs = lines(
        wire,
        "leg",
        (CUSTOMER.host, border[0], *numbers),
        (border[1], PBX, *numbers),
        (PBX, SERVER, *numbers),
        (SERVER, AGENT.host, *numbers),
    )
    begin(legs)
    through(legs, CALLER, CALLED, 1, 4)
    end(legs, 4)
    ((call, _),) = wire.recorded(tmp_path)
    assert [party.packets.received for party in call.parties] == [150, 150]
