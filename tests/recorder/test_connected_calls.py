"""Calls that a PBX or a call manager connects by itself: transfers, parks, callbacks, direct media."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from recorder.capture import Capture
from recorder.finish import worker as finishing
from recorder.finish.policy import ArchivePolicy
from recorder.finish.worker import FinishWorker, WorkerOptions
from recorder.recovery import recover
from storage.model import Call, CallState, Direction, Relation, Side
from tests.recorder.assembly.messages import sdp
from tests.recorder.frames import SECOND
from tests.recorder.phones import finished_as_it_runs
from tests.recorder.recording import call_files
from tests.recorder.switchboard import AGENT, COLLEAGUE, CUSTOMER, PBX, Line, Wire, heard
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


def told_late(first: int = 0, stop: float = 4) -> Wire:
    """Media goes directly before both phones were told: it is of the one leg at first and of the other one
    then, and both turn out to be one call. Its packets are numbered from ``first`` on, until ``stop`` (s)."""
    wire = Wire()
    one, two = lines(
        wire,
        "leg",
        (CUSTOMER.host, PBX, CUSTOMER.number, "800"),
        (PBX, AGENT.host, "15557654321", AGENT.number),
    )
    begin([one, two])
    through([one, two], CALLER, CALLED, 0.3, 0.5)
    places = (sdp(CUSTOMER.host, one.ports[0]), sdp(AGENT.host, two.ports[1]))
    hosts, ports = (CUSTOMER.host, AGENT.host), (one.ports[0], two.ports[1])
    wire.voice(CUSTOMER.voice, 0.44, stop, hosts, ports, "direct", first=first)
    wire.voice(AGENT.voice, 0.44, stop, hosts[::-1], ports[::-1], "back", first=first)
    told = {"to_tag": "b", "CSeq": "5 INVITE"}
    one.says(0.5, one.talk.request(body=places[1], from_called=True, **told), from_called=True)
    two.says(0.505, two.talk.request(body=places[0], **told))
    end([one, two], stop)
    return wire


def test_media_that_goes_directly_before_both_phones_were_told_is_heard_once(tmp_path: Path) -> None:
    ((call, folder),) = told_late().watched(tmp_path)
    assert [heard(folder, 0, 1, 3), heard(folder, 1, 1, 3)] == [CUSTOMER.voice, AGENT.voice]
    pcm, rate = soundfile.read(folder / "audio.wav")
    assert np.abs(pcm[rate : 3 * rate]).max() == pytest.approx(8000 / 32768, rel=0.1)
    assert [party.packets.lost for party in call.parties] == [0, 0]


def test_a_stream_of_two_legs_in_turn_is_recorded_as_it_comes_though_its_numbers_wrap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has the lower number would be what came too late."""
    monkeypatch.setattr(finishing, "ENOUGH", 0)
    call, folder = finished_as_it_runs(tmp_path, told_late(65_535, stop=8).batch())
    assert [heard(folder, 0, 3, 7), heard(folder, 1, 3, 7)] == [CUSTOMER.voice, AGENT.voice]
    assert [party.packets.lost for party in call.parties] == [0, 0]


