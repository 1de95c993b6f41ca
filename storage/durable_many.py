"""The durable write of many small files at once: the order of ``durable`` for each, the waiting shared.

All files are made before any is synced, they are synced side by side, and each folder is synced once, when
its files have their names. Written one after the other, every file would wait twice for the disk.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TypeVar

from storage import durable
from storage.errors import DiskFull, disk_errors

_T = TypeVar("_T")
Failure = OSError | DiskFull


def write_many(
    files: Sequence[tuple[Path, Path | Iterable[bytes]]], at_once: int = 8
) -> Iterator[int | Failure]:
    """Give each path its contents: a file, linked where that can be, or chunks. Folders must be there.

    Results come in the same order: how many bytes a file has, or why it was not written; its path is then as
    it was. What chunks raise beyond ``OSError`` and ``DiskFull`` comes through, before anything has a name.
    """
    paths = [path for path, _ in files]
    parts = [durable.part_of(path) for path in paths]
    with ExitStack() as tidying, ThreadPoolExecutor(at_once) as pool:
        for part in parts:
            tidying.callback(part.unlink, missing_ok=True)
        made = [
            _tried(path, partial(durable.fill, part, contents))
            for part, (path, contents) in zip(parts, files, strict=True)
        ]
        sizes = list(pool.map(_synced, paths, parts, made))
        named = [_named(path, part, size) for path, part, size in zip(paths, parts, sizes, strict=True)]
        folders = {path.parent for path in paths}
        synced = {folder: _tried(folder, partial(durable.sync_folder, folder)) for folder in folders}
    for path, size in zip(paths, named, strict=True):
        failure = synced[path.parent]
        yield failure if isinstance(failure, Failure) else size


def _synced(path: Path, part: Path, made: Failure | None) -> int | Failure:
    return made if made is not None else _tried(path, lambda: durable.synced_size(part))


def _named(path: Path, part: Path, size: int | Failure) -> int | Failure:
    if isinstance(size, Failure):
        return size
    renamed = _tried(path, lambda: part.replace(path))
    return renamed if isinstance(renamed, Failure) else size


def _tried(path: Path, step: Callable[[], _T]) -> _T | Failure:
    try:
        with disk_errors(path):
            return step()
    except (OSError, DiskFull) as error:
        return error
