"""Calls that a PBX or a call manager connects by itself: transfers, parks, callbacks."""

from dataclasses import replace
from pathlib import Path

import pytest

from recorder.capture import Capture
from recorder.finish.policy import ArchivePolicy
from recorder.finish.worker import FinishWorker, WorkerOptions
from recorder.recovery import recover
from storage.model import Call, CallState, Direction, Relation, Side
from tests.recorder.assembly.messages import sdp
from tests.recorder.frames import SECOND
from tests.recorder.recording import call_files
from tests.recorder.switchboard import AGENT, COLLEAGUE, CUSTOMER, PBX, Wire, heard
from tests.recorder.voices import (
    CALLED,
    CALLER,
    SERVER,
    begin,
    end,
    lines,
    says,
    through,
    voice,
)


def test_a_transfer_that_only_the_pbx_knows_of_is_heard(tmp_path: Path) -> None:
    """The agent presses keys; the PBX asks the colleague and connects the customer. No REFER is sent."""
    wire = Wire()
    customer, agent, asked = lines(
        wire,
        "leg",
        (CUSTOMER.host, PBX, CUSTOMER.number, "800"),
        (PBX, AGENT.host, CUSTOMER.number, AGENT.number),
        (PBX, COLLEAGUE.host, AGENT.number, COLLEAGUE.number),
    )
    colleague = voice(COLLEAGUE.voice)
    begin([customer, agent])
    through([customer, agent], CALLER, CALLED, 0.3, 12)
    asked.begins(12.1)
    says(customer, CALLER, 12, 24)
    says(agent, CALLED, 12, 24, called=True)
    through([asked], CALLED, colleague, 12.3, 24)
    agent.hangs_up(24, called=True)
    through([customer, asked], CALLER, colleague, 24, 32)
    end([customer, asked], 32)
    (call, folder), (consultation, other) = wire.watched(tmp_path)

    assert [leg.call_id for leg in call.legs] == ["leg0@test", "leg1@test", "leg2@test"]
    assert [leg.call_id for leg in consultation.legs] == ["leg2@test"]
    assert [heard(folder, 1, 1, 10), heard(folder, 1, 25, 31)] == [AGENT.voice, COLLEAGUE.voice]
    assert heard(folder, 0, 25, 31) == CUSTOMER.voice
    assert call.agent == COLLEAGUE.number
    assert [heard(other, 0, 1, 11), heard(other, 1, 1, 11)] == [AGENT.voice, COLLEAGUE.voice]
    assert consultation.recording is not None
    assert consultation.recording.seconds == pytest.approx(24 - 12.3, abs=3)
    assert [one.relation for one in call.related] == [Relation.CONSULTATION]
    (joined,) = (event for event in call.events if event.kind == "joined")
    assert (joined.side, joined.detail["number"]) == (Side.B, COLLEAGUE.number)
    spoken = sum(party.packets.written for one in (call, consultation) for party in one.parties[1:])
    assert spoken == round((24 - 0.3 + 32 - 12.3) * 50)


def test_a_call_fetched_from_a_park_goes_on_with_who_fetched_it(tmp_path: Path) -> None:
    wire = Wire()
    customer, agent, fetching = lines(
        wire,
        "leg",
        (CUSTOMER.host, PBX, CUSTOMER.number, "800"),
        (PBX, AGENT.host, CUSTOMER.number, AGENT.number),
        (COLLEAGUE.host, PBX, COLLEAGUE.number, "701"),
    )
    colleague = voice(COLLEAGUE.voice)
    begin([customer, agent])
    through([customer, agent], CALLER, CALLED, 0.3, 3)
    agent.hangs_up(3, called=True)
    says(customer, CALLER, 3, 12)
    says(customer, voice(300), 3, 6, called=True)
    fetching.begins(5.9)
    through([fetching], colleague, CALLER, 6.1, 12)
    says(customer, colleague, 6.1, 12, called=True)
    end([customer, fetching], 12)
    ((call, folder),) = wire.watched(tmp_path)
    assert (call.from_, call.to, call.agent) == (CUSTOMER.number, "800", COLLEAGUE.number)
    assert heard(folder, 0, 1, 11) == CUSTOMER.voice
    assert [heard(folder, 1, 0.3, 2.5), heard(folder, 1, 7, 11)] == [AGENT.voice, COLLEAGUE.voice]


@pytest.mark.parametrize("is_agent_first", [True, False], ids=["click-to-dial", "dialler"])
@pytest.mark.parametrize(
    ("of_agent", "of_customer"), [("1001", "1001"), ("15551230001", "1001"), ("0000", "+49891234800")]
)
def test_a_call_that_the_pbx_makes_to_both_is_one_of_the_agent_to_the_customer(
    tmp_path: Path, of_agent: str, of_customer: str, is_agent_first: bool
) -> None:
    wire = Wire()
    agent, customer = lines(
        wire,
        "leg",
        (PBX, AGENT.host, of_agent, AGENT.number),
        (PBX, CUSTOMER.host, of_customer, CUSTOMER.number),
    )
    legs = [agent, customer] if is_agent_first else [customer, agent]
    legs[0].begins(0)
    legs[1].begins(1)
    for start, stop in ((1.2, 5.0),):
        says(agent, CALLED, start, stop, called=True)
        says(customer, CALLED, start, stop, lag=0.003)
        says(customer, CALLER, start, stop, called=True)
        says(agent, CALLER, start, stop, lag=0.003)
    end(legs, 5)
    ((call, folder),) = wire.recorded(tmp_path)
    assert (call.from_, call.to, call.agent) == (AGENT.number, CUSTOMER.number, AGENT.number)
    assert (call.direction, call.state) == (Direction.OUTBOUND, CallState.ANSWERED)
    assert call.duration == pytest.approx(5 - 1.1, abs=0.1)
    assert [party.number for party in call.parties] == [AGENT.number, CUSTOMER.number]
    assert [party.packets.received for party in call.parties] == [190, 190]
    assert [heard(folder, 0, 0.1, 3), heard(folder, 1, 0.1, 3)] == [AGENT.voice, CUSTOMER.voice]


