"""What SIP servers mirror of their traffic."""

import gzip
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.protocol import address, classify, hep, transport
from recorder.protocol.errors import HepError
from tests.recorder import frames

SIP = b"INVITE sip:1001@pbx SIP/2.0\r\nCall-ID: 1\r\n\r\n"
RTP = bytes.fromhex("8000162e0000a3c7adc54409") + bytes(160)


def mirrored(*payloads: bytes) -> transport.Transport:
    return transport.parse(
        frames.batch([frames.ethernet(frames.ipv4(frames.udp(one, 9, 9060))) for one in payloads])
    )


@pytest.mark.parametrize(("source", "destination"), [("192.0.2.7", "192.0.2.8"), ("2001:db8::7", "::8")])
def test_a_mirrored_message_has_its_own_way_and_time(source: str, destination: str) -> None:
    time = frames.START - 2_000_000_000
    found = mirrored(b"before", frames.hep(SIP, source, destination, (5070, 5080), time), RTP)
    datagrams = found.datagrams
    assert [datagrams.payload(row) for row in range(3)] == [b"before", SIP, RTP]
    assert address.endpoint(*datagrams.sources[1], 5070) == address.endpoint(*address.pack(source), 5070)
    assert address.text(*datagrams.destinations[1]) == destination
    assert (datagrams.source_ports[1], datagrams.destination_ports[1]) == (5070, 5080)
    assert datagrams.times.tolist() == [frames.START, time, frames.START + 2_000_000]
    classes = classify.parse(datagrams)
    assert (classes.sip.tolist(), classes.media.tolist()) == ([1], [2])


@pytest.mark.parametrize("time", [0, frames.START - 6 * frames.SECOND, frames.START + 3600 * frames.SECOND])
def test_a_clock_that_is_wrong_does_not_count(time: int) -> None:
    found = mirrored(frames.hep(SIP, "192.0.2.7", "192.0.2.8", (5060, 5060), time))
    assert found.datagrams.times.tolist() == [frames.START]


def test_media_in_mirrors_is_media() -> None:
    found = mirrored(*[frames.hep(RTP, "192.0.2.7", "192.0.2.8", (4000, 5000))] * 2)
    assert classify.parse(found.datagrams).media.tolist() == [0, 1]


@pytest.mark.parametrize("compress", [zlib.compress, gzip.compress])
def test_compressed_messages_are_read(compress: Callable[[bytes], bytes]) -> None:
    found = hep.parse(frames.hep(compress(SIP), "192.0.2.7", "192.0.2.8", (1, 2), kind=16))
    assert found.payload == SIP
    bomb = frames.hep(zlib.compress(bytes(1 << 24)), "192.0.2.7", "192.0.2.8", (1, 2), kind=16)
    assert len(hep.parse(bomb).payload) == 1 << 16


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"HEP2" + bytes(30), "does not begin"),
        (b"HEP3\x00\x06", "without payload"),
        (b"HEP3\x00\x0d\0\0\0\x0f\0\7x", "without addresses"),
        (frames.hep(b"??", "192.0.2.7", "192.0.2.8", (1, 2), kind=16), "without payload"),
    ],
)
def test_what_is_no_mirror_is_refused_and_left_alone(data: bytes, message: str) -> None:
    with pytest.raises(HepError, match=message):
        hep.parse(data)
    assert mirrored(data).datagrams.payload(0) == data


@given(st.binary(max_size=200))
def test_anything_is_read_or_refused(data: bytes) -> None:
    assert len(mirrored(b"HEP3" + data).datagrams) == 1
