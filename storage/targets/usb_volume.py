"""Finding a removable disk by its marker, and holding on to it while it is used."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from storage.errors import TargetAbsent, TargetRefused
from storage.targets.marker import LARGEST, MARKER, volume_of
from storage.targets.mounts import Mount, mounts

BROKEN = frozenset({errno.EIO, errno.ENODEV, errno.ENXIO, errno.ENOTCONN, errno.ESHUTDOWN, errno.ESTALE})
"""What is said of a mount whose disk, server or driver is gone while its place is still taken."""


@dataclass(frozen=True, slots=True)
class Held:
    """A mounted disk whose root is open.

    Paths below ``root`` lead to this very file system: one that goes meanwhile, or another one that is
    mounted in its place, is never written to, and neither is the folder that the disk was mounted on.
    """

    mount: Mount
    descriptor: int

    @property
    def root(self) -> Path:
        """The root of the disk, by the open descriptor and not by its mount point."""
        return Path("/proc/self/fd", str(self.descriptor))


@contextmanager
def hold(volume: str, roots: tuple[Path, ...]) -> Iterator[Held]:
    """The disk whose marker names ``volume``, mounted at or below one of ``roots``.

    Raises ``TargetAbsent`` where there is none, ``TargetRefused`` where there are two.
    """
    held: list[Held] = []
    try:
        for mount in mounts(roots):
            descriptor = open_root(mount.point)
            if descriptor is None:
                continue
            held.append(Held(mount, descriptor))
            if read_volume(descriptor) != volume:
                os.close(held.pop().descriptor)
        if len(held) > 1:
            places = " and ".join(str(each.mount.point) for each in held)
            raise TargetRefused(f"Two disks call themselves {volume}: at {places}. Take one of them away.")
        if not held:
            raise absent(volume, roots)
        yield held[0]
    finally:
        for each in held:
            os.close(each.descriptor)


def absent(volume: str, roots: tuple[Path, ...]) -> TargetAbsent:
    """Nothing that is mounted names ``volume``."""
    places = ", ".join(map(str, roots))
    for point in (mount.point for mount in mounts(roots)):
        if reason := broken(point):
            return TargetAbsent(
                f"The disk {volume} is not to be found at or below {places}, where the mount at {point} is "
                f"broken ({reason}). If that was this disk: run `umount -l {point}` as root, and mount it "
                "again; what is missing on it is then copied by itself. If not, plug the disk in."
            )
    return TargetAbsent(
        f"The disk {volume} is not mounted at or below {places}. Plug it in, and what is missing on it is "
        "copied by itself; a new disk is made known by `earwitness target prepare`."
    )


def broken(point: Path) -> str:
    """Why nothing mounted at ``point`` can be used before it is unmounted; empty where that is not so."""
    try:
        os.close(os.open(point, os.O_RDONLY | os.O_DIRECTORY))
    except OSError as error:
        return os.strerror(error.errno) if error.errno in BROKEN else ""
    return ""


def open_root(point: Path) -> int | None:
    """The root of what is mounted at ``point``, open; None where nothing is or it cannot be looked at."""
    try:
        descriptor = os.open(point, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return None
    try:
        mounted = os.fstat(descriptor).st_dev != os.stat("..", dir_fd=descriptor).st_dev
    except OSError:
        mounted = False
    if mounted:
        return descriptor
    os.close(descriptor)
    return None


def read_volume(descriptor: int) -> str:
    """The volume that the marker in the folder ``descriptor`` names; empty where there is none."""
    try:
        file = os.open(MARKER, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=descriptor)
    except OSError:
        return ""
    with os.fdopen(file, "rb") as reader:
        try:
            return volume_of(reader.read(LARGEST))
        except OSError:
            return ""
