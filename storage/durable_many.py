"""The durable write of many small files at once: the order of ``durable`` for each, the waiting shared.

All files are made before any is synced, they are synced side by side, and each folder is synced once, when
its files have their names. Written one after the other, every file would wait twice for the disk.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from storage import durable
from storage.errors import DiskFull, is_full

_T = TypeVar("_T")
Failure = OSError | DiskFull
Contents = Path | Iterable[bytes]
_Made = Failure | None


def write_many(files: Sequence[tuple[Path, Contents]], at_once: int = 8) -> list[int | Failure]:
    """Give each path its contents: a file, linked where that can be, or chunks. Folders must be there.

    Results come in the same order: how many bytes a file has, or why it was not written; its path is then as
    it was. What chunks raise beyond ``OSError`` and ``DiskFull`` comes through, before anything has a name.
    """
    parts = [durable.part_of(path) for path, _ in files]
    left_over = set(parts)
    try:
        made: list[_Made] = [
            _tried(path, partial(durable.fill, part, contents))
            for part, (path, contents) in zip(parts, files, strict=True)
        ]
        sizes = _synced(parts, made, at_once)
        named = [_named(path, part, size) for part, (path, _), size in zip(parts, files, sizes, strict=True)]
        for part, (_, contents), size in zip(parts, files, named, strict=True):
            # A link renamed onto another of the same file leaves both (POSIX rename).
            if isinstance(size, int) and not isinstance(contents, Path):
                left_over.remove(part)
    finally:
        for part in left_over:
            part.unlink(missing_ok=True)
    failed = {
        folder: _tried(folder, partial(durable.sync_folder, folder))
        for folder in {path.parent for path, _ in files}
    }
    return [failed[path.parent] or size for (path, _), size in zip(files, named, strict=True)]


def _synced(parts: Sequence[Path], made: Sequence[_Made], at_once: int) -> list[int | Failure]:
    """The lengths of the files that were made, once they would survive loss of power."""

    def sync(at: int) -> int | Failure:
        failed = made[at]
        return _tried(parts[at], partial(durable.synced_size, parts[at])) if failed is None else failed

    def sync_some(first: int) -> list[int | Failure]:
        return [sync(at) for at in range(first, len(parts), at_once)]

    sizes: list[int | Failure] = [0] * len(parts)
    with ThreadPoolExecutor(at_once) as pool:
        for first, found in enumerate(pool.map(sync_some, range(min(at_once, len(parts))))):
            sizes[first::at_once] = found
    return sizes


def _named(path: Path, part: Path, size: int | Failure) -> int | Failure:
    if isinstance(size, Failure):
        return size
    renamed = _tried(path, partial(part.replace, path))
    return renamed if isinstance(renamed, Failure) else size


def _tried(path: Path, step: Callable[[], _T]) -> _T | Failure:
    try:
        return step()
    except DiskFull as error:
        return error
    except OSError as error:
        return DiskFull(str(path)) if is_full(error) else error
