"""Calls that a live tap sees: tried again with the same Call-ID, silent for long, refused for good."""

from pathlib import Path

import pytest

from recorder.assembly.limits import Limits
from recorder.capture import CaptureOptions
from storage.model import CallState
from tests.recorder.assembly.messages import Talk, sdp
from tests.recorder.frames import SECOND, START
from tests.recorder.recording import taken_over
from tests.recorder.switchboard import AGENT, CUSTOMER, PBX, Line, Wire, heard

HOSTS, NUMBERS = (CUSTOMER.host, PBX), (CUSTOMER.number, AGENT.number)


def via(branch: str, number: int, method: str = "INVITE") -> dict[str, str]:
    return {"Via": f"SIP/2.0/UDP 198.51.100.7;branch=z9hG4bK{branch}", "CSeq": f"{number} {method}"}


def talk(line: Line, start: float, end: float) -> None:
    line.carries(CUSTOMER.voice, start, end)
    line.carries(AGENT.voice, start, end, from_called=True)


def refused(status: int, again: float) -> tuple[Wire, Line]:
    """A call that is refused at first and answered when its caller tries again, after so many seconds."""
    wire = Wire()
    line = wire.line("one", HOSTS, NUMBERS)
    offer, answer = sdp(CUSTOMER.host, line.ports[0]), sdp(PBX, line.ports[1])
    line.says(0, line.talk.request(body=offer, **via("a", 1)))
    line.says(0.1, line.talk.response(status, **via("a", 1)), from_called=True)
    line.says(again, line.talk.request(body=offer, **via("b", 2)))
    line.says(again + 0.2, line.talk.response(status, **via("a", 1)), from_called=True)
    line.says(again + 3, line.talk.response(200, answer, **via("b", 2)), from_called=True)
    talk(line, again + 3, again + 6)
    line.hangs_up(again + 6)
    return wire, line


@pytest.mark.parametrize(("status", "again"), [(302, 0.3), (302, 3.0), (484, 2.0), (407, 4.0), (503, 0.3)])
def test_a_caller_who_tries_again_is_one_answered_call(tmp_path: Path, status: int, again: float) -> None:
    wire, _ = refused(status, again)
    ((call, folder),) = wire.watched(tmp_path)
    assert (call.state, call.duration) == (CallState.ANSWERED, pytest.approx(3, abs=0.1))
    assert (heard(folder, 0, 1, 2), heard(folder, 1, 1, 2)) == (CUSTOMER.voice, AGENT.voice)


def test_a_caller_who_tries_again_later_with_the_same_call_id_is_not_lost(tmp_path: Path) -> None:
    wire, _ = refused(503, 5.0)
    (failed, _), (call, folder) = wire.watched(tmp_path)
    assert (failed.state, call.state, call.from_) == (CallState.FAILED, CallState.ANSWERED, CUSTOMER.number)
    assert (heard(folder, 0, 1, 2), heard(folder, 1, 1, 2)) == (CUSTOMER.voice, AGENT.voice)


def test_a_proxy_that_takes_its_time_between_two_phones_loses_no_call(tmp_path: Path) -> None:
    wire = Wire()
    line = wire.line("one", HOSTS, NUMBERS)
    offer, answer = sdp(CUSTOMER.host, line.ports[0]), sdp(PBX, line.ports[1])
    line.says(0, line.talk.request(body=offer, **via("a", 1)))
    line.says(0.1, line.talk.response(486, **via("a", 1)), from_called=True)
    line.says(3, line.talk.request(body=offer, **via("b", 1)))
    line.says(4, line.talk.response(200, answer, **via("b", 1)), from_called=True)
    talk(line, 4, 6)
    line.hangs_up(6)
    (busy, _), (call, folder) = wire.watched(tmp_path)
    assert (busy.state, call.state) == (CallState.BUSY, CallState.ANSWERED)
    assert heard(folder, 1, 0.5, 1.5) == AGENT.voice


