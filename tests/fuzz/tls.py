"""Fuzz target of TLS: what a connection says may be changed, cut, missing or junk."""

from collections.abc import Iterator

from recorder.protocol.tls_keys import TlsKeys
from recorder.protocol.tls_session import ROOM, TlsSession
from tests.fuzz.tls_sample import KEY_LOG

MESSAGES = (
    b"OPTIONS sip:pbx SIP/2.0\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n",
    b"SIP/2.0 200 OK\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n",
)
"""What the connections of the sample carry."""
_RECORD = 1 << 15


def keys() -> TlsKeys:
    """The keys of the sample."""
    pieces = [KEY_LOG]
    return TlsKeys(lambda: pieces.pop() if pieces else b"")


def pieces(data: bytes) -> Iterator[tuple[bool, bool, bytes]]:
    """Whether the client sent it, whether it follows a gap, and what was sent, as ``tls_sample`` packs it."""
    while len(data) >= 3:
        size = int.from_bytes(data[1:3], "big")
        yield bool(data[0] & 1), bool(data[0] & 2), data[3 : 3 + size]
        data = data[3 + size :]


def fuzz_tls(data: bytes) -> None:
    """Both sides of a connection: only what was said comes out, in order, and little is kept."""
    session = TlsSession(keys(), 0)
    for now, (is_client, follows_gap, content) in enumerate(pieces(data)):
        for plain in session.feed(is_client, content, follows_gap, now):
            assert plain.content in MESSAGES
        assert len(session) <= ROOM + 6 * _RECORD
        assert not session.trouble or len(session) == 0
    session.close()
    assert session.trouble or not session.is_waiting
