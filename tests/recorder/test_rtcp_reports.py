"""What RTCP adds to a call: losses that sequence numbers cannot show, jitter and the round trip."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder.batch import Batch
from recorder.capture import Capture, CaptureOptions
from storage.model import Call, CallState, Party
from tests.recorder import frames
from tests.recorder.phones import CALLED, CALLER, recorded
from tests.recorder.recording import call_files, taken_over, watched
from tests.recorder.reports import (
    ALICE,
    BOB,
    Place,
    Tapped,
    goodbye,
    receiver_report,
    reception,
    sender_report,
    stamp,
    voip_metrics,
)
from tests.recorder.switchboard import AGENT, CUSTOMER, PBX, Wire
from tests.recorder.voices import begin, both_legs, through, voice

MUX = pytest.param(0, id="mux")
NEXT_PORT = pytest.param(1, id="next-port")
ELSEWHERE = pytest.param(1000, id="elsewhere")


def control(place: Place, above: int = 1) -> Place:
    return place[0], place[1] + above


def told(tmp_path: Path, batches: list[Batch], flush: int = 500_000_000) -> Call:
    capture = Capture(tmp_path, CaptureOptions(flush=flush))
    for batch in batches:
        capture.feed(batch)
    capture.finish()
    (file,) = call_files(capture)
    return file.call


def balanced(party: Party) -> bool:
    counts = party.packets
    arrived = counts.written + counts.duplicate + counts.unwritten
    return (
        counts.received == arrived
        and counts.expected + counts.duplicate == counts.received + counts.lost + counts.dropped
    )


@pytest.mark.parametrize("above", [MUX, NEXT_PORT, ELSEWHERE])
@pytest.mark.parametrize("flush", [100_000_000, 60_000_000_000])
def test_packets_lost_behind_the_last_one_are_lost(tmp_path: Path, above: int, flush: int) -> None:
    tapped = Tapped()
    tapped.begin()
    tapped.speak(BOB, CALLED, CALLER, [n for n in range(490) if n not in (30, 31)])
    for n in (100, 300, 500):
        packet = sender_report(BOB, n, 20 * n)
        tapped.send(20 * n + 19, control(CALLED, above), control(CALLER, above), packet)
    tapped.end(10_100)
    party = told(tmp_path, tapped.batches(), flush).parties[1]
    assert (party.packets.expected, party.packets.received, party.packets.lost) == (500, 488, 12)
    assert balanced(party)


def test_a_single_report_counts_where_there_was_time_for_what_it_says(tmp_path: Path) -> None:
    tapped = Tapped()
    tapped.begin()
    tapped.speak(BOB, CALLED, CALLER, range(90))
    tapped.send(2_015, control(CALLED), control(CALLER), sender_report(BOB, 100) + goodbye(BOB))
    tapped.end(2_100)
    assert told(tmp_path, [tapped.batch()]).parties[1].packets.lost == 10


@pytest.mark.parametrize("times", [(1_815,), (900, 1_815)])
def test_what_was_sent_before_capture_began_is_not_lost(tmp_path: Path, times: tuple[int, ...]) -> None:
    tapped = Tapped()
    tapped.begin()
    tapped.speak(BOB, CALLED, CALLER, range(90))
    for at in times:
        seen = at // 20
        tapped.send(at, control(CALLED), control(CALLER), sender_report(BOB, 1000 + seen, at))
    tapped.end(2_100)
    assert told(tmp_path, [tapped.batch()]).parties[1].packets.lost == 0


def test_a_pause_is_no_loss_and_a_wild_count_is_bounded_by_the_pace(tmp_path: Path) -> None:
    tapped = Tapped()
    tapped.begin()
    tapped.speak(BOB, CALLED, CALLER, range(100))
    tapped.speak(ALICE, CALLER, CALLED, range(100))
    for at, count in ((1_000, 49), (9_000, 100)):
        tapped.send(at, control(CALLED), control(CALLER), sender_report(BOB, count, at))
    for at, count in ((1_000, 49), (2_045, 4_000_000_000)):
        tapped.send(at, control(CALLER), control(CALLED), sender_report(ALICE, count, at))
    tapped.end(9_100)
    caller, called = told(tmp_path, [tapped.batch()]).parties
    assert called.packets.lost == 0
    assert caller.packets.lost == 2


@pytest.mark.parametrize("stop", [8_000, 6_500])
def test_what_the_sender_sent_to_another_place_is_not_missing_at_the_end(tmp_path: Path, stop: int) -> None:
    """It counts all that it sends; on hold it sends reports alone (RFC 3264, 8.4)."""
    tapped = Tapped()
    tapped.begin()
    tapped.speak(BOB, CALLED, CALLER, range(100))
    tapped.speak(BOB, CALLED, ("198.51.100.99", 7_000), range(100, 200))
    tapped.speak(BOB, CALLED, CALLER, range(200, 300))
    for at, count in ((1_000, 49), (5_000, 249), (stop, 300)):
        tapped.send(at, control(CALLED), control(CALLER), sender_report(BOB, count, at))
    tapped.end(8_100)
    party = told(tmp_path, tapped.batches()).parties[1]
    assert (party.packets.expected, party.packets.received) == (300, 300)
    assert balanced(party)


def test_what_the_receiver_missed_stands_beside_what_was_seen(tmp_path: Path) -> None:
    tapped = Tapped()
    tapped.begin()
    tapped.speak(BOB, CALLED, CALLER, [n for n in range(200) if n % 50])
    for at, lost, jitter in ((2_000, 2, 80), (4_100, 9, 240)):
        packet = receiver_report(ALICE, reception(BOB, lost, jitter))
        tapped.send(at, control(CALLER), control(CALLED), packet)
    tapped.end(4_200)
    caller, called = told(tmp_path, [tapped.batch()]).parties
    assert (called.packets.lost, called.remote_lost, called.jitter_ms) == (3, 9, 20.0)
    assert (caller.remote_lost, caller.jitter_ms, caller.round_trip_ms) == (None, None, None)


def silent_for_minutes(above: int) -> Tapped:
    """Both say nothing from 5 s to 200 s, and send nothing but their reports."""
    tapped = Tapped()
    tapped.begin()
    for numbers in (range(250), range(10_000, 10_250)):
        tapped.speak(BOB, CALLED, CALLER, numbers)
        tapped.speak(ALICE, CALLER, CALLED, numbers)
    for at in range(5_000, 200_000, 5_000):
        tapped.send(at, control(CALLED, above), control(CALLER, above), receiver_report(BOB))
    tapped.end(206_000)
    return tapped


@pytest.mark.parametrize("above", [MUX, NEXT_PORT])
def test_a_call_in_which_nobody_speaks_goes_on_as_long_as_they_report(tmp_path: Path, above: int) -> None:
    (file,) = call_files(watched(tmp_path, silent_for_minutes(above).batch()))
    assert [event.kind for event in file.call.events] == ["answered", "end"]
    assert [party.packets.written for party in file.call.parties] == [500, 500]


@pytest.mark.parametrize("killed", [12, 118, 190])
def test_a_call_in_which_nobody_speaks_goes_on_after_a_kill_too(tmp_path: Path, killed: int) -> None:
    batch = silent_for_minutes(1).batch()
    parts = list(batch.within(100_000_000))
    before = [part for part in parts if part.times[0] - batch.times[0] < killed * 1_000_000_000]
    (file,) = taken_over(tmp_path, before, parts[len(before) :], is_killed=True)
    assert [event.kind for event in file.call.events if event.kind != "recorder-restarted"] == [
        "answered",
        "end",
    ]
    assert [party.packets.written for party in file.call.parties] == [500, 500]


def test_who_reports_on_though_their_leg_was_hung_up_holds_no_other_one(tmp_path: Path) -> None:
    """The end of which was not seen."""
    wire = Wire()
    one, two = both_legs(wire)
    begin([one, two])
    through([one, two], voice(CUSTOMER.voice), voice(AGENT.voice), 0.3, 2)
    one.hangs_up(2)
    ports = one.ports[1] + 1, one.ports[0] + 1
    for at in range(1, 300, 5):
        report = receiver_report(sum(one.call_id.encode()) << 1 | 1)
        wire.put(at, frames.udp(report, *ports), PBX, CUSTOMER.host)
    capture = Capture(tmp_path)
    for part in wire.batch().within(1_000_000_000):
        capture.feed(part)
    assert [file.ended for file in call_files(capture)] == [True]


@pytest.mark.parametrize("clock", [1, 4_294_967_295])
def test_jitter_is_told_in_a_clock_that_can_be(tmp_path: Path, clock: int) -> None:
    tapped = Tapped()
    tapped.begin(f"a=rtpmap:0 PCMU/{clock}")
    tapped.speak(BOB, CALLED, CALLER, range(200))
    tapped.send(2_000, control(CALLER), control(CALLED), receiver_report(ALICE, reception(BOB, 0, 160)))
    tapped.end(4_500)
    assert told(tmp_path, [tapped.batch()]).parties[1].jitter_ms == 20.0


def test_the_round_trip_is_the_way_to_both_ends_and_back(tmp_path: Path) -> None:
    tapped = Tapped()
    tapped.begin()
    tapped.speak(BOB, CALLED, CALLER, range(200))
    tapped.speak(ALICE, CALLER, CALLED, range(200))
    # The caller is 5 ms away and answers after a second, the called party 40 ms and after half of one.
    tapped.send(1_001, control(CALLED), control(CALLER), sender_report(BOB, 49, 1_000))
    answer = reception(BOB, last_report=stamp(1_000), delay=65536)
    tapped.send(2_011, control(CALLER), control(CALLED), sender_report(ALICE, 99, 2_000, [answer]))
    answer = reception(ALICE, last_report=stamp(2_000), delay=32768)
    tapped.send(2_591, control(CALLED), control(CALLER), receiver_report(BOB, answer))
    tapped.end(4_200)
    call = told(tmp_path, [tapped.batch()])
    assert [party.round_trip_ms for party in call.parties] == [90.0, 90.0]


def test_a_phone_that_knows_the_round_trip_is_believed(tmp_path: Path) -> None:
    tapped = Tapped()
    tapped.begin()
    tapped.speak(BOB, CALLED, CALLER, range(50))
    tapped.send(900, control(CALLER), control(CALLED), voip_metrics(BOB, 120))
    tapped.end(1_200)
    call = told(tmp_path, [tapped.batch()])
    assert [party.round_trip_ms for party in call.parties] == [120.0, 120.0]


@pytest.mark.parametrize("tail", [b"", b"\x80\x00\x00\x01" + bytes(range(10))])
def test_encrypted_reports_are_left_alone(tmp_path: Path, tail: bytes) -> None:
    tapped = Tapped()
    tapped.begin(protocol="RTP/SAVP 0")
    tapped.speak(BOB, CALLED, CALLER, range(90))
    tapped.send(2_000, control(CALLED), control(CALLER), sender_report(BOB, 95) + tail)
    tapped.send(2_001, control(CALLER), control(CALLED), receiver_report(ALICE, reception(BOB, 7)) + tail)
    tapped.end(2_100)
    party = told(tmp_path, [tapped.batch()]).parties[1]
    assert (party.packets.lost, party.remote_lost, party.jitter_ms) == (0, None, None)


@pytest.mark.parametrize(("tail", "lost"), [(b"", 5), (b"\x80\x00\x00\x01" + bytes(range(10)), 0)])
def test_where_keys_are_agreed_on_in_the_media_the_trailer_tells(
    tmp_path: Path, tail: bytes, lost: int
) -> None:
    tapped = Tapped()
    tapped.begin("a=zrtp-hash:1.10 " + 64 * "0")
    tapped.speak(BOB, CALLED, CALLER, range(90))
    tapped.send(2_000, control(CALLED), control(CALLER), sender_report(BOB, 95) + tail)
    tapped.end(2_100)
    assert told(tmp_path, [tapped.batch()]).parties[1].packets.lost == lost


@pytest.mark.parametrize(("tail", "lost"), [(b"", 5), (b"\x80\x00\x00\x01" + bytes(range(10)), 0)])
def test_without_signalling_the_trailer_tells_what_is_encrypted(
    tmp_path: Path, tail: bytes, lost: int
) -> None:
    tapped = Tapped()
    tapped.speak(BOB, CALLED, CALLER, range(90))
    tapped.send(2_000, control(CALLED), control(CALLER), sender_report(BOB, 95) + tail)
    call = told(tmp_path, [tapped.batch()])
    assert call.state is CallState.MEDIA_ONLY
    assert sum(party.packets.lost for party in call.parties) == lost


def test_reports_alone_open_no_call(tmp_path: Path) -> None:
    tapped = Tapped()
    for n in range(50):
        tapped.send(100 * n, control(CALLED), control(CALLER), sender_report(BOB, 5 * n) + goodbye(BOB))
        tapped.send(100 * n, CALLED, CALLER, sender_report(BOB, 5 * n))
        tapped.send(100 * n, CALLED, CALLER, b"\x80\xc9\xff")
    capture = Capture(tmp_path)
    capture.feed(tapped.batch())
    capture.finish()
    assert call_files(capture) == []


def test_reports_outlive_a_stop_of_the_recorder(tmp_path: Path) -> None:
    tapped = Tapped()
    tapped.begin()
    tapped.speak(BOB, CALLED, CALLER, range(140))
    tapped.send(900, control(CALLER), control(CALLED), receiver_report(ALICE, reception(BOB, 1, 80)))
    tapped.send(1_999, control(CALLED), control(CALLER), sender_report(BOB, 98, 2_000))
    tapped.send(2_999, control(CALLED), control(CALLER), sender_report(BOB, 148, 3_000))
    tapped.end(3_100)
    batches = tapped.batches()
    (file,) = taken_over(tmp_path, batches[:20], batches[20:])
    party = file.call.parties[1]
    assert (party.packets.expected, party.packets.lost, party.remote_lost) == (148, 8, 1)
    assert balanced(party)


def test_a_long_round_trip_lowers_the_score(tmp_path: Path) -> None:
    scores = []
    for trip in (0, 600):
        tapped = Tapped()
        tapped.begin()
        tapped.speak(BOB, CALLED, CALLER, range(50))
        if trip:
            tapped.send(900, control(CALLER), control(CALLED), voip_metrics(BOB, trip))
        tapped.end(1_200)
        call, _ = recorded(tmp_path / str(trip), tapped.batch())
        scores.append(call.parties[1].mos)
    # 300 ms of the network, 20 of the packet and 40 of the buffer: Id = 27.2, R = 66.0
    assert scores == [4.41, pytest.approx(3.40, abs=0.005)]


REPORTS = [
    sender_report(BOB, 98, 900, [reception(ALICE, 1, 9, stamp(1), 5)]),
    receiver_report(ALICE, reception(BOB, 0xFFFFFF, 0xFFFFFFFF)),
    voip_metrics(BOB, 65535),
    goodbye(BOB),
]
PARTS = st.sampled_from(REPORTS) | st.tuples(st.sampled_from(b"\xc8\xc9\xcf"), st.binary(max_size=30)).map(
    lambda part: bytes([0x81, part[0]]) + part[1]
)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(PARTS, min_size=1, max_size=4).map(b"".join), max_size=20))
def test_whatever_comes_as_rtcp_the_call_is_recorded_and_balances(datagrams: list[bytes]) -> None:
    tapped = Tapped()
    tapped.begin()
    tapped.speak(BOB, CALLED, CALLER, range(60))
    tapped.speak(ALICE, CALLER, CALLED, range(60))
    for number, content in enumerate(datagrams):
        tapped.send(90 * number, control(CALLER), control(CALLED), content)
        tapped.send(90 * number, control(CALLED), control(CALLER), content)
    tapped.end(1_300)
    with tempfile.TemporaryDirectory() as spool:
        call = told(Path(spool), [tapped.batch()])
    assert [party.packets.received for party in call.parties] == [60, 60]
    assert all(map(balanced, call.parties))