def test_a_stream_of_two_legs_in_turn_goes_on_after_a_kill(tmp_path: Path) -> None:
    parts = list(told_late().batch().within(SECOND // 10))
    first = Capture(tmp_path)
    for part in parts[:20]:
        first.feed(part)
    second = Capture(tmp_path)
    recover(second)
    for part in parts[20:]:
        second.feed(part)
    second.finish()
    (file,) = call_files(second)
    for party in file.call.parties:
        assert 160 < party.packets.written == party.packets.received <= 200


def test_direct_media_that_goes_through_the_pbx_during_a_hold_lost_nothing(tmp_path: Path) -> None:
    """The customer's phone numbers its packets through, wherever they go."""
    wire = Wire()
    one, two = lines(
        wire,
        "leg",
        (CUSTOMER.host, PBX, CUSTOMER.number, "800"),
        (PBX, AGENT.host, CUSTOMER.number, AGENT.number),
    )
    begin([one, two])
    hosts, ports = (CUSTOMER.host, AGENT.host), (one.ports[0], two.ports[1])

    def connect(at: float, places: tuple[bytes, bytes], number: int) -> None:
        told = {"to_tag": "b", "CSeq": f"{number} INVITE"}
        one.says(at, one.talk.request(body=places[0], from_called=True, **told), from_called=True)
        two.says(at, two.talk.request(body=places[1], **told))

    def directly(start: float, stop: float) -> None:
        wire.voice(CUSTOMER.voice, start, stop, hosts, ports, "customer")
        wire.voice(AGENT.voice, start, stop, hosts[::-1], ports[::-1], "agent")

    direct = sdp(AGENT.host, ports[1]), sdp(CUSTOMER.host, ports[0])
    wire.voice(CUSTOMER.voice, 0.3, 2, one.hosts, one.ports, "customer")
    wire.voice(CUSTOMER.voice, 0.32, 2, two.hosts, two.ports, "passed on")
    connect(2, direct, 5)
    directly(2, 5)
    connect(5, (sdp(PBX, one.ports[1]), sdp(PBX, two.ports[0], "a=inactive")), 6)
    wire.voice(CUSTOMER.voice, 5, 8, one.hosts, one.ports, "customer")
    connect(8, direct, 7)
    directly(8, 10)
    end([one, two], 10)
    ((call, folder),) = wire.watched(tmp_path)
    assert heard(folder, 0, 0.1, 9.5) == CUSTOMER.voice
    assert [(one.packets.expected, one.packets.received) for one in call.parties] == [(485, 485), (250, 250)]


@pytest.mark.parametrize("numbers", [("1001", "91702345678"), ("1001", "+491702345678")])
def test_media_that_two_dialogs_send_directly_is_one_conversation(
    tmp_path: Path, numbers: tuple[str, str]
) -> None:
    """A call manager offers to the called party what the caller offered (delayed offer, RFC 3261, 13.2.1)."""
    wire = Wire()
    one, another = lines(
        wire, "leg", (AGENT.host, PBX, *numbers), (PBX, CUSTOMER.host, "+49891234800", "+491702345678")
    )
    offer, answer = sdp(AGENT.host, 20000), sdp(CUSTOMER.host, 30000)
    one.says(0, one.talk.request(body=offer))
    another.says(0.1, another.talk.request())
    another.says(1, another.talk.response(200, answer), from_called=True)
    another.says(1.01, another.talk.request("ACK", body=offer, to_tag="b"))
    one.says(1.02, one.talk.response(200, answer), from_called=True)
    direct(wire, 1.1, 4)
    end([one, another], 4)
    ((call, folder),) = wire.recorded(tmp_path)
    assert len(call.legs) == 2
    assert [heard(folder, 0, 0.1, 2), heard(folder, 1, 0.1, 2)] == [AGENT.voice, CUSTOMER.voice]


def test_a_controller_that_connects_two_phones_makes_one_conversation(tmp_path: Path) -> None:
    """Flow I of RFC 3725."""
    wire = Wire()
    agent, customer = lines(
        wire,
        "leg",
        (SERVER, AGENT.host, "0000", AGENT.number),
        (SERVER, CUSTOMER.host, "0000", CUSTOMER.number),
    )
    offer, answer = sdp(AGENT.host, 20000), sdp(CUSTOMER.host, 30000)
    agent.says(0, agent.talk.request())
    agent.says(0.5, agent.talk.response(200, offer), from_called=True)
    customer.says(0.6, customer.talk.request(body=offer))
    customer.says(1, customer.talk.response(200, answer), from_called=True)
    agent.says(1.01, agent.talk.request("ACK", body=answer, to_tag="b"))
    direct(wire, 1.1, 4)
    end([agent, customer], 4)
    ((call, folder),) = wire.recorded(tmp_path)
    assert (call.from_, call.to, call.direction) == (AGENT.number, CUSTOMER.number, Direction.OUTBOUND)
    assert [heard(folder, 0, 0.1, 2), heard(folder, 1, 0.1, 2)] == [AGENT.voice, CUSTOMER.voice]
    assert [party.packets.received for party in call.parties] == [145, 145]


def direct(wire: Wire, start: float, stop: float) -> None:
    """The agent and the customer talk without anything between them."""
    line = Line(wire, "direct", (AGENT.host, CUSTOMER.host), ("", ""), (20000, 30000))
    through([line], CALLED, CALLER, start, stop)


@pytest.mark.parametrize("is_asked", [True, False], ids=["refer", "soft-key"])
@pytest.mark.parametrize("ends_first", [True, False], ids=["bye-first", "re-invite-first"])
def test_a_transfer_between_phones_that_send_directly_keeps_the_consultation_apart(
    tmp_path: Path, is_asked: bool, ends_first: bool
) -> None:
    """A call manager tells the customer's side and the colleague each other's address."""
    wire = Wire()
    customer, agent, asking, asked = lines(
        wire,
        "leg",
        (CUSTOMER.host, PBX, CUSTOMER.number, AGENT.number),
        (PBX, AGENT.host, CUSTOMER.number, AGENT.number),
        (AGENT.host, PBX, AGENT.number, COLLEAGUE.number),
        (PBX, COLLEAGUE.host, AGENT.number, COLLEAGUE.number),
    )
    places = {"customer": 20000, "agent": 30000, "again": 30002, "colleague": 40000}
    hosts = {"customer": CUSTOMER.host, "colleague": COLLEAGUE.host}

    def at(who: str, *more: str) -> bytes:
        return sdp(hosts.get(who, AGENT.host), places[who], *more)

    def flows(one: str, another: str, start: float, stop: float, *voices: int) -> None:
        ends = hosts.get(one, AGENT.host), hosts.get(another, AGENT.host)
        line = Line(wire, f"{one}-{another}", ends, ("", ""), (places[one], places[another]))
        through([line], *map(voice, voices), start, stop)

    def redirects(line: Line, when: float, offer: bytes, answer: bytes, *, called: bool) -> None:
        request = line.talk.request(body=offer, to_tag="b", from_called=called, CSeq="9 INVITE")
        line.says(when, request, from_called=called)
        reply = line.talk.response(200, answer, CSeq="9 INVITE")
        if called:
            reply = replace(reply, fields=swapped(reply.fields))
        line.says(when + 0.01, reply, from_called=not called)

    for when, (line, offer, answer) in {
        0.0: (customer, "customer", "agent"),
        0.02: (agent, "customer", "agent"),
        4.3: (asking, "again", "colleague"),
        4.32: (asked, "again", "colleague"),
    }.items():
        line.says(when, line.talk.request(body=at(offer)))
        line.says(when + 0.1, line.talk.response(200, at(answer)), from_called=True)
    flows("customer", "agent", 0.3, 4, CUSTOMER.voice, AGENT.voice)
    agent.says(4, agent.talk.request(body=at("agent", "a=inactive"), to_tag="b", from_called=True))
    flows("again", "colleague", 4.6, 9, AGENT.voice, COLLEAGUE.voice)
    if is_asked:
        agent.refers(9, COLLEAGUE.number, replaces=asking, called=True)
    redirected = 9.2 if ends_first else 9.1
    redirects(customer, redirected, at("colleague"), at("customer"), called=True)
    redirects(asked, redirected + 0.03, at("customer"), at("colleague"), called=False)
    agent.hangs_up(9.15, called=True)
    asking.hangs_up(9.16, called=True)
    flows("customer", "colleague", 9.3, 14, CUSTOMER.voice, COLLEAGUE.voice)
    end([customer, asked], 14)
    (call, folder), (consultation, other) = wire.recorded(tmp_path)

    assert [leg.call_id for leg in call.legs] == ["leg0@test", "leg1@test", "leg3@test"]
    assert [leg.call_id for leg in consultation.legs] == ["leg2@test", "leg3@test"]
    assert [heard(folder, 0, at, at + 3) for at in (0.2, 9.5)] == [CUSTOMER.voice] * 2
    assert [heard(folder, 1, at, at + 3) for at in (0.2, 9.5)] == [AGENT.voice, COLLEAGUE.voice]
    assert heard(folder, 0, 5, 8) == heard(folder, 1, 5, 8) == 0
    assert [heard(other, 0, 0.2, 4), heard(other, 1, 0.2, 4)] == [AGENT.voice, COLLEAGUE.voice]
    assert [party.packets.received for party in call.parties] == [round((3.7 + 4.7) * 50)] * 2
    assert [party.packets.received for party in consultation.parties] == [220, 220]
    assert call.agent == COLLEAGUE.number
    assert "conference" not in [event.kind for event in call.events]


def swapped(fields: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """From and To of an answer to the called party."""
    ends = {"From": "To", "To": "From"}
    return tuple((ends.get(name, name), value) for name, value in fields)


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
