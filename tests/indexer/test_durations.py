import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.durations import clock, parse, written


@pytest.mark.parametrize(
    ("text", "milliseconds", "step"),
    [
        ("90", 90_000, 1_000),
        ("1.5", 1_500, 100),
        ("5m30s", 330_000, 1_000),
        ("1h", 3_600_000, 3_600_000),
        ("0.5h", 1_800_000, 360_000),
        ("2min", 120_000, 60_000),
        ("250ms", 250, 1),
        ("5分30秒", 330_000, 1_000),
        ("1小时", 3_600_000, 3_600_000),
        ("7d", 604_800_000, 86_400_000),
    ],
)
def test_lengths(text, milliseconds, step):
    assert parse(text) == (milliseconds, step)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.0, "0:00"),
        (-1.0, "0:00"),
        (8.9994, "0:08"),
        (8.9996, "0:09"),
        (59.98, "0:59"),
        (754.0, "12:34"),
        (3599.9, "59:59"),
        (3723.4, "1:02:03"),
    ],
)
def test_what_a_call_lasted_is_cut_as_the_page_cuts_it(seconds, shown):
    assert clock(seconds) == shown


@pytest.mark.parametrize(
    "text", ["", "m", "5x", "5s5m", "5m5m", "5m30", "-5s", "1.2345s", "1e3s", "5 m", "²s"]
)
def test_what_is_no_length(text):
    with pytest.raises(ValueError, match=r"^"):
        parse(text)


@given(st.integers(0, 10**12))
def test_written_lengths_read_back(milliseconds: int):
    assert parse(written(milliseconds))[0] == milliseconds