class Proxied:
    """Dialogs between the PBX and a proxy, whose media goes between the PBX and the phones."""

    def __init__(self, wire: Wire, name: str, phone: str, numbers: tuple[str, str], *, calls: bool) -> None:
        hosts = (SERVER, PBX) if calls else (PBX, SERVER)
        self.line = wire.line(name, hosts, numbers)
        self.media = replace(self.line, hosts=(phone, PBX) if calls else (PBX, phone))

    def begins(self, at: float) -> None:
        offer, answer = (sdp(*place) for place in zip(self.media.hosts, self.media.ports, strict=True))
        self.line.says(at, self.line.talk.request(body=offer))
        self.line.says(at + 0.1, self.line.talk.response(200, answer), from_called=True)


def test_who_fetches_a_call_behind_a_proxy_has_not_been_called(tmp_path: Path) -> None:
    """The proxy is what called the PBX both times."""
    wire = Wire()
    customer = Proxied(wire, "one", CUSTOMER.host, (CUSTOMER.number, "800"), calls=True)
    fetching = Proxied(wire, "two", COLLEAGUE.host, (COLLEAGUE.number, "701"), calls=True)
    colleague = voice(COLLEAGUE.voice)
    customer.begins(0)
    fetching.begins(5.9)
    says(customer.media, CALLER, 0.2, 10)
    says(fetching.media, CALLER, 6.1, 10, called=True, lag=0.003)
    says(fetching.media, colleague, 6.1, 10)
    says(customer.media, colleague, 6.1, 10, called=True, lag=0.003)
    end([customer.line, fetching.line], 10)
    ((call, folder),) = wire.recorded(tmp_path)
    assert (call.from_, call.to, call.agent) == (CUSTOMER.number, "800", COLLEAGUE.number)
    assert [heard(folder, 0, 6.5, 9), heard(folder, 1, 6.5, 9)] == [CUSTOMER.voice, COLLEAGUE.voice]


def test_who_is_called_behind_a_proxy_is_no_caller(tmp_path: Path) -> None:
    wire = Wire()
    agent = Proxied(wire, "one", AGENT.host, ("0000", AGENT.number), calls=False)
    customer = Proxied(wire, "two", CUSTOMER.host, ("0000", CUSTOMER.number), calls=False)
    agent.begins(0)
    customer.begins(2)
    for own, other, sound in ((agent, customer, CALLED), (customer, agent, CALLER)):
        says(own.media, sound, 2.2, 8, called=True)
        says(other.media, sound, 2.2, 8, lag=0.003)
    end([agent.line, customer.line], 8)
    ((call, folder),) = wire.recorded(tmp_path)
    assert (call.from_, call.to, call.direction) == (AGENT.number, CUSTOMER.number, Direction.OUTBOUND)
    assert [heard(folder, 0, 0.5, 5), heard(folder, 1, 0.5, 5)] == [AGENT.voice, CUSTOMER.voice]


class Callback:
    """The PBX calls the agent, then the customer."""

    def __init__(self, wire: Wire) -> None:
        agent, customer = lines(
            wire,
            "leg",
            (PBX, AGENT.host, "0000", AGENT.number),
            (PBX, CUSTOMER.host, "+49891234800", CUSTOMER.number),
        )
        agent.begins(0)
        customer.begins(6)
        says(agent, CALLED, 0.2, 12, called=True)
        says(customer, CALLED, 6.2, 12, lag=0.003)
        says(customer, CALLER, 6.2, 12, called=True)
        says(agent, CALLER, 6.2, 12, lag=0.003)
        end([agent, customer], 12)


@pytest.mark.parametrize("killed_at", [5.0, 6.5, 7.0, 7.5, 8.0, 11.9])
def test_a_kill_around_a_callback_loses_and_doubles_nothing(tmp_path: Path, killed_at: float) -> None:
    wire = Wire()
    Callback(wire)
    parts = list(wire.batch().within(SECOND // 50))
    first = Capture(tmp_path)
    for part in parts[: round(killed_at * 50)]:
        first.feed(part)
    second = Capture(tmp_path)
    recover(second)
    for part in parts[round(killed_at * 50) :]:
        second.feed(part)
    second.finish()
    (file,) = call_files(second)
    assert (file.call.from_, file.call.to, len(file.call.legs)) == (AGENT.number, CUSTOMER.number, 2)
    spoken = [round((12 - start) * 50) for start in (0.2, 6.2)]
    for party, expected in zip(file.call.parties, spoken, strict=True):
        assert expected - 26 <= party.packets.written <= expected


def test_who_turns_out_to_be_the_caller_was_heard_from_the_beginning(tmp_path: Path) -> None:
    """The recording is made while the call runs."""
    wire = Wire()
    Callback(wire)
    done: list[Call] = []
    capture = Capture(tmp_path / "spool")
    options = WorkerOptions(ArchivePolicy(format="wav"))
    worker = FinishWorker(tmp_path / "spool", tmp_path / "out", options, done=done.append)
    for part in wire.batch().within(SECOND // 2):
        capture.feed(part)
        worker.poll()
    capture.finish()
    worker.poll()
    (call,) = done
    folder = tmp_path / "out" / call.id
    assert heard(folder, 0, 0.1, 5) == heard(folder, 0, 6.5, 11) == AGENT.voice
    assert [heard(folder, 1, 0.1, 5), heard(folder, 1, 6.5, 11)] == [0, CUSTOMER.voice]
