"""Calls whose media goes from phone to phone, though what controls them stands between."""

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
import soundfile

from recorder.capture import Capture
from recorder.finish import worker as finishing
from storage.model import Direction
from tests.recorder import frames
from tests.recorder.assembly.messages import sdp
from tests.recorder.frames import SECOND
from tests.recorder.phones import finished_as_it_runs
from tests.recorder.recording import call_files, taken_over
from tests.recorder.switchboard import AGENT, COLLEAGUE, CUSTOMER, PBX, Line, Wire, heard
from tests.recorder.voices import CALLED, CALLER, SERVER, begin, both_legs, end, lines, through, voice


def told_late(first: int = 0, stop: float = 4) -> Wire:
    """Media goes directly before both phones were told: it is of the one leg at first and of the other one
    then, and both turn out to be one call. Its packets are numbered from ``first`` on, until ``stop`` (s)."""
    wire = Wire()
    one, two = both_legs(wire, "15557654321")
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
    (file,) = taken_over(tmp_path, parts[:20], parts[20:], is_killed=True)
    for party in file.call.parties:
        assert 160 < party.packets.written == party.packets.received <= 200


def connect(legs: list[Line], at: float, places: tuple[bytes, bytes], number: int) -> None:
    """The PBX tells both ends where to send from now on, in its INVITE of this number."""
    (one, two), told = legs, {"to_tag": "b", "CSeq": f"{number} INVITE"}
    one.says(at, one.talk.request(body=places[0], from_called=True, **told), from_called=True)
    two.says(at, two.talk.request(body=places[1], **told))


def past_the_tap(legs: list[Line], at: float, voices: tuple[int, int], *, back: bool) -> None:
    """The tap is at the PBX, which asks the phones to send directly, and perhaps through itself again, from
    200 s on; they hang up at 204 s."""
    one, two = legs
    connect(legs, at, (sdp(two.hosts[1], two.ports[1]), sdp(one.hosts[0], one.ports[0])), 5)
    if back:
        connect(legs, 200, (sdp(PBX, one.ports[1]), sdp(PBX, two.ports[0])), 6)
        through(legs, voice(voices[0], 201), voice(voices[1], 201), 201, 203)
    end(legs, 204)


def lasted(wire: Wire, tmp_path: Path, packets: int) -> None:
    """It is one call until it is hung up, with so many packets of each party."""
    ((call, _),) = wire.watched(tmp_path)
    assert call.events[-1].kind == "end"
    assert (call.end - call.start).total_seconds() == pytest.approx(204, abs=0.1)
    assert [party.packets.written for party in call.parties] == [packets] * 2


def direct_but_for_a_hold() -> Wire:
    """The customer's phone numbers its packets through, wherever they go: from 2 to 5 and from 8 s on
    directly, through the PBX before that and during a hold."""
    wire = Wire()
    one, two = both_legs(wire)
    begin([one, two])
    hosts, ports = (CUSTOMER.host, AGENT.host), (one.ports[0], two.ports[1])

    def directly(start: float, stop: float) -> None:
        wire.voice(CUSTOMER.voice, start, stop, hosts, ports, "customer")
        wire.voice(AGENT.voice, start, stop, hosts[::-1], ports[::-1], "agent")

    direct = sdp(AGENT.host, ports[1]), sdp(CUSTOMER.host, ports[0])
    wire.voice(CUSTOMER.voice, 0.3, 2, one.hosts, one.ports, "customer")
    wire.voice(CUSTOMER.voice, 0.32, 2, two.hosts, two.ports, "passed on")
    connect([one, two], 2, direct, 5)
    directly(2, 5)
    connect([one, two], 5, (sdp(PBX, one.ports[1]), sdp(PBX, two.ports[0], "a=inactive")), 6)
    wire.voice(CUSTOMER.voice, 5, 8, one.hosts, one.ports, "customer")
    connect([one, two], 8, direct, 7)
    directly(8, 10)
    end([one, two], 10)
    return wire


