"""Telephone events."""

import numpy as np

from recorder.finish.dtmf import EventReader

MS = 1_000_000


def read(reader, *events):
    """Events as (time ms, timestamp, key, duration, end)."""
    times = np.array([event[0] * MS for event in events], np.int64)
    stamps = np.array([event[1] for event in events], np.int64)
    payloads = [
        bytes((key, 0x80 * end + 10)) + duration.to_bytes(2, "big") for _, _, key, duration, end in events
    ]
    return reader.read(times, stamps, payloads)


def test_all_packets_of_a_key_are_one_digit():
    events = [
        (0, 5, 1, 160, 0),
        (20, 5, 1, 320, 0),
        (40, 5, 1, 400, 1),
        (60, 5, 1, 400, 1),
        (80, 5, 1, 400, 1),
    ]
    assert read(EventReader(), *events) == [(0, "1")]


def test_a_key_pressed_twice_is_two_digits():
    assert read(EventReader(), (0, 5, 11, 400, 1), (100, 805, 11, 160, 0), (120, 805, 11, 300, 1)) == [
        (0, "#"),
        (100 * MS, "#"),
    ]


def test_a_key_whose_end_was_lost():
    assert read(EventReader(), (0, 5, 1, 160, 0), (500, 4005, 1, 160, 0)) == [(0, "1"), (500 * MS, "1")]


def test_a_key_held_beyond_what_a_duration_holds():
    events = [(0, 100, 2, 0xFFFF, 0), (8200, 100 + 0xFFFF, 2, 160, 0), (8300, 100 + 0xFFFF, 2, 900, 1)]
    assert read(EventReader(), *events) == [(0, "2")]


def test_a_key_held_so_long_by_a_sender_whose_last_packet_of_a_segment_says_less() -> None:
    """2.5.1.3: the next segment begins 0xFFFF behind this one, whether or not a packet said so."""
    events = [(0, 100, 2, 160, 0), (8180, 100, 2, 0xFFFF - 95, 0), (8200, 100 + 0xFFFF, 2, 65, 0)]
    assert read(EventReader(), *events) == [(0, "2")]


def test_a_sender_that_counts_the_timestamp_on_in_each_packet() -> None:
    press = [(20 * n, 5 + 160 * n, 7, 160 * min(n + 1, 5), int(n > 4)) for n in range(8)]
    again = [(time + 300, stamp + 2400, *rest) for time, stamp, *rest in press]
    assert read(EventReader(), *press, *again) == [(0, "7"), (300 * MS, "7")]


def test_batches_do_not_matter():
    reader = EventReader()
    assert read(reader, (0, 5, 15, 160, 0)) == [(0, "D")]
    assert read(reader, (20, 5, 15, 320, 1)) == []


def test_what_is_no_key_is_passed_over():
    reader = EventReader()
    assert read(reader, (0, 5, 16, 160, 1)) == []
    assert reader.read(np.zeros(2, np.int64), np.zeros(2, np.int64), [b"", b"\x01\x80"]) == []


def test_ends_that_are_sent_again_and_a_flash_add_nothing():
    events = [
        (0, 5, 3, 160, 0),
        (20, 5, 3, 320, 1),
        (20, 5, 3, 320, 1),
        (25, 2000, 16, 320, 1),
        (30, 5, 3, 320, 1),
        (60, 5000, 3, 160, 1),
    ]
    assert [key for _, key in read(EventReader(), *events)] == ["3", "3"]
