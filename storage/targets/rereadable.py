"""A source that can be read again from any place, so that sending it can go on where it broke."""

import hashlib
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any, BinaryIO, cast

from storage.durable import CHUNK
from storage.errors import disk_errors
from storage.targets.contract import Source
from storage.targets.streams import filled

_IN_MEMORY = 8 << 20


class Rereadable:
    """The bytes of a ``Source``, with the number and SHA-256 of those that were read.

    A stream that cannot seek is noted while it is read, in memory up to 8 MiB and beyond that in a temporary
    file (``DiskFull`` where that has no room). A context manager; closes only what it opened itself. What the
    source raises comes through as it is.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._digest = hashlib.sha256()
        self.bytes = 0
        """How many bytes were read so far; their SHA-256 is ``sha256``."""
        self.failure: Exception | None = None
        """What the source raised. It is raised again by every later reading: a stream that failed once may
        seem to have ended when it is asked again."""

    def __enter__(self) -> "Rereadable":
        self._stream: BinaryIO | None = None
        self._start = 0
        if isinstance(self._source, bytes):
            self._again: IO[bytes] = io.BytesIO(self._source)
        elif isinstance(self._source, Path):
            self._again = self._source.open("rb")
        elif self._source.seekable():
            self._again, self._start = self._source, self._source.tell()
        else:
            self._stream = self._source
            self._again = cast(IO[bytes], tempfile.SpooledTemporaryFile(_IN_MEMORY))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._again is not self._source:
            self._again.close()

    @property
    def sha256(self) -> str:
        """SHA-256 of the first ``bytes`` bytes, lower-case hex."""
        return self._digest.hexdigest()

    def chunks(self, start: int = 0, size: int = CHUNK) -> Iterator[bytes]:
        """The bytes from ``start``, which must not lie behind what was read so far, ``size`` at a time."""
        while data := self.read_at(start, size):
            start += len(data)
            yield data

    def read_at(self, position: int, size: int) -> bytes:
        """``size`` bytes from ``position``, fewer only where they end or where they were read before.

        ``ValueError`` where ``position`` lies behind what was read so far.
        """
        if not 0 <= position <= self.bytes:
            raise ValueError(f"only {self.bytes} bytes were read: nothing can be read from {position} on")
        if self.failure is not None:
            raise self.failure
        try:
            data = self._read(position, size)
        except Exception as error:
            self.failure = error
            raise
        beyond = position + len(data) - self.bytes
        if beyond > 0:
            self._digest.update(data[len(data) - beyond :])
            self.bytes += beyond
        return data

    def _read(self, position: int, size: int) -> bytes:
        if self._stream is None or position < self.bytes:
            self._again.seek(self._start + position)
            return filled(cast(BinaryIO, self._again), size)
        data = filled(self._stream, size)
        with disk_errors(tempfile.gettempdir()):
            self._again.seek(position)
            self._again.write(data)
        return data


class RereadableStream(io.RawIOBase):
    """The bytes of a ``Rereadable`` as a stream of its own, which can seek."""

    def __init__(self, whole: Rereadable) -> None:
        super().__init__()
        self._whole, self._position = whole, 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """As of ``io.RawIOBase``."""
        data = self._whole.read_at(self._position, len(buffer))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As of ``io.RawIOBase``. What lies before the new position is read first."""
        if whence == io.SEEK_END:
            offset += self._read_up_to(None)
        elif whence == io.SEEK_CUR:
            offset += self._position
        self._position = min(max(0, offset), self._read_up_to(offset))
        return self._position

    def tell(self) -> int:
        """As of ``io.RawIOBase``."""
        return self._position

    def _read_up_to(self, position: int | None) -> int:
        while position is None or self._whole.bytes < position:
            if not self._whole.read_at(self._whole.bytes, CHUNK):
                break
        return self._whole.bytes
