"""The loss ledger: every packet is in exactly one of its sums."""

import random
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.assembly.grouping import group, keys
from recorder.assembly.sequence import MAX_DROPOUT
from recorder.assembly.streams import Arranged, StreamTable
from storage.model import PacketCounts
from tests.recorder.assembly.rows import Packet, rows
from tests.recorder.frames import SECOND


def absorb(table: StreamTable, *packets: Packet) -> Arranged:
    given_rows = rows(*packets)
    groups = group(given_rows)
    streams, _ = table.identify(keys(given_rows, groups), given_rows, groups)
    return table.absorb(given_rows, groups, streams)


def ledger(table: StreamTable) -> PacketCounts:
    (number,) = table.ids.values()
    return table.counts(number)


def balanced(counts: PacketCounts) -> bool:
    arrived = counts.written + counts.duplicate + counts.unwritten
    missing = counts.lost + counts.dropped
    return counts.received == arrived and counts.expected + counts.duplicate == counts.received + missing


def test_packets_in_order_are_expected_and_received() -> None:
    table = StreamTable()
    absorb(table, *(Packet(1, n) for n in range(100, 150)))
    assert ledger(table) == PacketCounts(expected=50, received=50, unwritten=50)


def blamed(table: StreamTable, dropped: int) -> int:
    return table.blame(np.array(list(table.ids.values())), dropped)


def test_what_a_stream_misses_while_the_tap_drops_frames_is_not_lost_on_the_wire() -> None:
    table = StreamTable()
    absorb(table, *(Packet(1, n) for n in (0, 1, 4, 5)))
    assert blamed(table, 0) == 0
    absorb(table, *(Packet(1, n) for n in (6, 10, 11)))
    assert blamed(table, 20) == 3
    absorb(table, Packet(1, 14))
    assert blamed(table, 1) == 1
    counts = ledger(table)
    assert (counts.lost, counts.dropped) == (3, 4)
    assert balanced(counts)


def test_what_comes_late_was_neither_lost_nor_dropped() -> None:
    table = StreamTable()
    absorb(table, *(Packet(1, n) for n in (0, 1, 4)))
    assert blamed(table, 2) == 2
    absorb(table, Packet(1, 2), Packet(1, 3), Packet(1, 5))
    assert blamed(table, 2) == 0
    assert (ledger(table).lost, ledger(table).dropped) == (0, 0)
    assert balanced(ledger(table))


def test_streams_share_what_the_tap_dropped_by_what_they_miss() -> None:
    table = StreamTable()
    absorb(table, *(Packet(ssrc, n) for ssrc, n in ((1, 0), (1, 9), (2, 0), (2, 3))))
    assert blamed(table, 5) == 5
    assert sorted(table.counts(number).dropped for number in table.ids.values()) == [1, 4]
    assert all(balanced(table.counts(number)) for number in table.ids.values())


def test_a_missing_number_is_lost_until_it_comes_late() -> None:
    table = StreamTable()
    absorb(table, Packet(1, 1), Packet(1, 2), Packet(1, 4))
    assert ledger(table).lost == 1
    arranged = absorb(table, Packet(1, 3), Packet(1, 5))
    assert ledger(table).lost == 0
    assert ledger(table).reordered == 1
    assert len(arranged.extended) == 2


def test_a_packet_seen_twice_is_left_out_in_the_same_flush_and_in_the_next() -> None:
    table = StreamTable()
    arranged = absorb(table, Packet(1, 1), Packet(1, 1), Packet(1, 2))
    assert np.diff(arranged.extended).tolist() == [1]
    arranged = absorb(table, Packet(1, 2), Packet(1, 3))
    assert len(arranged.extended) == 1
    assert ledger(table).duplicate == 2
    assert balanced(ledger(table))


def test_numbers_go_on_over_the_wrap_around() -> None:
    table = StreamTable()
    first = absorb(table, Packet(1, 65534, 0xFFFFFFF0), Packet(1, 65535, 0xFFFFFFF8))
    second = absorb(table, Packet(1, 0, 0), Packet(1, 1, 8))
    assert np.diff(np.concatenate((first.extended, second.extended))).tolist() == [1, 1, 1]
    assert np.diff(np.concatenate((first.timestamps, second.timestamps))).tolist() == [8, 8, 8]
    assert ledger(table).lost == 0


