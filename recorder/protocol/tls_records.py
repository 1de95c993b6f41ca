"""TLS records in one direction of a connection (RFC 5246, 6.2; RFC 8446, 5.1)."""

import struct
from typing import NamedTuple

CHANGE, ALERT, HANDSHAKE, DATA = 20, 21, 22, 23
HEADER = struct.Struct("!BHH")
LONGEST = (1 << 14) + 2048
"""Bytes of a fragment that is encrypted (RFC 5246, 6.2.3)."""


class Record(NamedTuple):
    """A record as it was sent; ``kind`` is the content type that its header says."""

    kind: int
    version: int
    fragment: bytes


def starts_record(data: bytes) -> bool:
    """Whether this begins with the header of a record of TLS 1.0 or later."""
    if len(data) < HEADER.size:
        return False
    kind, version, length = HEADER.unpack_from(data)
    return bool(CHANGE <= kind <= DATA and 0x0301 <= version <= 0x0304 and 0 < length <= LONGEST)


def hello(data: bytes) -> int | None:
    """The kind of the hello that begins here: 1 a client's, 2 a server's; None where none does."""
    is_one = starts_record(data) and data[0] == HANDSHAKE and len(data) > HEADER.size
    return data[HEADER.size] if is_one and data[HEADER.size] in (1, 2) else None


def client_random(data: bytes) -> bytes:
    """The random of the client's hello that begins here, empty where none does."""
    start = HEADER.size + 6
    return data[start : start + 32] if hello(data) == 1 else b""


class RecordStream:
    """Cuts one direction of a connection into records. What is none loses the place until one is seen again.

    A place is found again only where a record begins with a call of ``feed``, as it does with a segment.
    """

    def __init__(self) -> None:
        self.is_lost = False
        self._buffer = bytearray()

    def __len__(self) -> int:
        """Bytes that wait for the rest of their record."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Record]:
        """The records that ``data`` completes."""
        if self.is_lost:
            if not starts_record(data):
                return []
            self.is_lost = False
        buffer = self._buffer
        buffer += data
        found: list[Record] = []
        at = 0
        while len(buffer) - at >= HEADER.size:
            if not starts_record(bytes(buffer[at : at + HEADER.size])):
                self.gap()
                return found
            kind, version, length = HEADER.unpack_from(buffer, at)
            start = at + HEADER.size
            if len(buffer) < start + length:
                break
            at = start + length
            found.append(Record(kind, version, bytes(buffer[start:at])))
        del buffer[:at]
        return found

    def gap(self) -> None:
        """Bytes are missing here."""
        self._buffer.clear()
        self.is_lost = True
