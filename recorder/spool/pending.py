"""Signalling that is not in the journal yet: written before it is followed, dropped when the journal has it.

Without it a kill between an INVITE and the next flush would lose who is talking, which no later packet tells.
"""

import errno
import json
import os
import struct
from collections.abc import Sequence
from pathlib import Path

from recorder.protocol.received import H225, MGCP, SCCP, SIP, Received
from recorder.spool.record import MESSAGE, OVER, Buffer, Scanner, framed

_WAY = struct.Struct("<qqQQIQQI")
"""Frame, time (ns), then high word, low word and port of source and destination.

The upper half of the source's port says which protocol it is.
"""
_PROTOCOLS = (SIP, SCCP, MGCP, H225)
"""By their numbers in the file."""


class PendingMessages:
    """One file of messages, appended a batch at a time and emptied after each flush."""

    def __init__(self, spool: Path) -> None:
        path = spool / "pending.sip"
        self._file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.size = os.fstat(self._file).st_size
        self.over: set[str] = set()
        """Dialogs whose calls are over, as far as was read."""

    def note(self, messages: Sequence[Received]) -> None:
        """Append the messages. Raises OSError, as when the disk is full; the file is as before then."""
        if messages:
            self._append(b"".join(part for one in messages for part in _record(one)))

    def note_over(self, dialogs: Sequence[str]) -> None:
        """Append that the calls of these dialogs are over, where messages still stand. Raises OSError."""
        if dialogs and self.size:
            self._append(b"".join(framed(OVER, [json.dumps(dialogs).encode()])))

    def _append(self, content: bytes) -> None:
        written = os.write(self._file, content)
        if written != len(content):
            os.ftruncate(self._file, self.size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.size += written

    def read(self) -> list[Received]:
        """What an engine that was killed had noted, in order; what is damaged is left out, and a tail that it
        left half written is cut, so that it does not swallow what is noted next."""
        data = os.pread(self._file, os.fstat(self._file).st_size, 0)
        found, end = [], 0
        for end, kind, body in Scanner().records(memoryview(data)):  # noqa: B007
            if kind == MESSAGE:
                found.append(_message(body))
            elif kind == OVER:
                self.over |= set(json.loads(bytes(body)))
        if end < len(data):
            os.ftruncate(self._file, end)
        self.size = end
        return found

    def clear(self) -> None:
        """The journal has it all."""
        if self.size:
            os.ftruncate(self._file, 0)
            self.size = 0

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def _record(message: Received) -> list[Buffer]:
    (a, b), port = message.source
    (c, d), other = message.destination
    port |= _PROTOCOLS.index(message.protocol) << 16
    way = _WAY.pack(message.frame, message.time, a, b, port, c, d, other)
    return framed(MESSAGE, [way, message.content])


def _message(body: memoryview) -> Received:
    frame, time, a, b, port, c, d, other = _WAY.unpack_from(body)
    protocol = _PROTOCOLS[port >> 16] if port >> 16 < len(_PROTOCOLS) else SIP
    return Received(frame, time, ((a, b), port & 0xFFFF), ((c, d), other), bytes(body[_WAY.size :]), protocol)
