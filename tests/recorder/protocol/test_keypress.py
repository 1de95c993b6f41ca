"""Keys in SIP INFO bodies, as phones write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.protocol.keypress import KEYS, key

RELAY = "application/dtmf-relay"


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        (RELAY, b"Signal=5\r\nDuration=160\r\n", "5"),
        (RELAY, b"Signal= 5\r\nDuration= 160", "5"),
        (RELAY, b"Duration=160\nsignal=*", "*"),
        (RELAY, b"Signal=11\r\nDuration=250\r\n", "#"),
        (RELAY, b"Signal=d", "D"),
        (RELAY, b"Signal=16", ""),
        (RELAY, b"Signal=hf", ""),
        (RELAY, b"Duration=160", ""),
        ("application/dtmf", b"7", "7"),
        ("application/dtmf", b" #\r\n", "#"),
        ("application/dtmf", b"10", "*"),
        ("application/dtmf", b"", ""),
        ("application/media_control+xml", b"Signal=5", ""),
    ],
)
def test_what_phones_write(kind, body, expected):
    assert key(kind, body) == expected


@given(st.binary(max_size=300))
def test_anything_is_a_key_or_none(body):
    assert key(RELAY, body) in {"", *KEYS}
    assert key("application/dtmf", body) in {"", *KEYS}
