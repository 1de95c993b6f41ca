"""Addresses as words and as text."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.protocol import address
from recorder.protocol.errors import AddressError


@given(st.ip_addresses())
def test_text_makes_the_round_trip(one: IPv4Address | IPv6Address) -> None:
    expected = one.ipv4_mapped or one if isinstance(one, IPv6Address) else one
    assert address.unpack(*address.pack(str(one))) == expected


def test_forms_of_text() -> None:
    assert address.pack(" [2001:db8::1] ") == (0x20010DB800000000, 1)
    assert address.pack("127.0.0.1") == (0, 0xFFFF7F000001)
    assert address.pack("fe80::1%eth0") == (0xFE80000000000000, 1)
    assert address.endpoint(0, 0xFFFF7F000001, 5060) == "127.0.0.1:5060"
    assert address.endpoint(0x20010DB800000000, 1, 5060) == "[2001:db8::1]:5060"
    assert address.words(["127.0.0.1", "::1"]).tolist() == [[0, 0xFFFF7F000001], [0, 1]]
    assert address.words([]).shape == (0, 2)


@pytest.mark.parametrize("text", ["", "pbx.example", "1.2.3", "::1::2", "1.2.3.4:5060"])
def test_anything_else_is_an_error(text: str) -> None:
    with pytest.raises(AddressError, match="is not an IP address"):
        address.pack(text)
