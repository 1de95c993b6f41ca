from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.engine import Key, instant, milliseconds, milliseconds_up

moments = st.datetimes(timezones=st.just(UTC))


@given(moments)
def test_milliseconds_round_down_and_up(time: datetime):
    down, up = instant(milliseconds(time)), instant(milliseconds_up(time)) if time.year < 9999 else None
    assert down <= time < down + timedelta(milliseconds=1) if time.year < 9999 else down <= time
    if up is not None:
        assert up - timedelta(milliseconds=1) < time <= up


@given(moments, st.text(min_size=1, max_size=20))
def test_a_key_reads_back(time: datetime, call_id: str):
    key = Key(instant(milliseconds(time)), call_id)
    assert Key.parse(str(key)) == key


@pytest.mark.parametrize(
    "text", ["", "12", "12.", "x.id", "1_0.id", "99999999999999999999.id", "--1.id", "1-1.id"]
)
def test_what_is_no_key(text):
    with pytest.raises(ValueError, match="no place in a list"):
        Key.parse(text)
