"""A folder on something that comes and goes, used by what it lies on and never by its place alone."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from storage.errors import NotStored, TargetError
from storage.targets.contract import Capabilities, Source, Space, Stored, check_range
from storage.targets.local import LocalTarget
from storage.targets.names import checked_folder, checked_name


class Holder(Protocol):
    """What the folder of a target lies on."""

    def hold(self, name: str) -> AbstractContextManager[LocalTarget]:
        """The folder, for a use of the blob ``name``, by an open descriptor of what it lies on.

        So it stays this very folder, whatever happens to its place meanwhile. Raises ``TargetAbsent`` where
        it is not there now, ``TargetRefused`` where it may not be used; errors of the use come out by the
        name that people know the place by.
        """


class HeldTarget:
    """Keeps blobs in the folder of ``holder``, which every use asks for anew.

    While it is not there every method raises ``TargetAbsent``, and nothing is written in its place.
    """

    capabilities: Capabilities = LocalTarget.capabilities

    def __init__(self, holder: Holder) -> None:
        self._holder = holder

    def put(self, name: str, source: Source) -> Stored:
        """See ``Target.put``."""
        checked_name(name)
        with self._holder.hold(name) as folder:
            return folder.put(name, source)

    def get(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See ``Target.get``. The folder is asked for again when the first chunk is wanted."""
        checked_name(name)
        check_range(start, length)
        if self.stat(name) is None:
            raise NotStored(name)
        return self._read(name, start, length)

    def stat(self, name: str) -> Stored | None:
        """See ``Target.stat``."""
        checked_name(name)
        with self._holder.hold(name) as folder:
            return folder.stat(name)

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """See ``Target.list``. The folder is asked for when the first blob is wanted."""
        checked_folder(prefix)
        return self._list(prefix)

    def delete(self, name: str) -> None:
        """See ``Target.delete``."""
        checked_name(name)
        with self._holder.hold(name) as folder:
            folder.delete(name)

    def space(self) -> Space | None:
        """See ``Target.space``."""
        with self._holder.hold("") as folder:
            return folder.space()

    def sweep(self, older_than: datetime) -> int:
        """See ``LocalTarget.sweep``."""
        with self._holder.hold("") as folder:
            return folder.sweep(older_than)

    def _read(self, name: str, start: int, length: int | None) -> Iterator[bytes]:
        with self._holder.hold(name) as folder:
            yield from folder.get(name, start, length)

    def _list(self, prefix: str) -> Iterator[Stored]:
        with self._holder.hold(prefix) as folder:
            yield from folder.list(prefix)


def renamed(error: TargetError, root: Path, place: Path) -> TargetError:
    """An error of a folder at ``root``, which people know as ``place``; not for ``NotStored``."""
    return type(error)(str(error).replace(str(root), str(place)))
