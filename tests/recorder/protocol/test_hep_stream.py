"""Mirrors that come over TCP."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.protocol import address
from recorder.protocol.connections import Connections
from recorder.protocol.hep import HepStream
from recorder.protocol.received import Received
from tests.recorder import frames
from tests.recorder.protocol.tcp_talk import Talk
from tests.recorder.protocol.test_connections import INVITE, OK, segments, taken

ONE = frames.hep(INVITE, "192.0.2.7", "192.0.2.8", (5070, 5080), frames.START - frames.SECOND)
OTHER = frames.hep(OK, "2001:db8::7", "2001:db8::8", (5080, 5070))


@given(st.lists(st.sampled_from([ONE, OTHER, b"HEP3\0\6", b"HEP3\0\0", b"junk", b"HE"])), st.integers(1, 900))
def test_how_it_is_cut_makes_no_difference(parts: list[bytes], size: int) -> None:
    data = b"".join(parts) + ONE
    streams = HepStream(), HepStream()
    whole = streams[0].feed(data)
    cut = [one for at in range(0, len(data), size) for one in streams[1].feed(data[at : at + size])]
    assert cut == whole
    assert [one for one in whole if len(one) > 6] == [one for one in [*parts, ONE] if one in (ONE, OTHER)]


@given(st.binary(max_size=300))
def test_little_is_kept_of_what_is_no_mirror(junk: bytes) -> None:
    stream = HepStream()
    stream.feed(junk.replace(b"H", b"h"))
    assert len(stream) <= 3


def test_a_gap_loses_one_mirror() -> None:
    stream = HepStream()
    assert stream.feed(ONE + OTHER[:40]) == [ONE]
    assert stream.gap() == []
    assert stream.feed(OTHER[60:] + ONE) == [ONE]


@pytest.mark.parametrize("port", [9060, 5060])
def test_mirrored_messages_have_their_own_way_and_time(port: int) -> None:
    talk = Talk(server=("192.0.2.2", port))
    no_sip = frames.hep(b"\x80\xc8\0\6" + bytes(24), "192.0.2.7", "192.0.2.8", (4001, 5001))
    lost = b"HEP3\0\x0c\0\0\0\x0f\0\6"
    some = [*talk.open(), *talk.say(ONE + no_sip + lost + OTHER, size=300)]
    found = taken(Connections(), segments(some))
    at = found[1].frame
    ends = [(address.pack(host), port) for host, port in (("192.0.2.7", 5070), ("192.0.2.8", 5080))]
    others = [(address.pack(host), port) for host, port in (("2001:db8::7", 5080), ("2001:db8::8", 5070))]
    assert found == [
        Received(found[0].frame, frames.START - frames.SECOND, *ends, INVITE),
        Received(at, frames.START + at * 1_000_000, *others, OK),
    ]