def test_what_comes_late_for_a_call_does_not_begin_it_again(tmp_path: Path) -> None:
    wire = Wire()
    line = wire.line("one", HOSTS, NUMBERS)
    line.begins(0)
    talk(line, 0.1, 2)
    line.hangs_up(2)
    line.begins(4)
    wire.put(9, b"", PBX, PBX)
    ((call, _),) = wire.watched(tmp_path)
    assert call.duration == pytest.approx(1.9, abs=0.1)


def test_the_next_call_of_a_phone_that_uses_its_call_id_again_is_another_one(tmp_path: Path) -> None:
    wire = Wire()
    line = wire.line("one", HOSTS, NUMBERS)
    line.begins(0)
    talk(line, 0.1, 2)
    line.hangs_up(2)
    again = Talk("one@test", f"<sip:{CUSTOMER.number}@test>;tag=later", f"<sip:{AGENT.number}@test>")
    line.says(5, again.request(body=sdp(CUSTOMER.host, line.ports[0])))
    line.says(5.1, again.response(200, sdp(PBX, line.ports[1])), from_called=True)
    talk(line, 5.1, 7)
    line.says(7, again.request("BYE", to_tag="b"))
    assert [call.duration for call, _ in wire.watched(tmp_path)] == pytest.approx([1.9, 1.9], abs=0.1)


def test_who_is_asked_for_credentials_and_has_none_was_refused_then(tmp_path: Path) -> None:
    wire = Wire()
    line = wire.line("one", HOSTS, NUMBERS)
    line.says(0, line.talk.request(**via("a", 1)))
    line.says(0.1, line.talk.response(407, **via("a", 1)), from_called=True)
    other = wire.line("two", (AGENT.host, PBX), ("1001", "1009"))
    other.begins(20)
    (call, _), _ = wire.watched(tmp_path)
    assert (call.state, call.legs[0].cause) == (CallState.FAILED, 407)
    assert (call.end - call.start).total_seconds() == pytest.approx(0.1)
    assert [(event.kind, event.detail["status"]) for event in call.events] == [("rejected", 407)]


def test_a_hold_in_which_nobody_sends_anything_ends_no_call(tmp_path: Path) -> None:
    wire = Wire()
    line = wire.line("one", HOSTS, NUMBERS)
    line.begins(0)
    talk(line, 0.1, 2)
    line.holds(2, direction="inactive")
    line.holds(150, direction="sendrecv")
    talk(line, 150, 152)
    line.hangs_up(152)
    ((call, folder),) = wire.watched(tmp_path)
    assert call.duration == pytest.approx(151.9, abs=0.1)
    assert [event.kind for event in call.events] == ["answered", "hold", "resume", "end"]
    assert heard(folder, 1, 150.2, 151.2) == AGENT.voice


def test_a_silent_call_lives_while_its_signalling_does(tmp_path: Path) -> None:
    wire = Wire()
    line = wire.line("one", HOSTS, NUMBERS)
    line.begins(0)
    for number, at in enumerate(range(60, 300, 60), 2):
        line.says(at, line.talk.request("UPDATE", to_tag="b", CSeq=f"{number} UPDATE"))
    line.hangs_up(300)
    ((call, _),) = wire.watched(tmp_path)
    assert (call.duration, call.events[-1].kind) == (pytest.approx(299.9, abs=0.1), "end")


def test_a_call_that_is_silent_in_every_way_ends(tmp_path: Path) -> None:
    wire = Wire()
    line = wire.line("one", HOSTS, NUMBERS)
    line.begins(0)
    talk(line, 0.1, 2)
    line.hangs_up(100)
    ((call, _),) = wire.watched(tmp_path)
    assert (call.duration, call.events[-1].kind) == (pytest.approx(1.9, abs=0.1), "end-not-seen")


