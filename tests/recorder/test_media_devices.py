"""Devices at which others meet and that a call manager controls by SCCP: bridges, transcoders, termination
points. What they are told is of media alone."""

from pathlib import Path

import pytest

from recorder.capture import Capture
from recorder.protocol.sccp_messages import State
from recorder.recovery import recover
from storage.model import CallState
from tests.recorder.frames import SECOND
from tests.recorder.protocol.tcp_talk import Talk
from tests.recorder.recording import call_files, captured, taken_over
from tests.recorder.skinny_phones import ANNA, BERND, GATEWAY, MANAGER, Phone, outside
from tests.recorder.test_reused_places import speak, stops
from tests.recorder.wire import Place, Wire

DEVICE = "192.0.2.40"


def meets(wire: Wire, number: int, reference: int = 16777500) -> Phone:
    """The device, as far as one of those is concerned who meet there."""
    phone = Phone(wire, DEVICE, reference, 60 + number, 30_000 + 2 * number)
    phone.talk = Talk((DEVICE, 40_000 + number), MANAGER)
    return phone


def passes(wire: Wire, seed: int, *ways: tuple[Place, Place]) -> None:
    """One voice, through the device."""
    for hop, (source, destination) in enumerate(ways):
        wire.speech(3.5 + 0.001 * hop, 2.0, source, destination, seed=seed)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (1, 2, 0, 3), (0, 3, 1, 2), (3, 2, 1, 0)])