def test_direct_media_that_goes_through_the_pbx_during_a_hold_lost_nothing(tmp_path: Path) -> None:
    ((call, folder),) = direct_but_for_a_hold().watched(tmp_path)
    assert heard(folder, 0, 0.1, 9.5) == CUSTOMER.voice
    assert [(one.packets.expected, one.packets.received) for one in call.parties] == [(485, 485), (250, 250)]


@pytest.mark.parametrize("killed", [6, 8.5])
def test_what_was_sent_to_another_place_meanwhile_is_known_after_a_kill(
    tmp_path: Path, killed: float
) -> None:
    parts = list(direct_but_for_a_hold().batch().within(SECOND // 10))
    at = round(10 * killed)
    (file,) = taken_over(tmp_path, parts[:at], parts[at:], is_killed=True)
    assert [(one.packets.expected, one.packets.received) for one in file.call.parties] == [
        (485, 485),
        (250, 250),
    ]


@pytest.mark.parametrize("back", [False, True])
def test_a_call_whose_media_is_sent_past_the_tap_lasts_until_it_is_hung_up(
    tmp_path: Path, back: bool
) -> None:
    wire = Wire()
    one, two = both_legs(wire, "15557654321")

    begin([one, two])
    for line in (one, two):
        line.says(0.25, line.talk.request("ACK", to_tag="b"))
    through([one, two], CALLER, CALLED, 0.3, 2)
    past_the_tap([one, two], 2, (CUSTOMER.voice, AGENT.voice), back=back)
    lasted(wire, tmp_path, 185 if back else 85)


@pytest.mark.parametrize("back", [False, True])
def test_what_was_heard_of_who_left_does_not_shorten_a_call_whose_media_is_sent_past_the_tap(
    tmp_path: Path, back: bool
) -> None:
    """Who answered first sends the customer on to a colleague."""
    wire = Wire()
    one, left, two = lines(
        wire,
        "leg",
        (CUSTOMER.host, PBX, CUSTOMER.number, "800"),
        (PBX, AGENT.host, CUSTOMER.number, AGENT.number),
        (PBX, COLLEAGUE.host, CUSTOMER.number, COLLEAGUE.number),
    )

    begin([one, left])
    through([one, left], CALLER, CALLED, 0.3, 3)
    left.refers(3, COLLEAGUE.number, called=True)
    two.begins(3.1)
    left.hangs_up(3.4)
    for line in (one, two):
        line.says(3.5, line.talk.request("ACK", to_tag="b"))
    through([one, two], voice(CUSTOMER.voice, 3.5), voice(COLLEAGUE.voice, 3.5), 3.5, 6)
    past_the_tap([one, two], 6, (CUSTOMER.voice, COLLEAGUE.voice), back=back)
    lasted(wire, tmp_path, 360 if back else 260)


def test_a_call_of_which_only_the_leg_that_was_heard_was_hung_up_is_over_as_one_that_fell_silent(
    tmp_path: Path,
) -> None:
    wire = Wire()
    one, two = both_legs(wire)
    begin([one, two])
    for line in (one, two):
        line.says(0.25, line.talk.request("ACK", to_tag="b"))
    through([one], CALLER, CALLED, 0.3, 2)
    one.hangs_up(2)
    capture = Capture(tmp_path / "spool")
    for at in (0, 91, 93):
        batch = wire.batch()
        capture.feed(batch if not at else batch.part(0, 0), frames.START + at * SECOND)
    assert [file.ended for file in call_files(capture)] == [True]


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


class Consulted:
    """A customer, an agent and the colleague whom the agent asks; a call manager tells each the address of
    who they talk to, and connects customer and colleague at last, from 9.1 s on."""

    PLACES = MappingProxyType({"customer": 20000, "agent": 30000, "again": 30002, "colleague": 40000})
    HOSTS = MappingProxyType({"customer": CUSTOMER.host, "colleague": COLLEAGUE.host})

    def __init__(self) -> None:
        self.wire = Wire()
        self.customer, self.agent, self.asking, self.asked = lines(
            self.wire,
            "leg",
            (CUSTOMER.host, PBX, CUSTOMER.number, AGENT.number),
            (PBX, AGENT.host, CUSTOMER.number, AGENT.number),
            (AGENT.host, PBX, AGENT.number, COLLEAGUE.number),
            (PBX, COLLEAGUE.host, AGENT.number, COLLEAGUE.number),
        )

    def asks(self) -> None:
        """The agent talks to the customer, then holds them and talks to the colleague."""
        for when, line, offer, answer in (
            (0.0, self.customer, "customer", "agent"),
            (0.02, self.agent, "customer", "agent"),
            (4.3, self.asking, "again", "colleague"),
            (4.32, self.asked, "again", "colleague"),
        ):
            line.says(when, line.talk.request(body=self.at(offer)))
            line.says(when + 0.1, line.talk.response(200, self.at(answer)), from_called=True)
        self.flows("customer", "agent", 0.3, 4, CUSTOMER.voice, AGENT.voice)
        held = self.agent.talk.request(body=self.at("agent", "a=inactive"), to_tag="b", from_called=True)
        self.agent.says(4, held)
        self.flows("again", "colleague", 4.6, 9, AGENT.voice, COLLEAGUE.voice)

    def connects(self, when: float) -> None:
        """The call manager tells customer and colleague of each other; the agent hangs up at 9.15 s."""
        self.redirects(self.customer, when, self.at("colleague"), self.at("customer"), called=True)
        self.redirects(self.asked, when + 0.03, self.at("customer"), self.at("colleague"), called=False)
        self.agent.hangs_up(9.15, called=True)
        self.asking.hangs_up(9.16, called=True)
        self.flows("customer", "colleague", 9.3, 14, CUSTOMER.voice, COLLEAGUE.voice)
        end([self.customer, self.asked], 14)

    def at(self, who: str, *more: str) -> bytes:
        """Where somebody receives."""
        return sdp(self.HOSTS.get(who, AGENT.host), self.PLACES[who], *more)

    def flows(self, one: str, another: str, start: float, stop: float, *voices: int) -> None:
        """Two of them talk."""
        ends = self.HOSTS.get(one, AGENT.host), self.HOSTS.get(another, AGENT.host)
        ports = self.PLACES[one], self.PLACES[another]
        through(
            [Line(self.wire, f"{one}-{another}", ends, ("", ""), ports)], *map(voice, voices), start, stop
        )

    @staticmethod
    def redirects(line: Line, when: float, offer: bytes, answer: bytes, *, called: bool) -> None:
        """A phone is told another address, and agrees."""
        request = line.talk.request(body=offer, to_tag="b", from_called=called, CSeq="9 INVITE")
        line.says(when, request, from_called=called)
        reply = line.talk.response(200, answer, CSeq="9 INVITE")
        if called:
            reply = replace(reply, fields=swapped(reply.fields))
        line.says(when + 0.01, reply, from_called=not called)


@pytest.mark.parametrize("is_asked", [True, False], ids=["refer", "soft-key"])
@pytest.mark.parametrize("ends_first", [True, False], ids=["bye-first", "re-invite-first"])
def test_a_transfer_between_phones_that_send_directly_keeps_the_consultation_apart(
    tmp_path: Path, is_asked: bool, ends_first: bool
) -> None:
    scene = Consulted()
    scene.asks()
    if is_asked:
        scene.agent.refers(9, COLLEAGUE.number, replaces=scene.asking, called=True)
    scene.connects(9.2 if ends_first else 9.1)
    (call, folder), (consultation, other) = scene.wire.recorded(tmp_path)
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
