"""Reads blobs of archive targets: whole, in ranges, and as a file that decoders can seek in.

The targets are given as they are read by people: blobs that are encrypted lie open in them.
"""

import io
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING

from qa_api.errors import ArchiveUnavailable
from storage.errors import NotStored
from storage.targets.contract import Target

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_READ_AHEAD = 1 << 18


class Archive:
    """The targets by name. Every method raises ``ArchiveUnavailable`` for what is not where it should be."""

    def __init__(self, targets: Mapping[str, Target]) -> None:
        self._targets = targets

    def chunks(self, target: str, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Bytes of the blob. What is missing, or does not begin as it should, is said at once."""
        try:
            found = self._target(target).get(name, start, length)
            return chain([next(found, b"")], found)
        except NotStored as error:
            raise ArchiveUnavailable(
                "The audio is missing in the archive. Tell the administrator."
            ) from error

    def size(self, target: str, name: str) -> int:
        """Length of the blob in bytes."""
        stored = self._target(target).stat(name)
        if stored is None:
            raise ArchiveUnavailable("The audio is missing in the archive. Tell the administrator.")
        return stored.bytes

    def whole(self, target: str, name: str, limit: int) -> bytes:
        """The blob, which has at most ``limit`` bytes."""
        if self.size(target, name) > limit:
            raise ArchiveUnavailable("The file in the archive is larger than such a file can be.")
        return b"".join(self.chunks(target, name))

    def open(self, target: str, name: str) -> io.BufferedReader:
        """The blob as a seekable file; reads ahead by 256 KiB."""
        return io.BufferedReader(_BlobFile(self, target, name), _READ_AHEAD)

    def holds(self, target: str) -> bool:
        """Whether this process knows the target."""
        return target in self._targets

    def _target(self, name: str) -> Target:
        if name not in self._targets:
            raise ArchiveUnavailable(f"The archive target {name} is not configured here.")
        return self._targets[name]


class _BlobFile(io.RawIOBase):
    def __init__(self, archive: Archive, target: str, name: str) -> None:
        self._archive, self._target, self._name = archive, target, name
        self._size = archive.size(target, name)
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        wanted = min(len(view), max(0, self._size - self._position))
        filled = 0
        if wanted:
            for chunk in self._archive.chunks(self._target, self._name, self._position, wanted):
                view[filled : filled + len(chunk)] = chunk
                filled += len(chunk)
        self._position += filled
        return filled
