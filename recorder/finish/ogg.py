"""Ogg pages of one logical stream (RFC 3533)."""

import struct
import zlib
from collections.abc import Sequence
from typing import BinaryIO

MAX_LACING = 255
"""Lacing values that a page can hold (RFC 3533, 6)."""

_FIRST, _LAST = 0x02, 0x04
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def checksum(page: bytes) -> int:
    """CRC of a page whose checksum field is 0: zlib's polynomial with the bits the other way round."""
    crc = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(crc.to_bytes(4, "little").translate(_REVERSED), "big")


def lacing_values(packets: Sequence[bytes]) -> int:
    """How many lacing values these packets take on a page."""
    return sum(len(packet) // 255 + 1 for packet in packets)


class PageWriter:
    """Writes packets to pages; every packet ends on the page that it begins on."""

    def __init__(self, file: BinaryIO, serial: int) -> None:
        self._file = file
        self._serial = serial
        self._count = 0

    def write(self, packets: Sequence[bytes], granule: int, *, last: bool = False) -> None:
        """One page of whole packets of at most ``MAX_LACING`` lacing values together.

        ``granule`` is the position at the end of the last packet.
        """
        lacing = b"".join(
            [b"\xff" * (len(packet) // 255) + bytes((len(packet) % 255,)) for packet in packets]
        )
        flags = (_FIRST if self._count == 0 else 0) | (_LAST if last else 0)
        header = struct.pack("<4sBBqII", b"OggS", 0, flags, granule, self._serial, self._count)
        body = bytes((len(lacing),)) + lacing + b"".join(packets)
        crc = checksum(header + bytes(4) + body)
        self._file.write(header + crc.to_bytes(4, "little") + body)
        self._count += 1
