"""The durable write of many small files of one folder: the order of ``durable`` for each, the waiting shared.

All files are made before any is synced, they are synced side by side, and the folder is synced once, when
its files have their names. Written one after the other, every file would wait twice for the disk.
"""

import os
import secrets
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from storage import durable
from storage.errors import DiskFull, is_full

_T = TypeVar("_T")
Failure = OSError | DiskFull
Contents = Path | Iterable[bytes]


def write_many(folder: Path, files: Sequence[tuple[str, Contents]], at_once: int = 16) -> list[int | Failure]:
    """Give each of these names in ``folder`` its contents: a file, linked where that can be, or chunks.

    Results come in the same order: how many bytes a file has, or why it was not written; its name is then as
    it was. Raises ``OSError`` where the folder cannot be opened. What chunks raise beyond ``OSError`` and
    ``DiskFull`` comes through, before anything has a name.
    """
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        sizes = _Folder(folder, opened).write(files, at_once)
        failed = _tried(folder, partial(durable.sync_folder, folder))
        return sizes if failed is None else [failed] * len(files)
    finally:
        os.close(opened)


@dataclass(frozen=True, slots=True)
class _Folder:
    """``opened`` is its descriptor: names relative to it cost neither Python nor the system a long path."""

    path: Path
    opened: int

    def write(self, files: Sequence[tuple[str, Contents]], at_once: int) -> list[int | Failure]:
        token = secrets.token_hex(8)
        parts = [durable.part_name(f"{token}-{number}") for number in range(len(files))]
        try:
            made = [self._made(part, contents) for part, (_, contents) in zip(parts, files, strict=True)]
            sizes = self._synced(parts, made, at_once)
            return [self._named(*each) for each in zip(parts, files, sizes, strict=True)]
        except BaseException:
            for part in parts:
                self._discard(part)
            raise

    def _made(self, part: str, contents: Contents) -> Failure | None:
        return _tried(self.path, partial(durable.fill, part, contents, self.opened))

    def _synced(
        self, parts: Sequence[str], made: Sequence[Failure | None], at_once: int
    ) -> list[int | Failure]:
        """The lengths of the files that were made, once they would survive loss of power."""

        def sync(at: int) -> int | Failure:
            failed = made[at]
            size = partial(durable.synced_size, parts[at], self.opened)
            return _tried(self.path, size) if failed is None else failed

        def sync_some(first: int) -> list[int | Failure]:
            return [sync(at) for at in range(first, len(parts), at_once)]

        sizes: list[int | Failure] = [0] * len(parts)
        with ThreadPoolExecutor(at_once) as pool:
            for first, found in enumerate(pool.map(sync_some, range(min(at_once, len(parts))))):
                sizes[first::at_once] = found
        return sizes

    def _named(self, part: str, file: tuple[str, Contents], size: int | Failure) -> int | Failure:
        name, contents = file
        replace = partial(os.replace, part, name, src_dir_fd=self.opened, dst_dir_fd=self.opened)
        failed = size if isinstance(size, Failure) else _tried(self.path / name, replace)
        # One hard link of a file that is renamed onto another leaves both (POSIX rename).
        if failed is not None or isinstance(contents, Path):
            self._discard(part)
        return size if failed is None else failed

    def _discard(self, part: str) -> None:
        with suppress(FileNotFoundError):
            os.unlink(part, dir_fd=self.opened)


def _tried(place: Path, step: Callable[[], _T]) -> _T | Failure:
    try:
        return step()
    except DiskFull as error:
        return error
    except OSError as error:
        if isinstance(error.filename, str) and durable.is_part(error.filename):
            error.filename = str(place)
        return DiskFull(str(place)) if is_full(error) else error
