"""One blob as a stream out of the target that holds it, checked against what the catalogue says of it."""

import hashlib
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from storage.errors import Mismatch, NotStored, TargetError
from storage.targets.contract import Stored, Target

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class SourceFailed(TargetError):
    """The blob cannot be read, and where it is to go is not at fault. ``condition`` is what that shows of the
    copy that was read: ``damaged``, ``missing``, or empty where the target failed."""

    def __init__(self, message: str, condition: str = "") -> None:
        super().__init__(message)
        self.condition = condition


def source_failed(error: TargetError) -> SourceFailed:
    """What ``error``, met while reading, says of the copy."""
    condition = (
        "missing" if isinstance(error, NotStored) else "damaged" if isinstance(error, Mismatch) else ""
    )
    return SourceFailed(str(error), condition)


class BlobStream(io.RawIOBase):
    """Reads ``blob`` of ``target``; may be read again from any place, as sending may break and go on.

    Raises ``SourceFailed`` instead of giving the last bytes where length or SHA-256 differ from ``blob``, so
    that nothing damaged is ever whole anywhere else. ``trouble`` is what was raised, for the case that
    whoever reads hides it.
    """

    def __init__(self, target: Target, blob: Stored) -> None:
        self._target, self._blob = target, blob
        self._position = self._hashed = 0
        self._digest = hashlib.sha256()
        self._chunks: Iterator[bytes] = iter(())
        self._chunks_at = -1
        self._left = b""
        self.trouble: SourceFailed | None = None

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """The place of the next byte."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; what lies between is not read."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._blob.bytes}[whence]
        self._position = start + offset
        return self._position

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill some of ``buffer``; 0 at the end."""
        view = memoryview(buffer).cast("B")
        try:
            data = self._some(len(view))
        except TargetError as error:
            self.trouble = source_failed(error)
            raise self.trouble from error
        view[: len(data)] = data
        return len(data)

    def _some(self, most: int) -> bytes:
        if self._chunks_at != self._position:
            self._chunks = self._target.get(self._blob.name, self._position)
            self._left, self._chunks_at = b"", self._position
        while not self._left:
            chunk = next(self._chunks, None)
            if chunk is None:
                self._check_length()
                return b""
            self._left = chunk
        data, self._left = self._left[:most], self._left[most:]
        self._note(data)
        self._position += len(data)
        self._chunks_at = self._position
        return data

    def _note(self, data: bytes) -> None:
        """Take the bytes into account that were never read before; look at the hash with the last of them."""
        fresh = data[max(0, self._hashed - self._position) :] if self._hashed >= self._position else b""
        self._digest.update(fresh)
        self._hashed += len(fresh)
        if self._hashed >= self._blob.bytes and fresh and self._digest.hexdigest() != self._blob.sha256:
            raise Mismatch(f"{self._blob.name} is not as it was archived: its SHA-256 is another.")

    def _check_length(self) -> None:
        if self._position < self._blob.bytes:
            raise Mismatch(f"{self._blob.name} is not as it was archived: bytes are missing at its end.")


def read_whole(target: Target, blob: Stored) -> bytes:
    """All bytes of a small blob. Raises ``SourceFailed``."""
    try:
        data = b"".join(target.get(blob.name))
    except TargetError as error:
        raise source_failed(error) from error
    if (len(data), hashlib.sha256(data).hexdigest()) != (blob.bytes, blob.sha256):
        raise SourceFailed(
            f"{blob.name} is not as it was archived: its length or SHA-256 is another.", "damaged"
        )
    return data


def buffered(stream: BlobStream) -> io.BufferedReader:
    """The stream as ``Target.put`` takes it."""
    return cast(io.BufferedReader, io.BufferedReader(stream, 1 << 20))
