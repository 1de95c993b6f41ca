"""Calls that phones of SCCP give away: their manager connects them anew, and says so only by who is shown."""

from pathlib import Path

import pytest

from recorder.protocol.sccp_messages import INBOUND, State
from storage.model import Call, CallState, Relation, Side
from tests.recorder.protocol import skinny
from tests.recorder.recording import call_files, captured, taken_over
from tests.recorder.skinny_phones import ANNA, GATEWAY, Phone, outside
from tests.recorder.test_reused_places import holds, speak, stops
from tests.recorder.wire import Wire

EMIL, CUSTOMER = ("8005", "Emil"), ("0015551230001", "")


def gives_away(wire: Wire, *, is_answered: bool = True) -> Phone:
    """8001 asks 8005, who answers or still rings, and connects them with the customer, who talks to 20 s."""
    anna = outside(wire)
    speak(wire, 3.1, anna.place, GATEWAY, 1)
    holds(anna, 4.2)
    second = Phone(wire, anna.host, 16777300, 50, anna.port)
    second.talk = anna.talk
    emil = Phone(wire, "192.0.2.25", 16777301, 51, 25_000)
    second.calls(4.5, ANNA, EMIL)
    for at in (5.3, 5.4):
        emil.is_called(at, ANNA, EMIL)
    if is_answered:
        for phone, far in ((emil, second), (second, emil)):
            phone.enters(6.0, State.CONNECTED)
            phone.opens(6.02, far.place)
        speak(wire, 6.1, second.place, emil.place, 3)
        for phone in (second, emil):
            stops(phone, 7.5)
    for phone in (anna, second):
        phone.enters(7.55, State.ON_HOOK)
    emil.is_told(7.6, skinny.call_info(emil.reference, INBOUND, CUSTOMER, EMIL, 17))
    if not is_answered:
        emil.enters(7.61, State.CONNECTED)
    emil.opens(7.62, GATEWAY)
    speak(wire, 8.1, emil.place, GATEWAY, 5, 11.0)
    emil.enters(20.0, State.ON_HOOK)
    return anna


def calls(tmp_path: Path, wire: Wire, step: float = 0.5) -> list[Call]:
    batches = [wire.batch(step * number, step * (number + 1)) for number in range(int(21 / step))]
    files = call_files(captured(tmp_path / "spool", [batch for batch in batches if len(batch)]))
    return [file.call for file in files]


@pytest.mark.parametrize("step", [0.5, 3.0, 21.0])
def test_who_takes_over_a_customer_is_in_the_call_of_the_customer(tmp_path: Path, step: float) -> None:
    wire = Wire()
    gives_away(wire)
    customer, consulted = calls(tmp_path, wire, step)
    assert (customer.to, customer.duration) == ("0015551230001", pytest.approx(17.0, abs=0.05))
    assert [(leg.from_, leg.to) for leg in customer.legs] == [
        ("8001", "0015551230001"),
        ("0015551230001", "8005"),
    ]
    told = [
        (event.kind, event.side, event.detail)
        for event in customer.events
        if event.kind in ("transfer", "joined")
    ]
    assert told == [
        ("transfer", Side.A, {"to": "8005", "attended": True}),
        ("joined", Side.A, {"number": "8005"}),
    ]
    assert (consulted.to, consulted.duration) == ("8005", pytest.approx(1.6, abs=0.05))
    assert [party.packets.written for party in consulted.parties] == [50, 50]
    assert "transfer" not in {event.kind for event in consulted.events}
    assert [one.relation for one in customer.related] == [Relation.CONSULTATION]
    assert [party.packets.written for party in customer.parties] == [600, 600]
    left = [(event.kind, event.side) for event in customer.events if event.kind in ("left", "end")]
    assert left == [("left", Side.A), ("end", Side.B)]
    assert [event.side for event in consulted.events if event.kind == "end"] == [Side.A]


def test_the_customer_stays_on_their_channel(tmp_path: Path) -> None:
    wire = Wire()
    gives_away(wire)
    files = call_files(captured(tmp_path / "spool", [wire.batch()]))
    assert files[0].plan is not None
    senders = [
        {source.stream.partition(">")[0] for source in channel.sources} for channel in files[0].plan.channels
    ]
    assert senders == [{"192.0.2.21:20000", "192.0.2.25:25000"}, {"192.0.2.30:30000"}]
    written = sum(leg.counts.written for one in files[0].legs for leg in one.streams.values())
    assert written == 2 * (50 + 550)


