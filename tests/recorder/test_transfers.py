"""Attended transfers: who is heard in which recording, before and after."""

from dataclasses import replace
from pathlib import Path

import pytest

from recorder.assembly.phonelines import MOST
from recorder.capture import Capture
from recorder.recovery import recover
from storage.model import CallState, Direction, Relation, Side
from tests.recorder.assembly.messages import sdp
from tests.recorder.frames import SECOND
from tests.recorder.recording import call_files
from tests.recorder.switchboard import AGENT, COLLEAGUE, CUSTOMER, PBX, Line, Wire, heard

TALK, CONSULT, TRANSFER, END = (0.2, 4.0), (4.5, 8.0), 8.2, 12.0


class Office:
    """A customer who calls an agent through a PBX; the agent asks a colleague and hands the customer over."""

    def __init__(self) -> None:
        self.wire = Wire()
        line = self.wire.line
        self.customer = line("one", (CUSTOMER.host, PBX), (CUSTOMER.number, AGENT.number))
        self.agent = line("two", (PBX, AGENT.host), (CUSTOMER.number, AGENT.number))
        self.asking = line("three", (AGENT.host, PBX), (AGENT.number, COLLEAGUE.number))
        self.asked = line("four", (PBX, COLLEAGUE.host), (AGENT.number, COLLEAGUE.number))

    def begin(self) -> None:
        self.customer.begins(0.0)
        self.agent.begins(0.01)
        talk(self.customer, CUSTOMER.voice, AGENT.voice, *TALK)
        talk(self.agent, CUSTOMER.voice, AGENT.voice, *TALK)
        self.agent.holds(4.1, called=True)
        self.asking.begins(4.2)
        self.asked.begins(4.21)
        talk(self.asking, AGENT.voice, COLLEAGUE.voice, *CONSULT)
        talk(self.asked, AGENT.voice, COLLEAGUE.voice, *CONSULT)

    def go_on(self) -> None:
        talk(self.customer, CUSTOMER.voice, COLLEAGUE.voice, TRANSFER, END)
        talk(self.asked, CUSTOMER.voice, COLLEAGUE.voice, TRANSFER, END)
        self.customer.hangs_up(END)
        self.asked.hangs_up(END + 0.01)


def talk(line: Line, caller: int, called: int, start: float, end: float) -> None:
    line.carries(caller, start, end)
    line.carries(called, start, end, from_called=True)


@pytest.mark.parametrize("on_consultation", [False, True], ids=["refer-customer", "refer-colleague"])
def test_the_conversation_goes_on_with_the_colleague_and_the_consultation_stays_apart(
    tmp_path: Path, on_consultation: bool
) -> None:
    office = Office()
    office.begin()
    if on_consultation:
        office.asking.refers(8.05, CUSTOMER.number, replaces=office.agent)
        office.agent.hangs_up(8.1, called=True)
        office.asking.hangs_up(8.11)
    else:
        office.agent.refers(8.05, COLLEAGUE.number, replaces=office.asking, called=True)
        office.asking.hangs_up(8.1)
        office.agent.hangs_up(8.11, called=True)
    office.go_on()
    (call, folder), (consultation, other) = office.wire.recorded(tmp_path)

    assert (call.from_, call.agent, call.direction) == (CUSTOMER.number, COLLEAGUE.number, Direction.INBOUND)
    assert [leg.call_id for leg in call.legs] == ["one@test", "two@test", "four@test"]
    assert heard(folder, 0, 1, 3) == heard(folder, 0, 9, 11) == CUSTOMER.voice
    assert heard(folder, 1, 1, 3) == AGENT.voice
    assert heard(folder, 1, 4.5, 7.5) == 0
    assert heard(folder, 1, 9, 11) == COLLEAGUE.voice
    kinds = [(event.kind, event.side) for event in call.events]
    assert ("joined", Side.B) in kinds
    assert kinds[-1][0] == "end"

    assert (consultation.from_, consultation.to) == (AGENT.number, COLLEAGUE.number)
    assert (consultation.state, consultation.direction) == (CallState.ANSWERED, Direction.INTERNAL)
    assert consultation.recording is not None
    assert consultation.recording.seconds == pytest.approx(CONSULT[1] - CONSULT[0], abs=0.1)
    assert heard(other, 0, 0.5, 3) == AGENT.voice
    assert heard(other, 1, 0.5, 3) == COLLEAGUE.voice


