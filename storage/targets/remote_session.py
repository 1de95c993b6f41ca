"""What a connection to a file server does for a target, whatever it speaks."""

import posixpath
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from storage.errors import DiskFull, StorageError, TargetError, TargetRefused
from storage.targets.contract import Space


class Broken(Exception):
    """The connection is of no more use, or the transfer was cut."""


class Refusal(Exception):
    """The server answered that it does not do it. ``text`` is what it said.

    ``full``: it has no room. ``rights``: this user may not do it. ``not_understood``: it does not know the
    command.
    """

    def __init__(
        self, text: str, *, full: bool = False, rights: bool = False, not_understood: bool = False
    ) -> None:
        super().__init__(text)
        self.text, self.full, self.rights, self.not_understood = text, full, rights, not_understood


@dataclass(frozen=True, slots=True)
class Entry:
    """One name of a folder. ``bytes`` and ``modified`` (UTC) are None where the server does not tell."""

    name: str
    folder: bool
    bytes: int | None
    modified: datetime | None


class RemoteSession(ABC):
    """A logged-in connection that one thread uses at a time. Paths are absolute.

    Methods raise ``Refusal`` for what the server answers and ``Broken`` for a connection that is gone. After
    the latter, and wherever its state is in doubt, the session says by ``broken`` that it is of no more use.
    """

    broken = False
    knows_times = True
    """Whether the server tells when files were written, as far as was seen."""
    unsure = 0
    """How many bytes at the end of a file whose ``store`` broke may be holes."""
    home: str
    """The folder in which the user arrives."""

    def path(self, folder: str, name: str) -> str:
        """The absolute path of ``name`` in ``folder``, which is relative to where the user arrived."""
        return posixpath.join(self.home, folder, name).rstrip("/") or "/"

    def is_file(self, path: str) -> bool:
        """Whether a file is there."""
        found = self.stat(path)
        return found is not None and not found.folder

    @abstractmethod
    def close(self) -> None:
        """Say good-bye where that needs no waiting, and close."""

    @abstractmethod
    def stat(self, path: str) -> Entry | None:
        """The file or folder ``path``, None where there is none."""

    @abstractmethod
    def entries(self, folder: str) -> list[Entry]:
        """What ``folder`` holds, hidden names too, in any order; nothing where there is no such folder."""

    @abstractmethod
    def make_folder(self, folder: str) -> None:
        """Make ``folder``, whose parent is there. What is in the way shows when it is written to."""

    @abstractmethod
    def delete(self, path: str) -> None:
        """Remove the file ``path``; nothing happens where there is none."""

    @abstractmethod
    def rename(self, old: str, new: str) -> None:
        """Give ``old`` the name ``new``. Some servers refuse where ``new`` is there."""

    @abstractmethod
    def store(self, path: str, chunks: Iterable[bytes], start: int = 0) -> None:
        """Write ``chunks`` to ``path``, from its byte ``start`` on. What ``chunks`` raises comes through."""

    @abstractmethod
    def retrieve(self, path: str, start: int) -> Iterator[bytes]:
        """The bytes of ``path`` from ``start``. The transfer has begun when this returns."""

    @abstractmethod
    def space(self, folder: str) -> Space | None:
        """How much room there is, None where the server does not tell."""


def error_for(error: Refusal | Broken, server: str, what: str) -> StorageError:
    """What to raise to callers of a target. ``what`` is the thing that was to be done: ``keep a.opus``."""
    if isinstance(error, Broken):
        return TargetError(
            f"{server} could not {what}: {str(error).rstrip('.')}. Check the server and the network to it."
        )
    if error.full:
        return DiskFull(server[:1].lower() + server[1:])
    said = error.text.rstrip(".")
    if error.rights:
        return TargetRefused(
            f"{server} does not allow to {what}: {said}. "
            "Give the user of this target the right to read, write, rename and delete in its folder."
        )
    return TargetError(f"{server} could not {what}: {said}.")
