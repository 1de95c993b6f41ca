"""Places of media that calls have in turn: a phone's two calls on one port, ports that others use again."""

from pathlib import Path

from recorder.protocol.q931 import CONNECT, RELEASE_COMPLETE, SETUP
from recorder.protocol.sccp_messages import State
from tests.recorder.protocol import gateway, skinny
from tests.recorder.recording import call_files, captured
from tests.recorder.skinny_phones import ANNA, GATEWAY, Phone, outside
from tests.recorder.test_h323_calls import NUMBERS, Signalling
from tests.recorder.wire import Place, Wire

EMIL = ("192.0.2.31", 31_000)


def speak(wire: Wire, at: float, one: Place, another: Place, seed: int, seconds: float = 1.0) -> None:
    wire.speech(at, seconds, one, another, seed=seed)
    wire.speech(at, seconds, another, one, seed=seed + 1)


def holds(phone: Phone, at: float) -> None:
    phone.enters(at, State.HOLD)
    stops(phone, at + 0.01)


def stops(phone: Phone, at: float) -> None:
    phone.is_told(at, skinny.close_receive(phone.reference, phone.party))
    phone.is_told(at, skinny.stop_media(phone.reference, phone.party))


def goes_on(phone: Phone, at: float, far: Place) -> None:
    phone.enters(at, State.CONNECTED)
    phone.opens(at + 0.02, far)


def between_two_calls(wire: Wire) -> None:
    """8001 talks to a customer, asks a colleague, talks to both again in turn; all on one port."""
    anna = outside(wire)
    speak(wire, 3.1, anna.place, GATEWAY, 1)
    holds(anna, 4.2)
    second = Phone(wire, anna.host, 16777300, 50, anna.port)
    second.talk = anna.talk
    second.calls(4.5, ANNA, ("8005", "Emil"))
    goes_on(second, 6.0, EMIL)
    speak(wire, 6.1, anna.place, EMIL, 3)
    holds(second, 7.2)
    goes_on(anna, 7.5, GATEWAY)
    speak(wire, 7.6, anna.place, GATEWAY, 5)
    holds(anna, 8.7)
    goes_on(second, 8.8, EMIL)
    speak(wire, 8.9, anna.place, EMIL, 7)
    second.enters(10.0, State.ON_HOOK)
    anna.enters(10.5, State.ON_HOOK)


def test_two_calls_of_a_phone_on_one_port_each_keep_their_media(tmp_path: Path) -> None:
    wire = Wire()
    between_two_calls(wire)
    for name, batches in (
        ("at once", [wire.batch()]),
        ("bit by bit", [wire.batch(0.25 * step, 0.25 * (step + 1)) for step in range(43)]),
    ):
        files = call_files(captured(tmp_path / name, [batch for batch in batches if len(batch)]))
        assert [file.call.to for file in files] == ["0015551230001", "8005"]
        assert [party.packets.written for file in files for party in file.call.parties] == [100] * 4


def test_a_stream_that_comes_back_goes_on_in_its_ledger_and_its_recording(tmp_path: Path) -> None:
    """A gateway counts on from where it was, over the end of its numbers."""
    wire = Wire()
    anna = outside(wire)
    wire.speech(3.1, 1.0, GATEWAY, anna.place, seed=65)
    holds(anna, 4.2)
    second = Phone(wire, anna.host, 16777300, 50, anna.port)
    second.talk = anna.talk
    second.calls(4.5, ANNA, ("8005", "Emil"))
    goes_on(second, 6.0, EMIL)
    speak(wire, 6.1, anna.place, EMIL, 3)
    holds(second, 7.2)
    goes_on(anna, 7.5, GATEWAY)
    wire.speech(7.6, 1.0, GATEWAY, anna.place, seed=66)
    anna.enters(9.0, State.ON_HOOK)
    second.enters(9.5, State.ON_HOOK)
    customer, _ = call_files(captured(tmp_path / "spool", [wire.batch()]))
    counts = customer.call.parties[1].packets
    # The sender went on with numbers that are 950 ahead: it sent nothing that is missing in between, but
    # nothing tells.
    assert (counts.received, counts.written, counts.duplicate, counts.reordered) == (100, 100, 0, 0)
    assert counts.expected == counts.received + counts.lost
    assert customer.call.parties[1].seconds > 5.4


def test_a_port_of_a_gateway_that_a_call_left_is_the_next_calls(tmp_path: Path) -> None:
    wire = Wire()
    anna = outside(wire)
    speak(wire, 3.1, anna.place, GATEWAY, 1)
    stops(anna, 4.2)
    anna.port = 20_004
    anna.opens(4.3, EMIL)
    speak(wire, 4.4, anna.place, EMIL, 3, 4.0)
    gustav = Phone(wire, "192.0.2.25", 16777400, 60, 25_000)
    gustav.calls(4.5, ("8007", "Gustav"), ("0015551230099", ""))
    goes_on(gustav, 6.0, GATEWAY)
    speak(wire, 6.1, gustav.place, GATEWAY, 5)
    gustav.enters(7.5, State.ON_HOOK)
    anna.enters(9.0, State.ON_HOOK)
    files = call_files(captured(tmp_path / "spool", [wire.batch()]))
    assert [file.call.to for file in files] == ["0015551230001", "0015551230099"]
    written = [[party.packets.written for party in file.call.parties] for file in files]
    assert written == [[250, 250], [50, 50]]


