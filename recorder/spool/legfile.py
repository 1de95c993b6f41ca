"""The spool file of one leg: one append a flush, read again from the start or as it grows."""

import contextlib
import errno
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recorder.errors import SpoolError, SpoolFull
from recorder.media import MediaBlock
from recorder.spool.record import Buffer, Scanner, media_record, merged, names_record

_FULL = (errno.ENOSPC, errno.EDQUOT)


class LegWriter:
    """Appends to a leg's file, which holds whole records only: a write that fails is taken back."""

    def __init__(self, path: Path, numbers: dict[str, int] | None = None) -> None:
        """Open or make the file; ``numbers`` are the streams that it names already."""
        self.path = path
        self._numbers = dict(numbers or {})
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _told(error, path) from error
        self._size = os.fstat(self._file).st_size

    def append(
        self,
        streams: Sequence[str],
        counts: NDArray[np.int64],
        rows: NDArray[np.void],
        payload: NDArray[np.uint8],
    ) -> None:
        """One flush of this leg: ``counts[i]`` rows of ``streams[i]``, then their payloads.

        Raises ``SpoolFull`` when the disk is full, ``SpoolError`` when it fails; the file is as before then.
        """
        buffers: list[Buffer] = []
        first = 0
        unknown = [name for name in streams if name not in self._numbers]
        if unknown:
            first = max(self._numbers.values(), default=-1) + 1
            buffers += names_record(dict(enumerate(unknown, first)))
        numbers = self._numbers | {name: first + i for i, name in enumerate(unknown)}
        groups = np.empty((len(streams), 2), np.uint32)
        groups[:, 0] = [numbers[name] for name in streams]
        groups[:, 1] = counts
        buffers += media_record(groups, rows, payload)
        self._write(buffers)
        self._numbers = numbers

    @property
    def numbers(self) -> dict[str, int]:
        """The streams that the file names and their numbers, for who opens it again."""
        return self._numbers

    def close(self) -> None:
        """Close the file; it can be opened again to go on."""
        os.close(self._file)

    def _write(self, buffers: Sequence[Buffer]) -> None:
        size = sum(len(buffer) for buffer in buffers)
        try:
            written = os.writev(self._file, buffers)
            if written != size:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._size)
            raise _told(error, self.path) from error
        self._size += size


class LegReader:
    """Reads a leg's file from the start, and what was appended since at each further call."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._at = 0
        self._scanner = Scanner()

    @property
    def damaged(self) -> int:
        """Bytes that were passed over because they are no record."""
        return self._scanner.damaged

    @property
    def numbers(self) -> dict[str, int]:
        """The streams met so far and their numbers in this file."""
        return {name: number for number, name in self._scanner.names.items()}

    def waiting(self) -> int:
        """Bytes that were appended since the last read."""
        try:
            return self.path.stat().st_size - self._at
        except FileNotFoundError:
            return 0

    def read(self, limit: int = 1 << 26) -> list[MediaBlock]:
        """What is new, at most about ``limit`` bytes: one block a stream; empty when there is nothing."""
        try:
            with self.path.open("rb") as file:
                file.seek(self._at)
                data = file.read(limit)
        except FileNotFoundError:
            return []
        blocks: dict[str, list[MediaBlock]] = {}
        end = 0
        for end, found in self._scanner.scan(memoryview(data)):  # noqa: B007
            for block in found:
                blocks.setdefault(block.stream, []).append(block)
        self._at += end
        return [merged(parts) for parts in blocks.values()]

    def piece(self, size: int) -> list[MediaBlock]:
        """What is new of about ``size`` bytes, or more where one record, or what damage left, is larger."""
        before = self.waiting()
        blocks = self.read(size)
        return self.read() if not blocks and before > size else blocks

    def repair(self) -> int:
        """Cut a tail that a crash left half written, once read to the end; answer the size that is good."""
        if self.path.exists() and self.path.stat().st_size > self._at:
            os.truncate(self.path, self._at)
        return self._at


def _told(error: OSError, path: Path) -> SpoolError:
    if error.errno in _FULL:
        return SpoolFull(
            f"the spool's disk is full: {path.parent}; free some space, capture goes on meanwhile"
        )
    return SpoolError(f"cannot write {path}: {error.strerror}")
