"""What reports add to the ledger of a stream, whatever they say."""

from hypothesis import given
from hypothesis import strategies as st

from recorder.assembly.reported import REMEMBERED, Reported
from storage.model import PacketCounts

MS = 1_000_000
COUNTS = st.integers(0, 0xFFFFFFFF) | st.integers(90, 140)


@given(st.lists(st.tuples(COUNTS, st.integers(0, 100), st.integers(0, 4000)), max_size=5))
def test_the_ledger_balances_and_the_pace_bounds_what_is_missing(
    said: list[tuple[int, int, int]],
) -> None:
    reported = Reported()
    for packets, expected, at in sorted(said, key=lambda one: one[2]):
        reported.note_sent(packets, expected, at * MS, stamp=at)
    counts = PacketCounts(expected=100, received=97, lost=5, duplicate=2, written=95)
    whole = reported.completed(counts, 0, 1980 * MS)
    assert whole.expected + whole.duplicate == whole.received + whole.lost
    added = whole.lost - counts.lost
    assert 0 <= added <= max(reported.time / MS - 1980, 0) / 20
    assert whole == counts.model_copy(update={"expected": 100 + added, "lost": 5 + added})


def test_a_packet_that_comes_after_the_report_is_not_missing() -> None:
    reported = Reported()
    reported.note_sent(50, 50, 1_000 * MS, 1)
    reported.note_sent(101, 100, 2_050 * MS, 2)
    counts = PacketCounts(expected=100, received=100, written=100)
    assert reported.completed(counts, 0, 1_980 * MS).lost == 1
    later = PacketCounts(expected=101, received=101, written=101)
    assert reported.completed(later, 0, 2_060 * MS) == later


def test_a_stream_of_one_packet_has_no_pace() -> None:
    reported = Reported()
    reported.note_sent(500, 1, 1_000 * MS, 1)
    one = PacketCounts(expected=1, received=1, written=1)
    assert reported.completed(one, 0, 0) == one


def test_only_the_last_reports_can_be_answered() -> None:
    reported = Reported()
    for number in range(1, REMEMBERED + 2):
        reported.note_sent(number, number, number * MS, stamp=number)
    reported.note_answer(1, 0, 100 * MS)
    assert reported.turnarounds == 0
    reported.note_answer(2, 0, 100 * MS)
    assert (reported.turnarounds, reported.turnaround) == (1, 98 * MS)


def test_an_answer_that_cannot_be_is_no_round_trip() -> None:
    reported = Reported()
    reported.note_sent(1, 1, 1_000 * MS, stamp=7)
    reported.note_answer(7, 65536, 1_001 * MS)
    reported.note_answer(7, 0, 60_000 * MS)
    assert reported.turnarounds == 0
    reported.note_answer(7, 66, 1_000 * MS)
    assert (reported.turnarounds, reported.turnaround) == (1, 0)


def test_more_packets_than_were_sent_is_no_loss() -> None:
    reported = Reported()
    reported.note_received(-3, 8)
    assert (reported.lost, reported.jitter, reported.receptions) == (0, 8, 1)