def test_a_sender_that_starts_again_has_lost_nothing() -> None:
    table = StreamTable()
    absorb(table, *(Packet(1, n) for n in range(10)))
    absorb(table, *(Packet(1, n) for n in range(30000, 30010)))
    assert ledger(table).lost == 0
    assert ledger(table).expected == 20
    assert balanced(ledger(table))


PACKET_NS = 20_000_000


def spoken(numbers: Iterable[int]) -> list[Packet]:
    """Packets of 20 ms whose timestamps begin near the end of what they can hold."""
    return [Packet(1, n, 0xFFFFF000 + 160 * n, PACKET_NS * n) for n in numbers]


@pytest.mark.parametrize("missing", [2_990, 4_500, 30_000, 60_000, 100_000])
@pytest.mark.parametrize("following", [1, 20])
def test_an_outage_of_minutes_is_a_loss_where_the_sender_went_on(missing: int, following: int) -> None:
    table = StreamTable()
    absorb(table, *spoken(range(10)))
    absorb(table, *spoken(range(10, 20)))
    absorb(table, *spoken(range(20 + missing, 20 + missing + following)))
    counts = ledger(table)
    assert counts.lost == missing
    assert counts.expected == 20 + missing + following
    assert balanced(counts)


def test_a_sender_that_starts_again_behind_a_long_pause_has_lost_nothing() -> None:
    table = StreamTable()
    absorb(table, *spoken(range(20)))
    absorb(table, *(Packet(1, n, 777 + 160 * n, PACKET_NS * (4_000 + n)) for n in range(5_000, 5_020)))
    assert ledger(table).lost == 0
    absorb(table, *(Packet(1, n, 160 * n, PACKET_NS * (8_000 + n)) for n in range(15_000, 15_020)))
    assert ledger(table).lost == 0
    assert balanced(ledger(table))


def again(number: int, stamp: int, after: int = 400) -> list[Packet]:
    """Packets of a sender that has sent ``after`` others and starts again with these numbers."""
    return [
        Packet(1, number + n, stamp + 160 * n & 0xFFFFFFFF, PACKET_NS * (after + n), bytes([n % 256] * 20))
        for n in range(400)
    ]


@pytest.mark.parametrize("after", [60, 400])
@pytest.mark.parametrize("number", [0, 350, 399, 500, 900, 2_500, 60_000])
@pytest.mark.parametrize("stamp", [0xFFFFF000, 0xFFFFF000 + 777 * 160, 99_999_999, 3_000_000_000])
def test_a_sender_that_starts_again_anywhere_has_lost_and_repeated_nothing(
    after: int, number: int, stamp: int
) -> None:
    """Those that keep their SSRC begin near their old numbers as a rule, as both begin near 0."""
    table = StreamTable()
    packets = [*spoken(range(after)), *again(number, stamp, after)]
    found = [absorb(table, *packets[at : at + 25]) for at in range(0, len(packets), 25)]
    counts = ledger(table)
    assert (counts.received, counts.expected) == (after + 400, after + 400)
    assert (counts.lost, counts.duplicate, counts.reordered) == (0, 0, 0)
    assert (np.diff(np.concatenate([one.extended for one in found])) > 0).all()


def test_a_sender_that_starts_again_at_once_has_lost_nothing() -> None:
    table = StreamTable()
    late, first = spoken(range(12)), again(1_784, 99_999_999, 12)
    absorb(table, *late[:11], first[0], late[11], *first[1:8])
    assert ledger(table).lost < 5
    assert balanced(ledger(table))


def test_the_sums_balance_where_the_first_packet_of_a_new_start_is_overtaken() -> None:
    table = StreamTable()
    first = again(30_000, 99_999_999, 12)
    absorb(table, *spoken(range(12)), first[1], first[0], *first[2:6])
    assert balanced(ledger(table))
    assert ledger(table).expected == 18


