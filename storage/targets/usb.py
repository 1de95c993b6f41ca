"""A removable disk, known by its marker file wherever it is mounted."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.errors import DiskFull, Mismatch, NotStored, TargetAbsent, TargetError, TargetRefused
from storage.targets import usb_limits
from storage.targets.contract import Capabilities, Source, Stored
from storage.targets.held import HeldTarget, renamed
from storage.targets.local import LocalTarget
from storage.targets.marker import LARGEST, MARKER, volume_of
from storage.targets.usb_volume import Held, hold

_GONE = frozenset({errno.EIO, errno.ENODEV, errno.ENXIO, errno.ENOTCONN, errno.ESHUTDOWN})


class UsbTarget(HeldTarget):
    """Keeps blobs as files on the disk whose marker names ``volume``, mounted at or below one of ``roots``.

    Nothing is ever written to the folder that it is usually mounted on. The marker can be read and replaced
    by one of the same volume; it is not listed and cannot be deleted, for without it the disk is not known
    any more. What is too long for a file of FAT32 is refused by ``TargetRefused``.
    """

    # Drivers in user space (exFAT, NTFS) replace a file in two steps, so that it is not there for a moment.
    capabilities = Capabilities(
        ranges=True, atomic_put=False, durable=True, knows_sha256=False, knows_modified=True, space=True
    )

    def __init__(self, volume: str, roots: tuple[Path, ...]) -> None:
        super().__init__(_Disk(volume, roots))


class _Disk:
    """The disk that calls itself ``volume``, wherever it is."""

    def __init__(self, volume: str, roots: tuple[Path, ...]) -> None:
        self._volume = volume
        self._roots = roots

    @contextmanager
    def hold(self, name: str) -> Iterator[LocalTarget]:
        """See ``Holder.hold``."""
        with hold(self._volume, self._roots) as held:
            try:
                yield _Folder(held, self._volume)
            except (NotStored, Mismatch):
                raise
            except TargetError as error:
                raise self._said(error, held, name) from error

    def _said(self, error: TargetError, held: Held, name: str) -> TargetError:
        """The error by the disk's own name, and ``TargetAbsent`` where the disk was pulled."""
        cause = error.__cause__
        number = cause.errno if isinstance(cause, OSError) else None
        if number == errno.EFBIG:
            return usb_limits.too_long(held.mount.kind, name)
        if number == errno.EROFS:
            return TargetRefused(
                f"The disk {self._volume} at {held.mount.point} is mounted read-only. Check it for errors "
                "(fsck), see that no switch on it forbids writing, mount it again; a service of systemd "
                "needs its place in ReadWritePaths."
            )
        if number in _GONE and not self._is_there():
            return TargetAbsent(f"The disk {self._volume} went away while {name or 'it'} was used: {error}")
        return renamed(error, held.root, held.mount.point)

    def _is_there(self) -> bool:
        try:
            with hold(self._volume, self._roots):
                return True
        except TargetError:
            return False


class _Folder(LocalTarget):
    """The root of a disk, within what its file system can hold, and with the marker kept from harm."""

    def __init__(self, held: Held, volume: str) -> None:
        super().__init__(held.root)
        self._mount = held.mount
        self._volume = volume

    def put(self, name: str, source: Source) -> Stored:
        """See ``Target.put``."""
        kind = self._mount.kind
        if name == MARKER:
            source = self._checked_marker(source)
        size = _size(source)
        usb_limits.check_name(kind, self.root, name)
        usb_limits.check_size(kind, name, size or 0)
        try:
            return super().put(name, source)
        except DiskFull as error:
            refused = usb_limits.folder_full(kind, name, size, self.space().free)
            raise refused or DiskFull(f"{self._volume} ({self._mount.point})") from error

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """See ``Target.list``."""
        return (stored for stored in super().list(prefix) if stored.name != MARKER)

    def delete(self, name: str) -> None:
        """See ``Target.delete``."""
        if name == MARKER:
            raise TargetRefused(f"{MARKER} is what the disk {self._volume} is known by; it stays.")
        super().delete(name)

    def _checked_marker(self, source: Source) -> bytes:
        if isinstance(source, Path):
            source = source.read_bytes()
        data = source if isinstance(source, bytes) else source.read(LARGEST)
        if volume_of(data) != self._volume:
            raise TargetRefused(f"{MARKER} of the disk {self._volume} has to name this volume.")
        return data


def _size(source: Source) -> int | None:
    if isinstance(source, bytes):
        return len(source)
    return source.stat().st_size if isinstance(source, Path) else None
