"""What people do with a removable disk: make it known, and take it away."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage import durable
from storage.errors import TargetAbsent, TargetError, TargetRefused, disk_errors
from storage.targets.marker import MARKER, marker
from storage.targets.mounts import Mount, mounts
from storage.targets.usb_limits import FAT32
from storage.targets.usb_volume import Held, broken, hold, open_root, read_volume

LONGEST_WAIT = 600
"""Seconds that unmounting may take: what the kernel still holds back is written in them."""


def prepare(place: Path, volume: str, roots: tuple[Path, ...]) -> Mount:
    """Write the marker of ``volume`` onto the disk that is mounted at ``place``; return where it is.

    Nothing happens where it is there already. Raises ``TargetRefused`` for a place that is no mount point or
    not below ``roots``, for a disk that has another name, and where another disk has this one.
    """
    place = place.resolve()
    if not any(place.is_relative_to(root) for root in roots):
        raise TargetRefused(f"{place} is not below {', '.join(map(str, roots))}: see `roots` of this target.")
    with _opened(place) as held:
        found = read_volume(held.descriptor)
        if found == volume:
            return held.mount
        if found:
            raise TargetRefused(
                f"The disk at {place} is already known as {found}. Use that name in the settings, or remove "
                f"{place / MARKER} if nothing on the disk is needed."
            )
        try:
            with hold(volume, roots) as other:
                raise TargetRefused(f"Another disk is known as {volume}: at {other.mount.point}.")
        except TargetAbsent:
            _write(held, volume)
        return held.mount


def advice(mount: Mount) -> str:
    """What a person should know about the file system of a disk; empty where there is nothing to say."""
    if mount.kind in FAT32:
        return (
            "This disk is formatted as FAT32: no file over 4 GiB, and about 10,000 files a day. "
            "exFAT or ext4 has neither limit."
        )
    return ""


def eject(volume: str, roots: tuple[Path, ...]) -> Mount:
    """Write out what waits for the disk ``volume`` and unmount it; return where it was.

    Raises ``TargetAbsent`` where it is not there, ``TargetError`` where something still uses it.
    """
    with hold(volume, roots) as held:
        mount, device = held.mount, os.fstat(held.descriptor).st_dev
    for each in reversed(mounts()):
        if each.device == mount.device and _device(each.point) == device:
            _unmount(each)
    return mount


@contextmanager
def _opened(place: Path) -> Iterator[Held]:
    mount = next((each for each in mounts() if each.point == place), None)
    descriptor = open_root(place) if mount else None
    if mount is not None and (reason := broken(place)):
        raise TargetRefused(
            f"The mount at {place} is broken ({reason}). Run `umount -l {place}` as root, and mount the disk "
            "there again."
        )
    if mount is None or descriptor is None:
        raise TargetRefused(f"Nothing is mounted at {place}. Mount the disk there first; `lsblk` shows it.")
    try:
        yield Held(mount, descriptor)
    finally:
        os.close(descriptor)


def _write(held: Held, volume: str) -> None:
    try:
        with disk_errors(held.mount.point):
            durable.write_bytes(held.root / MARKER, marker(volume))
    except OSError as error:
        raise TargetRefused(
            f"The disk at {held.mount.point} cannot be written to: {error.strerror}."
        ) from error


def _device(point: Path) -> int:
    try:
        return point.stat().st_dev
    except OSError:
        return -1


def _unmount(mount: Mount) -> None:
    """By ``umount``, and by the desktop's service where only that may."""
    tries = [["umount", str(mount.point)]]
    if shutil.which("udisksctl") and mount.device.startswith("/dev/"):
        tries.append(["udisksctl", "unmount", "--no-user-interaction", "--block-device", mount.device])
    said = ""
    for command in tries:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONGEST_WAIT)  # noqa: S603
        if done.returncode == 0:
            return
        said = said or done.stderr.strip().rstrip(".")
    raise TargetError(
        f"{mount.point} could not be unmounted: {said}. Do not pull the disk; close what uses it "
        f"(`fuser -vm {mount.point}` shows what), or try as root."
    )
