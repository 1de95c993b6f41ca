"""Several calls at one phone of SCCP: consultations, conferences, calls that wait."""

from pathlib import Path

from recorder.protocol.sccp_messages import OUTBOUND, State
from storage.model import Relation, Side
from tests.recorder.protocol import skinny
from tests.recorder.recording import call_files, captured
from tests.recorder.skinny_phones import ANNA, GATEWAY, Phone, outside
from tests.recorder.test_reused_places import stops
from tests.recorder.wire import Place, Wire


def asks_a_colleague(wire: Wire) -> tuple[Phone, Phone, Phone]:
    """8001 holds a customer and calls 8005, whose phone rings before the caller's shows that it does."""
    anna = outside(wire)
    anna.enters(4.2, State.HOLD)
    second = Phone(wire, anna.host, 16777300, 50, 20_002)
    second.talk = anna.talk
    emil = Phone(wire, "192.0.2.25", 16777301, 51, 25_000)
    emil.is_called(5.1, ANNA, ("8005", "Emil"))
    second.calls(4.5, ANNA, ("8005", "Emil"))
    for phone, far in ((second, emil), (emil, second)):
        phone.enters(6.0, State.CONNECTED)
        phone.opens(6.02, far.place)
    return anna, second, emil


def test_a_colleague_who_is_asked_is_in_a_call_beside_that_of_the_customer(tmp_path: Path) -> None:
    wire = Wire()
    anna, second, emil = asks_a_colleague(wire)
    wire.speech(6.1, 1.0, second.place, emil.place)
    for phone in (second, emil):
        phone.enters(8.0, State.ON_HOOK)
    anna.enters(8.2, State.CONNECTED)
    anna.enters(9.0, State.ON_HOOK)
    customer, consulted = (file.call for file in call_files(captured(tmp_path / "spool", [wire.batch()])))
    assert [len(call.legs) for call in (customer, consulted)] == [1, 2]
    assert [one.relation for one in customer.related] == [Relation.CONSULTATION]
    assert [one.relation for one in consulted.related] == [Relation.CONSULTED_ABOUT]


def test_a_colleague_is_in_a_call_of_their_own_though_who_is_held_was_not_seen_to_stop(
    tmp_path: Path,
) -> None:
    """The phone that asks uses one port for both of its calls."""
    wire = Wire()
    emil, anna = (Phone(wire, f"192.0.2.2{at}", 16777220 + at, 30 + at, 20_000) for at in (5, 1))
    second = Phone(wire, anna.host, 16777300, 50, anna.port)
    second.talk = anna.talk
    carla = Phone(wire, "192.0.2.26", 16777301, 51, 26_000)
    for at, (caller, called), numbers in (
        (0.0, (emil, anna), (("8005", "Emil"), ANNA)),
        (6.0, (second, carla), (ANNA, ("8006", "Carla"))),
    ):
        caller.calls(at, *numbers)
        called.is_called(at + 0.75, *numbers)
        asker, other = (caller, called) if at else (called, caller)
        for phone in (caller, called):
            phone.enters(at + 2.0, State.CONNECTED)
        for step, (phone, far) in enumerate(((asker, other), (other, asker))):
            phone.opens(at + 2.02 + 0.01 * step, far.place)
        wire.speech(at + 2.2, 2.0, caller.place, called.place, seed=int(at) + 1)
        wire.speech(at + 2.2, 2.0, called.place, caller.place, seed=int(at) + 2)
        stops(called, at + 4.3)
        called.enters(at + 4.31, State.HOLD)
    for phone in (second, carla, anna, emil):
        phone.enters(11.0, State.ON_HOOK)
    first, consulted = (file.call for file in call_files(captured(tmp_path / "spool", [wire.batch()])))
    assert [(call.from_, call.to) for call in (first, consulted)] == [("8005", "8001"), ("8001", "8006")]
    for call in (first, consulted):
        assert [party.packets.written for party in call.parties] == [100, 100]


def test_a_conference_keeps_the_name_of_the_other_party_and_is_told(tmp_path: Path) -> None:
    wire = Wire()
    anna, second, emil = asks_a_colleague(wire)
    anna.is_told(5.0, skinny.call_info(anna.reference, OUTBOUND, ANNA, ("0015551230001", "Zoë"), 17))
    second.says(7.5, skinny.soft_key(13, second.reference))
    for phone in (second, emil):
        phone.enters(7.6, State.ON_HOOK)
    anna.enters(7.7, State.CONNECTED)
    anna.is_told(7.7, skinny.call_info(anna.reference, OUTBOUND, ANNA, ("", "Conference"), 17))
    anna.opens(7.72, ("192.0.2.40", 24_000))
    anna.enters(9.0, State.ON_HOOK)
    customer, consulted = (file.call for file in call_files(captured(tmp_path / "spool", [wire.batch()])))
    assert customer.parties[1].name == "Zoë"
    for call in (customer, consulted):
        assert [event.side for event in call.events if event.kind == "conference"] == [Side.A]
        assert [one.relation for one in call.related] == [Relation.CONFERENCE]


def test_who_hangs_up_one_of_two_calls_has_not_hung_up_the_other(tmp_path: Path) -> None:
    wire = Wire()
    anna, second, emil = asks_a_colleague(wire)
    second.says(8.0, skinny.soft_key(9, second.reference))
    for phone in (second, emil):
        phone.enters(8.01, State.ON_HOOK)
    anna.enters(8.5, State.ON_HOOK)
    customer, consulted = (file.call for file in call_files(captured(tmp_path / "spool", [wire.batch()])))
    assert (customer.events[-1].side, consulted.events[-1].side) == (Side.B, Side.A)


def test_calls_on_one_phone_in_turn_each_keep_their_own(tmp_path: Path) -> None:
    """Who is called while other calls wait asks nobody about them."""
    wire = Wire()
    phones: list[tuple[Phone, Place]] = []
    for index in range(4):
        phone = Phone(wire, "192.0.2.21", 16777221 + index, 33 + index, 20_000 + 2 * index)
        phone.talk = phones[0][0].talk if phones else phone.talk
        far = (GATEWAY[0], GATEWAY[1] + 2 * index)
        phones.append((phone, far))
        phone.is_called(5.0 * index, (f"1555123000{index}", ""), ANNA)
        phone.enters(5.0 * index + 1, State.CONNECTED)
        phone.opens(5.0 * index + 1.02, far)
        wire.speech(5.0 * index + 1.1, 1.0, phone.place, far, seed=index)
        phone.enters(5.0 * index + 4, State.HOLD)
    for index, (phone, far) in enumerate(phones):
        phone.enters(20.0 + 3 * index, State.CONNECTED)
        wire.speech(20.1 + 3 * index, 2.0, far, phone.place, seed=10 + index)
        phone.enters(22.5 + 3 * index, State.ON_HOOK)
    calls = [file.call for file in call_files(captured(tmp_path / "spool", [wire.batch()]))]
    assert [call.from_ for call in calls] == [f"1555123000{index}" for index in range(4)]
    assert [[party.packets.written for party in call.parties] for call in calls] == [[100, 50]] * 4
    assert [call.related for call in calls] == [()] * 4
