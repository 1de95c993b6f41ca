"""Calls of phones that speak SCCP, from the wire to the description of the call."""

import base64
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from recorder.capture import Capture, CaptureOptions
from recorder.protocol.sccp_messages import INBOUND, OUTBOUND, State
from recorder.recovery import recover
from storage.model import Call, CallState, Direction, Relation, Side
from tests.recorder.phones import recorded
from tests.recorder.protocol import skinny
from tests.recorder.protocol.tcp_talk import Talk
from tests.recorder.recording import call_files, captured
from tests.recorder.wire import Place, Wire

MANAGER = ("192.0.2.10", 2000)
GATEWAY = ("192.0.2.30", 30_000)
ANNA, BERND = ("8001", "Anna"), ("8002", "Bernd")


@dataclass
class Phone:
    """A phone, its session with the call manager, and where it receives media."""

    wire: Wire
    host: str
    reference: int
    party: int
    port: int
    version: int = 17
    talk: Talk = field(init=False)

    def __post_init__(self) -> None:
        self.talk = Talk((self.host, 50_000), MANAGER)

    @property
    def place(self) -> Place:
        return self.host, self.port

    def says(self, at: float, content: bytes) -> None:
        self.wire.tcp(at, self.talk, content)

    def is_told(self, at: float, *contents: bytes) -> None:
        self.wire.tcp(at, self.talk, b"".join(contents), from_client=False)

    def enters(self, at: float, state: int) -> None:
        self.is_told(at, skinny.state(state, self.reference, self.version))

    def is_called(self, at: float, caller: tuple[str, str], called: tuple[str, str]) -> None:
        self.enters(at, State.RING_IN)
        self.is_told(at, skinny.call_info(self.reference, INBOUND, caller, called, self.version))

    def calls(self, at: float, caller: tuple[str, str], called: tuple[str, str]) -> None:
        self.says(at, skinny.off_hook())
        self.enters(at, State.OFF_HOOK)
        for index, digit in enumerate(called[0]):
            self.says(at + 0.1 * index, skinny.keypad(int(digit), reference=self.reference))
        self.is_told(at + 0.6, skinny.dialled(called[0], self.reference, self.version))
        self.enters(at + 0.6, State.PROCEED)
        self.is_told(at + 0.7, skinny.call_info(self.reference, OUTBOUND, caller, called, self.version))
        self.enters(at + 0.8, State.RING_OUT)

    def opens(self, at: float, far: Place, secret: tuple[bytes, bytes] = (b"", b"")) -> None:
        """Media in both directions: it is told to receive, says where, and is told where to send."""
        heard, said = secret
        self.is_told(at, skinny.open_receive(self.reference, self.party, version=self.version, secret=heard))
        self.says(at + 0.01, skinny.receives(self.party, self.place, version=self.version))
        self.is_told(
            at + 0.02,
            skinny.start_media(self.reference, self.party, far, version=self.version, secret=said),
        )


def conversation(wire: Wire, version: int = 17) -> tuple[Phone, Phone]:
    """8001 calls 8002; both phones are seen; they talk from 3 s to 6 s, and 8002 hangs up."""
    anna = Phone(wire, "192.0.2.21", 16777221, 33, 20_000, version)
    bernd = Phone(wire, "192.0.2.22", 16777222, 34, 22_000, version)
    anna.calls(0.0, ANNA, BERND)
    bernd.is_called(0.75, ANNA, BERND)
    bernd.says(3.0, skinny.off_hook())
    for phone, other in ((bernd, anna), (anna, bernd)):
        phone.enters(3.01, State.CONNECTED)
        phone.opens(3.02, other.place)
    wire.speech(3.1, 3.0, anna.place, bernd.place, seed=1)
    wire.speech(3.1, 3.0, bernd.place, anna.place, seed=2)
    bernd.says(6.2, skinny.on_hook(bernd.reference))
    for phone in (bernd, anna):
        phone.is_told(6.21, skinny.close_receive(phone.reference, phone.party))
        phone.is_told(6.21, skinny.stop_media(phone.reference, phone.party))
        phone.enters(6.22, State.ON_HOOK)
    return anna, bernd


