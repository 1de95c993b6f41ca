"""Skinny messages come out of a stream of bytes whole, however it is cut."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.protocol.sccp import KINDS
from recorder.protocol.sccp_stream import LONGEST, SccpStream


def message(kind: int, body: bytes = b"", version: int = 0) -> bytes:
    return struct.pack("<III", len(body) + 4, version, kind) + body


ON_HOOK, KEEP_ALIVE = message(7), message(0)
STATE = message(0x111, struct.pack("<III", 5, 1, 16777221), 17)
messages = st.builds(message, st.sampled_from(sorted(KINDS)), st.binary(max_size=80), st.integers(0, 22))


def read(data: bytes, size: int, stream: SccpStream | None = None) -> list[bytes]:
    stream = SccpStream() if stream is None else stream
    return [one for at in range(0, len(data), size) for one in stream.feed(data[at : at + size])]


@given(st.lists(messages, max_size=6), st.integers(1, 50))
def test_how_a_stream_is_cut_makes_no_difference(some: list[bytes], size: int) -> None:
    assert read(b"".join(some), size) == some


@pytest.mark.parametrize("lost", [1, 4, 11, 20])
def test_what_is_left_of_a_message_is_passed_over(lost: int) -> None:
    assert read(STATE[lost:] + ON_HOOK + STATE, 1000) == [ON_HOOK, STATE]


def test_after_a_gap_the_next_message_is_read() -> None:
    stream = SccpStream()
    assert stream.feed(ON_HOOK + STATE[:9]) == [ON_HOOK]
    assert stream.gap() == []
    assert stream.feed(STATE) == [STATE]


def test_a_message_that_begins_a_segment_may_be_cut() -> None:
    stream = SccpStream()
    assert stream.feed(STATE[:14]) == []
    assert stream.feed(STATE[14:]) == [STATE]


def test_messages_that_tell_of_no_call_are_passed_over() -> None:
    assert read(KEEP_ALIVE + ON_HOOK + message(0x8000) + KEEP_ALIVE + STATE, 7) == [ON_HOOK, STATE]


def test_a_length_that_cannot_be_is_no_message() -> None:
    bad = struct.pack("<III", LONGEST + 1, 0, 7)
    assert read(bad + ON_HOOK, 1000) == [ON_HOOK]


@given(st.binary(max_size=2000), st.integers(1, 100))
def test_any_bytes_are_taken_and_little_is_held(data: bytes, size: int) -> None:
    stream = SccpStream()
    for one in read(data * 20, size, stream):
        assert struct.unpack_from("<I", one)[0] + 8 == len(one)
    assert len(stream) <= LONGEST + 8
