"""Messages that a WebSocket compresses (RFC 7692), one direction of a connection."""

import zlib

_END = b"\x00\x00\xff\xff"
"""What a sender cuts off the end of each message (RFC 7692, 7.2.1)."""


class Inflater:
    """Messages may refer to those before them. Where some are missing, only one that needs none is given:
    with nothing kept a reference into what is missing is an error, never wrong bytes.
    """

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._stream = _fresh()

    def message(self, data: bytes) -> bytes:
        """A message as it was before; empty where it cannot be had, or is longer than allowed."""
        stream = self._stream
        try:
            found = stream.decompress(data + _END, self._longest + 1)
        except zlib.error:
            self.forget()
            return b""
        if stream.eof or len(found) > self._longest:
            self.forget()
        return found if len(found) <= self._longest else b""

    def forget(self) -> None:
        """A message is missing here."""
        self._stream = _fresh()


def _fresh() -> "zlib._Decompress":
    return zlib.decompressobj(-zlib.MAX_WBITS)
