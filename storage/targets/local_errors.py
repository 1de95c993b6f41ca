"""What the operating system says of a folder, in words for those who have to put it right."""

import errno
import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.durable import is_part
from storage.errors import DiskFull, TargetError, TargetRefused, is_full

_RIGHTS = frozenset({errno.EACCES, errno.EPERM})
_NO_FOLDER = frozenset({errno.ENOTDIR, errno.EEXIST, errno.EISDIR})

_BROKEN = frozenset({errno.ENOTCONN, errno.ESTALE})
"""Only what the kernel says of mounts whose driver or server has lost them: other errors may pass."""


@contextmanager
def target_errors(name: str) -> Iterator[None]:
    """Around what is done with the blob ``name`` in a folder: its ``OSError`` as an error of a target."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise DiskFull(_place(error, name)) from error
        raise said(error, _place(error, name)) from error


def said(error: OSError, place: str) -> TargetError:
    """What ``error`` says of ``place``, and what to do about it."""
    if error.errno == errno.EROFS:
        return TargetRefused(
            f"{place} lies on a file system that is mounted read-only. See whether it has errors (fsck), and "
            "mount it for writing; a service of systemd needs the folder in ReadWritePaths."
        )
    if error.errno in _RIGHTS:
        return TargetRefused(
            f"The user {_user()} has no right to use {place} ({error.strerror}). Give it to that user "
            "(chown, chmod); a service of systemd needs the folder in ReadWritePaths."
        )
    if error.errno == errno.ENOENT:
        return TargetError(
            f"{place} is not there: it cannot be made, or went away while it was used. See whether what it "
            "lies on is mounted, and whether the settings name the right folder."
        )
    if error.errno in _BROKEN:
        return TargetError(
            f"{place} lies on a mount that is broken ({error.strerror}). Run `umount -l` with its mount "
            "point as root, and mount it again."
        )
    if error.errno in _NO_FOLDER:
        return TargetRefused(f"{place} is no folder, or a folder where a file is to be ({error.strerror}).")
    return TargetError(
        f"{place} cannot be used: {error.strerror or error}. `dmesg` tells what the kernel has to say of its "
        "disk or its server."
    )


def _place(error: OSError, name: str) -> str:
    """The file or folder that it is about; of a file that has no name yet, its folder."""
    if not isinstance(error.filename, str | os.PathLike):
        return name or "The folder of the target"
    path = Path(error.filename)
    return str(path.parent if is_part(path.name) else path)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
