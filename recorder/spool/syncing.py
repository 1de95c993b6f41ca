"""What was spooled comes onto the disk: a kill costs nothing of it, a power cut what the kernel still held.

Left alone the kernel holds it for half a minute. Here the whole file system is synced every few seconds, in
a thread that capture never waits for: of 600 calls that takes a tenth of a second and no processor time,
where each file by itself takes seconds.
"""

import ctypes
import os
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

EVERY = 5.0
"""Seconds: as often as ext4 commits what it knows of files, whose contents go along here."""
PATIENCE = 2.0
"""Seconds for which a disk that hangs is waited for at the end."""


class Syncing:
    """Syncs the file system of ``folder`` while it is entered, where ``mark`` says that more was written.

    ``trouble`` is told once what the disk says where it fails, and an empty text when it is well again.
    """

    def __init__(
        self,
        folder: Path,
        mark: Callable[[], int],
        trouble: Callable[[str], None],
        every: float = EVERY,
        sync: Callable[[int], None] | None = None,
    ) -> None:
        self._mark = mark
        self._trouble = trouble
        self._every = every
        self._sync = sync or syncfs
        self._seen = 0
        self._said = ""
        self._stop = threading.Event()
        self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._thread = threading.Thread(target=self._run, daemon=True, name="spool sync")

    def look(self) -> None:
        """Sync if anything was written since the last time that worked."""
        mark = self._mark()
        if mark == self._seen:
            return
        said = ""
        try:
            self._sync(self._folder)
            self._seen = mark
        except OSError as error:
            said = f"the spool cannot be brought onto its disk: {error.strerror}"
        if said != self._said:
            self._said = said
            self._trouble(said)

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            self.look()
        self.look()
        os.close(self._folder)

    def __enter__(self) -> "Syncing":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(PATIENCE)


def syncfs(descriptor: int) -> None:
    """Bring everything on the file system of an open file onto its disk (syncfs(2)); raises OSError."""
    if _LIBRARY.syncfs(descriptor):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


_LIBRARY = ctypes.CDLL(None, use_errno=True)
