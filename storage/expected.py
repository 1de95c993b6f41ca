"""What is written to a file, and whether the file holds it when it is read back."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from storage.durable import CHUNK
from storage.seals.segments import SEGMENT, Segmented, segmented
from storage.targets.contract import Source, Stored, require_same


class Expected:
    """A source on its way into a file: ``contents`` is to be written, a stream only once."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._digest = hashlib.sha256()
        self._bytes = 0
        self.contents: Path | Iterable[bytes]
        if isinstance(source, bytes):
            self.contents = (source,)
        else:
            self.contents = source if isinstance(source, Path) else self._noted(source)

    def read_back(self, name: str, path: Path) -> Segmented:
        """The hashes of the file ``path``, of the blob ``name``. Raises ``Mismatch`` where it holds anything
        else than what was written, and ``OSError``."""
        if isinstance(self._source, bytes):
            data = path.read_bytes()
            found = segmented((data,))
            same = data == self._source
            expected = found if same else segmented((self._source,))
        else:
            found = segmented(_chunks(path))
            expected = self._hashes(path, found)
        require_same(Stored(name, expected.bytes, expected.sha256), Stored(name, found.bytes, found.sha256))
        return found

    def _hashes(self, path: Path, found: Segmented) -> Segmented:
        if not isinstance(self._source, Path):
            return Segmented(self._bytes, self._digest.hexdigest(), ())
        return found if path.samefile(self._source) else segmented(_chunks(self._source))

    def _noted(self, stream: BinaryIO) -> Iterator[bytes]:
        while chunk := stream.read(CHUNK):
            self._digest.update(chunk)
            self._bytes += len(chunk)
            yield chunk


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(SEGMENT):
            yield chunk
