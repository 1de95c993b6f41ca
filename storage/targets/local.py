"""A folder on a disk of this machine."""

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from storage import durable
from storage.durable_many import write_many
from storage.errors import BadName, DiskFull, NotStored, TargetError
from storage.expected import Expected
from storage.seals.segments import Segmented
from storage.targets.contract import Capabilities, Source, Space, Stored, check_range
from storage.targets.local_errors import target_errors
from storage.targets.names import checked_component, checked_folder, checked_name

_FOREIGN = frozenset({"lost+found", "System Volume Information", "$RECYCLE.BIN"})
"""Folders that file systems and Windows make at the root of a disk; not everybody may look into them."""


class LocalTarget:
    """Keeps each blob as a file below ``root``, which is made when the first blob comes.

    A put of a file on the same file system links it instead of copying it.
    """

    capabilities = Capabilities(
        ranges=True, atomic_put=True, durable=True, knows_sha256=False, knows_modified=True, space=True
    )

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, name: str, source: Source) -> Stored:
        """See ``Target.put``. The hash is taken from the new file before it gets its name."""
        path = self._path(name)
        # Of bytes in memory the hash is that of the file as well: reading back is up to the caller.
        digest = hashlib.sha256(source if isinstance(source, bytes) else b"")

        def hash_file(part: Path) -> None:
            for chunk in _chunks(part, 0, None):
                digest.update(chunk)

        if isinstance(source, Path):
            source.stat()
        with target_errors(name):
            durable.make_folder(path.parent)
            if isinstance(source, Path):
                size = durable.write_file(path, source, check=hash_file)
            elif isinstance(source, bytes):
                size = durable.write_chunks(path, (source,), len(source))
            else:
                size = durable.write_stream(path, source, check=hash_file)
        return Stored(name, size, digest.hexdigest())

    def put_many(
        self, blobs: Sequence[tuple[str, Source]]
    ) -> list[Segmented | TargetError | DiskFull | OSError]:
        """As so many puts, quicker (see ``storage.durable_many``), each read back from under its name.

        What fails is a result like the others.
        """
        results: dict[int, Segmented | TargetError | DiskFull | OSError] = {}
        folders: dict[str, list[int]] = {}
        for at, (name, _) in enumerate(blobs):
            folders.setdefault(checked_name(name).rpartition("/")[0], []).append(at)
        for folder, places in folders.items():
            found = self._put_into(self.root / folder, [blobs[at] for at in places])
            results |= zip(places, found, strict=True)
        return [results[at] for at in range(len(blobs))]

    def _put_into(
        self, folder: Path, blobs: Sequence[tuple[str, Source]]
    ) -> list[Segmented | TargetError | DiskFull | OSError]:
        expected = [(name, name.rpartition("/")[2], Expected(source)) for name, source in blobs]
        with target_errors(folder.name):
            durable.make_folder(folder)
            sizes = write_many(folder, [(leaf, one.contents) for _, leaf, one in expected])
        results: list[Segmented | TargetError | DiskFull | OSError] = []
        for (name, leaf, one), size in zip(expected, sizes, strict=True):
            try:
                with target_errors(name):
                    if isinstance(size, Exception):
                        raise size
                    results.append(one.read_back(name, folder / leaf))
            except (TargetError, DiskFull) as error:
                results.append(error)
        return results

    def get(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See ``Target.get``."""
        check_range(start, length)
        path = self._path(name)
        with target_errors(name):
            if _stored(name, path) is None:
                raise NotStored(name)
        return self._read(name, path, start, length)

    def stat(self, name: str) -> Stored | None:
        """See ``Target.stat``."""
        path = self._path(name)
        with target_errors(name):
            return _stored(name, path)

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """See ``Target.list``. Blobs that come or go meanwhile may or may not be seen."""
        return self._list(checked_folder(prefix), prefix)

    def delete(self, name: str) -> None:
        """See ``Target.delete``. Empty folders stay, for another writer may be about to use them."""
        path = self._path(name)
        with target_errors(name):
            try:
                path.unlink()
            except (FileNotFoundError, NotADirectoryError):
                return
            durable.sync_folder(path.parent)

    def space(self) -> Space:
        """See ``Target.space``: of the disk that ``root`` is on, or would be made on."""
        root = self.root.absolute()
        with target_errors(""):
            place = next(each for each in (root, *root.parents) if each.exists())
            found = os.statvfs(place)
        return Space(found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize)

    def sweep(self, older_than: datetime) -> int:
        """Remove what writes that were killed before ``older_than`` left behind, and at any time those of
        processes of this machine that are no more; return how many files."""
        swept = 0
        for folder, _, files in os.walk(self.root):
            for file in filter(durable.is_part, files):
                path = Path(folder, file)
                # A write that goes on may end at any moment, and its file is not there any more then.
                with target_errors(file), suppress(FileNotFoundError):
                    if durable.is_left_behind(file) or path.stat().st_ctime < older_than.timestamp():
                        path.unlink()
                        swept += 1
        return swept

    def _path(self, name: str) -> Path:
        return self.root / checked_name(name)

    def _list(self, folder: str, prefix: str) -> Iterator[Stored]:
        with target_errors(prefix):
            for name, path in _walk(self.root / folder, folder):
                stored = _stored(name, path) if name.startswith(prefix) else None
                if stored is not None:
                    yield stored

    def _read(self, name: str, path: Path, start: int, length: int | None) -> Iterator[bytes]:
        with target_errors(name):
            yield from _chunks(path, start, length)


def _chunks(path: Path, start: int, length: int | None) -> Iterator[bytes]:
    with path.open("rb") as file:
        # The length of this very file: by name it may have been replaced since anybody looked.
        size = os.fstat(file.fileno()).st_size
        end = size if length is None else min(start + length, size)
        file.seek(start)
        while start < end:
            chunk = file.read(min(durable.CHUNK, end - start))
            if not chunk:
                raise TargetError(f"{path} became shorter while it was read.")
            start += len(chunk)
            yield chunk


def _stored(name: str, path: Path) -> Stored | None:
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return Stored(name, found.st_size, modified=datetime.fromtimestamp(found.st_mtime, UTC))


def _walk(folder: Path, name: str) -> Iterator[tuple[str, Path]]:
    try:
        entries = list(os.scandir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return
    # A folder sorts as its name with the slash: "a-b" comes before "a/b" and after neither by accident.
    entries.sort(key=lambda entry: f"{entry.name}/" if entry.is_dir() else entry.name)
    for entry in entries:
        if not _is_ours(entry.name):
            continue
        inner = f"{name}/{entry.name}" if name else entry.name
        if entry.is_dir():
            yield from _walk(Path(entry.path), inner)
        else:
            yield inner, Path(entry.path)


def _is_ours(name: str) -> bool:
    """Whether a target may have made the entry ``name``: what it would never be asked for is not listed."""
    if name in _FOREIGN:
        return False
    try:
        checked_component(name)
    except BadName:
        return False
    return True
