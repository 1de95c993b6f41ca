"""Q.931 messages come out of a stream of packets whole, however it is cut."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.protocol.tpkt import TpktStream, starts_connection

ALERTING = bytes.fromhex("0802800101")
SETUP = bytes.fromhex("08020001057e00020500")


def packet(content: bytes) -> bytes:
    return struct.pack("!BBH", 3, 0, len(content) + 4) + content


def read(data: bytes, size: int, stream: TpktStream | None = None) -> list[bytes]:
    stream = TpktStream() if stream is None else stream
    return [one for at in range(0, len(data), size) for one in stream.feed(data[at : at + size])]


@given(st.lists(st.sampled_from([ALERTING, SETUP]), max_size=5), st.integers(1, 30))
def test_how_a_stream_is_cut_makes_no_difference(some: list[bytes], size: int) -> None:
    assert read(b"".join(map(packet, some)), size) == some


def test_keep_alives_and_what_is_no_message_are_passed_over() -> None:
    data = packet(SETUP) + packet(b"") + packet(b"\x02\x05\x08\x02") + packet(ALERTING)
    assert read(data, 1000) == [SETUP, ALERTING]


@pytest.mark.parametrize("length", [0, 3])
def test_a_packet_that_is_shorter_than_its_head_is_none(length: int) -> None:
    bad = struct.pack("!BBH", 3, 0, length) + ALERTING
    assert read(bad + packet(SETUP), 1000) == [SETUP]
    assert read(packet(SETUP) + bad + packet(ALERTING), 7) == [SETUP, ALERTING]


@pytest.mark.parametrize("lost", [1, 5, 9])
def test_what_is_left_of_a_packet_is_passed_over(lost: int) -> None:
    assert read(packet(SETUP)[lost:] + packet(ALERTING), 1000) == [ALERTING]


def test_after_a_gap_the_next_packet_is_read() -> None:
    stream = TpktStream()
    assert stream.feed(packet(SETUP)[:9]) == []
    assert stream.gap() == []
    assert stream.feed(packet(ALERTING)) == [ALERTING]


def test_only_a_message_starts_a_connection() -> None:
    assert starts_connection(packet(SETUP))
    # TPKT carries remote desktops as well (ITU-T X.224 connection request).
    assert not starts_connection(packet(bytes.fromhex("0ee000000000000100080003000000")))
    assert not starts_connection(packet(SETUP)[:7])


@given(st.binary(max_size=500), st.integers(1, 100))
def test_any_bytes_are_taken_and_little_is_held(data: bytes, size: int) -> None:
    stream = TpktStream()
    for one in read(data * 20, size, stream):
        assert one.startswith(b"\x08")
    assert len(stream) <= 65535