def test_numbers_that_stand_still_are_no_copies() -> None:
    table = StreamTable()
    for at in range(0, 100, 25):
        absorb(table, *(Packet(1, 7, 160 * n, PACKET_NS * n) for n in range(at, at + 25)))
    assert ledger(table).duplicate < 5


@pytest.mark.parametrize("late", [130_000_000, 900_000_000, 1_900_000_000])
def test_a_mirror_that_shows_everything_twice_and_late_is_seen_through(late: int) -> None:
    table = StreamTable()
    packets = [
        replace(packet, time=packet.time + delay, payload=packet.sequence.to_bytes(2, "big") * 10)
        for packet in spoken(range(500))
        for delay in (0, late)
    ]
    packets.sort(key=lambda packet: packet.time)
    for at in range(0, 1000, 50):
        absorb(table, *packets[at : at + 50])
    counts = ledger(table)
    assert (counts.expected, counts.duplicate, counts.lost, counts.reordered) == (500, 500, 0, 0)


def keyed(pressed: int) -> list[Packet]:
    """A key held for ``pressed`` packets while sound goes on, as Asterisk sends it: events have the timestamp
    at which the key was pressed (RFC 4733, 2.2.1)."""
    packets = spoken(range(50))
    for at, sound in enumerate(spoken(range(50, 50 + pressed))):
        packets.append(replace(sound, sequence=50 + 2 * at))
        key = replace(sound, sequence=51 + 2 * at, timestamp=packets[50].timestamp, time=sound.time + 10_000)
        packets.append(key)
    after = spoken(range(50 + pressed, 200 + pressed))
    return [*packets, *(replace(one, sequence=one.sequence + pressed) for one in after)]


@pytest.mark.parametrize("size", [3, 7, 50, 1000])
@pytest.mark.parametrize("pressed", [5, 150])
def test_copies_of_keys_pressed_while_sound_goes_on_are_copies(size: int, pressed: int) -> None:
    table, packets, delays = StreamTable(), keyed(pressed), [200_000, 2_900_000, 1_100_000, 500_000]
    copies = [replace(one, time=one.time + delays[at % 4]) for at, one in enumerate(packets)]
    arrived = sorted([*packets, *copies], key=lambda packet: packet.time)
    for at in range(0, len(arrived), size):
        absorb(table, *arrived[at : at + size])
    counts = ledger(table)
    assert (counts.expected, counts.duplicate) == (len(packets), len(packets))


@pytest.mark.parametrize("late", [3, 20, 60])
@pytest.mark.parametrize("first", [1, 40, 50_000])
def test_a_copy_that_comes_when_the_sender_has_started_again_is_a_copy(late: int, first: int) -> None:
    table = StreamTable()
    numbers = [*range(first, first + 100), *range(1, 101), *range(1, 101)]
    packets = [Packet(1, n, 160 * at, PACKET_NS * at, b"%20d" % at) for at, n in enumerate(numbers)]
    copies = [replace(packets[at - late], time=packets[at].time + 1) for at in (109, 209)]
    arrived = sorted([*packets, *copies], key=lambda packet: packet.time)
    for start in range(0, len(arrived), 25):
        absorb(table, *arrived[start : start + 25])
    counts = ledger(table)
    assert (counts.received, counts.duplicate, counts.lost) == (302, 2, 0)
    assert balanced(counts)


@pytest.mark.parametrize("size", [50, 73])
@pytest.mark.parametrize("late", [0.01, 0.5, 1.5, 2.5])
@pytest.mark.parametrize("goes_on", [True, False])
def test_a_mirror_that_is_late_shows_everything_twice_where_pieces_begin_with_the_same_number(
    goes_on: bool, late: float, size: int
) -> None:
    """As those of which an announcement is put together, whose timestamps may begin anew as well."""
    table = StreamTable()
    spoken = [
        Packet(1, at % 40, 160 * (at if goes_on else at % 40), PACKET_NS * at, b"%20d" % at)
        for at in range(200)
    ]
    copies = [replace(one, time=one.time + round(late * PACKET_NS)) for one in spoken]
    arrived = sorted([*spoken, *copies], key=lambda packet: packet.time)
    for start in range(0, len(arrived), size):
        absorb(table, *arrived[start : start + size])
    counts = ledger(table)
    assert (counts.received, counts.duplicate, counts.lost) == (400, 200, 0)


