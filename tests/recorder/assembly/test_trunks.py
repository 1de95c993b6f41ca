"""Signalling places of trunks."""

import pytest

from recorder.assembly.trunks import Trunk
from recorder.protocol.address import pack


@pytest.mark.parametrize(
    ("text", "address", "port", "within"),
    [
        ("203.0.113.0/24", "203.0.113.99", 5060, True),
        ("203.0.113.0/24", "203.0.114.1", 5060, False),
        ("198.51.100.7", "198.51.100.7", 40000, True),
        ("198.51.100.7:5060", "198.51.100.7", 5060, True),
        ("198.51.100.7:5060", "198.51.100.7", 5080, False),
        ("203.0.113.0/24:5060", "203.0.113.1", 5060, True),
        ("2001:db8::/32", "2001:db8:1::7", 5060, True),
        ("[2001:db8::7]:5060", "2001:db8::7", 5060, True),
        ("[2001:db8::7]:5060", "2001:db8::7", 5061, False),
        ("[2001:db8::]/32", "2001:db8::7", 5061, True),
        ("::/0", "203.0.113.1", 5060, True),
        ("0.0.0.0/0", "2001:db8::7", 5060, False),
    ],
)
def test_what_belongs_to_a_trunk(text: str, address: str, port: int, within: bool) -> None:
    assert Trunk.parse(text).contains((pack(address), port)) is within


@pytest.mark.parametrize("text", ["", "pbx.example", "203.0.113", "203.0.113.7/24", "203.0.113.0/33", "[::1"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no signalling address"):
        Trunk.parse(text)


@pytest.mark.parametrize("text", ["198.51.100.7:0", "198.51.100.7:65536", "198.51.100.7:sip"])
def test_a_port_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="has no port that can be"):
        Trunk.parse(text)


@pytest.mark.parametrize(
    ("trunk", "place", "is_its_own"),
    [
        ("203.0.113.0/24", "203.0.113.9:5060", True),
        ("203.0.113.9", "203.0.113.9:5060", True),
        ("203.0.113.9", "203.0.113.9:0", True),
        ("203.0.113.9:5060", "203.0.113.9:5060", True),
        ("203.0.113.9:5060", "203.0.113.9:5062", False),
        ("203.0.113.9:5060", "203.0.113.9:0", False),
        ("203.0.113.0/24", "203.0.114.9:5060", False),
        ("2001:db8::/32", "[2001:db8::7]:5060", True),
        ("2001:db8::/32", "[2001:db9::7]:5060", False),
        ("::/0", "203.0.113.9:5060", True),
    ],
)
def test_what_place_is_a_trunk_s(trunk: str, place: str, is_its_own: bool) -> None:
    assert Trunk.parse(trunk).has(place) is is_its_own
