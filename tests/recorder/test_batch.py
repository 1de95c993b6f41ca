"""A batch in parts."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.recorder import frames

SPAN = 5_000


@given(st.lists(st.integers(0, 40_000), min_size=1, max_size=50))
def test_the_parts_are_the_batch_and_none_is_longer_than_asked(times: list[int]) -> None:
    batch = frames.batch([bytes([number]) for number in range(len(times))])
    batch.times[:] = times
    parts = list(batch.within(SPAN))
    assert np.concatenate([part.times for part in parts]).tolist() == times
    assert np.concatenate([part.offsets for part in parts]).tolist() == batch.offsets.tolist()
    for part in parts:
        assert len(part)
        assert part.times.max() - max(part.times[0], times[0]) < SPAN


def test_frames_lost_before_a_batch_are_lost_before_its_first_part() -> None:
    batch = frames.batch([b"a", b"b"])
    batch.times[:] = [0, 2 * SPAN]
    batch.dropped = 7
    assert [part.dropped for part in batch.within(SPAN)] == [7, 0]


def test_an_empty_batch_has_no_parts() -> None:
    assert list(frames.batch([]).within(SPAN)) == []
