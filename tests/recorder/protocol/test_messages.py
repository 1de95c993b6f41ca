"""Signalling in datagrams."""

import pytest

from recorder.protocol import classify, transport
from recorder.protocol.messages import Messages
from tests.recorder import frames

HEAD = b"INVITE sip:1001@pbx SIP/2.0\r\nCall-ID: 1\r\nContent-Length: 400\r\n\r\n"
LINE = b"c=IN IP4 192.0.2.15\r\n"


@pytest.mark.parametrize(("missing", "read"), [(0, HEAD + LINE), (1, HEAD), (3, HEAD), (21, HEAD)])
def test_a_message_that_the_capture_cut_ends_with_its_last_whole_line(missing: int, read: bytes) -> None:
    frame = frames.ethernet(frames.ipv4(frames.udp(HEAD + LINE)))
    batch = frames.batch([frame[: len(frame) - missing]], wire_lengths=[len(frame)])
    found = transport.parse(batch)
    messages = Messages().take(found.datagrams, classify.parse(found.datagrams), found.segments, frames.START)
    assert [one.content for one in messages] == [read]
