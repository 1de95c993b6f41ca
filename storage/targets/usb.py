"""A removable disk, known by its marker file wherever it is mounted."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from storage.errors import DiskFull, Mismatch, NotStored, TargetAbsent, TargetError, TargetRefused
from storage.targets import usb_limits
from storage.targets.contract import Capabilities, Source, Space, Stored, check_range
from storage.targets.local import LocalTarget
from storage.targets.marker import LARGEST, MARKER, volume_of
from storage.targets.names import checked_folder, checked_name
from storage.targets.usb_volume import Held, hold

_GONE = frozenset({errno.EIO, errno.ENODEV, errno.ENXIO, errno.ENOTCONN, errno.ESHUTDOWN})


class UsbTarget:
    """Keeps blobs as files on the disk whose marker names ``volume``, mounted at or below one of ``roots``.

    Every method looks for the disk anew and raises ``TargetAbsent`` where it is not there; nothing is ever
    written to the folder that it is usually mounted on. The marker can be read and replaced by one of the
    same volume; it is not listed and cannot be deleted, for without it the disk is not known any more.
    """

    # Drivers in user space (exFAT, NTFS) replace a file in two steps, so that it is not there for a moment.
    capabilities = Capabilities(
        ranges=True, atomic_put=False, durable=True, knows_sha256=False, knows_modified=True, space=True
    )

    def __init__(self, volume: str, roots: tuple[Path, ...]) -> None:
        self.volume = volume
        self.roots = roots

    def put(self, name: str, source: Source) -> Stored:
        """See ``Target.put``. Raises ``TargetRefused`` for what is too long for a file of FAT32."""
        checked_name(name)
        if name == MARKER:
            source = self._checked_marker(source)
        size = _size(source)
        with self._disk(name, size) as (held, disk):
            usb_limits.check_name(held.mount.kind, held.root, name)
            usb_limits.check_size(held.mount.kind, name, size or 0)
            return disk.put(name, source)

    def get(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See ``Target.get``. The disk is looked for again when the first chunk is asked for."""
        checked_name(name)
        check_range(start, length)
        if self.stat(name) is None:
            raise NotStored(name)
        return self._read(name, start, length)

    def stat(self, name: str) -> Stored | None:
        """See ``Target.stat``."""
        checked_name(name)
        with self._disk(name) as (_, disk):
            return disk.stat(name)

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """See ``Target.list``. The disk is looked for when the first blob is asked for."""
        checked_folder(prefix)
        return self._list(prefix)

    def delete(self, name: str) -> None:
        """See ``Target.delete``."""
        checked_name(name)
        if name == MARKER:
            raise TargetRefused(f"{MARKER} is what the disk {self.volume} is known by; it stays.")
        with self._disk(name) as (_, disk):
            disk.delete(name)

    def space(self) -> Space | None:
        """See ``Target.space``."""
        with self._disk("") as (_, disk):
            return disk.space()

    def sweep(self, older_than: datetime) -> int:
        """See ``LocalTarget.sweep``."""
        with self._disk("") as (_, disk):
            return disk.sweep(older_than)

    def _read(self, name: str, start: int, length: int | None) -> Iterator[bytes]:
        with self._disk(name) as (_, disk):
            yield from disk.get(name, start, length)

    def _list(self, prefix: str) -> Iterator[Stored]:
        with self._disk(prefix) as (_, disk):
            yield from (stored for stored in disk.list(prefix) if stored.name != MARKER)

    @contextmanager
    def _disk(self, name: str, size: int | None = None) -> Iterator[tuple[Held, LocalTarget]]:
        with hold(self.volume, self.roots) as held:
            try:
                yield held, LocalTarget(held.root)
            except (NotStored, Mismatch):
                raise
            except DiskFull as error:
                raise self._full(held, name, size) from error
            except TargetError as error:
                raise self._said(error, held, name) from error

    def _full(self, held: Held, name: str, size: int | None) -> DiskFull | TargetRefused:
        free = LocalTarget(held.root).space().free
        refused = usb_limits.folder_full(held.mount.kind, name, size, free)
        return refused or DiskFull(f"{self.volume} at {held.mount.point}")

    def _said(self, error: TargetError, held: Held, name: str) -> TargetError:
        """The error by the disk's own name, and ``TargetAbsent`` where the disk was pulled."""
        cause = error.__cause__
        number = cause.errno if isinstance(cause, OSError) else None
        if number == errno.EFBIG:
            return usb_limits.too_long(held.mount.kind, name)
        if number == errno.EROFS:
            return TargetRefused(
                f"The disk {self.volume} at {held.mount.point} is mounted read-only. Check it for errors "
                "(fsck), see that no switch on it forbids writing, mount it again; a service of systemd "
                "needs its place in ReadWritePaths."
            )
        if number in _GONE and not self._is_there():
            return TargetAbsent(f"The disk {self.volume} went away while {name or 'it'} was used: {error}")
        return type(error)(str(error).replace(str(held.root), str(held.mount.point)))

    def _is_there(self) -> bool:
        try:
            with hold(self.volume, self.roots):
                return True
        except TargetError:
            return False

    def _checked_marker(self, source: Source) -> bytes:
        if isinstance(source, Path):
            source = source.read_bytes()
        data = source if isinstance(source, bytes) else source.read(LARGEST)
        if volume_of(data) != self.volume:
            raise TargetRefused(f"{MARKER} of the disk {self.volume} has to name this volume.")
        return data


def _size(source: Source) -> int | None:
    if isinstance(source, bytes):
        return len(source)
    return source.stat().st_size if isinstance(source, Path) else None
