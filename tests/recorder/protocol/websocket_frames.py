"""Builders of WebSocket bytes."""

import struct

REQUEST = (
    b"GET / HTTP/1.1\r\nHost: pbx\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: sip\r\n"
    b"Sec-WebSocket-Version: 13\r\n\r\n"
)
RESPONSE = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: sip\r\n\r\n"
)


def frame(
    content: bytes, opcode: int = 1, is_last: bool = True, mask: bytes = b"", reserved: int = 0
) -> bytes:
    """A frame; with ``mask``, of 4 bytes, as a client sends it."""
    size = len(content)
    head = bytes([is_last << 7 | reserved | opcode])
    bit = 0x80 if mask else 0
    if size < 126:
        head += bytes([bit | size])
    elif size < 65536:
        head += struct.pack("!BH", bit | 126, size)
    else:
        head += struct.pack("!BQ", bit | 127, size)
    masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(content)) if mask else content
    return head + mask + masked