@pytest.mark.parametrize("version", [0, 11, 17, 20])
def test_a_call_seen_at_both_phones_is_one_call_with_both_parties(tmp_path: Path, version: int) -> None:
    wire = Wire()
    conversation(wire, version)
    call, _ = recorded(tmp_path, wire.batch())

    assert (call.from_, call.to, call.agent) == ("8001", "8002", "8001")
    assert (call.state, call.direction) == (CallState.ANSWERED, Direction.INTERNAL)
    assert call.duration == pytest.approx(3.21, abs=0.02)
    assert [leg.call_id for leg in call.legs] == ["16777221@192.0.2.21", "16777222@192.0.2.22"]
    assert [(party.name, party.number, party.codec) for party in call.parties] == [
        ("Anna", "8001", "PCMU"),
        ("Bernd", "8002", "PCMU"),
    ]
    assert [party.packets.written for party in call.parties] == [150, 150]
    assert [event.kind for event in call.events] == ["ringing", "answered", "end"]
    assert call.events[-1].side is Side.B
    assert call.recording is not None
    assert call.recording.seconds == pytest.approx(3.0, abs=0.05)


def outside(wire: Wire) -> Phone:
    """8001 calls a number behind a gateway that is not seen; it answers after 3 s."""
    anna = Phone(wire, "192.0.2.21", 16777221, 33, 20_000)
    anna.calls(0.0, ANNA, ("0015551230001", ""))
    anna.enters(3.01, State.CONNECTED)
    anna.opens(3.02, GATEWAY)
    return anna


def one(tmp_path: Path, wire: Wire) -> Call:
    (file,) = call_files(captured(tmp_path / "spool", [wire.batch()]))
    return file.call


def test_keys_are_dialled_before_the_answer_and_tones_after(tmp_path: Path) -> None:
    wire = Wire()
    anna = outside(wire)
    for index, key in enumerate([4, 4, 15]):
        anna.says(4.0 + 0.05 * index, skinny.keypad(key, reference=anna.reference))
    anna.says(6.0, skinny.keypad(14))
    anna.says(7.0, skinny.soft_key(9, anna.reference))
    anna.enters(7.01, State.ON_HOOK)
    call = one(tmp_path, wire)
    assert call.dtmf == "44#*"
    assert {event.side for event in call.events if event.kind == "dtmf"} == {Side.A}
    assert (call.from_, call.to, call.direction) == ("8001", "0015551230001", Direction.OUTBOUND)
    assert call.events[-1].side is Side.A


def test_hold_and_what_comes_after_it_are_one_call(tmp_path: Path) -> None:
    wire = Wire()
    anna = outside(wire)
    wire.speech(3.1, 1.0, anna.place, GATEWAY, seed=1)
    anna.enters(4.2, State.HOLD)
    anna.is_told(4.21, skinny.close_receive(anna.reference, anna.party))
    anna.enters(5.2, State.CONNECTED)
    anna.port = 20_002
    anna.opens(5.22, GATEWAY)
    wire.speech(5.3, 1.0, GATEWAY, anna.place, seed=2)
    anna.enters(6.5, State.ON_HOOK)
    call = one(tmp_path, wire)
    assert [(event.kind, event.side) for event in call.events] == [
        ("ringing", Side.B),
        ("answered", Side.B),
        ("hold", Side.A),
        ("resume", Side.A),
        ("end", Side.B),
    ]
    assert [party.packets.written for party in call.parties] == [50, 50]


@pytest.mark.parametrize(
    ("state", "expected", "cause"),
    [
        (State.BUSY, CallState.BUSY, 486),
        (State.CONGESTION, CallState.FAILED, 503),
        (State.INVALID_NUMBER, CallState.FAILED, 404),
        (None, CallState.CANCELLED, None),
    ],
)
def test_calls_that_nobody_takes_say_why(
    tmp_path: Path, state: State | None, expected: CallState, cause: int | None
) -> None:
    wire = Wire()
    anna = Phone(wire, "192.0.2.21", 16777221, 33, 20_000)
    anna.calls(0.0, ANNA, BERND)
    if state is not None:
        anna.enters(2.0, state)
    anna.says(4.0, skinny.on_hook())
    anna.enters(4.01, State.ON_HOOK)
    call = one(tmp_path, wire)
    assert (call.state, call.legs[0].cause, call.answered) == (expected, cause, None)
    assert (call.from_, call.to) == ("8001", "8002")


