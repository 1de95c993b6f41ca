"""Reading a gzip file as far as it can be read."""

import zlib
from typing import BinaryIO

MAGIC = b"\x1f\x8b"

_PIECE = 1 << 16
_GZIP = 16 + zlib.MAX_WBITS


class GzipFile:
    """Decompresses a file of one or more gzip members as it is read.

    A file that is cut or damaged ends where it stops making sense, with all bytes before that delivered;
    ``damage`` then says so.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.damage = ""
        self._file = file
        self._inflate = zlib.decompressobj(_GZIP)
        self._pending = b""
        self._is_careful = False
        self._is_over = False

    def readinto(self, target: memoryview) -> int:
        """Fill the start of ``target``; how many bytes, 0 only at the end of the file."""
        while not self._is_over and len(target):
            piece = self._next_piece()
            content = self._decompress(piece, len(target))
            if content:
                target[: len(content)] = content
                return len(content)
            if not piece:
                self._is_over = True
                if not self._inflate.eof:
                    self.damage = "the gzip file is cut: its end is missing"
        return 0

    def _next_piece(self) -> bytes:
        """Compressed bytes to go on with, empty at the end of the file; begins a member if one ended."""
        piece = self._pending or self._file.read(_PIECE)
        self._pending = b""
        if self._inflate.eof:
            # Zero bytes may follow the last member, as padding of tapes and disks does.
            piece = piece.lstrip(b"\0")
            if piece:
                self._inflate = zlib.decompressobj(_GZIP)
        if self._is_careful:
            piece, self._pending = piece[:1], piece[1:]
        return piece

    def _decompress(self, piece: bytes, limit: int) -> bytes:
        """At most ``limit`` bytes of content; what is left of ``piece`` is kept for the next time."""
        before = None if self._is_careful else self._inflate.copy()
        try:
            content = self._inflate.decompress(piece, limit)
        except zlib.error:
            if before is None:
                self._is_over = True
                self.damage = f"the gzip file is damaged near byte {self._file.tell() - len(self._pending)}"
            else:
                # Going over the piece byte by byte brings out what stands before the damage.
                self._inflate, self._pending, self._is_careful = before, piece, True
            return b""
        left = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
        self._pending = left + self._pending
        return content
