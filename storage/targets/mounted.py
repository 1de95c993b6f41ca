"""A folder on a file system that has to be mounted: a share of a server, a disk that stays."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from storage.errors import DiskFull, NotStored, TargetAbsent, TargetError
from storage.targets.contract import Source, Space, Stored, check_range
from storage.targets.local import LocalTarget
from storage.targets.names import checked_folder, checked_name
from storage.targets.usb_volume import open_root


class MountedTarget:
    """Keeps blobs below ``folder``, which lies at or below the mount point ``mount``.

    While nothing is mounted there every method raises ``TargetAbsent``, and nothing is written to the folder
    that is hidden otherwise. Raises ``ValueError`` for a folder that lies elsewhere.
    """

    capabilities = LocalTarget.capabilities

    def __init__(self, folder: Path, mount: Path) -> None:
        self.folder = folder
        self.mount = mount
        self._below = folder.relative_to(mount)

    def put(self, name: str, source: Source) -> Stored:
        """See ``Target.put``."""
        checked_name(name)
        with self._held() as folder:
            return folder.put(name, source)

    def get(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See ``Target.get``."""
        checked_name(name)
        check_range(start, length)
        if self.stat(name) is None:
            raise NotStored(name)
        return self._read(name, start, length)

    def stat(self, name: str) -> Stored | None:
        """See ``Target.stat``."""
        checked_name(name)
        with self._held() as folder:
            return folder.stat(name)

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """See ``Target.list``."""
        checked_folder(prefix)
        return self._list(prefix)

    def delete(self, name: str) -> None:
        """See ``Target.delete``."""
        checked_name(name)
        with self._held() as folder:
            folder.delete(name)

    def space(self) -> Space | None:
        """See ``Target.space``."""
        with self._held() as folder:
            return folder.space()

    def sweep(self, older_than: datetime) -> int:
        """See ``LocalTarget.sweep``."""
        with self._held() as folder:
            return folder.sweep(older_than)

    def _read(self, name: str, start: int, length: int | None) -> Iterator[bytes]:
        with self._held() as folder:
            yield from folder.get(name, start, length)

    def _list(self, prefix: str) -> Iterator[Stored]:
        with self._held() as folder:
            yield from folder.list(prefix)

    @contextmanager
    def _held(self) -> Iterator[LocalTarget]:
        """The folder by an open descriptor of what is mounted, whatever happens to its place."""
        descriptor = open_root(self.mount)
        if descriptor is None:
            raise TargetAbsent(
                f"Nothing is mounted at {self.mount}. Mount it; what is missing there is then copied."
            )
        root = Path("/proc/self/fd", str(descriptor))
        try:
            yield LocalTarget(root / self._below)
        except NotStored:
            raise
        except DiskFull as error:
            raise DiskFull(self.folder) from error
        except TargetError as error:
            raise type(error)(str(error).replace(str(root), str(self.mount))) from error
        finally:
            os.close(descriptor)
