"""Media at places that signalling tells in odd ways, or that are used again: who is heard in which call."""

from pathlib import Path

import pytest

from recorder.assembly.limits import Limits
from recorder.capture import CaptureOptions
from storage.model import CallState
from tests.recorder.assembly.messages import sdp
from tests.recorder.switchboard import AGENT, COLLEAGUE, CUSTOMER, PBX, Line, Wire, heard

NUMBERS = (CUSTOMER.number, AGENT.number)
NOBODY = "0.0.0.0"


def line(wire: Wire, name: str = "one", host: str = CUSTOMER.host) -> Line:
    return wire.line(name, (host, PBX), NUMBERS)


def agree(one: Line, offer: bytes, answer: bytes, at: float = 0) -> None:
    one.says(at, one.talk.request(body=offer))
    one.says(at + 0.1, one.talk.response(200, answer), from_called=True)


def talk(one: Line, start: float = 0.2, end: float = 3.0, voices: tuple[int, int] = (400, 700)) -> None:
    one.carries(voices[0], start, end)
    one.carries(voices[1], start, end, from_called=True)


def ice(host: str, port: int, named: str = NOBODY, at: int = 9) -> bytes:
    """A description whose candidate is where the media goes."""
    candidates = (
        f"a=candidate:1 1 UDP 2130706431 {host} {port} typ host",
        f"a=candidate:1 2 UDP 2130706430 {host} {port + 1} typ host",
        "a=candidate:2 1 TCP 1518280447 203.0.113.77 9 typ host tcptype active",
        "a=candidate:3 1 UDP 1 abcd.local 4444 typ host",
        "a=candidate:4 1 UDP 2",
    )
    return sdp(named, at, "a=ice-ufrag:x", *candidates)


@pytest.mark.parametrize(("named", "at"), [(NOBODY, 9), ("203.0.113.5", 30000)])
def test_media_goes_between_the_candidates_of_ice(tmp_path: Path, named: str, at: int) -> None:
    wire = Wire()
    one = line(wire)
    offer, answer = (ice(host, port, named, at) for host, port in zip(one.hosts, one.ports, strict=True))
    agree(one, offer, answer)
    talk(one)
    one.hangs_up(3)
    ((call, folder),) = wire.watched(tmp_path)
    assert (call.state, [event.kind for event in call.events]) == (CallState.ANSWERED, ["answered", "end"])
    assert (heard(folder, 0, 1, 2), heard(folder, 1, 1, 2)) == (400, 700)


def test_audio_that_shares_its_port_with_video_is_recorded_and_the_video_not(tmp_path: Path) -> None:
    wire = Wire()
    one = line(wire)
    video = "m=video {} RTP/AVP 96"
    bodies = [
        sdp(host, port, "a=rtpmap:0 PCMU/8000", video.format(port), "a=rtpmap:96 VP8/90000")
        for host, port in zip(one.hosts, one.ports, strict=True)
    ]
    agree(one, bodies[0], bodies[1])
    talk(one)
    wire.voice(1500, 0.2, 3, one.hosts, one.ports, "video", payload_type=96)
    one.hangs_up(3)
    ((call, folder),) = wire.watched(tmp_path)
    assert (heard(folder, 0, 1, 2), heard(folder, 1, 1, 2)) == (400, 700)
    assert (call.codecs, [len(party.ssrc) for party in call.parties]) == (("PCMU",), [1, 1])


def test_both_ends_behind_translators_of_addresses_are_found_by_their_signalling(tmp_path: Path) -> None:
    wire = Wire()
    outside, inside = "81.2.3.4", "10.0.0.5"
    one = wire.line("one", (outside, inside), NUMBERS)
    agree(one, sdp("192.168.1.10", 4000), sdp("54.1.2.3", one.ports[1]))
    talk(one)
    one.hangs_up(3)
    ((call, folder),) = wire.watched(tmp_path)
    assert call.state is CallState.ANSWERED
    assert (heard(folder, 0, 1, 2), heard(folder, 1, 1, 2)) == (400, 700)


