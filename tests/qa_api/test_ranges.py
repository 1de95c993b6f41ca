from hypothesis import given
from hypothesis import strategies as st

from qa_api.errors import RangeUnsatisfiable
from qa_api.ranges import cut, none_match, still_valid, wanted


@given(st.text(max_size=40), st.integers(0, 1000))
def test_any_header_is_a_range_within_the_audio_or_the_whole_or_unsatisfiable(
    header: str, total: int
) -> None:
    for value in (header, f"bytes={header}"):
        try:
            found = wanted(value, total)
        except RangeUnsatisfiable:
            continue
        if found:
            assert 0 <= found.start < found.stop <= total
            assert found.length == found.stop - found.start


@given(st.integers(0, 2000), st.integers(0, 2000), st.integers(1, 1000))
def test_a_range_is_what_the_slice_would_be(first: int, last: int, total: int) -> None:
    whole = bytes(index % 256 for index in range(total))
    try:
        found = wanted(f"bytes={first}-{last}", total)
    except RangeUnsatisfiable:
        assert first >= total
        return
    if found is None:
        assert first > last
    else:
        assert whole[found.start : found.stop] == whole[first : last + 1]


@given(st.text(max_size=40))
def test_any_validator_header_is_read(header: str) -> None:
    assert isinstance(none_match(header, '"abc"'), bool)
    assert still_valid(header, '"abc"') == (header.strip() == '"abc"')


@given(st.lists(st.binary(max_size=9)), st.integers(0, 60), st.integers(0, 60))
def test_what_is_cut_of_chunks_is_the_slice_of_all(chunks: list[bytes], start: int, length: int) -> None:
    assert b"".join(cut(chunks, start, length)) == b"".join(chunks)[start : start + length]


def test_no_chunk_is_made_that_is_behind_what_is_wanted() -> None:
    chunks = iter([b"abc", b"def", b"ghi"])
    assert b"".join(cut(chunks, 2, 3)) == b"cde"
    assert list(chunks) == [b"ghi"]
