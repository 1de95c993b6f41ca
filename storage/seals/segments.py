"""A blob as segments with a hash each, so that it can be said where it was changed, and their tree."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SEGMENT = 1 << 16
"""Bytes of a segment; the last one of a blob is shorter, and an empty blob has none."""


@dataclass(frozen=True, slots=True)
class Segmented:
    """What a blob hashes to: as a whole, and each segment. All hashes are SHA-256 in lower-case hex."""

    bytes: int
    sha256: str
    segments: tuple[str, ...]


class SegmentHasher:
    """Hashes a blob that comes in chunks of any size.

    The first segment is the beginning of the whole, and hashed as that: most blobs have few segments.
    """

    def __init__(self) -> None:
        self._whole = hashlib.sha256()
        self._segment = self._whole
        self._filled = 0
        self._bytes = 0
        self._done: list[str] = []

    def update(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self._bytes += len(chunk)
        view = memoryview(chunk)
        while view:
            part = view[: SEGMENT - self._filled]
            self._whole.update(part)
            if self._segment is not self._whole:
                self._segment.update(part)
            self._filled += len(part)
            view = view[len(part) :]
            if self._filled == SEGMENT:
                self._close()

    def result(self) -> Segmented:
        """The hashes of everything that came."""
        open_one = (self._segment.hexdigest(),) if self._filled else ()
        return Segmented(self._bytes, self._whole.hexdigest(), (*self._done, *open_one))

    def _close(self) -> None:
        self._done.append(self._segment.hexdigest())
        self._segment = hashlib.sha256()
        self._filled = 0


def segmented(chunks: Iterable[bytes]) -> Segmented:
    """The hashes of the blob in ``chunks``."""
    hasher = SegmentHasher()
    for chunk in chunks:
        hasher.update(chunk)
    return hasher.result()


def tree_root(segments: Sequence[str]) -> str:
    """The root of the binary tree over the hashes of the segments, hex.

    The shape is that of RFC 9162, 2.1.1: the left half is the largest power of two below the whole. A leaf is
    the hash of its segment, a node SHA-256 of 0x01, left and right; no segments give SHA-256 of nothing.
    """
    return _root([bytes.fromhex(segment) for segment in segments]).hex()


def _root(leaves: list[bytes]) -> bytes:
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256().digest()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + _root(leaves[:half]) + _root(leaves[half:])).digest()
