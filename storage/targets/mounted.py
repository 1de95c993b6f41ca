"""A folder on a file system that has to be mounted: a share of a server, a disk that stays."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.errors import DiskFull, NotStored, TargetAbsent, TargetError
from storage.targets.held import HeldTarget, renamed
from storage.targets.local import LocalTarget
from storage.targets.usb_volume import broken, open_root


class MountedTarget(HeldTarget):
    """Keeps blobs below ``folder``, which lies at or below the mount point ``mount``.

    Nothing is written to the folder that the mount point hides. Raises ``ValueError`` for a folder that lies
    elsewhere.
    """

    def __init__(self, folder: Path, mount: Path) -> None:
        super().__init__(_Share(folder, mount))


class _Share:
    """What is mounted at ``mount``; its ``folder`` is the target's."""

    def __init__(self, folder: Path, mount: Path) -> None:
        self._folder = folder
        self._mount = mount
        self._below = folder.relative_to(mount)

    @contextmanager
    def hold(self, _: str) -> Iterator[LocalTarget]:
        """See ``Holder.hold``."""
        descriptor = open_root(self._mount)
        if descriptor is None:
            if reason := broken(self._mount):
                raise TargetAbsent(
                    f"The mount at {self._mount} is broken ({reason}). Run `umount -l {self._mount}` as "
                    "root, and mount it again; what is missing there is then copied."
                )
            raise TargetAbsent(
                f"Nothing is mounted at {self._mount}. Mount it; what is missing there is then copied."
            )
        root = Path("/proc/self/fd", str(descriptor))
        try:
            yield LocalTarget(root / self._below)
        except NotStored:
            raise
        except DiskFull as error:
            raise DiskFull(self._folder) from error
        except TargetError as error:
            raise renamed(error, root, self._mount) from error
        finally:
            os.close(descriptor)
