"""Where a medium may be received, and likely is."""

import pytest

from recorder.assembly.mediaend import is_local, media_ends
from recorder.protocol.address import pack
from recorder.protocol.sdp import SessionDescription
from storage.model import Side
from tests.recorder.assembly.messages import sdp


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        *((one, True) for one in ("10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1")),
        *((one, True) for one in ("169.254.1.1", "fd00::1", "fe80::1")),
        *((one, False) for one in ("9.255.255.255", "172.32.0.1", "192.169.0.1", "100.128.0.1", "11.0.0.0")),
        *((one, False) for one in ("2001:db8::1", "fec0::1", "198.51.100.7")),
    ],
)
def test_addresses_of_a_network_of_its_own_are_known(address: str, expected: bool) -> None:
    assert is_local(pack(address)) is expected


@pytest.mark.parametrize(
    ("named", "host", "is_likely"),
    [
        ("192.168.1.10", "81.2.3.4", True),
        ("54.1.2.3", "10.0.0.5", True),
        ("192.168.1.10", "10.0.0.5", False),
        ("54.1.2.3", "81.2.3.4", False),
    ],
)
def test_a_place_is_likely_where_the_signalling_comes_from_behind_a_translator_of_addresses(
    named: str, host: str, is_likely: bool
) -> None:
    (audio,) = SessionDescription.parse(sdp(named, 4000)).media
    ends = media_ends(audio, Side.A, pack(host))
    likely = [(end.address, end.port) for end in ends if end.is_likely]
    assert likely == ([(pack(host), 4000)] if is_likely else [])
    assert (ends[0].address, ends[0].port, ends[0].is_likely) == (pack(named), 4000, False)


@pytest.mark.parametrize("named", ["0.0.0.0", "::", "phone.example", ""])
def test_no_address_is_no_place(named: str) -> None:
    (audio,) = SessionDescription.parse(sdp(named, 4000)).media
    assert media_ends(audio, Side.A, pack("10.0.0.5")) == []


def test_candidates_are_places_beside_the_one_that_is_named() -> None:
    candidate = "a=candidate:1 1 UDP 1 {} 4444 typ host"
    body = sdp("192.0.2.1", 4000, candidate.format("192.0.2.7"), candidate.format("abcd.local"))
    (audio,) = SessionDescription.parse(body).media
    ends = media_ends(audio, Side.A, pack("192.0.2.1"))
    assert [(end.address, end.port) for end in ends] == [(pack("192.0.2.1"), 4000), (pack("192.0.2.7"), 4444)]