@pytest.mark.parametrize("lost", [(), (38,), (30, 44)])
@pytest.mark.parametrize("size", [50, 60, 200])
@pytest.mark.parametrize("anew", [1, 9_000])
def test_a_mirror_that_is_late_shows_everything_twice_where_the_sender_starts_again(
    anew: int, size: int, lost: tuple[int, ...]
) -> None:
    """Also where a packet was lost in the same flush."""
    table = StreamTable()
    numbers = [*range(100, 150), *range(anew, anew + 60)]
    packets = [Packet(1, n, 160 * n, PACKET_NS * at, b"%20d" % at) for at, n in enumerate(numbers)]
    packets = [one for at, one in enumerate(packets) if at not in lost]
    copies = [replace(one, time=one.time + round(2.5 * PACKET_NS)) for one in packets]
    arrived = sorted([*packets, *copies], key=lambda packet: packet.time)
    for start in range(0, len(arrived), size):
        absorb(table, *arrived[start : start + size])
    counts = ledger(table)
    assert (counts.received, counts.duplicate, counts.lost) == (2 * len(packets), len(packets), len(lost))


@pytest.mark.parametrize("size", [25, 10])
@pytest.mark.parametrize("length", [20, 38, 49])
def test_short_pieces_that_each_begin_with_the_same_numbers_are_all_heard(length: int, size: int) -> None:
    table = StreamTable()
    packets = [
        Packet(1, n, 160 * n, PACKET_NS * (piece * length + n), b"%10d%10d" % (piece, n))
        for piece in range(5)
        for n in range(length)
    ]
    for start in range(0, len(packets), size):
        absorb(table, *packets[start : start + size])
    counts = ledger(table)
    # Of a piece that begins at the end of a flush it is seen too late that it is no copy.
    assert counts.duplicate <= 8 * 4
    assert counts.lost == 0
    assert balanced(counts)


@pytest.mark.parametrize("jitter", [5, 45])
@pytest.mark.parametrize("pressed", [5, 30, 150])
def test_what_is_overtaken_beside_a_pressed_key_is_late_and_nothing_else(pressed: int, jitter: int) -> None:
    for seed in range(10):
        table, rng, packets = StreamTable(), random.Random(seed), keyed(pressed)
        late = [replace(one, time=one.time + rng.randrange(jitter * 1_000_000)) for one in packets]
        late.sort(key=lambda packet: packet.time)
        for at in range(0, len(late), 25):
            absorb(table, *late[at : at + 25])
        counts = ledger(table)
        assert (counts.lost, counts.duplicate) == (0, 0)
        assert counts.expected == len(packets)


def test_a_packet_older_than_the_first_moves_the_beginning() -> None:
    table = StreamTable()
    absorb(table, Packet(1, 10), Packet(1, 9), Packet(1, 11))
    assert ledger(table) == PacketCounts(expected=3, received=3, reordered=1, unwritten=3)


def test_a_forgotten_row_is_used_again_from_nothing() -> None:
    table = StreamTable()
    absorb(table, Packet(1, 5), Packet(1, 6))
    table.forget(next(iter(table.ids.values())))
    absorb(table, Packet(2, 700))
    assert ledger(table) == PacketCounts(expected=1, received=1, unwritten=1)


@given(
    st.integers(0, 65535),
    st.lists(st.lists(st.integers(0, 60), min_size=1, max_size=30), min_size=1, max_size=5),
)
def test_the_sums_balance_whatever_arrives(first: int, flushes: list[list[int]]) -> None:
    table = StreamTable()
    kept: list[int] = []
    for flush in flushes:
        arranged = absorb(table, *(Packet(1, first + offset) for offset in flush))
        kept += arranged.extended.tolist()
    offsets = [offset for flush in flushes for offset in flush]
    counts = ledger(table)
    assert balanced(counts)
    assert len(kept) == len(set(kept)) == len(set(offsets))
    assert counts.duplicate == len(offsets) - len(set(offsets))
    assert counts.expected == max(offsets) - min(offsets) + 1
    assert max(offsets) - min(offsets) < MAX_DROPOUT


