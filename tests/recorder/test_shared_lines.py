"""Lines that several phones of SCCP have, and groups of phones that ring together."""

from pathlib import Path

import pytest

from recorder.protocol.sccp_messages import State
from storage.model import CallState, Side
from tests.recorder.recording import call_files, captured
from tests.recorder.skinny_phones import ANNA, BERND, GATEWAY, Phone, one
from tests.recorder.test_reused_places import speak, stops
from tests.recorder.wire import Wire


def test_a_line_on_two_phones_is_one_call_of_who_took_it(tmp_path: Path) -> None:
    wire = Wire()
    anna = Phone(wire, "192.0.2.21", 16777221, 33, 20_000)
    phones = [Phone(wire, f"192.0.2.{22 + one}", 16777222, 40 + one, 22_000) for one in range(2)]
    anna.calls(0.0, ANNA, BERND)
    for phone in phones:
        phone.is_called(0.75, ANNA, BERND)
    phones[0].enters(3.0, State.REMOTE)
    for phone, far in ((anna, phones[1]), (phones[1], anna)):
        phone.enters(3.0, State.CONNECTED)
        phone.opens(3.02, far.place)
    wire.speech(3.1, 1.0, phones[1].place, anna.place)
    for phone in (anna, *phones):
        phone.enters(4.5, State.ON_HOOK)
    call = one(tmp_path, wire)
    assert len(call.legs) == 3
    states = {leg.call_id.partition("@")[2]: leg.state for leg in call.legs[1:]}
    assert states == {"192.0.2.22": CallState.MISSED, "192.0.2.23": CallState.ANSWERED}
    assert [party.packets.written for party in call.parties] == [0, 50]


def test_phones_that_ring_together_are_one_call_of_who_took_it_though_the_caller_is_not_seen(
    tmp_path: Path,
) -> None:
    """A line of several phones, or a group; the others are told that it is taken, or only to stop."""
    for end in (State.REMOTE, State.ON_HOOK):
        for order in ((0, 1), (1, 0)):
            wire = Wire()
            phones = [
                Phone(wire, f"192.0.2.{22 + one}", 16777222 + one, 40 + one, 22_000) for one in range(3)
            ]
            for index, phone in enumerate(phones):
                phone.is_called(0.5 + 0.01 * index, ("15551230001", "Zoë"), BERND)
            for index in order:
                if index:
                    phones[0].enters(3.0, end)
                    phones[2].enters(3.0, end)
                else:
                    phones[1].enters(3.0, State.CONNECTED)
            phones[1].opens(3.02, GATEWAY)
            wire.speech(3.1, 1.0, GATEWAY, phones[1].place)
            phones[1].enters(5.0, State.ON_HOOK)
            call = one(tmp_path / f"{end}{order}", wire)
            assert (call.state, call.duration) == (CallState.ANSWERED, pytest.approx(2.0, abs=0.02))
            assert sorted(leg.state for leg in call.legs) == [
                CallState.ANSWERED,
                CallState.MISSED,
                CallState.MISSED,
            ]
            assert [party.packets.written for party in call.parties] == [50, 0]


def test_two_calls_of_one_caller_to_one_number_are_two(tmp_path: Path) -> None:
    """The second one comes while somebody talks on the first."""
    wire = Wire()
    phones = [Phone(wire, f"192.0.2.{22 + one}", 16777222 + one, 40 + one, 22_000) for one in range(2)]
    for index, phone in enumerate(phones):
        phone.is_called(4.0 * index, ("15551230001", "Zoë"), BERND)
        phone.enters(4.0 * index + 1, State.CONNECTED)
        phone.opens(4.0 * index + 1.02, (GATEWAY[0], GATEWAY[1] + 2 * index))
        phone.enters(10.0 + index, State.ON_HOOK)
    assert len(call_files(captured(tmp_path / "spool", [wire.batch()]))) == 2


ZOE = ("15551230001", "Zoë")


@pytest.mark.parametrize("is_caller_seen", [False, True])
def test_a_call_that_is_held_at_one_phone_and_taken_at_another_is_one_with_all_that_was_said(
    tmp_path: Path, is_caller_seen: bool
) -> None:
    wire = Wire()
    caller = Phone(wire, "192.0.2.20", 16777299, 30, 19_000)
    first, second = (Phone(wire, f"192.0.2.{22 + one}", 16777300, 40 + one, 22_000) for one in range(2))
    from_, far = (ANNA, caller.place) if is_caller_seen else (ZOE, GATEWAY)
    if is_caller_seen:
        caller.calls(0.0, ANNA, BERND)
        caller.enters(3.0, State.CONNECTED)
        caller.opens(3.02, first.place)
    for phone in (first, second):
        phone.is_called(0.75, from_, BERND)
    second.enters(3.0, State.REMOTE)
    first.enters(3.0, State.CONNECTED)
    first.opens(3.02, far)
    speak(wire, 3.1, first.place, far, 1)
    stops(first, 4.2)
    for phone in (first, second):
        phone.enters(4.21, State.HOLD)
    second.enters(6.0, State.CONNECTED)
    first.enters(6.0, State.REMOTE)
    second.opens(6.02, far)
    if is_caller_seen:
        stops(caller, 4.2)
        caller.opens(6.02, second.place)
    speak(wire, 6.1, second.place, far, 3)
    for phone in (first, second, *([caller] if is_caller_seen else [])):
        phone.enters(8.0, State.ON_HOOK)
    call = one(tmp_path, wire)
    assert [leg.state for leg in call.legs] == [CallState.ANSWERED] * len(call.legs)
    assert call.duration == pytest.approx(5.0, abs=0.02)
    assert [party.packets.written for party in call.parties] == [100, 100]
    told = [(event.kind, event.side) for event in call.events if event.kind in ("hold", "resume", "left")]
    assert told == [("hold", Side.B), ("resume", Side.B)]


def test_a_phone_that_stops_to_ring_as_another_one_is_answered_is_nobody_who_left(tmp_path: Path) -> None:
    wire = Wire()
    phones = [Phone(wire, f"192.0.2.{22 + one}", 16777300, 40 + one, 22_000) for one in range(2)]
    for phone in phones:
        phone.is_called(0.5, ZOE, BERND)
    phones[0].enters(3.0, State.CONNECTED)
    phones[1].enters(3.0, State.REMOTE)
    phones[0].opens(3.02, GATEWAY)
    speak(wire, 3.1, phones[0].place, GATEWAY, 1)
    phones[0].enters(8.0, State.ON_HOOK)
    assert [event.kind for event in one(tmp_path, wire).events] == ["ringing", "answered", "end"]