def test_every_packet_of_a_dialog_that_goes_on_is_in_one_ledger(tmp_path: Path) -> None:
    office = Office()
    office.begin()
    office.agent.refers(8.05, COLLEAGUE.number, replaces=office.asking, called=True)
    office.asking.hangs_up(8.1)
    office.agent.hangs_up(8.11, called=True)
    office.go_on()
    (call, _), (consultation, _) = office.wire.recorded(tmp_path)
    spoken = (TALK[1] - TALK[0] + END - TRANSFER) * 50, (CONSULT[1] - CONSULT[0]) * 50
    for one, expected in zip((call, consultation), spoken, strict=True):
        for party in one.parties:
            assert (party.packets.received, party.packets.lost) == (round(expected), 0)


def test_a_colleague_who_called_the_agent_is_heard_on_the_agents_side(tmp_path: Path) -> None:
    office = Office()
    line = office.wire.line
    office.asked = line("three", (COLLEAGUE.host, PBX), (COLLEAGUE.number, AGENT.number))
    office.asking = line("four", (PBX, AGENT.host), (COLLEAGUE.number, AGENT.number))
    office.customer.begins(0.0)
    office.agent.begins(0.01)
    talk(office.agent, CUSTOMER.voice, AGENT.voice, *TALK)
    office.asked.begins(4.2)
    office.asking.begins(4.21)
    talk(office.asking, COLLEAGUE.voice, AGENT.voice, *CONSULT)
    office.agent.refers(8.05, COLLEAGUE.number, replaces=office.asking, called=True)
    office.asking.hangs_up(8.1, called=True)
    office.agent.hangs_up(8.11, called=True)
    talk(office.asked, COLLEAGUE.voice, CUSTOMER.voice, TRANSFER, END)
    office.customer.hangs_up(END)
    office.asked.hangs_up(END)
    (call, folder), _ = office.wire.recorded(tmp_path)
    assert heard(folder, 1, 9, 11) == COLLEAGUE.voice
    assert heard(folder, 0, 9, 11) == CUSTOMER.voice
    assert call.events[-1].kind == "end"


def test_phones_without_a_pbx_go_on_in_a_dialog_that_replaces_the_old_one(tmp_path: Path) -> None:
    wire = Wire()
    first = wire.line("one", (CUSTOMER.host, AGENT.host), (CUSTOMER.number, AGENT.number))
    asking = wire.line("two", (AGENT.host, COLLEAGUE.host), (AGENT.number, COLLEAGUE.number))
    second = wire.line("three", (CUSTOMER.host, COLLEAGUE.host), (CUSTOMER.number, COLLEAGUE.number))
    first.begins(0.0)
    talk(first, CUSTOMER.voice, AGENT.voice, *TALK)
    asking.begins(4.2)
    talk(asking, AGENT.voice, COLLEAGUE.voice, *CONSULT)
    first.refers(8.0, COLLEAGUE.number, replaces=asking, called=True)
    second.begins(8.05, Replaces="two@test;to-tag=b;from-tag=a")
    asking.hangs_up(8.16, called=True)
    first.hangs_up(8.17)
    talk(second, CUSTOMER.voice, COLLEAGUE.voice, TRANSFER, END)
    second.hangs_up(END)
    (call, folder), (consultation, _) = wire.recorded(tmp_path)
    assert [leg.call_id for leg in call.legs] == ["one@test", "three@test"]
    assert [leg.call_id for leg in consultation.legs] == ["two@test"]
    assert [heard(folder, 1, 1, 3), heard(folder, 1, 9, 11)] == [AGENT.voice, COLLEAGUE.voice]
    assert heard(folder, 0, 9, 11) == CUSTOMER.voice


def test_a_transfer_to_a_colleague_who_has_not_answered_yet(tmp_path: Path) -> None:
    office = Office()
    office.customer.begins(0.0)
    office.agent.begins(0.01)
    talk(office.agent, CUSTOMER.voice, AGENT.voice, *TALK)
    for at, line in ((4.2, office.asking), (4.21, office.asked)):
        line.says(at, line.talk.request(body=sdp(line.hosts[0], line.ports[0])))
        line.says(at + 0.1, line.talk.response(180), from_called=True)
    office.agent.refers(5.0, COLLEAGUE.number, replaces=office.asking, called=True)
    office.asking.says(5.1, office.asking.talk.request("CANCEL"))
    office.asking.says(5.11, office.asking.talk.response(487), from_called=True)
    office.agent.hangs_up(5.2, called=True)
    answer = office.asked.talk.response(200, sdp(office.asked.hosts[1], office.asked.ports[1]))
    office.asked.says(TRANSFER, answer, from_called=True)
    talk(office.asked, CUSTOMER.voice, COLLEAGUE.voice, TRANSFER, END)
    office.customer.hangs_up(END)
    office.asked.hangs_up(END)
    (call, folder), (consultation, _) = office.wire.recorded(tmp_path)
    assert [leg.call_id for leg in call.legs] == ["one@test", "two@test", "four@test"]
    assert heard(folder, 1, 9, 11) == COLLEAGUE.voice
    assert call.agent == COLLEAGUE.number
    assert consultation.recording is None