def test_a_phone_that_gave_its_call_away_has_its_next_call_for_itself(tmp_path: Path) -> None:
    """A trunk of MGCP is told that its far end is another phone now."""
    wire = Wire()
    agent, trunk = ("192.0.2.10", 2427), ("192.0.2.50", 16_384)

    def told(at: float, number: int, verb: str, *parameters: str, far: Place | None = None) -> None:
        sdp = gateway.description(*far) if far else b""
        name = "s0/su1/ds1-0/1@gw"
        wire.udp(
            at, gateway.command(verb, number, name, "C: 77", *parameters, sdp=sdp), agent, (trunk[0], 2427)
        )
        local = gateway.description(*trunk) if verb == "CRCX" else b""
        wire.udp(at + 0.01, gateway.response(200, number, sdp=local), (trunk[0], 2427), agent)

    first, second = ("192.0.2.21", 20_000), ("192.0.2.22", 22_000)
    told(0.0, 1, "CRCX", "M: recvonly")
    told(1.0, 2, "MDCX", "M: sendrecv", far=first)
    speak(wire, 1.1, first, trunk, 1)
    told(2.3, 3, "MDCX", "M: sendrecv", far=second)
    speak(wire, 2.4, second, trunk, 3, 8.0)
    anna = Phone(wire, first[0], 16777221, 33, first[1])
    anna.calls(3.0, ANNA, ("8005", "Emil"))
    goes_on(anna, 6.0, EMIL)
    speak(wire, 6.1, anna.place, EMIL, 5)
    anna.enters(7.5, State.ON_HOOK)
    told(11.0, 4, "DLCX")
    customer, own = call_files(captured(tmp_path / "spool", [wire.batch()]))
    assert [len(file.call.legs) for file in (customer, own)] == [1, 1]
    assert sorted(party.packets.written for party in customer.call.parties) == [450, 450]
    assert [party.packets.written for party in own.call.parties] == [50, 50]


def test_the_sides_of_a_call_that_turns_out_to_go_the_other_way_are_those_of_its_streams(
    tmp_path: Path,
) -> None:
    """Its beginning was not captured; who called is said when it is resumed."""
    wire = Wire()
    anna = Phone(wire, "192.0.2.21", 16777221, 33, 20_000)
    anna.opens(0.0, GATEWAY)
    wire.speech(0.1, 1.0, anna.place, GATEWAY, seed=1)
    holds(anna, 2.0)
    anna.enters(4.0, State.CONNECTED)
    anna.is_told(4.01, skinny.call_info(anna.reference, 2, ANNA, ("0015551230001", ""), 17))
    anna.opens(4.02, GATEWAY)
    wire.speech(4.1, 2.0, anna.place, GATEWAY, seed=2)
    anna.enters(7.0, State.ON_HOOK)
    batches = [wire.batch(end=1.5), wire.batch(start=1.5)]
    (file,) = call_files(captured(tmp_path / "spool", batches))
    assert (file.call.from_, [party.packets.written for party in file.call.parties]) == ("8001", [150, 0])
    assert [event.side.value for event in file.call.events if event.kind in ("hold", "resume")] == ["A", "A"]


def test_keys_are_known_whichever_way_is_opened_first(tmp_path: Path) -> None:
    wire = Wire()
    anna = Phone(wire, "192.0.2.21", 16777221, 33, 20_000)
    anna.calls(0.0, ANNA, ("0015551230001", ""))
    anna.enters(3.0, State.CONNECTED)
    heard, said = skinny.cipher(2, b"h" * 16, b"s" * 14), skinny.cipher(2, b"t" * 16, b"u" * 14)
    anna.is_told(3.01, skinny.start_media(anna.reference, anna.party, GATEWAY, version=17, secret=said))
    anna.is_told(3.02, skinny.open_receive(anna.reference, anna.party, version=17, secret=heard))
    anna.says(3.03, skinny.receives(anna.party, anna.place, version=17))
    speak(wire, 3.1, anna.place, GATEWAY, 1)
    anna.enters(5.0, State.ON_HOOK)
    (file,) = call_files(captured(tmp_path / "spool", [wire.batch()]))
    assert file.plan is not None
    assert [len(channel.sources[0].keys) for channel in file.plan.channels] == [1, 1]


def test_a_port_of_a_gateway_is_the_next_calls_though_the_end_of_the_last_one_was_not_seen(
    tmp_path: Path,
) -> None:
    wire = Wire()
    anna = outside(wire)
    speak(wire, 3.1, anna.place, GATEWAY, 1)
    gustav = Phone(wire, "192.0.2.25", 16777400, 60, 25_000)
    gustav.calls(4.5, ("8007", "Gustav"), ("0015551230099", ""))
    goes_on(gustav, 6.0, GATEWAY)
    speak(wire, 6.1, gustav.place, GATEWAY, 5)
    gustav.enters(7.5, State.ON_HOOK)
    files = call_files(captured(tmp_path / "spool", [wire.batch()]))
    assert [file.call.to for file in files] == ["0015551230001", "0015551230099"]
    assert [[party.packets.written for party in file.call.parties] for file in files] == [[50, 50], [50, 50]]


def test_calls_of_h323_with_two_identifiers_are_two_whatever_place_they_name(tmp_path: Path) -> None:
    """Through a gatekeeper, to one gateway; the end of the first one was not seen."""
    wire = Wire()
    for at, caller, sample in ((0.0, "192.0.2.60", ""), (10.0, "192.0.2.63", " of another")):
        one = Signalling(wire, caller=caller)
        one.says(at, SETUP, "setup" + sample, NUMBERS)
        one.hears(at + 1.0, CONNECT, "connect" + sample)
    one.hears(15.0, RELEASE_COMPLETE, "releaseComplete of another")
    files = call_files(captured(tmp_path / "spool", [wire.batch()]))
    assert [len(file.call.legs) for file in files] == [1, 1]