def test_media_that_ended_before_is_not_part_of_the_next_call_at_the_place(tmp_path: Path) -> None:
    wire = Wire()
    one = line(wire)
    stranger = "203.0.113.9"
    wire.voice(900, 0, 3, (stranger, PBX), (7000, one.ports[1]), "stranger")
    wire.voice(1300, 0, 3, (PBX, stranger), (one.ports[1], 7000), "answers")
    one.begins(8)
    talk(one, 8.2, 11)
    one.hangs_up(11)
    (before, _), (call, _) = wire.watched(tmp_path)
    assert (before.state, before.duration) == (CallState.MEDIA_ONLY, pytest.approx(3, abs=0.1))
    assert call.recording is not None
    assert call.recording.seconds == pytest.approx(2.8, abs=0.1)
    assert [party.packets.received for party in call.parties] == [140, 140]


def test_a_phone_that_goes_on_behind_its_call_is_not_heard_in_the_next_one(tmp_path: Path) -> None:
    wire = Wire()
    one = line(wire)
    one.begins(0)
    talk(one)
    one.hangs_up(3)
    one.carries(400, 3, 3.6)
    two = line(wire, "two", COLLEAGUE.host)
    two.ports = (two.ports[0], one.ports[1])
    two.begins(3.1)
    talk(two, 3.2, 6, (1100, 1500))
    two.hangs_up(6)
    (first, _), (second, folder) = wire.watched(tmp_path)
    assert [party.packets.received for party in first.parties] == [170, 140]
    assert [party.packets.received for party in second.parties] == [140, 140]
    assert (heard(folder, 0, 0, 0.5), heard(folder, 1, 1, 2)) == (1100, 1500)


def test_what_begins_behind_the_end_of_a_call_at_its_port_is_the_next_calls(tmp_path: Path) -> None:
    """Its media is on its way before it is answered, and nothing has named its places by then."""
    wire = Wire()
    one = line(wire)
    one.begins(0)
    talk(one)
    one.hangs_up(3)
    two = line(wire, "two", COLLEAGUE.host)
    two.ports = (two.ports[0], one.ports[1])
    two.says(3.1, two.talk.request())
    two.says(4, two.talk.response(200, sdp(PBX, two.ports[1])), from_called=True)
    two.says(4.1, two.talk.request("ACK", body=sdp(two.hosts[0], two.ports[0]), to_tag="b"))
    talk(two, 3.5, 6, (1100, 1500))
    two.hangs_up(6)
    (first, _), (second, folder) = wire.watched(tmp_path)
    assert [party.packets.received for party in first.parties] == [140, 140]
    assert [party.packets.received for party in second.parties] == [125, 125]
    assert (heard(folder, 0, 0, 0.4), heard(folder, 1, 0, 0.4)) == (1100, 1500)


def test_who_is_heard_first_is_told_by_the_call_that_explains_it_alone(tmp_path: Path) -> None:
    """The port was that of the called party in the call before, and is that of the caller now."""
    wire = Wire()
    one = line(wire)
    one.begins(0)
    talk(one)
    one.hangs_up(3)
    one.carries(400, 3, 3.9)
    two = wire.line("two", (PBX, COLLEAGUE.host), NUMBERS[::-1])
    two.ports = (one.ports[1], two.ports[1])
    two.says(3.1, two.talk.request())
    two.says(4.3, two.talk.response(200, sdp("192.168.1.10", two.ports[1])), from_called=True)
    two.says(4.4, two.talk.request("ACK", body=sdp(PBX, two.ports[0]), to_tag="b"))
    talk(two, 3.5, 6, (1100, 1500))
    two.hangs_up(6)
    (first, _), (second, folder) = wire.watched(tmp_path)
    assert [party.packets.received for party in first.parties] == [185, 140]
    assert [party.packets.received for party in second.parties] == [125, 125]
    assert (heard(folder, 0, 0, 0.4), heard(folder, 1, 0, 0.4)) == (1100, 1500)


