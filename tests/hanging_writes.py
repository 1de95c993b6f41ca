"""A folder that can be read, as it is empty, and keeps whoever writes there: as on a mount whose server went
while the kernel still remembers what lies there."""

import errno
import os
import struct
import threading
from contextlib import suppress
from pathlib import Path

from tests.hanging import LIBC, HangingFolder

_LOOKUP, _GETATTR, _STATFS, _INIT = 1, 3, 17, 26
_WRITES = frozenset({6, 8, 9, 12, 13, 35, 45})
"""What makes an entry, or renames one."""
_UNANSWERED = frozenset({2, 38, 42})
"""What nobody waits for."""
_INTERRUPT = 36
_FORCE = 1
_REQUEST = struct.Struct("<IIQQIIIHH")
_NUMBER = struct.Struct("<Q")
_ANSWER = struct.Struct("<IiQ")
_LARGEST = 1 << 20
_ROOT = struct.pack("<QIIQQQQQQIIIIIIIIII", 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0o40755, 2, 0, 0, 0, 4096, 0)
_SPACE = struct.pack("<QQQQQIIII24x", 1 << 20, 1 << 19, 1 << 19, 1000, 1000, 4096, 255, 4096, 0)
_WELCOME = struct.pack("<IIIIHHIIHHI28x", 7, 31, 1 << 16, 0, 16, 12, 1 << 16, 1, 16, 0, 0)


class HangingWrites(HangingFolder):
    """Hides ``folder`` behind an empty file system that answers who reads, and nobody who writes."""

    def hang(self) -> None:
        """See ``HangingFolder.hang``."""
        super().hang()
        threading.Thread(target=self._answer, args=(os.dup(self._driver),), daemon=True).start()

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._held = threading.Event()

    @property
    def holds_somebody(self) -> bool:
        """Whether somebody writes, and waits."""
        return self._held.is_set()

    def answer(self) -> None:
        """See ``HangingFolder.answer``."""
        if self._driver >= 0:
            # The thread that reads requests keeps the driver open beyond its being closed.
            LIBC.umount2(os.fsencode(self._folder), _FORCE)
        super().answer()

    def _answer(self, driver: int) -> None:
        answers = {_GETATTR: _ROOT, _STATFS: _SPACE, _INIT: _WELCOME}
        # The end of the mount is an error of reading.
        with suppress(OSError), os.fdopen(driver, "r+b", buffering=0) as requests:
            while request := os.read(requests.fileno(), _LARGEST):
                _, kind, number, *_ = _REQUEST.unpack_from(request)
                if kind in _WRITES:
                    self._held.set()
                if kind in _WRITES | _UNANSWERED:
                    continue
                if kind == _INTERRUPT:
                    # As on other file systems, whoever is killed need not wait any more.
                    (waiting,) = _NUMBER.unpack_from(request, _REQUEST.size)
                    os.write(requests.fileno(), _ANSWER.pack(_ANSWER.size, -errno.EINTR, waiting))
                    continue
                found = answers.get(kind, b"")
                error = 0 if found else -errno.ENOENT if kind == _LOOKUP else -errno.ENOSYS
                answer = _ANSWER.pack(_ANSWER.size + len(found), error, number) + found
                os.write(requests.fileno(), answer)
