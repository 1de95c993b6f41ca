"""TLS handshake messages in the fragments of records (RFC 5246, 7.4; RFC 8446, 4)."""

from typing import NamedTuple

from recorder.protocol.errors import TlsError

CLIENT_HELLO, SERVER_HELLO, NEW_TICKET, CERTIFICATE = 1, 2, 4, 11
SERVER_DONE, CLIENT_KEY, KEY_UPDATE = 14, 16, 24
LONGEST = 1 << 17
"""Bytes: certificate chains are the longest messages."""


class Handshake(NamedTuple):
    """One message; ``raw`` has its header of four bytes too."""

    kind: int
    raw: bytes

    @property
    def body(self) -> bytes:
        """The message without its header."""
        return self.raw[4:]


class HandshakeStream:
    """Joins fragments to messages: a record may hold several, and a message may span records."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def __len__(self) -> int:
        """Bytes that wait for the rest of their message."""
        return len(self._buffer)

    def feed(self, fragment: bytes) -> list[Handshake]:
        """The messages that the fragment completes; raises TlsError for one that is too long."""
        buffer = self._buffer
        buffer += fragment
        found = []
        while len(buffer) >= 4:
            size = 4 + int.from_bytes(buffer[1:4], "big")
            if size > LONGEST:
                raise TlsError("a TLS handshake message that is too long")
            if len(buffer) < size:
                break
            found.append(Handshake(buffer[0], bytes(buffer[:size])))
            del buffer[:size]
        return found

    def clear(self) -> None:
        """Forget a message that has begun."""
        self._buffer.clear()
