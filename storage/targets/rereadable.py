"""A source that can be read again from any place, so that sending it can go on where it broke."""

import hashlib
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, BinaryIO, cast

from storage.errors import disk_errors
from storage.targets.contract import Source

_IN_MEMORY = 8 << 20


class Rereadable:
    """The bytes of a ``Source``, with their number and SHA-256 once all of them were read.

    A stream that cannot seek is noted while it is read, in memory up to 8 MiB and beyond that in a temporary
    file (``DiskFull`` where that has no room). A context manager; closes only what it opened itself. What the
    source raises comes through as it is.
    """

    def __init__(self, source: Source, chunk: int) -> None:
        self._source, self._chunk = source, chunk
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

    def chunks(self, start: int = 0) -> Iterator[bytes]:
        """The bytes from ``start``, which must not lie behind what was read so far."""
        if not 0 <= start <= self.bytes:
            raise ValueError(f"only {self.bytes} bytes were read: they cannot be read again from {start}")
        position = start
        while data := self._read(position):
            position += len(data)
            if position > self.bytes:
                self._digest.update(data[len(data) - (position - self.bytes) :])
                self.bytes = position
            yield data

    def _read(self, position: int) -> bytes:
        if self.failure is not None:
            raise self.failure
        try:
            if self._stream is None or position < self.bytes:
                self._again.seek(self._start + position)
                return self._again.read(self._chunk)
            data = self._stream.read(self._chunk)
        except Exception as error:
            self.failure = error
            raise
        with disk_errors(tempfile.gettempdir()):
            self._again.seek(position)
            self._again.write(data)
        return data