def test_reports_belong_to_the_ports_below_then_to_the_same_then_to_any_of_the_hosts() -> None:
    table = StreamTable()
    one, two = (0, 1), (0, 2)
    low, high = (
        table.open((*one, *two, ports, 7), 1, 0, 0) for ports in (4000 << 16 | 5000, 4001 << 16 | 5001)
    )
    assert table.spoken_of(one, two, 4001 << 16 | 5001, 7) == low
    assert table.spoken_of(one, two, 4002 << 16 | 5002, 7) == high
    assert table.spoken_of(one, two, 4000 << 16 | 5000, 7) == low
    assert table.spoken_of(one, two, 9 << 16 | 9, 7) == high
    assert table.spoken_of(two, one, 4001 << 16 | 5001, 7) is None
    assert table.spoken_of(one, two, 4001 << 16 | 5001, 8) is None
    table.forget(low)
    assert table.spoken_of(one, two, 4000 << 16 | 5000, 7) == high
    table.forget(high)
    assert table.spoken_of(one, two, 9 << 16 | 9, 7) is None


@pytest.mark.parametrize("hold", [0, 60, 600])
def test_packets_that_others_overtook_behind_a_hold_are_late(hold: int) -> None:
    """It tells nothing of how late a packet is by its number."""
    table = StreamTable()
    numbers = [*range(80), 83, 80, 81, 82, *range(84, 100)]
    packets = [
        Packet(1, number, 160 * number + 8000 * held, PACKET_NS * place + SECOND * held)
        for place, number in enumerate(numbers)
        for held in [hold if place >= 50 else 0]
    ]
    for start in range(0, len(packets), 25):
        absorb(table, *packets[start : start + 25])
    counts = ledger(table)
    assert (counts.expected, counts.lost, counts.reordered) == (100, 0, 3)


def sent(table: StreamTable, *turns: tuple[int, range]) -> list[PacketCounts]:
    """The ledgers by place, where one sender sends these numbers to those places, seen in one flush."""
    packets = [packet for _, numbers in turns for packet in spoken(numbers)]
    some = rows(*packets)
    some.destinations[:, 1] += np.array([to for to, numbers in turns for _ in numbers], np.uint64)
    order = np.argsort(some.times, kind="stable")
    some = replace(some, **{name: getattr(some, name)[order] for name in ROW_COLUMNS})
    groups = group(some)
    numbers, _ = table.identify(keys(some, groups), some, groups)
    table.absorb(some, groups, numbers)
    return [table.counts(number) for number in table.ids.values()]


ROW_COLUMNS = ("times", "destinations", "sequences", "timestamps", "offsets")


@pytest.mark.parametrize("length", [20, 200, 4_000, 40_000])
@pytest.mark.parametrize("are_together", [False, True])
def test_what_one_sender_sent_to_another_place_meanwhile_is_not_missing(
    length: int, are_together: bool
) -> None:
    """Media goes directly between phones for a while, and through the PBX again."""
    table = StreamTable()
    sent(table, (0, range(50)))
    turns = (1, range(50, 50 + length)), (0, range(50 + length, 100 + length))
    if are_together:
        sent(table, *turns)
    else:
        sent(table, turns[0])
        sent(table, turns[1])
    ledgers = sent(table, (1, range(100 + length, 150 + length)))
    assert [(one.expected, one.lost) for one in ledgers] == [(100, 0), (length + 50, 0)]


def test_what_was_lost_between_two_places_is_lost() -> None:
    table = StreamTable()
    sent(table, (0, range(50)))
    sent(table, (1, range(50, 200)))
    ledgers = sent(table, (0, range(203, 250)))
    assert [one.lost for one in ledgers] == [3, 0]


def test_what_goes_to_two_places_at_once_is_missing_at_the_one_that_misses_it() -> None:
    table = StreamTable()
    sent(table, (0, range(50)), (1, range(50)))
    sent(table, (0, range(50, 80)), (1, range(50, 100)))
    ledgers = sent(table, (0, range(110, 150)), (1, range(100, 150)))
    assert [one.lost for one in ledgers] == [30, 0]