def test_who_talk_through_a_termination_point_are_each_on_their_own_side(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    wire = Wire()
    anna = Phone(wire, "192.0.2.21", 16777221, 33, 20_000)
    bernd = Phone(wire, "192.0.2.22", 16777222, 34, 22_000)
    near, far = meets(wire, 0), meets(wire, 1)
    anna.calls(0.0, ANNA, BERND)
    bernd.is_called(0.75, ANNA, BERND)
    for phone in (anna, bernd):
        phone.enters(3.0, State.CONNECTED)
    pairs = [(anna, near), (near, anna), (far, bernd), (bernd, far)]
    for at, index in enumerate(order):
        phone, other = pairs[index]
        phone.opens(3.02 + 0.05 * at, other.place)
    passes(wire, 1, (anna.place, near.place), (far.place, bernd.place))
    passes(wire, 2, (bernd.place, far.place), (near.place, anna.place))
    for phone in (anna, bernd, near, far):
        stops(phone, 6.0)
    for phone in (anna, bernd):
        phone.enters(6.01, State.ON_HOOK)
    capture = Capture(tmp_path / "spool")
    capture.feed(wire.batch())
    capture.feed(wire.batch(end=0.0), int(wire.batch().times[-1]) + 2_000_000_000)
    (file,) = call_files(capture)
    assert file.ended, "nothing has to be waited for"
    assert (file.call.state, file.call.from_, file.call.to) == (CallState.ANSWERED, "8001", "8002")
    assert file.plan is not None
    heard = [sorted(one.stream.split(":")[0] for one in channel.sources) for channel in file.plan.channels]
    assert heard == [["192.0.2.21", DEVICE], ["192.0.2.22", DEVICE]]
    assert [party.packets.written for party in file.call.parties] == [100, 100]


def test_parties_come_to_a_bridge_and_go(tmp_path: Path) -> None:
    """Those whose phones are not seen: each has a leg, which ends with their media."""
    wire = Wire()
    for number in range(4):
        device, far = meets(wire, number), (f"192.0.2.{121 + number}", 20_000)
        device.opens(1.0 + number, far)
        speak(wire, 1.2 + number, far, device.place, 2 * number, 2.0)
        stops(device, 3.5 + number)
    calls = [file.call for file in call_files(captured(tmp_path / "spool", [wire.batch()]))]
    legs = sorted((leg for call in calls for leg in call.legs), key=lambda leg: leg.start)
    names = [leg.call_id.partition("@")[0] for leg in legs]
    assert names == ["16777500", "16777500.61", "16777500.62", "16777500.63"]
    assert [(leg.end - leg.start).total_seconds() for leg in legs] == [pytest.approx(2.49, abs=0.02)] * 4
    assert sum(party.packets.written for call in calls for party in call.parties) == 800


@pytest.mark.parametrize("killed", [1.5, 2.5, 2.9])
def test_who_comes_to_a_bridge_after_the_recorder_was_killed_has_a_leg_too(
    tmp_path: Path, killed: float
) -> None:
    wire = Wire()
    for number in range(3):
        device, far = meets(wire, number), (f"192.0.2.{121 + number}", 20_000)
        device.opens(1.0 + number, far)
        speak(wire, 1.2 + number, far, device.place, 2 * number, 5.0)
        stops(device, 6.5 + number)
    first = Capture(tmp_path / "spool")
    first.feed(wire.batch(end=killed))
    first.flush()
    second = Capture(tmp_path / "spool")
    recover(second)
    second.feed(wire.batch(start=killed))
    second.finish()
    legs = [leg for file in call_files(second) for leg in file.legs]
    assert sorted(leg.dialog.call_id.partition("@")[0] for leg in legs if leg.dialog is not None) == [
        "16777500",
        "16777500.61",
        "16777500.62",
    ]
    assert [[one.counts.written for one in leg.streams.values()] for leg in legs] == [[250, 250]] * 3


@pytest.mark.parametrize("killed", [0, 4.2, 5.5])
@pytest.mark.parametrize("joins", [4.4, 8.0, 40.0])
def test_who_comes_to_a_bridge_when_the_first_one_has_left_has_a_leg_too(
    tmp_path: Path, joins: float, killed: float
) -> None:
    wire = Wire()
    for number, (start, stop) in enumerate([(1.0, 4.0), (1.5, 45.0), (joins, 45.0)]):
        device, far = meets(wire, number), (f"192.0.2.{121 + number}", 20_000)
        device.opens(start, far)
        speak(wire, start + 0.2, far, device.place, 2 * number, stop - start - 0.4)
        stops(device, stop)
    before = wire.batch(end=killed).within(SECOND // 10) if killed else ()
    after = wire.batch(start=killed).within(SECOND // 10)
    legs = [leg for file in taken_over(tmp_path, before, after, is_killed=True) for leg in file.legs]
    names = [leg.dialog.call_id.partition("@")[0] if leg.dialog else "" for leg in legs]
    assert sorted(names) == ["16777500", "16777500.61", "16777500.62"]


def test_who_leaves_a_bridge_and_came_before_the_capture_ends_nobody_elses_media(tmp_path: Path) -> None:
    wire = Wire()
    before, after = meets(wire, 0), meets(wire, 1)
    before.opens(1.0, ("192.0.2.121", 20_000))
    after.opens(3.0, ("192.0.2.122", 20_000))
    speak(wire, 3.2, ("192.0.2.122", 20_000), after.place, 2, 20.0)
    stops(before, 5.0)
    stops(after, 23.5)
    batches = wire.batch(start=2.0).within(100_000_000)
    (file,) = call_files(captured(tmp_path / "spool", batches))
    assert file.call.duration == pytest.approx(20.5, abs=0.05)
    assert [party.packets.written for party in file.call.parties] == [1000, 1000]


def test_a_phone_that_was_captured_from_its_middle_holds_and_goes_on(tmp_path: Path) -> None:
    """Its media ends before it is told that the call is held."""
    wire = Wire()
    anna = outside(wire)
    speak(wire, 3.1, anna.place, GATEWAY, 1)
    stops(anna, 4.2)
    anna.enters(4.22, State.HOLD)
    anna.enters(9.0, State.CONNECTED)
    anna.opens(9.02, GATEWAY)
    speak(wire, 9.1, anna.place, GATEWAY, 2)
    stops(anna, 10.5)
    anna.enters(10.51, State.ON_HOOK)
    batches = wire.batch(start=3.015).within(100_000_000)
    (file,) = call_files(captured(tmp_path / "spool", batches))
    assert [event.kind for event in file.call.events] == ["hold", "resume", "end"]
    assert [party.packets.written for party in file.call.parties] == [100, 100]
