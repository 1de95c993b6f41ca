import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.engine import Key, instant
from qa_api import cursors
from qa_api.errors import WrongCursor

KEYS = st.builds(Key, st.integers(0, 4 * 10**12).map(instant), st.uuids().map(str))


@given(KEYS)
def test_a_key_comes_back(key: Key) -> None:
    assert cursors.key_of(cursors.of_key(key)) == key


@given(st.integers(0, 2**53))
def test_a_position_comes_back(position: int) -> None:
    assert cursors.position_of(cursors.of_position(position)) == position


@given(st.text(min_size=1, max_size=60))
def test_anything_else_is_refused_and_nothing_but_refused(text: str) -> None:
    for read in (cursors.key_of, cursors.position_of):
        try:
            read(text)
        except WrongCursor:
            continue


def test_no_cursor_is_the_first_page() -> None:
    assert cursors.key_of("") is None
    assert cursors.position_of("") is None
    assert cursors.of_key(None) is None


@pytest.mark.parametrize("cursor", ["MTIzLg", "LjEy", "_____w"])
def test_almost_a_cursor(cursor: str) -> None:
    with pytest.raises(WrongCursor):
        cursors.key_of(cursor)
