"""One process for each role on a data folder. The kernel lets go of the lock when its holder dies."""

import errno
import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from storage.errors import FolderBusy, FolderUnusable, disk_errors

_HELD = frozenset({errno.EWOULDBLOCK, errno.EACCES})
_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS})


class DataFolderLock:
    """Holds ``role`` (``intake``, ``capture-eth0``) on the data folder ``folder`` while it is entered.

    The lock is on ``run/<role>.lock``, a file that stays and names its last holder. A child made by fork
    shares the lock as long as it lives; a program that is executed does only with ``shared``.
    """

    def __init__(self, folder: Path, role: str) -> None:
        self._folder = folder
        self._role = role
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock. Raises ``FolderBusy`` at once where another holds it, or ``FolderUnusable``."""
        path = self._folder / "run" / f"{self._role}.lock"
        try:
            with disk_errors(path):
                path.parent.mkdir(mode=0o750, exist_ok=True)
                descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o640)
        except OSError as error:
            raise FolderUnusable(
                f"The data folder {self._folder} cannot be used: {error.strerror}. "
                "It must exist and belong to the user that Earwitness runs as."
            ) from error
        try:
            self._lock(descriptor)
            with disk_errors(path):
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def shared(self) -> int:
        """The descriptor of the held lock: a program that is given it holds the lock too, until it ends."""
        if self._descriptor is None:
            raise ValueError("the lock is not held")
        return self._descriptor

    def release(self) -> None:
        """Let go; nothing happens where it is not held."""
        if self._descriptor is not None:
            # Closing and not unlocking: a forked child that closes its copy must not free its parent's lock.
            os.close(self._descriptor)
            self._descriptor = None

    def _lock(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _HELD:
                raise FolderBusy(
                    f"The data folder {self._folder} is in use: {_holder(descriptor)} is its {self._role}. "
                    "Stop that process first, or choose another data folder."
                ) from None
            if error.errno in _NO_LOCKS:
                raise FolderUnusable(
                    f"The file system of {self._folder} has no locks. Put the data folder on a local disk."
                ) from error
            raise

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _holder(descriptor: int) -> str:
    written = os.pread(descriptor, 32, 0).strip()
    return f"process {written.decode()}" if written.isdigit() else "another process"
