"""Datagrams in fragments."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder.batch import Batch
from recorder.protocol import address, udp
from recorder.protocol.fragments import Fragments
from tests.recorder import frames

PAYLOAD = random.Random(1).randbytes(3000)


def pieces(ident: int = 1, version: int = 4, payload: bytes = PAYLOAD, size: int = 1480) -> list[bytes]:
    """The frames of one datagram from 192.0.2.1 or 2001:db8::1, port 4000."""
    whole = frames.udp(payload, 4000)
    found = []
    for at in range(0, len(whole), size):
        part, more = whole[at : at + size], at + size < len(whole)
        if version == 4:
            found.append(frames.ethernet(frames.ipv4(part, fragment=more << 13 | at // 8, ident=ident)))
        else:
            extended = frames.ipv6_fragment(part, at=at, more=more, ident=ident)
            found.append(frames.ethernet(frames.ipv6(extended, following=44), 0x86DD))
    return found


def read(some: list[bytes], fragments: Fragments | None = None) -> udp.Datagrams:
    return udp.parse(frames.batch(some), Fragments() if fragments is None else fragments)


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 0, 2], [0, 0, 2, 2, 1]])
def test_pieces_in_any_order_make_the_datagram(version: int, order: list[int]) -> None:
    cut = pieces(version=version)
    found = read([cut[index] for index in order])
    assert [found.payload(row) for row in range(len(found))] == [PAYLOAD]
    assert found.wire_lengths.tolist() == [3000]
    assert found.source_ports.tolist() == [4000]
    assert address.text(*found.sources[0]) == ("192.0.2.1" if version == 4 else "2001:db8::1")
    assert found.frames.tolist() == [len(order) - 1]
    assert found.rejected == {"fragment": len(order) - 1}


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1]])
def test_more_headers_may_stand_in_the_fragments_of_ipv6(order: list[int]) -> None:
    inside = frames.extension(frames.extension(frames.udp(PAYLOAD, 4000), 17, bytes(14)), 60)
    cut = [
        frames.ipv6_fragment(inside[at : at + 1400], 60, at, more=at + 1400 < len(inside))
        for at in range(0, len(inside), 1400)
    ]
    found = read([frames.ethernet(frames.ipv6(cut[index], following=44), 0x86DD) for index in order])
    assert [found.payload(row) for row in range(len(found))] == [PAYLOAD]
    assert found.source_ports.tolist() == [4000]
    assert found.rejected == {"fragment": 2}


@pytest.mark.parametrize("inside", [b"", b"\x11", b"\x11\xff" + bytes(14), b"\x3b\0" + bytes(14)])
def test_headers_in_fragments_that_lead_to_nothing_are_left_out(inside: bytes) -> None:
    cut = [frames.ipv6_fragment(inside[:8], 60, 0, more=True), frames.ipv6_fragment(inside[8:], 60, 8)]
    assert not len(read([frames.ethernet(frames.ipv6(one, following=44), 0x86DD) for one in cut]))


def test_whole_datagrams_around_keep_their_order() -> None:
    first, second = (frames.ethernet(frames.ipv4(frames.udp(payload))) for payload in (b"first", b"second"))
    found = read([first, *pieces(), second])
    assert [found.payload(row) for row in range(len(found))] == [b"first", PAYLOAD, b"second"]
    assert found.times.tolist() == [frames.START, frames.START + 3_000_000, frames.START + 4_000_000]


def test_pieces_of_several_datagrams_do_not_mix() -> None:
    other = pieces(ident=2, payload=PAYLOAD[::-1])
    found = read([one for pair in zip(pieces(), other, strict=True) for one in pair])
    assert [found.payload(row) for row in range(len(found))] == [PAYLOAD, PAYLOAD[::-1]]


def test_pieces_may_come_in_several_batches() -> None:
    fragments = Fragments()
    assert len(read(pieces()[:2], fragments)) == 0
    assert len(fragments) == 1
    found = read(pieces()[2:], fragments)
    assert found.payload(0) == PAYLOAD
    assert found.rejected == {}
    assert len(fragments) == 0


def test_without_the_rest_there_is_no_datagram() -> None:
    found = read(pieces()[:1] + pieces()[2:])
    assert len(found) == 0
    assert found.rejected == {"fragment": 2}


INVITE = b"INVITE sip:1001@pbx SIP/2.0\r\nCall-ID: 1\r\n" + b"X: y\r\n" * 400


@pytest.mark.parametrize("version", [4, 6])
def test_the_first_piece_of_a_text_is_given_alone_where_the_rest_does_not_come(version: int) -> None:
    fragments = Fragments()
    first, *rest = pieces(version=version, payload=INVITE)
    plain = frames.ethernet(frames.ipv4(frames.udp(b"plain")))
    assert len(read([first], fragments)) == 0
    for start, count in ((100, 0), (199, 1), (201, 0), (300, 0)):
        batch = frames.batch([plain] * 2, start=frames.START + start * 1_000_000)
        found = udp.parse(batch, fragments)
        assert [found.payload(row) for row in range(len(found))] == [b"plain"] * 2 + [INVITE[:1472]] * count
        assert found.rejected == ({"fragment": -1} if count else {})
        if count:
            assert found.times.tolist()[2] == frames.START + 200_000_000
            assert found.wire_lengths.tolist()[2] == len(INVITE)
    late = udp.parse(frames.batch(rest, start=frames.START + 400_000_000), fragments)
    assert late.payload(0) == INVITE


def test_a_lone_piece_does_not_move_the_times_of_others() -> None:
    fragments = Fragments()
    read(pieces(payload=INVITE)[:1], fragments)
    plain = frames.ethernet(frames.ipv4(frames.udp(b"plain")))
    batch = frames.batch([frames.ethernet(b"", 0x0806), plain], start=frames.START + frames.SECOND)
    batch.times[0] = frames.START
    found = udp.parse(batch, fragments)
    assert found.frames.tolist() == [1, 1]
    assert found.times.tolist() == [batch.times[1]] * 2


def test_media_in_pieces_is_only_given_whole() -> None:
    fragments = Fragments()
    read(pieces(payload=b"\x80" + PAYLOAD)[:1], fragments)
    later = frames.batch([frames.ethernet(b"", 0x0806)], start=frames.START + frames.SECOND)
    assert len(udp.parse(later, fragments)) == 0


def test_the_rest_is_not_waited_for_for_ever() -> None:
    fragments = Fragments()
    read(pieces()[:2], fragments)
    late = frames.batch(pieces()[2:], start=frames.START + 4 * frames.SECOND)
    assert len(udp.parse(late, fragments)) == 0


def test_pieces_that_the_capture_cut_are_left_out() -> None:
    cut = pieces()
    batch = frames.batch([one[:60] for one in cut], wire_lengths=[len(one) for one in cut])
    fragments = Fragments()
    assert udp.parse(batch, fragments).rejected == {"fragment": 3}
    assert len(fragments) == 0


NEXT = random.Random(2).randbytes(3000)


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize(
    "order", [[0, 0, 1, 1, 2, 2], [2, 2, 1, 1, 0, 0], [0, 1, 2, 0, 1, 2], [2, 0, 1, 1, 0, 2]]
)
def test_what_a_mirror_shows_twice_does_not_become_part_of_the_next_datagram(
    version: int, order: list[int]
) -> None:
    fragments = Fragments()
    one, another = pieces(version=version), pieces(version=version, payload=NEXT)
    found = read([cut[index] for cut in (one, another) for index in order], fragments)
    assert [found.payload(row) for row in range(len(found))] == [PAYLOAD, NEXT]
    assert len(fragments) == 0


@pytest.mark.parametrize("left", [[0], [1], [2], [0, 1], [1, 0], [1, 2], [2, 1]])
@pytest.mark.parametrize("size", [2970, 3100])
@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
def test_what_waits_in_vain_does_not_become_part_of_the_next_datagram(
    left: list[int], size: int, order: list[int]
) -> None:
    before, payload = pieces(), (NEXT * 2)[:size]
    cut = pieces(payload=payload)
    found = read([*(before[index] for index in left), *(cut[index] for index in order)])
    assert [found.payload(row) for row in range(len(found))] == [payload]


@pytest.mark.parametrize("left", [[0], [1], [2], [0, 1], [1, 2], [0, 2]])
@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
def test_nor_does_it_become_part_of_one_as_long_seconds_later(left: list[int], order: list[int]) -> None:
    fragments = Fragments()
    before, cut = pieces(), pieces(payload=NEXT)
    read([before[index] for index in left], fragments)
    later = frames.batch([cut[index] for index in order], start=frames.START + 4 * frames.SECOND)
    assert udp.parse(later, fragments).payload(0) == NEXT


def test_pieces_cut_in_two_ways_on_their_way_make_the_datagram() -> None:
    small = pieces(size=480)
    found = read([pieces()[0], *small[:3], small[6], *pieces()[1:]])
    assert [found.payload(row) for row in range(len(found))] == [PAYLOAD]


def test_the_same_identification_is_used_again_at_any_time() -> None:
    fragments = Fragments()
    for at, time in enumerate((0, 31, 12, 100, 60)):
        payload = random.Random(at).randbytes(3000)
        batch = frames.batch(pieces(payload=payload)[1:], start=frames.START + time * frames.SECOND)
        assert len(udp.parse(batch, fragments)) == 0
        rest = frames.batch(pieces(payload=payload)[:1], start=frames.START + time * frames.SECOND)
        assert udp.parse(rest, fragments).payload(0) == payload
    assert len(fragments) == 0


def test_a_flood_of_pieces_is_bounded() -> None:
    fragments = Fragments()
    flood = [pieces(ident)[0] for ident in range(3000)]
    read(flood, fragments)
    assert len(fragments) == 1024


def test_overlapping_pieces_do_not_pile_up() -> None:
    fragments = Fragments()
    content = bytes(1480)
    flood = [frames.ethernet(frames.ipv4(content, fragment=0x2000 | at)) for at in range(100)]
    assert len(read(flood, fragments)) == 0
    overlapping: Batch = frames.batch(
        [
            frames.ethernet(frames.ipv4(frames.udp(bytes(40))[:24], fragment=0x2000)),
            frames.ethernet(frames.ipv4(bytes(32), fragment=0x0002)),
        ]
    )
    found = udp.parse(overlapping, Fragments())
    assert found.lengths.tolist() == [40]
    assert np.array_equal(found.frames, [1])


@settings(max_examples=300)
@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 6), st.booleans(), st.integers(0, 1), st.integers(0, 5)),
        max_size=40,
    )
)
def test_whatever_the_pieces_are_they_are_bounded_and_nothing_is_raised(
    some: list[tuple[int, int, bool, int, int]],
) -> None:
    fragments = Fragments()
    for at, size, more, fill, second in some:
        packet = frames.ipv4(bytes([fill]) * size * 8, fragment=more << 13 | at)
        found = udp.parse(
            frames.batch([frames.ethernet(packet)], start=frames.START + second * frames.SECOND), fragments
        )
        assert found.lengths.sum() <= 13 * 8
    assert len(fragments) <= 1
