"""Forked calls, of which several send something, and calls whose places change again and again."""

from dataclasses import replace
from pathlib import Path

import pytest

from recorder.assembly.book import CallBook
from recorder.assembly.limits import Limits
from recorder.assembly.signalling import Signalling
from recorder.protocol.sip import SipMessage
from tests.recorder.assembly.messages import CALLED, CALLER, Talk, sdp
from tests.recorder.switchboard import AGENT, CUSTOMER, PBX, Line, Wire, heard

NUMBERS = (CUSTOMER.number, AGENT.number)
FIRST, SECOND = "203.0.113.1", "203.0.113.2"


def forked(wire: Wire) -> Line:
    """A call that rings at two places, with early media of both."""
    line = wire.line("one", (CUSTOMER.host, PBX), NUMBERS)
    line.says(0, line.talk.request(body=sdp(CUSTOMER.host, 4000)))
    for host, tag in ((FIRST, "lost"), (SECOND, "b")):
        line.says(0.5, answer(line.talk, 183, tag, sdp(host, 6000)), from_called=True)
    return line


@pytest.mark.parametrize("is_sent_away", [False, True], ids=["rang", "answered-too"])
def test_who_gets_a_forked_call_is_heard_though_another_one_goes_on(
    tmp_path: Path, is_sent_away: bool
) -> None:
    wire = Wire()
    line = forked(wire)
    line.says(3, answer(line.talk, 200, "b", sdp(SECOND, 6000)), from_called=True)
    if is_sent_away:
        line.says(3.1, answer(line.talk, 200, "lost", sdp(FIRST, 6000)), from_called=True)
        line.says(3.2, line.talk.request("BYE", to_tag="lost"))
    wire.voice(900, 0.6, 6, (FIRST, CUSTOMER.host), (6000, 4000), "loser")
    wire.voice(AGENT.voice, 3, 9, (SECOND, CUSTOMER.host), (6000, 4000), "winner")
    line.hangs_up(9)
    ((call, folder),) = wire.watched(tmp_path)
    assert call.duration == pytest.approx(6)
    assert [heard(folder, 1, at, at + 0.9) for at in (0.5, 3.5, 4.5, 7)] == [900, *[AGENT.voice] * 3]


@pytest.mark.parametrize("moves", [1, 2])
def test_who_got_a_forked_call_and_moves_is_heard_from_the_beginning(tmp_path: Path, moves: int) -> None:
    """Who rang, too, goes on for a while, and so does every place that was left."""
    wire = Wire()
    line = forked(wire)
    line.says(2, answer(line.talk, 200, "b", sdp(SECOND, 6000)), from_called=True)
    wire.voice(900, 0.6, 4, (FIRST, CUSTOMER.host), (6000, 4000), "loser")
    wire.voice(AGENT.voice, 2, 6.6, (SECOND, CUSTOMER.host), (6000, 4000), "winner")
    for move in range(1, moves + 1):
        at, port = 4 + 2 * move, 6000 + 2 * move
        moved = {"body": sdp(SECOND, port), "to_tag": "b", "CSeq": f"{move} INVITE"}
        line.says(at, line.talk.request(from_called=True, **moved), from_called=True)
        end = at + 2 + 0.6 * (move < moves)
        wire.voice(1000 + 100 * move, at, end, (SECOND, CUSTOMER.host), (port, 4000), f"moved {move}")
    line.hangs_up(6 + 2 * moves)
    ((_, folder),) = wire.watched(tmp_path)
    said = [900, *[AGENT.voice] * 4, *[1100] * 2, *[1200] * 2][: 5 + 2 * moves]
    times = [0.2, 1.7, 2.6, 3.7, 5.0, 6.0, 6.6, 8.0, 8.6][: 5 + 2 * moves]
    assert [heard(folder, 1, at, at + 0.6) for at in times] == said


def test_early_media_of_the_place_that_answers_under_another_tag_is_its_own(tmp_path: Path) -> None:
    wire = Wire()
    line = wire.line("one", (CUSTOMER.host, PBX), NUMBERS)
    line.says(0, line.talk.request(body=sdp(CUSTOMER.host, line.ports[0])))
    line.says(0.5, answer(line.talk, 183, "early", sdp(PBX, line.ports[1])), from_called=True)
    line.says(2, answer(line.talk, 200, "b", sdp(PBX, line.ports[1])), from_called=True)
    line.carries(AGENT.voice, 0.6, 5, from_called=True)
    wire.voice(900, 2.5, 5, ("203.0.113.9", CUSTOMER.host), (7000, line.ports[0]), "other")
    line.hangs_up(5)
    ((_, folder),) = wire.watched(tmp_path)
    assert {heard(folder, 1, at, at + 0.9) for at in (0, 1, 2, 3)} == {AGENT.voice}


