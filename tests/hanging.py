"""A folder that hangs, as one does on a hard mount whose server is gone: whoever asks anything of it is kept
by the kernel, until the mount is given up."""

import ctypes
import os
from pathlib import Path

import pytest

_DETACH = 2
LIBC = ctypes.CDLL(None, use_errno=True)


class HangingFolder:
    """Hides ``folder`` behind a file system that never answers, from ``hang`` to ``answer``."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = os.fsencode(folder)
        self._driver = -1

    def hang(self) -> None:
        """From now on nothing there answers. Skips the test where this machine does not let us mount."""
        try:
            self._driver = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            pytest.skip(f"no file systems of our own here: {error}")
        options = f"fd={self._driver},rootmode=40000,user_id=0,group_id=0,allow_other".encode()
        if LIBC.mount(b"hanging", self._folder, b"fuse", 0, options):
            self.answer()
            pytest.skip(f"not allowed to mount here: {os.strerror(ctypes.get_errno())}")

    def answer(self) -> None:
        """What waits for an answer fails now, and the folder is what it was."""
        if self._driver >= 0:
            os.close(self._driver)
            self._driver = -1
            LIBC.umount2(self._folder, _DETACH)
