"""Several calls under one Call-ID: old phones count from 1 behind an address that others have, too."""

from pathlib import Path

import pytest

from storage.model import CallState
from tests.recorder.assembly.messages import Talk, sdp
from tests.recorder.switchboard import AGENT, COLLEAGUE, CUSTOMER, PBX, Line, Wire, heard

CALL_ID = "1@192.168.1.10"
OTHER_SITE = "203.0.113.77"


def phone(wire: Wire, host: str, numbers: tuple[str, str]) -> Line:
    """A line of a phone behind a translator of addresses."""
    line = wire.line("", (host, PBX), numbers)
    line.call_id = CALL_ID
    return line


def says(line: Line, at: float, tag: str, number: int = 1, method: str = "INVITE", **more: str) -> Talk:
    """A request under a tag of the caller; answer what makes the other messages of that dialog."""
    talk = Talk(CALL_ID, f"<sip:{line.numbers[0]}@test>;tag={tag}", f"<sip:{line.numbers[1]}@test>")
    body = sdp("192.168.1.10", line.ports[0]) if method == "INVITE" else b""
    via = f"SIP/2.0/UDP {line.hosts[0]};branch=z9hG4bK{tag}{number}"
    line.says(at, talk.request(method, body, CSeq=f"{number} {method}", Via=via, **more))
    return talk


def answered(line: Line, at: float, tag: str, number: int = 1) -> Talk:
    talk = says(line, at, tag, number)
    answer = talk.response(200, sdp(PBX, line.ports[1]), CSeq=f"{number} INVITE")
    line.says(at + 0.1, answer, from_called=True)
    return talk


def carries(line: Line, voices: tuple[int, int], start: float, end: float) -> None:
    line.carries(voices[0], start, end)
    line.carries(voices[1], start, end, from_called=True)


def hangs_up(line: Line, talk: Talk, at: float) -> None:
    line.says(at, talk.request("BYE", to_tag="b", CSeq="9 BYE"))


@pytest.mark.parametrize("site", [OTHER_SITE, CUSTOMER.host])
def test_two_phones_with_one_call_id_have_a_call_each(tmp_path: Path, site: str) -> None:
    """Of two sites, or behind one translator of addresses."""
    wire = Wire()
    one = phone(wire, CUSTOMER.host, (CUSTOMER.number, AGENT.number))
    two = phone(wire, site, ("2001", COLLEAGUE.number))
    first = answered(one, 0, "a")
    second = answered(two, 2, "z")
    carries(one, (400, 700), 0.2, 7)
    carries(two, (1100, 1500), 2.2, 5)
    hangs_up(two, second, 5)
    hangs_up(one, first, 7)
    (call, folder), (other, beside) = wire.watched(tmp_path)
    assert [(one.from_, one.duration) for one in (call, other)] == [
        (CUSTOMER.number, pytest.approx(6.9, abs=0.05)),
        ("2001", pytest.approx(2.9, abs=0.05)),
    ]
    assert [heard(folder, side, at, at + 1) for side in (0, 1) for at in (1, 3, 5)] == [
        *[400] * 3,
        *[700] * 3,
    ]
    assert (heard(beside, 0, 1, 2), heard(beside, 1, 1, 2)) == (1100, 1500)


def test_what_comes_late_for_one_of_them_says_nothing_of_the_other(tmp_path: Path) -> None:
    wire = Wire()
    one = phone(wire, CUSTOMER.host, (CUSTOMER.number, AGENT.number))
    two = phone(wire, OTHER_SITE, ("2001", COLLEAGUE.number))
    first, second = answered(one, 0, "a"), answered(two, 1, "z")
    carries(one, (400, 700), 0.2, 3)
    carries(two, (1100, 1500), 1.2, 9)
    for late in (0, 2, 4):
        hangs_up(one, first, 3 + late)
    hangs_up(two, second, 9)
    calls = wire.watched(tmp_path)
    assert [call.duration for call, _ in calls] == pytest.approx([2.9, 7.9], abs=0.05)


@pytest.mark.parametrize("tag", ["a", "later"])
def test_a_phone_that_always_uses_one_call_id_may_call_again_at_once(tmp_path: Path, tag: str) -> None:
    """While the end of its last call is still waited for."""
    wire = Wire()
    line = phone(wire, CUSTOMER.host, (CUSTOMER.number, AGENT.number))
    hangs_up(line, answered(line, 0, "a"), 3)
    carries(line, (400, 700), 0.2, 3.2)
    line.ports = (line.ports[0], line.ports[1] + 100)
    again = answered(line, 3.4, tag, 10)
    wire.voice(1100, 3.6, 6, line.hosts, line.ports, "again")
    line.says(6, again.request("BYE", to_tag="b", CSeq="11 BYE"))
    (first, _), (second, folder) = wire.watched(tmp_path)
    assert [first.duration, second.duration] == pytest.approx([2.9, 2.5], abs=0.05)
    assert heard(folder, 0, 1, 2) == 1100


def test_a_border_controller_with_two_addresses_that_keeps_the_call_id_makes_no_other_call(
    tmp_path: Path,
) -> None:
    """Nobody answers, so that no sound proves it."""
    wire = Wire()
    line = phone(wire, CUSTOMER.host, (CUSTOMER.number, "+15557654321"))
    beyond = phone(wire, OTHER_SITE, (CUSTOMER.number, "5557654321"))
    beyond.hosts = (OTHER_SITE, COLLEAGUE.host)
    first = says(line, 0, "a")
    second = says(beyond, 0.05, "sbc")
    beyond.says(3, second.response(486, Via=f"SIP/2.0/UDP {OTHER_SITE};branch=z9hG4bKsbc1"), from_called=True)
    line.says(3.1, first.response(486, Via=f"SIP/2.0/UDP {CUSTOMER.host};branch=z9hG4bKa1"), from_called=True)
    ((call, _),) = wire.watched(tmp_path)
    assert (call.state, call.from_, call.to) == (CallState.BUSY, CUSTOMER.number, "+15557654321")


@pytest.mark.parametrize("status", [401, 302, 503])
def test_a_caller_who_tries_again_under_another_tag_makes_no_other_call(tmp_path: Path, status: int) -> None:
    wire = Wire()
    line = phone(wire, CUSTOMER.host, (CUSTOMER.number, AGENT.number))
    first = says(line, 0, "a")
    line.says(0.1, first.response(status, CSeq="1 INVITE"), from_called=True)
    again = answered(line, 0.3, "other", 2)
    carries(line, (400, 700), 0.5, 3)
    hangs_up(line, again, 3)
    ((call, _),) = wire.watched(tmp_path)
    assert (call.state, call.duration) == (CallState.ANSWERED, pytest.approx(2.6, abs=0.05))
