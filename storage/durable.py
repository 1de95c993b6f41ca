"""The one durable write: after it returns, the file is whole and survives loss of power.

Order: temporary file in the same folder, length check, fsync, rename, fsync of the folder. A reader sees the
old file or the new one, never a part. File systems that refuse to sync a folder or to make hard links (FAT on
USB, some network file systems) are tolerated; a file system that fails to sync a file is an error.
"""

import errno
import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from storage import process
from storage.errors import Mismatch, disk_errors

Check = Callable[[Path], None] | None

CHUNK = 1 << 20
_PREFIX, _SUFFIX = ".part-", ".tmp"
_SYNC_REFUSED = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES, errno.EPERM, errno.ENOSYS})
_LINK_REFUSED = frozenset({errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.ENOSYS, errno.EACCES})


def write_bytes(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path``, replacing what was there. Raises ``DiskFull`` or ``OSError``."""
    write_chunks(path, (data,), len(data))


def write_stream(path: Path, stream: BinaryIO, length: int | None = None, check: Check = None) -> int:
    """Write what ``stream`` still holds to ``path``; else as ``write_chunks``."""
    return write_chunks(path, iter(lambda: stream.read(CHUNK), b""), length, check)


def write_chunks(path: Path, chunks: Iterable[bytes], length: int | None = None, check: Check = None) -> int:
    """Write ``chunks`` one after the other to ``path`` and return the number of bytes.

    With ``length``, any other number of bytes is a ``Mismatch``. ``check`` may look at the temporary file
    before it gets its name. Whatever either of them raises, ``path`` stays as it was.
    """

    return _publish(path, lambda part: fill(part, chunks), length, check)


def write_file(path: Path, source: Path, length: int | None = None, check: Check = None) -> int:
    """Give ``path`` the contents of the file ``source`` and return the number of bytes.

    On one file system this is a hard link, so that no byte is copied; ``source`` stays until the caller
    removes it and must not be written to any more. ``length`` and ``check`` are as for ``write_chunks``.
    """

    return _publish(path, lambda part: fill(part, source), length, check)


def fill(part: str | Path, contents: Path | Iterable[bytes], folder: int | None = None) -> None:
    """Make the temporary file ``part`` of a file, linked where that can be, or of chunks.

    ``folder`` is an open folder that ``part`` is relative to.
    """
    if not isinstance(contents, Path):
        _write(part, contents, folder)
        return
    try:
        os.link(contents.resolve() if contents.is_symlink() else contents, part, dst_dir_fd=folder)
    except OSError as error:
        if error.errno not in _LINK_REFUSED:
            raise
        with contents.open("rb") as reader:
            _write(part, iter(lambda: reader.read(CHUNK), b""), folder)


def synced_size(part: str | Path, folder: int | None = None) -> int:
    """The length of ``part`` in bytes, once it would survive loss of power; ``folder`` as for ``fill``."""
    descriptor = os.open(part, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder)
    try:
        os.fsync(descriptor)
        return os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)


def part_name(token: str) -> str:
    """The name of the temporary file of a write of this process, which ``token`` tells from others."""
    return f"{_PREFIX}{'.'.join(process.own())}-{token}{_SUFFIX}"


def make_folder(path: Path, mode: int = 0o750) -> None:
    """Make ``path`` and its missing parents so that they survive loss of power."""
    if path.is_dir():
        return
    make_folder(path.parent, mode)
    with disk_errors(path):
        path.mkdir(mode, exist_ok=True)
        sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make names made, changed or removed in ``path`` survive loss of power, where the file system can."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        if error.errno in _SYNC_REFUSED:
            return
        raise
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _SYNC_REFUSED:
            raise
    finally:
        os.close(descriptor)


def is_part(name: str) -> bool:
    """Whether ``name`` is that of a temporary file of a write that has not ended."""
    return name.startswith(_PREFIX) and name.endswith(_SUFFIX)


def is_left_behind(name: str) -> bool:
    """Whether it is one of a process of this machine that is no more: nobody goes on with that write."""
    machine, pid, start, *_ = (*name.removeprefix(_PREFIX).partition("-")[0].split("."), "", "")
    return is_part(name) and process.Process(machine, pid, start).is_gone()


def _publish(path: Path, make: Callable[[Path], None], length: int | None, check: Check) -> int:
    part = path.with_name(part_name(secrets.token_hex(8)))
    try:
        with disk_errors(path):
            make(part)
            size = synced_size(part)
            if length is not None and size != length:
                raise Mismatch(f"{path.name}: {size} bytes arrived where {length} were announced.")
            if check is not None:
                check(part)
            part.replace(path)
            sync_folder(path.parent)
    finally:
        # Also after success: renaming one hard link of a file onto another leaves both (POSIX rename).
        part.unlink(missing_ok=True)
    return size


def _write(part: str | Path, chunks: Iterable[bytes], folder: int | None) -> None:
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666, dir_fd=folder)
    try:
        for chunk in chunks:
            left = memoryview(chunk)
            while left:
                left = left[os.write(descriptor, left) :]
    finally:
        os.close(descriptor)