def test_a_transfer_that_fails_leaves_both_calls_as_they_were(tmp_path: Path) -> None:
    office = Office()
    office.begin()
    office.agent.refers(8.05, COLLEAGUE.number, replaces=office.asking, called=True)
    talk(office.asking, AGENT.voice, COLLEAGUE.voice, 8.2, 9.0)
    office.customer.hangs_up(9.0)
    office.agent.hangs_up(9.01)
    office.asking.hangs_up(11.0)
    office.asked.hangs_up(11.01)
    (call, _), (consultation, _) = office.wire.recorded(tmp_path)
    assert [leg.call_id for leg in call.legs] == ["one@test", "two@test"]
    assert [leg.call_id for leg in consultation.legs] == ["three@test", "four@test"]


@pytest.mark.parametrize("status", [403, 603])
def test_a_transfer_that_is_refused_leaves_both_calls_as_they_were(tmp_path: Path, status: int) -> None:
    office = Office()
    office.begin()
    office.agent.refers(8.05, COLLEAGUE.number, replaces=office.asking, called=True)
    refusal = office.agent.talk.response(status, method="REFER")
    refusal = replace(refusal, fields=tuple(_swapped(refusal.fields)))
    office.agent.says(8.06, refusal)
    office.asking.hangs_up(8.1)
    office.asked.hangs_up(8.4)
    office.agent.holds(8.5, called=True, direction="sendrecv")
    talk(office.agent, CUSTOMER.voice, AGENT.voice, 8.6, 10)
    office.customer.hangs_up(10)
    office.agent.hangs_up(10.01)
    (call, _), (consultation, _) = office.wire.recorded(tmp_path)
    assert [leg.call_id for leg in call.legs] == ["one@test", "two@test"]
    assert [leg.call_id for leg in consultation.legs] == ["three@test", "four@test"]
    (failed,) = (event for event in call.events if event.kind == "transfer-failed")
    assert (failed.side, failed.detail["status"]) == (Side.B, status)
    assert "joined" not in [event.kind for event in call.events]