def test_a_phone_that_rings_in_vain_has_a_missed_call(tmp_path: Path) -> None:
    wire = Wire()
    bernd = Phone(wire, "192.0.2.22", 16777222, 34, 22_000)
    bernd.is_called(0.0, ("15551230001", "Zoë"), BERND)
    bernd.enters(20.0, State.ON_HOOK)
    call = one(tmp_path, wire)
    assert (call.state, call.direction, call.agent) == (CallState.MISSED, Direction.INBOUND, "8002")
    assert (call.from_, call.parties[0].name) == ("15551230001", "Zoë")


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


def test_another_party_after_a_transfer_is_told(tmp_path: Path) -> None:
    wire = Wire()
    anna = outside(wire)
    anna.is_told(5.0, skinny.call_info(anna.reference, OUTBOUND, ANNA, ("8009", "Carla"), 17))
    anna.enters(7.0, State.ON_HOOK)
    call = one(tmp_path, wire)
    (transfer,) = [event for event in call.events if event.kind == "transfer"]
    assert (transfer.side, transfer.detail["to"]) == (Side.B, "8009")
    assert call.to == "0015551230001"


def test_encrypted_media_comes_with_its_keys(tmp_path: Path) -> None:
    wire = Wire()
    anna = Phone(wire, "192.0.2.21", 16777221, 33, 20_000)
    anna.calls(0.0, ANNA, BERND)
    anna.enters(3.0, State.CONNECTED)
    heard, said = skinny.cipher(2, b"h" * 16, b"s" * 14), skinny.cipher(2, b"t" * 16, b"u" * 14)
    anna.opens(3.02, GATEWAY, (heard, said))
    wire.speech(3.1, 1.0, anna.place, GATEWAY)
    wire.speech(3.1, 1.0, GATEWAY, anna.place)
    (file,) = call_files(captured(tmp_path / "spool", [wire.batch()]))
    assert file.plan is not None
    secrets = [channel.sources[0].keys[0].secret for channel in file.plan.channels]
    assert [base64.b64decode(secret) for secret in secrets] == [b"t" * 16 + b"u" * 14, b"h" * 16 + b"s" * 14]
    assert file.call.parties[0].codec == "SRTP/PCMU"


def test_an_engine_that_stops_leaves_the_call_to_the_next(tmp_path: Path) -> None:
    wire = Wire()
    conversation(wire)
    first = Capture(tmp_path / "spool")
    first.feed(wire.batch(end=4.0))
    first.stop()
    second = Capture(tmp_path / "spool")
    recover(second)
    second.feed(wire.batch(start=4.0))
    second.finish()
    (file,) = call_files(second)
    assert [party.packets.written for party in file.call.parties] == [150, 150]
    assert [event.kind for event in file.call.events] == ["ringing", "answered", "recorder-restarted", "end"]
    assert file.call.duration == pytest.approx(3.21, abs=0.02)


def test_what_was_noted_before_a_kill_is_followed_by_the_next_engine(tmp_path: Path) -> None:
    wire = Wire()
    conversation(wire)
    Capture(tmp_path / "spool", CaptureOptions(flush=10**12)).feed(wire.batch(end=3.05))
    second = Capture(tmp_path / "spool")
    recover(second)
    second.feed(wire.batch(start=3.05))
    second.finish()
    (file,) = call_files(second)
    assert (file.call.from_, file.call.to, len(file.call.legs)) == ("8001", "8002", 2)