def test_a_phone_that_starts_again_behind_its_call_is_still_of_that(tmp_path: Path) -> None:
    wire = Wire()
    one = line(wire)
    one.begins(0)
    talk(one)
    one.hangs_up(3)
    wire.voice(900, 3.1, 3.6, one.hosts, one.ports, "busy tone")
    ((call, _),) = wire.watched(tmp_path)
    assert [party.packets.received for party in call.parties] == [165, 140]


def test_two_calls_at_one_port_of_a_phone_stay_apart(tmp_path: Path) -> None:
    wire = Wire()
    one = line(wire)
    one.begins(0)
    talk(one, 0.2, 8)
    two = line(wire, "two")
    two.ports = (one.ports[0], two.ports[1])
    two.begins(3)
    talk(two, 3.2, 6, (1100, 1500))
    two.hangs_up(6)
    one.hangs_up(8)
    (first, folder), (second, other) = wire.watched(tmp_path)
    assert [heard(folder, side, at, at + 1) for side in (0, 1) for at in (1, 4, 6.5)] == [
        *[400] * 3,
        *[700] * 3,
    ]
    assert (heard(other, 0, 1, 2), heard(other, 1, 1, 2)) == (1100, 1500)
    assert [party.packets.received for party in first.parties] == [390, 390]
    assert [party.packets.received for party in second.parties] == [140, 140]


def test_a_call_of_many_announcements_with_an_ssrc_each_is_heard_to_its_end(tmp_path: Path) -> None:
    wire = Wire()
    one = line(wire)
    one.begins(0)
    for number in range(20):
        start = 1 + 21 * number
        wire.voice(700, start, start + 0.4, one.hosts[::-1], one.ports[::-1], f"prompt {number}")
    one.hangs_up(402)
    ((call, _),) = wire.watched(tmp_path, CaptureOptions(limits=Limits(streams=16)))
    assert [len(party.ssrc) for party in call.parties] == [0, 20]
    assert call.parties[1].packets.received == 20 * 20


NAT = "203.0.113.5"


def behind_nat(wire: Wire, name: str, at: float, port: int = 0) -> Line:
    """A call of a phone that names an address of its own network."""
    made = wire.line(name, (NAT, PBX), NUMBERS)
    made.ports = (40000, port or made.ports[1])
    agree(made, sdp("192.168.1.10", 4000), sdp(PBX, made.ports[1]), at)
    return made


def test_a_phone_behind_nat_that_goes_on_behind_its_call_is_not_heard_in_the_next_one(tmp_path: Path) -> None:
    wire = Wire()
    one = behind_nat(wire, "one", 0)
    talk(one)
    one.hangs_up(3)
    one.carries(400, 3, 3.6)
    two = line(wire, "two", COLLEAGUE.host)
    two.ports = (two.ports[0], one.ports[1])
    two.begins(3.1)
    talk(two, 3.2, 6, (1100, 1500))
    two.hangs_up(6)
    (first, _), (second, folder) = wire.watched(tmp_path)
    assert [party.packets.received for party in first.parties] == [170, 140]
    assert [party.packets.received for party in second.parties] == [140, 140]
    assert heard(folder, 0, 0, 0.5) == 1100


def test_such_a_phone_that_never_stops_is_in_its_next_call_after_a_second(tmp_path: Path) -> None:
    wire = Wire()
    one = behind_nat(wire, "one", 0)
    talk(one, 0.2, 8)
    one.hangs_up(3)
    two = behind_nat(wire, "two", 3.2, one.ports[1])
    two.hangs_up(8)
    (first, _), (second, _) = wire.watched(tmp_path)
    for call, seconds in ((first, 3.8), (second, 4.0)):
        assert [party.packets.received for party in call.parties] == pytest.approx([seconds * 50] * 2, abs=5)
