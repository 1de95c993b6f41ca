"""SIP messages in a WebSocket."""

import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.protocol.websocket import WebSocketStream, starts_connection, starts_frame
from tests.recorder.protocol.websocket_frames import REQUEST, RESPONSE, frame

MESSAGE = b"OPTIONS sip:pbx SIP/2.0\r\nCall-ID: 1\r\n\r\n"
MASK = b"\x12\x34\x56\x78"


def read(data: bytes, size: int = 1 << 20) -> list[bytes]:
    stream = WebSocketStream()
    return [one for at in range(0, len(data), size) for one in stream.feed(data[at : at + size])]


@pytest.mark.parametrize("size", [1, 5, 1 << 20])
@pytest.mark.parametrize("length", [0, 100, 300, 70000])
@pytest.mark.parametrize("mask", [b"", MASK])
def test_messages_of_every_length_come_out(length: int, mask: bytes, size: int) -> None:
    if size == 1 and length == 70000:
        size = 997
    message = MESSAGE + bytes(length)
    data = REQUEST + frame(message, mask=mask) + frame(MESSAGE, 2, mask=mask)
    assert read(data, size) == [message, MESSAGE]


def test_fragments_are_joined_around_control_frames() -> None:
    data = RESPONSE + frame(MESSAGE[:9], is_last=False) + frame(b"ping", 9) + frame(MESSAGE[9:], 0)
    assert read(data) == [MESSAGE]


def compressed(messages: list[bytes], with_context: bool = True, mask: bytes = b"") -> list[bytes]:
    """The frames of a sender that compresses, keeping what it said before in mind or not."""
    found, packer = [], zlib.compressobj(wbits=-15)
    for message in messages:
        packer = packer if with_context else zlib.compressobj(wbits=-15)
        content = packer.compress(message) + packer.flush(zlib.Z_SYNC_FLUSH)
        assert content.endswith(b"\0\0\xff\xff")
        found.append(frame(content[:-4], mask=mask, reserved=0x40))
    return found


SOME = [MESSAGE.replace(b"Call-ID: 1", b"Call-ID: %d" % number) for number in range(8)]


@pytest.mark.parametrize("size", [1, 50, 1 << 20])
@pytest.mark.parametrize("with_context", [True, False])
def test_compressed_messages_are_read(with_context: bool, size: int) -> None:
    packed = compressed(SOME, with_context, MASK)
    if with_context:
        assert len(packed[1]) < len(packed[0]) // 2
    data = REQUEST + packed[0] + frame(b"ping", 9) + frame(MESSAGE) + b"".join(packed[1:])
    assert read(data, size) == [SOME[0], MESSAGE, *SOME[1:]]


def test_a_compressed_message_may_end_its_stream() -> None:
    packer = zlib.compressobj(wbits=-15)
    last = packer.compress(MESSAGE) + packer.flush()
    data = RESPONSE + frame(last, reserved=0x40) + b"".join(compressed(SOME))
    assert read(data) == [MESSAGE, *SOME]


def test_compressed_messages_may_be_fragmented() -> None:
    packer = zlib.compressobj(wbits=-15)
    content = (packer.compress(MESSAGE) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]
    data = RESPONSE + frame(content[:9], is_last=False, reserved=0x40) + frame(content[9:], 0)
    assert read(data) == [MESSAGE]


@pytest.mark.parametrize("with_context", [True, False])
def test_behind_a_gap_no_message_is_made_up(with_context: bool) -> None:
    packed, stream = compressed(SOME, with_context), WebSocketStream()
    assert stream.feed(RESPONSE + packed[0] + packed[1]) == SOME[:2]
    stream.gap()
    found = [one for each in packed[3:] for one in stream.feed(each)]
    assert found == ([] if with_context else SOME[3:])


def test_what_cannot_be_inflated_or_is_too_long_is_left_out() -> None:
    bomb, *rest = compressed([bytes(1 << 20), *SOME], with_context=False)
    data = RESPONSE + frame(b"\xff\xff", reserved=0x40) + bomb + rest[0] + frame(MESSAGE)
    assert read(data) == [SOME[0], MESSAGE]


@pytest.mark.parametrize(
    "bad", [frame(b"x", 3), frame(b"x", 11), frame(bytes(200), 9), frame(b"x", reserved=32)]
)
def test_what_is_no_frame_ends_the_reading_until_one_begins(bad: bytes) -> None:
    stream = WebSocketStream()
    assert stream.feed(RESPONSE + bad + frame(MESSAGE)) == []
    assert stream.feed(b"more of it") == []
    assert stream.feed(frame(MESSAGE, mask=MASK)) == [MESSAGE]


def test_a_frame_that_no_message_can_have_is_refused() -> None:
    assert read(RESPONSE + b"\x81\x7f" + b"\xff" * 8 + MESSAGE) == []


def test_a_gap_loses_one_message() -> None:
    stream = WebSocketStream()
    stream.feed(RESPONSE + frame(MESSAGE)[:20])
    assert stream.gap() == []
    assert stream.feed(frame(MESSAGE)) == [MESSAGE]


def test_connections_for_sip_are_told_from_others() -> None:
    assert starts_connection(REQUEST)
    assert starts_connection(RESPONSE)
    assert not starts_connection(REQUEST.replace(b"Protocol: sip", b"Protocol: mqtt"))
    assert not starts_connection(b"GET / HTTP/1.1\r\n\r\n")


@pytest.mark.parametrize("mask", [b"", MASK])
def test_frames_with_sip_are_told_from_others(mask: bytes) -> None:
    assert starts_frame(frame(MESSAGE + bytes(200), mask=mask))
    assert not starts_frame(frame(b'{"json": true, "or": "so"}', mask=mask))
    assert not starts_frame(frame(MESSAGE, 0, mask=mask))
    assert not starts_frame(b"\x81")


@given(st.lists(st.binary(max_size=300), max_size=5), st.integers(0, 2**32))
def test_how_it_is_cut_makes_no_difference(messages: list[bytes], seed: int) -> None:
    rng = random.Random(seed)
    data = REQUEST + b"".join(frame(one, mask=rng.randbytes(4)) for one in messages)
    assert read(data, rng.randrange(1, 50)) == [one for one in messages if one]
