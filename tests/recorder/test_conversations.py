"""Which legs are one conversation, on the wire as PBXs and border controllers send them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from recorder.capture import Capture
from recorder.finish.policy import ArchivePolicy
from recorder.finish.worker import FinishWorker, WorkerOptions
from recorder.recovery import recover
from storage.model import Call, CallState, Direction, Relation, Side
from tests.recorder.assembly.messages import sdp
from tests.recorder.frames import SECOND
from tests.recorder.recording import call_files
from tests.recorder.switchboard import AGENT, COLLEAGUE, CUSTOMER, PBX, Line, Wire, heard
from tests.recorder.voices import same, says, through, voice

SBC, INSIDE, SERVER = "203.0.113.9", "192.0.2.50", "192.0.2.60"
CALLER, CALLED = voice(CUSTOMER.voice), voice(AGENT.voice)


def lines(wire: Wire, name: str, *hops: tuple[str, str, str, str]) -> list[Line]:
    """Dialogs that a call goes through, each of two hosts and two numbers."""
    return [
        wire.line(f"{name}{number}", (a, b), (caller, called))
        for number, (a, b, caller, called) in enumerate(hops)
    ]


def begin(legs: list[Line], at: float = 0.0) -> None:
    for number, line in enumerate(legs):
        line.begins(at + 0.01 * number)


def end(legs: list[Line], at: float) -> None:
    for number, line in enumerate(legs):
        line.hangs_up(at + 0.01 * number)


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


def test_music_for_all_who_wait_makes_no_conversation_of_theirs(tmp_path: Path) -> None:
    wire = Wire()
    waiting = lines(wire, "call", *((f"198.51.100.{n}", PBX, f"1390000000{n}", "800") for n in range(1, 6)))
    begin(waiting)
    for line in waiting:
        through([line], None, voice(300), 1, 6)
    end(waiting, 6)
    assert conversations(wire, tmp_path) == [[f"call{n}"] for n in range(5)]


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


class RecordingSession:
    """A border controller that sends copies of a call to another recorder (RFC 7866)."""

    def __init__(self, wire: Wire, labels: tuple[int, int] = (1, 2)) -> None:
        self.line = wire.line("copy", (INSIDE, "192.0.2.90"), ("src", "srs"))
        self.ports = dict(zip(labels, ((41000, 42000), (41002, 42002)), strict=True))

    def _describes(self, server: int, direction: str) -> bytes:
        first, second = (pair[server] for pair in sorted(self.ports.values()))
        more = (f"a={direction}", "a=label:1", f"m=audio {second} RTP/AVP 0", f"a={direction}", "a=label:2")
        return sdp(self.line.hosts[server], first, *more)

    def begins(self, at: float) -> None:
        talk = self.line.talk
        source, server = ({"Contact": f"<sip:x@test>;+sip.{kind}"} for kind in ("src", "srs"))
        request = talk.request(body=self._describes(0, "sendonly"), Require="siprec", **source)
        self.line.says(at, request)
        answer = talk.response(200, self._describes(1, "recvonly"), **server)
        self.line.says(at + 0.05, answer, from_called=True)

    def carries(self, start: float, stop: float) -> None:
        for label, sound in ((1, CALLER), (2, CALLED)):
            way = Line(self.line.wire, f"copy{label}", self.line.hosts, ("", ""), self.ports[label])
            says(way, sound, start, stop, lag=0.004)


def test_a_recording_session_has_a_channel_for_each_participant(tmp_path: Path) -> None:
    wire = Wire()
    session = RecordingSession(wire)
    session.begins(0)
    session.carries(0.2, 5)
    session.line.hangs_up(5)
    ((call, folder),) = wire.recorded(tmp_path)
    assert [heard(folder, 0, 0.1, 4), heard(folder, 1, 0.1, 4)] == [CUSTOMER.voice, AGENT.voice]
    assert [party.packets.received for party in call.parties] == [240, 240]


@pytest.mark.parametrize("labels", [(1, 2), (2, 1)], ids=["caller-first", "called-first"])
@pytest.mark.parametrize("shown", [AGENT.number, "hidden"])
def test_a_call_that_is_recorded_by_another_recorder_is_recorded_once(
    tmp_path: Path, labels: tuple[int, int], shown: str
) -> None:
    wire = Wire()
    legs = lines(
        wire, "leg", (CUSTOMER.host, INSIDE, CUSTOMER.number, AGENT.number), (INSIDE, AGENT.host, "x", shown)
    )
    session = RecordingSession(wire, labels)
    begin(legs)
    session.begins(0.2)
    through(legs, CALLER, CALLED, 0.4, 6)
    session.carries(0.4, 6)
    end([*legs, session.line], 6)
    ((call, folder),) = wire.recorded(tmp_path)
    assert len(call.legs) == 3
    assert [heard(folder, 0, 0.1, 4), heard(folder, 1, 0.1, 4)] == [CUSTOMER.voice, AGENT.voice]
    assert [party.packets.received for party in call.parties] == [280, 280]
    assert "srs" not in (call.agent, *(party.number for party in call.parties))


BOTH = voice(1900)


class ThreeParties:
    """A customer, an agent, and a colleague whom the PBX calls in addition."""

    def __init__(self, wire: Wire, *, behind: str = "") -> None:
        agent, colleague = (behind, behind) if behind else (AGENT.host, COLLEAGUE.host)
        self.customer, self.agent, self.colleague = lines(
            wire,
            "leg",
            (CUSTOMER.host, PBX, CUSTOMER.number, "800"),
            (PBX, agent, CUSTOMER.number, AGENT.number),
            (PBX, colleague, CUSTOMER.number, COLLEAGUE.number),
        )
        begin([self.customer, self.agent])
        through([self.customer, self.agent], CALLER, CALLED, 0.3, 4)

    def talk(self, start: float, stop: float) -> None:
        """The customer hears the other two as the PBX mixes them, and these hear others."""
        self.colleague.begins(start)
        says(self.customer, CALLER, start, stop)
        says(self.customer, BOTH, start, stop, called=True)
        for line, sound in ((self.agent, CALLED), (self.colleague, voice(COLLEAGUE.voice))):
            says(line, sound, start + 0.2, stop, called=True)
            says(line, BOTH, start + 0.2, stop)
        end([self.customer, self.agent, self.colleague], stop)


@pytest.mark.parametrize("behind", ["", INSIDE], ids=["phones", "behind-one-host"])
def test_two_who_talk_on_one_side_are_both_heard(tmp_path: Path, behind: str) -> None:
    wire = Wire()
    parties = ThreeParties(wire, behind=behind)
    parties.talk(4, 8)
    ((call, folder),) = wire.recorded(tmp_path)
    assert len(call.legs) == 3
    assert heard(folder, 0, 0.2, 7) == CUSTOMER.voice
    assert heard(folder, 1, 0.2, 3) == AGENT.voice
    assert loudest(folder, 1, 4.5, 7.5) == {AGENT.voice, COLLEAGUE.voice}


def test_each_of_two_on_one_side_is_heard_where_the_other_is_silent(tmp_path: Path) -> None:
    wire = Wire()
    customer, agent, colleague = (parties := ThreeParties(wire)).customer, parties.agent, parties.colleague
    colleague.begins(4)
    says(customer, CALLER, 4, 12)
    says(agent, CALLED, 4, 6, called=True)
    says(colleague, voice(COLLEAGUE.voice), 7, 9, called=True)
    says(agent, CALLED, 10, 12, called=True)
    end([customer, agent, colleague], 12)
    ((_, folder),) = wire.recorded(tmp_path)
    spoken = [heard(folder, 1, at, at + 1) for at in (4, 7, 10)]
    assert spoken == [AGENT.voice, COLLEAGUE.voice, AGENT.voice]


def loudest(folder: Path, channel: int, start: float, stop: float) -> set[int]:
    """The two loudest tones of a channel in that time, in Hz."""
    pcm, rate = soundfile.read(folder / "audio.wav")
    part = pcm[round(start * rate) : round(stop * rate), channel]
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part))))
    found: set[int] = set()
    for place in np.argsort(spectrum)[::-1].tolist():
        found.add(round(place * rate / len(part) / 100) * 100)
        if len(found) == 2:
            break
    return found


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
