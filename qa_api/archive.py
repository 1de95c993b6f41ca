"""Reads blobs of calls out of whichever copy can be read: in ranges, whole, as a file that decoders seek in.

The targets are given as they are read by people: blobs that are encrypted lie open in them.
"""

import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from storage.archive_names import peaks_name
from storage.catalogue import CatalogueCall, Copy, Held
from storage.copies.choice import Nearness
from storage.copies.holdings import up_to_date
from storage.copies.reader import Contents, CopyReader
from storage.model import Recording
from storage.targets.contract import Target

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_READ_AHEAD = 1 << 18


class Archive:
    """The targets by name, and what is known of them when a blob is asked for. ``found_altered`` is told of
    copies that seem to be others than was archived."""

    def __init__(
        self,
        targets: Mapping[str, Target],
        near: Nearness | None = None,
        found_altered: Callable[[Held], None] = lambda _: None,
    ) -> None:
        self._targets = targets
        self._near = near or Nearness()
        self._found_altered = found_altered

    def audio(self, found: CatalogueCall, recording: Recording) -> CopyReader:
        """The recording of the call. The bytes of its name are the same everywhere."""
        contents = Contents(recording.bytes, recording.sha256)
        tell = self._teller(found)
        return CopyReader(recording.path, found.copies, self._targets, self._near, contents, tell)

    def peaks(self, found: CatalogueCall) -> CopyReader:
        """The waveform of the recording that the call has now."""
        name = peaks_name(found.call)
        copies = up_to_date(found, name, self._near.home)
        return CopyReader(name, copies, self._targets, self._near, None, self._teller(found))

    def _teller(self, found: CatalogueCall) -> Callable[[Copy], None]:
        return lambda copy: self._found_altered(Held(found.call.id, copy))


def as_file(reader: CopyReader, size: int) -> io.BufferedReader:
    """The blob, which has ``size`` bytes, as a seekable file; reads ahead by 256 KiB."""
    return io.BufferedReader(_BlobFile(reader, size), _READ_AHEAD)


class _BlobFile(io.RawIOBase):
    def __init__(self, reader: CopyReader, size: int) -> None:
        self._reader = reader
        self._size = size
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
            for chunk in self._reader.chunks(self._position, wanted):
                view[filled : filled + len(chunk)] = chunk
                filled += len(chunk)
        self._position += filled
        return filled
