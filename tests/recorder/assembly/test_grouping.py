"""Rows come out grouped by stream, in arrival order, each exactly once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recorder.assembly.grouping import _exact, _group_by_hash, group, keys
from recorder.assembly.rows import Rows
from tests.recorder.assembly.rows import Packet, rows


@given(st.lists(st.integers(0, 9), min_size=1, max_size=200))
def test_every_row_is_in_the_group_of_its_stream_in_arrival_order(streams: list[int]) -> None:
    given_rows = rows(*(Packet(stream, sequence) for sequence, stream in enumerate(streams)))

    groups = group(given_rows)

    found = {}
    for key, start, count in zip(keys(given_rows, groups), groups.starts, groups.counts, strict=True):
        found[key[5]] = groups.order[start : start + count].tolist()
    assert found == {stream: [i for i, s in enumerate(streams) if s == stream] for stream in set(streams)}


@given(st.lists(st.integers(0, 5), min_size=1, max_size=60), st.randoms())
def test_groups_can_be_put_into_another_order(streams: list[int], random) -> None:
    given_rows = rows(*(Packet(stream, 0) for stream in streams))
    groups = group(given_rows)
    sequence = list(range(len(groups)))
    random.shuffle(sequence)

    arranged = groups.arranged(np.array(sequence))

    assert sorted(arranged.order.tolist()) == list(range(len(streams)))
    for place, index in enumerate(sequence):
        a, n = arranged.starts[place], arranged.counts[place]
        b, m = groups.starts[index], groups.counts[index]
        assert arranged.order[a : a + n].tolist() == groups.order[b : b + m].tolist()


def test_a_clash_of_hashes_is_noticed() -> None:
    given_rows = rows(Packet(1, 0), Packet(2, 0))
    groups = _group_by_hash(given_rows, 0)
    groups.starts, groups.counts = groups.starts[:1], np.array([2])

    assert not _exact(given_rows, groups)


def test_payloads_of_mixed_lengths_and_several_buffers_come_in_the_order_asked_for() -> None:
    parts = [
        rows(Packet(1, 0, payload=b"a" * 20), Packet(2, 0, payload=b"b" * 4)),
        rows(Packet(1, 1, payload=b""), Packet(2, 1, payload=b"c" * 20)),
    ]
    joined = Rows.joined(parts)

    assert joined.payloads(np.array([3, 1, 2, 0])).tobytes() == b"c" * 20 + b"b" * 4 + b"a" * 20
