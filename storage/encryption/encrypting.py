"""A blob encrypted on its way to a target."""

import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from storage.durable import CHUNK as READ
from storage.encryption import blob
from storage.targets.contract import Source

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Encrypting:
    """A source encrypted on its way: ``source`` is to be put, and then the plaintext's hash is known.

    What is small is encrypted in memory, so that the target may take it as bytes.
    """

    def __init__(self, source: Source, key: bytes, name: str) -> None:
        self._digest = hashlib.sha256()
        self.plain_bytes = 0
        self._file: BinaryIO | None = source.open("rb") if isinstance(source, Path) else None
        stream = self._file or (io.BytesIO(source) if isinstance(source, bytes) else cast(BinaryIO, source))
        beginning = stream.read(READ if self._file is None else _enough(self._file))
        self.source: bytes | BinaryIO
        if len(beginning) < READ and not (rest := stream.read(1)):
            self._note(beginning)
            self.source = blob.encrypt(beginning, key, name)
        else:
            first = (beginning, rest) if len(beginning) < READ else (beginning,)
            chunks = blob.encrypted_chunks(self._plain(first, stream), key, name)
            self.source = cast(BinaryIO, io.BufferedReader(_ChunkStream(chunks), READ))

    def __enter__(self) -> "Encrypting":
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def plain_sha256(self) -> str:
        """The hash of the plaintext that has gone through."""
        return self._digest.hexdigest()

    def _note(self, chunk: bytes) -> bytes:
        self._digest.update(chunk)
        self.plain_bytes += len(chunk)
        return chunk

    def _plain(self, first: tuple[bytes, ...], stream: BinaryIO) -> Iterator[bytes]:
        for chunk in first:
            yield self._note(chunk)
        while chunk := stream.read(READ):
            yield self._note(chunk)


def _enough(file: BinaryIO) -> int:
    """How much to read of a file at once: all of it, and no more room than that where it is small."""
    return min(READ, os.fstat(file.fileno()).st_size + 1)


class _ChunkStream(io.RawIOBase):
    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._waiting = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        while not self._waiting:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._waiting = memoryview(chunk)
        part = self._waiting[: len(view)]
        view[: len(part)] = part
        self._waiting = self._waiting[len(part) :]
        return len(part)
