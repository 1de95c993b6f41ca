"""SIP messages in a stream of bytes."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder.protocol.sip_stream import LONGEST_BODY, LONGEST_HEAD, LONGEST_LINE, SipStream, starts_message

INVITE = b"INVITE sip:1001@pbx SIP/2.0\r\nCall-ID: 1\r\nContent-Length: 5\r\n\r\nv=0\r\n"
COMPACT = b"MESSAGE sip:a SIP/2.0\nl : 2\n\nhi"
TRYING = b"SIP/2.0 100 Trying\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n"
BARE = b"SIP/2.0 200 OK\r\nCall-ID: 1\r\n\r\n"
OPEN = b"INVITE sip:1001@pbx SIP/2.0\r\nCall-ID: 2\r\nContent-Type: application/sdp\r\n\r\nv=0\r\ns=-\r\n"
PIECES = [
    OPEN,
    INVITE,
    COMPACT,
    TRYING,
    BARE,
    b"\r\n\r\n",
    b"\r\n",
    b"junk\r\n",
    b"x" * 9000,
    b"\n",
    b"l: 70000000\r\n",
]


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    stream, found, at = SipStream(), [], 0
    for size in [*sizes, len(data)]:
        found += stream.feed(data[at : at + size])
        at += size
    return found


@pytest.mark.parametrize("message", [INVITE, COMPACT, TRYING, BARE])
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_message_comes_out_however_it_is_split(message: bytes, size: int) -> None:
    assert cut(message, [size] * (len(message) // size)) == [message]


def test_messages_in_one_piece_come_apart() -> None:
    together = INVITE + b"\r\n\r\n" + TRYING + COMPACT + b"\r\n" + INVITE
    assert cut(together, []) == [INVITE, TRYING, COMPACT, INVITE]


def test_the_length_may_stand_on_a_line_of_its_own() -> None:
    folded = INVITE.replace(b"Content-Length: ", b"Content-Length:\r\n\t")
    assert cut(folded + TRYING, [70]) == [folded, TRYING]


def test_a_body_whose_length_is_not_said_ends_with_the_next_start_line() -> None:
    assert cut(OPEN + TRYING + OPEN + INVITE, []) == [OPEN, TRYING, OPEN, INVITE]


def test_or_where_the_other_end_answers() -> None:
    stream = SipStream()
    assert stream.feed(OPEN) == []
    assert stream.answered() == [OPEN]
    assert stream.answered() == []
    assert stream.feed(INVITE[:-2]) == []
    assert stream.answered() == []
    assert stream.feed(INVITE[-2:]) == [INVITE]


def test_a_body_of_no_said_length_is_not_waited_for_for_ever() -> None:
    assert cut(OPEN + b"a=x\r\n" * 5000 + TRYING, [999] * 30) == [OPEN[: OPEN.index(b"v=0")], TRYING]


def test_it_begins_in_the_middle() -> None:
    assert cut(INVITE[10:] + TRYING, []) == [TRYING]
    assert cut(b"\x00\xff\r\n" + INVITE, []) == [INVITE]


def test_a_gap_gives_what_has_its_head_and_goes_on_at_the_next_message() -> None:
    stream = SipStream()
    assert stream.feed(INVITE[:-2]) == []
    assert stream.gap() == [INVITE[:-5]]
    assert stream.feed(TRYING) == [TRYING]
    assert stream.feed(INVITE[:20]) == []
    assert stream.gap() == []
    assert stream.feed(INVITE[30:] + TRYING) == [TRYING]


@pytest.mark.parametrize(
    "junk",
    [
        b"INVITE sip:a SIP/2.0\r\nContent-Length: %d\r\n\r\n" % (LONGEST_BODY + 1),
        b"INVITE sip:a SIP/2.0\r\nX: " + b"x" * LONGEST_HEAD,
        b"INVITE " + b"x" * LONGEST_LINE + b" SIP/2.0\r\n\r\n",
    ],
)
def test_what_is_too_long_is_no_message(junk: bytes) -> None:
    assert cut(junk + b"\r\n" + TRYING, []) == [TRYING]


def test_junk_does_not_pile_up() -> None:
    stream = SipStream()
    for _ in range(1000):
        stream.feed(b"x" * 1000)
        assert len(stream) <= LONGEST_LINE


@settings(max_examples=150)
@given(st.lists(st.sampled_from(PIECES), max_size=12), st.integers(0, 2**32))
def test_how_it_is_cut_makes_no_difference(pieces: list[bytes], seed: int) -> None:
    rng, data = random.Random(seed), b"".join(pieces)
    limit = rng.choice([3, 100, 5000])
    sizes = [rng.randrange(1, limit + 1) for _ in range(len(data))]
    assert cut(data, sizes) == cut(data, [])


@pytest.mark.parametrize(
    ("data", "starts"),
    [
        (INVITE, True),
        (b"\r\n" + TRYING, True),
        (b"GET / HTTP/1.1\r\n", False),
        (b"INVITE sip:a SIP/2.0", False),
        (b"SIP/2.0 20 OK\r\n", False),
    ],
)
def test_start_lines_are_told_from_others(data: bytes, starts: bool) -> None:
    assert starts_message(data) == starts
