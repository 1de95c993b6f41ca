"""Packets on top of TCP (RFC 1006, 6), as far as they carry Q.931 messages, the call signalling of H.323."""

import re
import struct

_HEAD = struct.Struct("!BBH")
_SHORTEST = _HEAD.size + 5
"""With protocol discriminator, call reference of two bytes and message type (ITU-T H.225.0, 7.2)."""
# Version 3, reserved, length; then protocol discriminator 8 and a call reference of two bytes.
_START = re.compile(rb"\x03\0..\x08\x02", re.DOTALL)


def starts_connection(content: bytes) -> bool:
    """Whether the content begins with a Q.931 message in a packet."""
    return len(content) >= _SHORTEST and _START.match(content) is not None and content[2:4] > b"\0\x08"


class TpktStream:
    """Cuts one direction of a connection into the Q.931 messages in it; other packets are passed over."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._is_in_step = False

    def __len__(self) -> int:
        """Bytes that wait for the rest of their packet."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that ``data`` completes, without the packet's own head."""
        self._buffer += data
        messages = []
        while self._is_in_step or self._find_start():
            if len(self._buffer) < _HEAD.size:
                break
            version, _, length = _HEAD.unpack_from(self._buffer)
            if version != 3 or length < _HEAD.size:
                # Not a packet after all: one is looked for behind its first byte.
                del self._buffer[0]
                self._is_in_step = False
                continue
            if len(self._buffer) < length:
                break
            content = bytes(self._buffer[_HEAD.size : length])
            del self._buffer[:length]
            if len(content) >= 5 and content.startswith(b"\x08"):
                messages.append(content)
        return messages

    def gap(self) -> list[bytes]:
        """Bytes are missing here: the packet that they cut is lost."""
        self._buffer.clear()
        self._is_in_step = False
        return []

    def _find_start(self) -> bool:
        """Drop what stands before a packet with a message; False where there is none yet."""
        found = _START.search(self._buffer)
        if found is not None:
            del self._buffer[: found.start()]
            self._is_in_step = True
            return True
        # The start of one may stand at the end.
        del self._buffer[: max(0, len(self._buffer) - 5)]
        return False