def test_a_customer_may_be_given_to_a_phone_that_still_rings(tmp_path: Path) -> None:
    wire = Wire()
    gives_away(wire, is_answered=False)
    customer, consulted = calls(tmp_path, wire)
    assert [leg.state for leg in customer.legs] == [CallState.ANSWERED, CallState.ANSWERED]
    assert customer.duration == pytest.approx(17.0, abs=0.05)
    assert consulted.answered is None
    assert [event.detail["attended"] for event in customer.events if event.kind == "transfer"] == [False]


@pytest.mark.parametrize("cut", [7.0, 7.58, 7.7, 9.0])
def test_an_engine_that_stops_leaves_it_to_the_next(tmp_path: Path, cut: float) -> None:
    wire = Wire()
    gives_away(wire)
    before, after = wire.batch(end=cut), wire.batch(start=cut)
    customer, consulted = taken_over(tmp_path / "spool", [before], [after])
    written = [
        sum(stream.counts.written for leg in file.legs for stream in leg.streams.values())
        for file in (customer, consulted)
    ]
    assert written == [1200, 100]
    assert customer.call.events[-1].kind == "end"


def test_the_next_call_of_who_gave_a_customer_away_is_a_call_of_its_own(tmp_path: Path) -> None:
    """On the port at which they talked to the colleague, who still talks to the customer."""
    wire = Wire()
    before = gives_away(wire)
    anna = Phone(wire, before.host, 16777400, 60, before.port)
    anna.talk = before.talk
    anna.calls(9.0, ANNA, ("8006", "Frieda"))
    anna.enters(11.0, State.CONNECTED)
    anna.opens(11.02, ("192.0.2.31", 31_000))
    speak(wire, 11.1, anna.place, ("192.0.2.31", 31_000), 7, 2.0)
    anna.enters(14.0, State.ON_HOOK)
    found = calls(tmp_path, wire)
    assert [call.to for call in found] == ["0015551230001", "8005", "8006"]
    assert [[party.packets.written for party in call.parties] for call in found] == [
        [600, 600],
        [50, 50],
        [100, 100],
    ]


def talk(wire: Wire, caller: Phone, called: Phone, when: float, seconds: int) -> None:
    """Two phones are connected and talk."""
    for phone, far in ((called, caller), (caller, called)):
        phone.enters(when, State.CONNECTED)
        phone.opens(when + 0.02, far.place)
    speak(wire, when + 0.1, caller.place, called.place, seconds)


def left_by_anna(wire: Wire, when: float) -> tuple[Phone, Phone]:
    """Zoe talks to Anna for a second, who then is no more in the call."""
    zoe = Phone(wire, "192.0.2.20", 16777299, 30, 19_000)
    anna = Phone(wire, "192.0.2.21", 16777300, 33, 20_000)
    zoe.calls(0.0, ("8003", "Zoe"), ANNA)
    anna.is_called(0.75, ("8003", "Zoe"), ANNA)
    talk(wire, zoe, anna, when, 1)
    for phone in (anna, zoe):
        stops(phone, when + 1.5)
    anna.enters(when + 1.6, State.ON_HOOK)
    return zoe, anna


def test_who_sends_a_caller_on_without_asking_has_left_them(tmp_path: Path) -> None:
    """Nobody hung up: their phone's call is over while the caller's goes on."""
    wire = Wire()
    zoe, _ = left_by_anna(wire, 3.0)
    emil = Phone(wire, "192.0.2.25", 16777301, 51, 25_000)
    emil.is_called(4.7, ("8003", "Zoe"), EMIL)
    talk(wire, zoe, emil, 8.0, 3)
    for phone in (zoe, emil):
        phone.enters(12.0, State.ON_HOOK)
    (call,) = calls(tmp_path, wire)
    assert [event.side for event in call.events if event.kind == "left"] == [Side.B]
    assert [party.packets.written for party in call.parties] == [100, 100]


def test_who_calls_a_phone_that_has_just_sent_somebody_on_is_in_a_call_of_their_own(tmp_path: Path) -> None:
    """The number called is the same, and so is the call manager."""
    wire = Wire()
    zoe, anna = left_by_anna(wire, 2.0)
    next_ = Phone(wire, anna.host, 16777302, 36, 20_000)
    next_.talk = anna.talk
    next_.is_called(4.0, CUSTOMER, ANNA)
    next_.enters(6.0, State.CONNECTED)
    next_.opens(6.02, GATEWAY)
    speak(wire, 6.1, GATEWAY, next_.place, 3)
    for phone in (zoe, next_):
        phone.enters(12.0, State.ON_HOOK)
    found = calls(tmp_path, wire)
    assert [call.from_ for call in found] == ["8003", CUSTOMER[0]]
    assert [[party.packets.written for party in call.parties] for call in found] == [[50, 50], [50, 50]]
