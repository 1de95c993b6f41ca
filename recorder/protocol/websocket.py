"""Messages in a WebSocket connection that is not encrypted (RFC 6455), as SIP uses it (RFC 7118)."""

import struct
from typing import NamedTuple

from recorder.protocol.inflate import Inflater
from recorder.protocol.sip_stream import LONGEST_BODY, LONGEST_HEAD

_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PONG = 0, 1, 2, 8, 10
_LONGEST = LONGEST_HEAD + LONGEST_BODY
_COMPRESSED = 0x40
"""The reserved bit that marks the first frame of a compressed message (RFC 7692, 6)."""
_REQUEST, _RESPONSE = b"GET ", b"HTTP/1.1 101"


class _Header(NamedTuple):
    is_last: bool
    reserved: int
    opcode: int
    mask: bytes
    start: int
    length: int


def starts_handshake(data: bytes) -> bool:
    """Whether this may begin a handshake: what it is for may stand further behind, or be left out."""
    return data.startswith((_REQUEST, _RESPONSE))


def starts_connection(data: bytes) -> bool:
    """Whether this begins a handshake for SIP (RFC 7118, 4): the request says so, or the answer is one."""
    if not starts_handshake(data):
        return False
    head = data.partition(b"\r\n\r\n")[0].lower()
    lines = [line.partition(b":") for line in head.split(b"\r\n")[1:]]
    return any(name == b"sec-websocket-protocol" and b"sip" in value for name, _, value in lines)


def starts_frame(data: bytes) -> bool:
    """Whether this begins a frame that begins a SIP message; for connections captured from the middle."""
    header = _header(data[:14])
    if header is None or header.opcode not in (_TEXT, _BINARY) or header.reserved:
        return False
    head = _unmasked(data[header.start : header.start + min(24, header.length)], header.mask)
    word, space, _ = head.partition(b" ")
    return bool(space) and (word == b"SIP/2.0" or (word.isalpha() and word.isupper()))


class WebSocketStream:
    """Cuts one direction of a connection into messages, from its handshake or from the start of a frame.

    Of compressed messages (RFC 7692) those behind a gap are given that refer to nothing in it.
    """

    def __init__(self) -> None:
        self._inflater: Inflater | None = None
        self._buffer = bytearray()
        self._message = bytearray()
        self._is_compressed = False
        self._in_handshake = True
        self._is_lost = False
        self._searched = 0

    def __len__(self) -> int:
        """Bytes that wait for the rest of their message."""
        return len(self._buffer) + len(self._message)

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that ``data`` completes."""
        if not self._buffer and (starts_frame(data) or (self._is_lost and self._goes_on(data))):
            self._is_lost = self._in_handshake = False
        if self._is_lost:
            return []
        self._buffer += data
        if self._in_handshake and not self._shaken():
            return []
        messages = []
        while not self._is_lost and (header := _header(bytes(self._buffer[:14]))):
            if not _is_sound(header) or len(self._message) + header.length > _LONGEST:
                self.gap()
            elif len(self._buffer) < header.start + header.length:
                break
            elif message := self._frame(header):
                messages.append(message)
        return messages

    def gap(self) -> list[bytes]:
        """Bytes are missing here: nothing can be read before a frame is seen to begin again."""
        self._buffer.clear()
        self._message.clear()
        self._is_lost, self._is_compressed = True, False
        if self._inflater is not None:
            self._inflater.forget()
        return []

    def _goes_on(self, data: bytes) -> bool:
        """Whether a compressed message begins here. It looks like nothing: only where some came before."""
        header = _header(data[:14])
        if self._inflater is None or header is None or not _is_sound(header):
            return False
        return header.reserved == _COMPRESSED and header.opcode in (_TEXT, _BINARY)

    def _shaken(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n", self._searched)
        if end < 0:
            self._searched = max(0, len(self._buffer) - 3)
            if len(self._buffer) > LONGEST_HEAD:
                self.gap()
            return False
        del self._buffer[: end + 4]
        self._in_handshake = False
        return True

    def _frame(self, header: _Header) -> bytes:
        """Take the frame at the start of the buffer; the message where it was its last."""
        end = header.start + header.length
        content = bytes(self._buffer[header.start : end])
        del self._buffer[:end]
        if header.opcode >= _CLOSE:
            return b""
        if header.opcode != _CONTINUATION:
            self._message.clear()
            self._is_compressed = header.reserved == _COMPRESSED
        self._message += _unmasked(content, header.mask)
        if not header.is_last:
            return b""
        message = bytes(self._message)
        self._message.clear()
        return self._inflated(message) if self._is_compressed else message

    def _inflated(self, message: bytes) -> bytes:
        if self._inflater is None:
            self._inflater = Inflater(_LONGEST)
        return self._inflater.message(message)


def _header(data: bytes) -> _Header | None:
    """The header at the start of ``data``; None before its end (RFC 6455, 5.2)."""
    if len(data) < 2:
        return None
    length, start = data[1] & 0x7F, 2
    if length > 125:
        start, layout = (4, "!H") if length == 126 else (10, "!Q")
        if len(data) < start:
            return None
        (length,) = struct.unpack_from(layout, data, 2)
    mask = b""
    if data[1] & 0x80:
        mask, start = data[start : start + 4], start + 4
        if len(mask) < 4:
            return None
    return _Header(bool(data[0] & 0x80), data[0] & 0x70, data[0] & 0x0F, mask, start, length)


def _is_sound(header: _Header) -> bool:
    is_control = header.opcode >= _CLOSE
    known = header.opcode <= _BINARY or _CLOSE <= header.opcode <= _PONG
    allowed = _COMPRESSED if header.opcode in (_TEXT, _BINARY) else 0
    return known and not header.reserved & ~allowed and not (is_control and header.length > 125)


def _unmasked(content: bytes, mask: bytes) -> bytes:
    """The payload as it was before masking (RFC 6455, 5.3)."""
    if not mask or not content:
        return content
    size = len(content)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(content, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")
