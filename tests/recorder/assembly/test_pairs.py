"""Pairs of streams."""

from hypothesis import given
from hypothesis import strategies as st

from recorder.assembly.pairs import Pairs

STREAM = st.integers(0, 5)
PAIR = st.tuples(STREAM, STREAM).filter(lambda pair: pair[0] < pair[1])


@given(st.lists(st.one_of(PAIR, STREAM), max_size=40))
def test_a_stream_that_is_forgotten_takes_its_pairs_along(steps: list[tuple[int, int] | int]) -> None:
    pairs, expected = Pairs(), set[tuple[int, int]]()
    for step in steps:
        if isinstance(step, tuple):
            pairs.add(step)
            expected.add(step)
        else:
            gone = {pair for pair in expected if step in pair}
            assert set(pairs.forget(step)) == gone
            expected -= gone
        for stream in range(6):
            assert set(pairs.of(stream)) == {pair for pair in expected if stream in pair}
