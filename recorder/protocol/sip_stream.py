"""SIP messages in a stream of bytes (RFC 3261, 18.3): cut by Content-Length.

Some senders leave it out, although it is mandatory here. What says of what type its body is has one then, up
to the next start line, or to where the other end answers or the stream ends.
"""

import re

_START = re.compile(rb"(?:SIP/2\.0 \d{3}(?: .*)?|[A-Z]{2,20} [^ ]+ SIP/2\.0)\r?", re.IGNORECASE)
_LENGTH = re.compile(
    rb"^(?:content-length|l)[ \t]*:[ \t]*(?:\r?\n[ \t]+)?(\d{1,9})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE
)
_TYPE = re.compile(rb"^(?:content-type|c)[ \t]*:", re.IGNORECASE | re.MULTILINE)
_NEXT = re.compile(rb"\n(?=SIP/2\.0 \d{3}[ \r\n]|[A-Z]{2,20} [^ \r\n]+ SIP/2\.0\r?\n)")
_END = re.compile(rb"\n\r?\n")
LONGEST_LINE = 8 << 10
LONGEST_HEAD = 64 << 10
LONGEST_BODY = 128 << 10
_LONGEST_OPEN = 16 << 10
"""Bytes of a body whose length is not said."""


def starts_message(data: bytes) -> bool:
    """Whether the first line that is not empty is whole and the start line of a message."""
    line, end, _ = data.lstrip(b"\r\n").partition(b"\n")
    return bool(end) and len(line) <= LONGEST_LINE and _START.fullmatch(line) is not None


def whole_lines(cut: bytes) -> bytes:
    """A message of which the end is missing, up to its last whole line: half an address is a wrong one."""
    return cut[: cut.rfind(b"\n") + 1]


class SipStream:
    """Cuts one direction of a connection into messages; what is none (keep-alives, junk) is passed over."""

    def __init__(self) -> None:
        self.has_begun = False
        """Whether a message was ever seen to begin."""
        self._buffer = bytearray()
        self._is_started = False
        self._in_line = False
        self._searched = 0

    def __len__(self) -> int:
        """Bytes that wait for the rest of their message."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that ``data`` completes. How the stream is cut into calls makes no difference."""
        self._buffer += data
        messages = []
        while (self._is_started or self._find_start()) and (message := self._cut()) is not None:
            if message:
                messages.append(message)
        return messages

    def gap(self) -> list[bytes]:
        """Bytes are missing here. The message that they cut is given if its head is whole, in whole lines."""
        end = _END.search(self._buffer) if self._is_started else None
        rest = [whole_lines(bytes(self._buffer))] if end else []
        self._buffer.clear()
        self._is_started = self._in_line = False
        self._searched = 0
        return rest

    def answered(self) -> list[bytes]:
        """The other end speaks: a message whose length was not said was whole."""
        end = _END.search(self._buffer) if self._is_started else None
        return self.gap() if end is not None and self._is_open(end.end()) else []

    def _find_start(self) -> bool:
        """Drop lines until a start line is first in the buffer; False where there is none yet."""
        buffer = self._buffer
        while (end := buffer.find(b"\n", self._searched)) >= 0:
            self._searched = 0
            if not self._in_line and end <= LONGEST_LINE and _START.fullmatch(buffer, 0, end):
                self._is_started = self.has_begun = True
                return True
            del buffer[: end + 1]
            self._in_line = False
        self._searched = len(buffer)
        if len(buffer) > LONGEST_LINE:
            buffer.clear()
            self._in_line, self._searched = True, 0
        return False

    def _cut(self) -> bytes | None:
        """The message at the start of the buffer; empty where it is none after all, None before its end."""
        buffer = self._buffer
        end = _END.search(buffer, self._searched, LONGEST_HEAD)
        if end is None:
            if len(buffer) >= LONGEST_HEAD:
                return self._disbelieve()
            self._searched = max(0, len(buffer) - 2)
            return None
        said = _LENGTH.search(buffer, 0, end.end())
        length = int(said[1]) if said else 0
        if length > LONGEST_BODY:
            return self._disbelieve()
        if not said and self._is_open(end.end()):
            following = _NEXT.search(buffer, end.end() - 1, end.end() + _LONGEST_OPEN)
            length = following.end() - end.end() if following else 0
            if following is None and len(buffer) < end.end() + _LONGEST_OPEN:
                self._searched = end.start()
                return None
        whole = end.end() + length
        if len(buffer) < whole:
            self._searched = end.start()
            return None
        message = bytes(buffer[:whole])
        del buffer[:whole]
        self._is_started, self._searched = False, 0
        return message

    def _is_open(self, head: int) -> bool:
        """Whether nothing but what follows tells how long the message with a head of so many bytes is."""
        buffer = self._buffer
        return _LENGTH.search(buffer, 0, head) is None and _TYPE.search(buffer, 0, head) is not None

    def _disbelieve(self) -> bytes:
        """What looked like a start line was none: go on behind it."""
        del self._buffer[: self._buffer.find(b"\n") + 1]
        self._is_started, self._searched = False, 0
        return b""