@pytest.mark.parametrize("start", [0.65, 0.78, 3.0, 3.025])
def test_a_capture_that_begins_in_the_middle_shows_what_it_saw(tmp_path: Path, start: float) -> None:
    wire = Wire()
    conversation(wire)
    (file,) = call_files(captured(tmp_path / "spool", [wire.batch(start=start)]))
    assert file.call.state is CallState.ANSWERED
    assert sorted(party.packets.written for party in file.call.parties) == [150, 150]


def test_only_media_is_left_of_a_call_whose_signalling_was_before(tmp_path: Path) -> None:
    wire = Wire()
    conversation(wire)
    (file,) = call_files(captured(tmp_path / "spool", [wire.batch(start=3.5)]))
    assert file.call.state is CallState.MEDIA_ONLY


def test_copies_of_a_mirror_and_small_segments_change_nothing(tmp_path: Path) -> None:
    plain, busy = Wire(), Wire()
    conversation(plain)
    conversation(busy)
    busy.sent = [(at, frame) for at, frame in busy.sent for _ in range(2)]
    (before,), (after,) = (
        call_files(captured(tmp_path / name, [wire.batch()])) for name, wire in (("a", plain), ("b", busy))
    )
    assert before.call.events == after.call.events
    assert before.call.legs == after.call.legs


def test_a_phone_that_calls_again_on_the_same_port_has_two_calls(tmp_path: Path) -> None:
    wire = Wire()
    anna = outside(wire)
    wire.speech(3.1, 1.0, anna.place, GATEWAY, seed=1)
    # The end of the first call is not seen.
    anna.reference, anna.party = 16777300, 50
    anna.calls(10.0, ANNA, ("8005", "Emil"))
    anna.enters(12.0, State.CONNECTED)
    anna.opens(12.02, ("192.0.2.31", 31_000))
    wire.speech(12.1, 1.0, anna.place, ("192.0.2.31", 31_000), seed=2)
    anna.enters(14.0, State.ON_HOOK)
    files = call_files(captured(tmp_path / "spool", [wire.batch()]))
    assert [file.call.to for file in files] == ["0015551230001", "8005"]
    assert [file.call.parties[0].packets.written for file in files] == [50, 50]


def test_phones_that_ring_together_are_one_call_of_who_took_it_though_the_caller_is_not_seen(
    tmp_path: Path,
) -> None:
    """A line of several phones, or a group; the others are told that it is taken, or only to stop."""
    for stops in (State.REMOTE, State.ON_HOOK):
        for order in ((0, 1), (1, 0)):
            wire = Wire()
            phones = [
                Phone(wire, f"192.0.2.{22 + one}", 16777222 + one, 40 + one, 22_000) for one in range(3)
            ]
            for index, phone in enumerate(phones):
                phone.is_called(0.5 + 0.01 * index, ("15551230001", "Zoë"), BERND)
            for index in order:
                if index:
                    phones[0].enters(3.0, stops)
                    phones[2].enters(3.0, stops)
                else:
                    phones[1].enters(3.0, State.CONNECTED)
            phones[1].opens(3.02, GATEWAY)
            wire.speech(3.1, 1.0, GATEWAY, phones[1].place)
            phones[1].enters(5.0, State.ON_HOOK)
            call = one(tmp_path / f"{stops}{order}", wire)
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


def test_a_call_that_the_called_phone_shows_as_answered_is_answered(tmp_path: Path) -> None:
    """What the calling phone was told of it was not captured."""
    wire = Wire()
    anna = Phone(wire, "192.0.2.21", 16777221, 33, 20_000)
    bernd = Phone(wire, "192.0.2.22", 16777222, 34, 22_000)
    anna.calls(0.0, ANNA, BERND)
    bernd.is_called(0.75, ANNA, BERND)
    bernd.enters(3.0, State.CONNECTED)
    wire.speech(3.1, 1.0, bernd.place, anna.place)
    for phone, far in ((bernd, anna), (anna, bernd)):
        phone.opens(3.02, far.place)
        phone.enters(5.0, State.ON_HOOK)
    call = one(tmp_path, wire)
    assert (call.state, call.duration) == (CallState.ANSWERED, pytest.approx(2.0, abs=0.02))
    assert [event.kind for event in call.events] == ["ringing", "answered", "end"]
