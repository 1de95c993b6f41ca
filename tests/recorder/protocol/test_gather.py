"""Reading and copying at many places at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.protocol import gather

LAYOUT = np.dtype([("first", "u1"), ("second", ">u2")])


@given(st.binary(max_size=12), st.lists(st.integers(0, 14)))
def test_headers_read_zero_past_the_end(data: bytes, offsets: list[int]) -> None:
    found = gather.headers(np.frombuffer(data, np.uint8), np.array(offsets, np.int64), LAYOUT)
    padded = data + bytes(20)
    assert found.tolist() == [(padded[at], padded[at + 1] << 8 | padded[at + 2]) for at in offsets]


@given(st.binary(min_size=1, max_size=30), st.data())
def test_payloads_are_joined_in_order(data: bytes, draw: st.DataObject) -> None:
    stretches = draw.draw(
        st.lists(
            st.integers(0, len(data)).flatmap(
                lambda at: st.tuples(st.just(at), st.integers(0, len(data) - at))
            )
        )
    )
    offsets = np.array([at for at, _ in stretches], np.int64)
    lengths = np.array([length for _, length in stretches], np.int32)
    joined = gather.payloads(np.frombuffer(data, np.uint8), offsets, lengths)
    assert joined.tobytes() == b"".join(data[at : at + length] for at, length in stretches)


def test_a_stretch_outside_the_data_is_refused() -> None:
    with pytest.raises((IndexError, ValueError)):
        gather.payloads(np.zeros(4, np.uint8), np.array([2]), np.array([3], np.int32))