def answer(talk: Talk, status: int, tag: str, body: bytes) -> SipMessage:
    message = talk.response(status, body)
    fields = tuple((name, value.replace("tag=b", f"tag={tag}")) for name, value in message.fields)
    return replace(message, fields=fields)


def test_a_call_whose_places_change_all_the_time_is_heard_to_its_end(tmp_path: Path) -> None:
    wire = Wire()
    line = wire.line("one", (CUSTOMER.host, PBX), NUMBERS)
    line.begins(0)
    places = [(20_000 + 2 * number, 30_000 + 2 * number) for number in range(300)]
    for number, (here, there) in enumerate(places):
        at = 1 + number / 20
        line.says(at, line.talk.request(body=sdp(CUSTOMER.host, here), to_tag="b"))
        line.says(at + 0.01, line.talk.response(200, sdp(PBX, there)), from_called=True)
    line.ports = places[-1]
    line.carries(CUSTOMER.voice, 17, 19)
    line.carries(AGENT.voice, 17, 19, from_called=True)
    line.hangs_up(19)
    ((_, folder),) = wire.watched(tmp_path)
    assert (heard(folder, 0, 0.5, 1.5), heard(folder, 1, 0.5, 1.5)) == (CUSTOMER.voice, AGENT.voice)


def test_of_too_many_places_those_go_that_tell_nothing_of_their_own() -> None:
    signalling = Signalling(CallBook(limits=Limits(places=4)))
    talk = Talk()
    special = sdp("192.0.2.1", 3998, "a=rtpmap:96 opus/48000/2", protocol="RTP/AVP 96")
    bodies = [special, *(sdp("192.0.2.1", 4000 + 2 * number) for number in range(6))]
    told = [
        signalling.take(talk.request(body=body), number, CALLER, CALLED) for number, body in enumerate(bodies)
    ]
    (leg,) = signalling.legs
    assert leg.dialog is not None
    assert [end.port for end in leg.dialog.ends] == [3998, 4006, 4008, 4010]
    assert [[end.port for end in one.ends] for one in told if one] == [
        [3998],
        *([4000 + 2 * n] for n in range(6)),
    ]
    assert [end.port for one in told if one for end in one.gone] == [4000, 4002, 4004]


def test_who_moves_to_another_place_is_heard_there_though_the_old_one_goes_on(tmp_path: Path) -> None:
    wire = Wire()
    line = wire.line("one", (CUSTOMER.host, PBX), NUMBERS)
    line.begins(0)
    line.carries(CUSTOMER.voice, 0.2, 6)
    move = line.talk.request(body=sdp(SECOND, 4444), to_tag="b", CSeq="2 INVITE")
    line.says(4, move)
    line.says(4.05, line.talk.response(200, sdp(PBX, line.ports[1]), CSeq="2 INVITE"), from_called=True)
    wire.voice(1100, 4.1, 9, (SECOND, PBX), (4444, line.ports[1]), "moved")
    line.hangs_up(9)
    ((_, folder),) = wire.watched(tmp_path)
    assert [heard(folder, 0, at, at + 0.9) for at in (1, 2.5, 4, 5, 7)] == [
        *[CUSTOMER.voice] * 2,
        *[1100] * 3,
    ]


def test_who_offers_another_place_that_is_refused_is_heard_where_it_was(tmp_path: Path) -> None:
    wire = Wire()
    line = wire.line("one", (CUSTOMER.host, PBX), NUMBERS)
    line.begins(0)
    line.carries(CUSTOMER.voice, 0.2, 6)
    line.says(2, line.talk.request(body=sdp(SECOND, 4444), to_tag="b", CSeq="2 INVITE"))
    line.says(2.05, line.talk.response(488, CSeq="2 INVITE"), from_called=True)
    wire.voice(1100, 2.1, 4, (SECOND, PBX), (4444, line.ports[1]), "refused")
    line.hangs_up(6)
    ((_, folder),) = wire.watched(tmp_path)
    assert {heard(folder, 0, at, at + 0.9) for at in (1, 2, 3, 4)} == {CUSTOMER.voice}