def _swapped(fields: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """From and To of an answer to the called party."""
    ends = {"From": "To", "To": "From"}
    return [(ends.get(name, name), value) for name, value in fields]


def test_who_picks_up_a_call_that_rings_elsewhere_is_its_called_party(tmp_path: Path) -> None:
    """INVITE with Replaces of an early dialog (RFC 3891, 4), which the PBX had begun."""
    wire = Wire()
    customer = wire.line("one", (CUSTOMER.host, PBX), (CUSTOMER.number, AGENT.number))
    ringing = wire.line("two", (PBX, AGENT.host), (CUSTOMER.number, AGENT.number))
    fetching = wire.line("three", (COLLEAGUE.host, PBX), (COLLEAGUE.number, AGENT.number))
    for at, line in ((0, customer), (0.01, ringing)):
        line.says(at, line.talk.request(body=sdp(line.hosts[0], line.ports[0])))
        line.says(0.1, line.talk.response(180), from_called=True)
    fetching.begins(3, Replaces="two@test;to-tag=a;from-tag=b;early-only")
    ringing.says(3.11, ringing.talk.request("CANCEL"))
    ringing.says(3.12, ringing.talk.response(487), from_called=True)
    answer = customer.talk.response(200, sdp(customer.hosts[1], customer.ports[1]))
    customer.says(3.13, answer, from_called=True)
    talk(customer, CUSTOMER.voice, COLLEAGUE.voice, 3.2, 8)
    talk(fetching, COLLEAGUE.voice, CUSTOMER.voice, 3.2, 8)
    customer.hangs_up(8)
    fetching.hangs_up(8.01)
    ((call, folder),) = wire.recorded(tmp_path)
    assert [heard(folder, 0, 0.1, 4), heard(folder, 1, 0.1, 4)] == [CUSTOMER.voice, COLLEAGUE.voice]
    assert (call.from_, call.agent, call.state) == (CUSTOMER.number, COLLEAGUE.number, CallState.ANSWERED)
    assert "cancelled" not in [event.kind for event in call.events]


def test_a_port_belongs_to_the_next_call_from_its_invite_on(tmp_path: Path) -> None:
    wire = Wire()
    first = wire.line("one", (CUSTOMER.host, AGENT.host), (CUSTOMER.number, AGENT.number))
    second = wire.line("two", (CUSTOMER.host, AGENT.host), (CUSTOMER.number, AGENT.number))
    second.ports = first.ports
    first.begins(0.0)
    talk(first, 400, 700, 0.2, 2.0)
    first.hangs_up(2.0)
    second.begins(2.2)
    talk(second, 500, 900, 2.4, 4.4)
    second.hangs_up(4.4)
    (_, one), (_, two) = wire.recorded(tmp_path)
    assert [heard(one, 0, 0.2, 1.5), heard(one, 1, 0.2, 1.5)] == [400, 700]
    assert [heard(two, 0, 0.2, 1.5), heard(two, 1, 0.2, 1.5)] == [500, 900]


def test_a_call_that_is_made_while_another_one_waits_is_a_consultation(tmp_path: Path) -> None:
    office = Office()
    office.begin()
    office.asking.hangs_up(8.1)
    office.asked.hangs_up(8.11)
    office.agent.holds(8.5, called=True, direction="sendrecv")
    talk(office.customer, CUSTOMER.voice, AGENT.voice, 8.6, 10)
    office.customer.hangs_up(10)
    office.agent.hangs_up(10.01)
    (call, _), (consultation, _) = office.wire.recorded(tmp_path)
    assert [(one.call, one.relation) for one in call.related] == [(consultation.id, Relation.CONSULTATION)]
    assert [(one.call, one.relation) for one in consultation.related] == [(call.id, Relation.CONSULTED_ABOUT)]
    assert "conference" not in [event.kind for event in call.events]


def test_a_phone_that_takes_both_its_calls_together_makes_a_conference_of_three(tmp_path: Path) -> None:
    office = Office()
    office.begin()
    office.agent.holds(7.0, called=True, direction="sendrecv")
    talk(office.customer, CUSTOMER.voice, AGENT.voice, 7.1, 10)
    for line in (office.customer, office.agent, office.asking, office.asked):
        line.hangs_up(10)
    calls = [call for call, _ in office.wire.recorded(tmp_path)]
    assert [one.relation for call in calls for one in call.related] == [Relation.CONFERENCE] * 2
    assert all("conference" in [event.kind for event in call.events] for call in calls)


def test_callers_of_one_trunk_number_do_not_consult(tmp_path: Path) -> None:
    wire = Wire()
    lines = [wire.line(f"{n}", (PBX, f"198.51.100.{n}"), ("02188880000", f"1390000000{n}")) for n in range(6)]
    for n, line in enumerate(lines):
        line.begins(n)
        line.holds(n + 0.5)
        talk(line, 400, 700, n + 0.6, 8)
    for line in lines:
        line.hangs_up(8)
    calls = [call for call, _ in wire.recorded(tmp_path)]
    assert len(calls) == len(lines)
    assert not any(call.related for call in calls[MOST:])


@pytest.mark.parametrize("killed_at", [8.0, 8.08, 8.1, 8.12, 8.3, 8.6, 9.4, 11.0])
def test_a_kill_around_a_transfer_loses_and_doubles_nothing(tmp_path: Path, killed_at: float) -> None:
    office = Office()
    office.begin()
    office.agent.refers(8.05, COLLEAGUE.number, replaces=office.asking, called=True)
    office.asking.hangs_up(8.1)
    office.agent.hangs_up(8.11, called=True)
    office.go_on()
    parts = list(office.wire.batch().within(SECOND // 50))
    first = Capture(tmp_path)
    for part in parts[: round(killed_at * 50)]:
        first.feed(part)
    second = Capture(tmp_path)
    recover(second)
    for part in parts[round(killed_at * 50) :]:
        second.feed(part)
    second.finish()

    call, consultation = (file.call for file in call_files(second))
    assert [leg.call_id for leg in call.legs] == ["one@test", "two@test", "four@test"]
    assert [leg.call_id for leg in consultation.legs] == ["three@test", "four@test"]
    spoken = (TALK[1] - TALK[0] + END - TRANSFER) * 50, (CONSULT[1] - CONSULT[0]) * 50
    for one, expected in zip((call, consultation), spoken, strict=True):
        for party in one.parties:
            assert round(expected) - 26 <= party.packets.written <= round(expected) + 26
