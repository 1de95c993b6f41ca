"""SCCP (Skinny) messages in a stream of bytes: cut by the length that each begins with.

A message is ``length, version, id`` as little-endian uint32, then its fields; the length counts from the id.
"""

import re

from recorder.protocol.sccp import KINDS
from recorder.protocol.sccp_reader import HEAD

LONGEST = 8 << 10
"""Bytes from the id on. Phones have small buffers: what is longer is no message."""
_UNCOUNTED = 8
# A short length, one of the versions in use, an id of a station or of SPCP; the first byte of each is low.
_START = re.compile(rb"[\0-\xff][\0-\x20]\0\0[\0-\x20]\0\0\0(?:[\0-\xff][\0-\x02]|\0\x80)\0\0", re.DOTALL)


class SccpStream:
    """Cuts one direction of a connection into messages; those that tell of no call are passed over."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._is_in_step = False

    def __len__(self) -> int:
        """Bytes that wait for the rest of their message."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that ``data`` completes."""
        self._buffer += data
        messages = []
        while self._is_in_step or self._find_start():
            length = _length(self._buffer, 0)
            if length == 0:
                self._is_in_step = False
                continue
            if length is None or len(self._buffer) < length:
                break
            if HEAD.unpack_from(self._buffer)[2] in KINDS:
                messages.append(bytes(self._buffer[:length]))
            del self._buffer[:length]
        return messages

    def gap(self) -> list[bytes]:
        """Bytes are missing here: the message that they cut is lost."""
        self._buffer.clear()
        self._is_in_step = False
        return []

    def _find_start(self) -> bool:
        """Drop what stands before a message; False where there is none yet.

        The fields of a message can look like one: inside a segment only one that is whole and that nothing
        else than another follows is believed. Senders begin a segment with a message, which may be cut.
        """
        buffer = self._buffer
        starts = [found.start() for found in _START.finditer(buffer)]
        for at in starts:
            length = _length(buffer, at)
            if not length:
                continue
            end = at + length
            if _length(buffer, end) != 0 if end <= len(buffer) else at == 0:
                del buffer[:at]
                self._is_in_step = True
                return True
        if len(buffer) >= HEAD.size:
            # The start of a head may stand at the end.
            del buffer[: len(buffer) - HEAD.size + 1]
        return False


def _length(buffer: bytearray, at: int) -> int | None:
    """How long the message at ``at`` is with its head; 0 where none is there, None where it is cut."""
    if len(buffer) - at < HEAD.size:
        return None
    counted = HEAD.unpack_from(buffer, at)[0]
    if _START.match(buffer, at) is None or not 4 <= counted <= LONGEST:
        return 0
    return int(counted) + _UNCOUNTED
