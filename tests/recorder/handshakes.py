"""Datagrams of DTLS and ZRTP handshakes, as far as anybody can read them on the wire."""

import struct


def dtls(kind: int, content: bytes = b"\x01" * 60, version: bytes = b"\xfe\xfd", epoch: int = 0) -> bytes:
    """One DTLS record (RFC 6347, 4.1)."""
    return bytes([kind]) + version + struct.pack("!HHIH", epoch, 0, 1, len(content)) + content


def zrtp(kind: bytes, cookie: bytes = b"ZRTP", content: bytes = bytes(60)) -> bytes:
    """One ZRTP packet (RFC 6189, 5); its checksum is nobody's."""
    message = b"\x50\x5a" + struct.pack("!H", (12 + len(content)) // 4) + kind + content
    return b"\x10\x00\x00\x01" + cookie + b"\x00\x00\x11\x11" + message + bytes(4)


CLIENT_HELLO = dtls(22)
SERVER_HELLO = dtls(22, b"\x02" * 90)