def test_an_answer_after_a_long_ringing_is_not_lost(tmp_path: Path) -> None:
    wire = Wire()
    line = wire.line("one", HOSTS, NUMBERS)
    line.says(0, line.talk.request(body=sdp(CUSTOMER.host, line.ports[0])))
    line.says(1, line.talk.response(180), from_called=True)
    line.says(320, line.talk.response(200, sdp(PBX, line.ports[1])), from_called=True)
    talk(line, 320, 322)
    line.hangs_up(322)
    *_, (call, folder) = wire.watched(tmp_path)
    assert (call.state, call.from_, call.duration) == (CallState.ANSWERED, CUSTOMER.number, 2)
    assert heard(folder, 1, 0.2, 1.2) == AGENT.voice


def test_a_call_that_was_given_up_and_goes_on_is_called_what_it_is(tmp_path: Path) -> None:
    wire = Wire()
    line = wire.line("one", HOSTS, NUMBERS)
    line.begins(0)
    talk(line, 0.1, 2)
    line.holds(100, direction="sendrecv")
    talk(line, 100, 102)
    line.hangs_up(102)
    first, second = (call for call, _ in wire.watched(tmp_path))
    assert (first.events[-1].kind, second.state) == ("end-not-seen", CallState.ANSWERED)
    assert (second.from_, second.duration) == (CUSTOMER.number, pytest.approx(2, abs=0.1))


def unheard(wire: Wire, name: str, *, is_acknowledged: bool = True) -> Line:
    """A call whose media goes past the tap."""
    line = wire.line(name, HOSTS, NUMBERS)
    line.begins(0)
    if is_acknowledged:
        line.says(0.2, line.talk.request("ACK", to_tag="b"))
    return line


def test_a_call_whose_media_goes_past_the_tap_lasts_until_it_is_hung_up(tmp_path: Path) -> None:
    wire = Wire()
    unheard(wire, "one").hangs_up(400)
    ((call, _),) = wire.watched(tmp_path)
    assert (call.state, call.duration, call.events[-1].kind) == (
        CallState.ANSWERED,
        pytest.approx(399.9, abs=0.1),
        "end",
    )


@pytest.mark.parametrize("every", [900, 40])
@pytest.mark.parametrize("killed", [2, 2_800])
def test_such_a_call_is_waited_for_after_a_kill_too(tmp_path: Path, killed: int, every: int) -> None:
    """What keeps it alive tells nothing new: its ACK, and requests that refresh its session (RFC 4028)."""
    wire = Wire()
    line = wire.line("one", HOSTS, NUMBERS)
    line.begins(0)
    line.says(0.9, line.talk.request("ACK", to_tag="b"))
    for number, at in enumerate(range(every, 4_000, every), 2):
        line.says(at, line.talk.request("UPDATE", to_tag="b", CSeq=f"{number} UPDATE"))
    line.hangs_up(4_000)
    for at in (0.6, 1.5, *range(50, 4_000, 50)):
        other = wire.line(f"other{at}", HOSTS, NUMBERS)
        other.begins(at)
        other.hangs_up(at + 0.2)
    parts = list(wire.batch().within(SECOND // 10))
    cut = next(at for at, part in enumerate(parts) if part.times[0] > START + killed * SECOND)
    files = taken_over(tmp_path, parts[:cut], parts[cut:], is_killed=True)
    (call,) = (file.call for file in files if file.call.legs[0].call_id == line.call_id)
    assert (call.duration, call.events[-1].kind) == (pytest.approx(3_999.9, abs=0.1), "end")


@pytest.mark.parametrize(
    ("is_acknowledged", "unanswered"), [(False, 9), (True, 0)], ids=["half-open", "crowd"]
)
def test_half_open_calls_and_crowds_of_silent_ones_are_not_waited_for(
    tmp_path: Path, is_acknowledged: bool, unanswered: int
) -> None:
    wire = Wire()
    unheard(wire, "one", is_acknowledged=is_acknowledged).hangs_up(400)
    ((call, _),) = wire.watched(tmp_path, CaptureOptions(limits=Limits(unanswered=unanswered)))
    assert call.events[-1].kind == "end-not-seen"
