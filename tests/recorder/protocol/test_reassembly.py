"""One direction of a TCP connection put in order."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder.protocol.reassembly import MOST, PATIENCE, ROOM, Reassembly, Stretch

TEXT = bytes(range(97, 123)) * 3


def feed(segments: list[tuple[int, bytes]], order: Reassembly | None = None) -> list[Stretch]:
    order = order or Reassembly()
    return [one for at, content in segments for one in order.add(at, content, len(content), 0)]


def joined(stretches: list[Stretch]) -> bytes:
    assert not any(one.follows_gap for one in stretches)
    return b"".join(one.content for one in stretches)


@settings(max_examples=200)
@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32), st.binary(min_size=1, max_size=400))
def test_any_cut_order_and_repetition_gives_the_same_bytes(first: int, seed: int, content: bytes) -> None:
    rng = random.Random(seed)
    segments, at = [], 0
    while at < len(content):
        size = rng.randrange(1, 60)
        segments.append((at, content[at : at + size]))
        at += size
    for _ in range(rng.randrange(5)):
        start = rng.randrange(len(content))
        segments.append((start, content[start : start + rng.randrange(1, 90)]))
    rng.shuffle(segments)
    order = Reassembly()
    order.begin((first - 1) & 0xFFFFFFFF)
    found = feed([((first + at) & 0xFFFFFFFF, part) for at, part in segments], order)
    assert joined(found) == content
    assert order.held == 0


def test_it_begins_anywhere() -> None:
    assert joined(feed([(7, b"ab"), (9, b"cd")])) == b"abcd"


def test_a_repeated_segment_adds_nothing() -> None:
    assert joined(feed([(0, b"abcd"), (0, b"abcd"), (2, b"cdef"), (1, b"b")])) == b"abcdef"


def test_what_came_first_holds() -> None:
    assert joined(feed([(0, b"abcd"), (2, b"XXef")])) == b"abcdef"
    assert joined(feed([(0, b"a"), (2, b"cd"), (1, b"bXXe")])) == b"abXXe"
    assert joined(feed([(0, b"a"), (2, b"cd"), (2, b"XXef"), (1, b"b")])) == b"abcdef"


def test_what_is_missing_is_given_up_after_a_while() -> None:
    order = Reassembly()
    assert order.add(0, b"ab", 2, 0) == [Stretch(b"ab", False)]
    assert order.add(4, b"ef", 2, 1) == []
    assert order.held == 2
    assert order.expire(PATIENCE) == []
    assert order.expire(PATIENCE + 2) == [Stretch(b"ef", True, 1)]
    assert order.add(2, b"cd", 2, PATIENCE + 3) == []
    assert order.add(6, b"gh", 2, PATIENCE + 3) == [Stretch(b"gh", False, PATIENCE + 3)]


def test_what_waited_in_vain_has_the_times_at_which_it_came_and_other_content_that_of_its_last_part() -> None:
    order = Reassembly()
    order.begin(9)
    assert order.add(12, b"cd", 2, 5) == []
    assert order.add(14, b"ef", 2, 6) == []
    assert order.add(10, b"ab", 2, 7) == [Stretch(one, False, 7) for one in (b"ab", b"cd", b"ef")]
    assert order.add(18, b"ij", 2, 8) == []
    assert order.add(20, b"kl", 2, 9) == []
    late = 9 + PATIENCE
    assert order.add(22, b"mn", 2, late) == [
        Stretch(b"ij", True, 8),
        Stretch(b"kl", False, 9),
        Stretch(b"mn", False, late),
    ]


@pytest.mark.parametrize("size", [1, 1400])
def test_what_waits_is_bounded(size: int) -> None:
    order = Reassembly()
    order.begin(0)
    for number in range(1000):
        order.add(10 + 2 * size * number, bytes(size), size, 0)
        assert order.held <= min(ROOM, MOST * size)


def test_a_cut_segment_leaves_a_gap_behind_it() -> None:
    order = Reassembly()
    assert order.add(0, b"ab", 10, 0) == [Stretch(b"ab", False)]
    assert order.add(10, b"cd", 2, 0) == [Stretch(b"cd", True)]
    assert order.add(12, b"ef", 2, 0) == [Stretch(b"ef", False)]


def test_another_connection_between_the_same_ports_begins_anew() -> None:
    order = Reassembly()
    order.add(0, b"ab", 2, 0)
    order.begin(0x70000000)
    assert order.add(0x70000001, b"cd", 2, 0) == [Stretch(b"cd", False)]
    assert order.add(5, b"xy", 2, 0) == [Stretch(b"xy", True)]


def test_a_repeated_syn_changes_nothing() -> None:
    order = Reassembly()
    order.begin(9)
    order.add(10, b"ab", 2, 0)
    order.begin(9)
    assert order.add(12, b"cd", 2, 0) == [Stretch(b"cd", False)]


@pytest.mark.parametrize("ahead", [100, 5_000_000, -5_000_000, 1 << 30])
def test_the_next_connection_may_begin_near_the_one_before(ahead: int) -> None:
    order = Reassembly()
    order.begin(9)
    order.add(10, bytes(50), 50, 0)
    following = (9 + ahead) & 0xFFFFFFFF
    assert order.is_elsewhere(following)
    order.begin(following)
    assert order.add((following + 1) & 0xFFFFFFFF, b"ab", 2, 0) == [Stretch(b"ab", False)]


def test_what_overtook_the_syn_is_of_the_same_connection() -> None:
    order = Reassembly()
    assert order.add(10, b"ab", 2, 0) == [Stretch(b"ab", False)]
    assert not order.is_elsewhere(9)
