"""Where packets go: the timeline alone, in ticks of an 8 kHz clock."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder.finish.run import runs
from recorder.finish.timeline import Timeline
from recorder.media import MediaBlock

START = 1_000_000_000_000
TICKS = 160
PACKET_NS = 20_000_000
FAR = 1 << 62


def block(sequences, times, timestamps=None):
    """One byte a packet: its own number, so that it can be found again."""
    sequences = np.asarray(sequences, np.int64)
    return MediaBlock(
        stream="a",
        times=np.asarray(times, np.int64),
        sequences=sequences,
        timestamps=sequences * TICKS if timestamps is None else np.asarray(timestamps, np.int64),
        payload_types=np.zeros(len(sequences), np.uint8),
        markers=np.zeros(len(sequences), np.bool_),
        lengths=np.ones(len(sequences), np.int32),
        payload=(sequences % 251).astype(np.uint8),
    )


def steady(sequences, delay=0):
    """Packets captured when they are due, or ``delay`` ns later."""
    sequences = np.asarray(sequences, np.int64)
    return block(sequences, START + sequences * PACKET_NS + delay)


def timeline():
    return Timeline(START, 8000, 0.08, 0.2)


def places(placed):
    """(sequence, position) of every packet, having checked that its payload is its own."""
    found = []
    for run in placed.runs:
        for offset in range(len(run)):
            assert run.payload[offset] == (run.sequence + offset) % 251
            found.append((run.sequence + offset, run.position + offset * run.ticks))
    return found


def feed(line, packets):
    line.add(runs(packets, lambda _type, _payload: (TICKS, 8000), 8000))


def test_packets_stand_where_they_were_captured():
    line = timeline()
    feed(line, steady(range(10, 20)))
    assert places(line.take(FAR)) == [(n, n * TICKS) for n in range(10, 20)]


def test_a_long_run_is_one_run():
    line = timeline()
    feed(line, steady(range(200)))
    assert len(line.take(FAR).runs) == 1


def test_what_is_captured_later_waits():
    line = timeline()
    feed(line, steady(range(10)))
    assert len(places(line.take(START + 4 * PACKET_NS))) == 4
    assert [n for n, _ in places(line.take(FAR))] == [4, 5, 6, 7, 8, 9]


def test_jitter_does_not_move_audio():
    numbers = np.arange(100)
    jitter = np.random.default_rng(4).integers(0, 60_000_000, 100)
    line = timeline()
    feed(line, block(numbers, np.sort(START + numbers * PACKET_NS + jitter)))
    positions = [position for _, position in places(line.take(FAR))]
    assert np.diff(positions).tolist() == [TICKS] * 99


def test_a_packet_that_is_due_is_taken_although_it_was_captured_late():
    line = timeline()
    feed(line, steady(range(10)))
    feed(line, steady([10], delay=50_000_000))
    assert len(places(line.take(START + 11 * PACKET_NS))) == 11


def test_a_reordered_packet_goes_to_its_place():
    line = timeline()
    due = START + np.array([0, 1, 3, 3, 4]) * PACKET_NS
    feed(line, block([0, 1, 3, 2, 4], due))
    placed = line.take(FAR)
    assert places(placed) == [(n, n * TICKS) for n in range(5)]
    assert placed.lost == []


def test_lost_packets_leave_a_hole_that_is_listed():
    line = timeline()
    feed(line, steady([0, 1, 5, 6]))
    placed = line.take(FAR)
    assert placed.lost == [(2 * TICKS, 5 * TICKS)]
    assert places(placed)[2] == (5, 5 * TICKS)


def test_a_loss_between_two_takes_is_listed():
    line = timeline()
    feed(line, steady(range(4)))
    line.take(FAR)
    feed(line, steady([6, 7]))
    assert line.take(FAR).lost == [(4 * TICKS, 6 * TICKS)]


def test_a_pause_of_timestamps_without_loss_is_silence():
    sequences = np.arange(20)
    pause = np.where(sequences >= 10, 100, 0)
    line = timeline()
    feed(line, block(sequences, START + (sequences + pause) * PACKET_NS, (sequences + pause) * TICKS))
    placed = line.take(FAR)
    assert placed.lost == []
    assert places(placed)[10] == (10, 110 * TICKS)


def test_a_hold_that_stops_the_timestamps_too():
    sequences = np.arange(200)
    hold = np.where(sequences >= 50, 8_000_000_000, 0)
    line = timeline()
    feed(line, block(sequences, START + sequences * PACKET_NS + hold))
    placed = line.take(FAR)
    assert placed.lost == []
    assert places(placed)[49:51] == [(49, 49 * TICKS), (50, 50 * TICKS + 64000)]


def test_a_hold_that_ends_with_the_first_packet_that_is_read_next():
    line = timeline()
    feed(line, steady(range(50)))
    before = places(line.take(FAR))
    feed(line, steady(range(50, 200), delay=8_000_000_000))
    after = places(line.take(FAR))
    assert before + after == [(n, n * TICKS + (64000 if n >= 50 else 0)) for n in range(200)]


def test_a_burst_after_a_stall_that_begins_what_is_read_next_keeps_its_places():
    sequences = np.arange(200)
    times = START + sequences * PACKET_NS
    times[50:100] = times[100] - 1_000_000
    line = timeline()
    found = []
    for some in (slice(0, 50), slice(50, 200)):
        feed(line, block(sequences[some], times[some]))
        found += places(line.take(FAR))
    assert found == [(n, n * TICKS) for n in range(200)]


def test_a_burst_after_a_stall_of_the_network_keeps_its_places():
    sequences = np.arange(200)
    times = START + sequences * PACKET_NS
    times[50:100] = times[100] - 1_000_000
    line = timeline()
    feed(line, block(sequences, times))
    assert places(line.take(FAR)) == [(n, n * TICKS) for n in range(200)]


def test_one_packet_that_is_late_by_far_moves_nothing():
    sequences = np.arange(200)
    times = START + sequences * PACKET_NS
    times[[70, 120]] += 400_000_000
    line = timeline()
    order = np.argsort(times, kind="stable")
    feed(line, block(sequences[order], times[order]))
    assert places(line.take(FAR)) == [(n, n * TICKS) for n in range(200)]


def test_two_stalls_of_the_network_of_which_one_begins_in_the_other_move_nothing():
    sequences = np.arange(200)
    times = START + sequences * PACKET_NS
    times[50:70], times[70:100] = times[77], times[107]
    line = timeline()
    feed(line, block(sequences, np.maximum.accumulate(times)))
    assert places(line.take(FAR)) == [(n, n * TICKS) for n in range(200)]


def test_a_sender_that_starts_its_timestamps_again():
    sequences = np.arange(100)
    timestamps = np.where(sequences < 50, sequences * TICKS, 3_000_000_000 + sequences * TICKS)
    line = timeline()
    feed(line, block(sequences, START + sequences * PACKET_NS, timestamps))
    assert places(line.take(FAR)) == [(n, n * TICKS) for n in range(100)]


def test_a_sender_that_starts_its_numbers_again_has_lost_nothing():
    sequences = np.concatenate((np.arange(50), np.arange(30_050, 30_100)))
    line = timeline()
    feed(line, block(sequences, START + np.arange(100) * PACKET_NS, np.arange(100) * TICKS))
    placed = line.take(FAR)
    assert placed.lost == []
    assert [position for _, position in places(placed)] == [n * TICKS for n in range(100)]


def test_an_outage_of_minutes_is_a_loss_where_the_sender_went_on():
    sequences = np.concatenate((np.arange(50), np.arange(9_050, 9_100)))
    line = timeline()
    feed(line, steady(sequences))
    assert line.take(FAR).lost == [(50 * TICKS, 9_050 * TICKS)]


def with_event(sequences, event, stamp):
    """Packets that are due, the one numbered ``event`` a telephone event that began at ``stamp``."""
    line = timeline()
    packets = steady(sequences)
    is_event = packets.sequences == event
    packets.payload_types[is_event] = 101
    packets.timestamps[is_event] = stamp
    line.add(runs(packets, lambda kind, _payload: (0 if kind == 101 else TICKS, 8000), 8000))
    return line.take(FAR)


def test_what_was_lost_before_a_key_was_pressed_is_listed():
    assert with_event([0, 1, 2, 5, 6, 7], 5, 5 * TICKS).lost == [(3 * TICKS, 5 * TICKS)]


def test_an_event_that_was_lost_in_part_lost_no_audio():
    assert with_event([0, 1, 2, 5, 6, 7], 5, 3 * TICKS).lost == []


def test_a_clock_that_runs_slow_is_followed():
    sequences = np.arange(30_000)
    line = timeline()
    feed(line, block(sequences, START + (sequences * PACKET_NS * 1.0005).astype(np.int64)))
    placed = places(line.take(FAR))
    off = [position - sequence * TICKS * 1.0005 for sequence, position in placed]
    assert max(map(abs, off)) < 0.1 * 8000 + 64 * TICKS * 0.0005 + TICKS


def test_packets_without_length_do_not_move_the_anchor():
    """Events carry the timestamp of their beginning, however long the key is held."""
    line = timeline()
    feed(line, steady(range(20)))
    events = block(range(20, 60), START + np.arange(20, 60) * PACKET_NS, np.full(40, 20 * TICKS))
    line.add(runs(events, lambda _type, _payload: (0, 8000), 8000))
    feed(line, block(range(60, 80), START + np.arange(60, 80) * PACKET_NS, np.arange(60, 80) * TICKS))
    assert places(line.take(FAR))[-1] == (79, 79 * TICKS)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=1, max_size=60),
    st.lists(st.integers(1, 400), max_size=4),
)
@settings(max_examples=100, deadline=None)
def test_any_loss_and_reordering_puts_a_packet_in_its_place_or_counts_it_late(fates, steps):
    """Each packet is lost or not, and overtaken by up to five of those behind it."""
    kept = [number for number, (lost, _) in enumerate(fates) if not lost]
    captured = sorted(kept, key=lambda number: (number + fates[number][1], number))
    times = [START + (number + fates[number][1]) * PACKET_NS for number in captured]
    line = timeline()
    found = []
    fed = 0
    for until in [*np.cumsum(steps).tolist(), None]:
        end = FAR if until is None else START + until * PACKET_NS // 10
        ready = [index for index in range(fed, len(captured)) if times[index] < end]
        for index in ready:
            feed(line, block([captured[index]], [times[index]]))
        fed += len(ready)
        found += places(line.take(end))
    assert len(found) + line.late == len(kept)
    assert len({number for number, _ in found}) == len(found)
    bases = {position - number * TICKS for number, position in found}
    assert len(bases) <= 1
    assert [number for number, _ in found] == sorted(number for number, _ in found)
