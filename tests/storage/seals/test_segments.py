"""Hashes of segments and their tree."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from storage.seals.segments import SEGMENT, segmented, tree_root


def digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


@given(st.integers(0, 3 * SEGMENT + 1), st.lists(st.integers(1, 2 * SEGMENT), max_size=8))
def test_chunks_of_any_size_give_the_same(size, cuts):
    data = hashlib.shake_256(b"seed").digest(size)
    chunks, at = [], 0
    for cut in cuts:
        chunks.append(data[at : at + cut])
        at += cut
    found = segmented([*chunks, data[at:]])
    assert (found.bytes, found.sha256) == (size, hashlib.sha256(data).hexdigest())
    expected = [digest(data[start : start + SEGMENT]).hex() for start in range(0, size, SEGMENT)]
    assert list(found.segments) == expected
    assert segmented([data]) == found


def test_the_tree_is_that_of_the_standard():
    leaves = [digest(bytes([number])) for number in range(5)]
    one, two, three, four, five = leaves
    left = digest(b"\x01" + digest(b"\x01" + one + two) + digest(b"\x01" + three + four))
    assert tree_root([leaf.hex() for leaf in leaves]) == digest(b"\x01" + left + five).hex()
    assert tree_root([one.hex()]) == one.hex()
    assert tree_root([]) == digest(b"").hex()
