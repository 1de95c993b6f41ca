"""The tap that reads a capture file: pcap or pcapng, plain or gzip."""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, Protocol

import numpy as np

from recorder.batch import Batch
from recorder.protocol import pcap, pcap_search, pcapng
from recorder.protocol.errors import CaptureFileError
from recorder.protocol.pcapng_blocks import MAGIC as PCAPNG_MAGIC
from recorder.protocol.records import CaptureReader
from recorder.taps.filetime import FileTime
from recorder.taps.gzip_file import MAGIC as GZIP_MAGIC
from recorder.taps.gzip_file import GzipFile
from recorder.taps.steady import steadied

_SLACK = 128
"""Spare zero bytes behind the frames of a batch, so that headers of the last ones are read in place."""
_HEAD = 24


class Progress(NamedTuple):
    """How much of the file was read, in bytes of the file as it lies on the disk."""

    read: int
    total: int


class _Source(Protocol):
    damage: str

    def readinto(self, target: memoryview) -> int: ...


class CaptureFileTap:
    """Iterates over the batches of a capture file; in memory are at most a few times ``batch_bytes``.

    Raises CaptureFileError at once if the file is neither pcap nor pcapng, OSError if it cannot be read.
    What is damaged later is skipped or ends the iteration; ``damage`` then says what and where.
    """

    def __init__(self, path: Path, batch_bytes: int = 4 << 20) -> None:
        self._path = path
        self._batch_bytes = batch_bytes
        self._total = path.stat().st_size
        self._read = 0
        self._wrong_times = 0
        self._time = FileTime()
        self._file = path.open("rb", buffering=0)
        try:
            self._source: _Source = _source(self._file)
            self._head = self._read_head()
            self._reader = self._recognise()
        except BaseException:
            self._file.close()
            raise

    def _read_head(self) -> bytes:
        head = bytearray(_HEAD)
        filled = _fill(self._source, memoryview(head))
        return bytes(head[:filled])

    def _recognise(self) -> CaptureReader:
        try:
            return recognise(self._head)
        except CaptureFileError as error:
            why = self._source.damage or str(error)
            raise CaptureFileError(f"{self._path} cannot be read as a capture file: {why}") from error

    def __iter__(self) -> Iterator[Batch]:
        return self._time.even(self._batches())

    def _batches(self) -> Iterator[Batch]:
        carry = np.frombuffer(self._head[self._reader.header_bytes :], np.uint8)
        is_last = False
        while not is_last and not self._file.closed:
            buffer = np.empty(len(carry) + self._batch_bytes + _SLACK, np.uint8)
            buffer[: len(carry)] = carry
            room = buffer.data[len(carry) : len(carry) + self._batch_bytes]
            got = _fill(self._source, room)
            is_last = got < self._batch_bytes
            size = len(carry) + got
            buffer[size : size + _SLACK] = 0
            part = self._reader.read(buffer[: size + _SLACK], size, is_last)
            for batch in part.batches:
                steady, wrong = steadied(batch)
                self._wrong_times += wrong
                yield steady
            carry = buffer[part.consumed : size]
        self.close()

    @property
    def progress(self) -> Progress:
        """How far the file was read."""
        return Progress(self._read if self._file.closed else self._file.tell(), self._total)

    @property
    def damage(self) -> str:
        """What is wrong with the part that was read so far, for people; empty where nothing is."""
        times = f"the wrong times of packets were set right: {self._wrong_times}" if self._wrong_times else ""
        back = -sum(self._time.steps) / 1e9
        steps = f"the clock was set back by {back:.1f} s meanwhile, which was set right" if back else ""
        found = [str(self._reader.damage), self._source.damage, times, steps]
        return "; ".join(one for one in found if one)

    def close(self) -> None:
        """Close the file, now or again; a running iteration ends with the batches of the stretch it is in."""
        self._read = self.progress.read
        self._file.close()

    def __enter__(self) -> "CaptureFileTap":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def recognise(head: bytes) -> CaptureReader:
    """The reader for a file that begins with ``head``; raises CaptureFileError, which says what it is not."""
    if not head:
        raise CaptureFileError("it is empty")
    if head[:4] in pcap_search.MAGICS:
        return pcap.PcapReader(head)
    if head[:4] == PCAPNG_MAGIC:
        return pcapng.PcapngReader(head)
    raise CaptureFileError(
        f"it begins with {head[:4].hex(' ')}, but pcap files begin with d4 c3 b2 a1 or 4d 3c b2 a1"
        " and pcapng files with 0a 0d 0d 0a; convert others with editcap"
    )


def _fill(source: _Source, target: memoryview) -> int:
    """Read until ``target`` is full or the source ends."""
    filled = 0
    while filled < len(target) and (got := source.readinto(target[filled:])):
        filled += got
    return filled


class _Plain:
    """A file as it is."""

    damage = ""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readinto(self, target: memoryview) -> int:
        return self._file.readinto(target) or 0  # type: ignore[attr-defined]


def _source(file: BinaryIO) -> _Source:
    magic = file.read(2)
    file.seek(0)
    return GzipFile(file) if magic == GZIP_MAGIC else _Plain(file)
