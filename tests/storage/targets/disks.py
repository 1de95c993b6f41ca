"""Removable disks for tests: images of real file systems that are mounted where a test wants them."""

import fcntl
import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

KINDS = {
    "ext4": ["mkfs.ext4", "-q", "-E", "lazy_itable_init=0,root_owner=0:0"],
    "vfat": ["mkfs.vfat", "-F", "32"],
    "exfat": ["mkfs.exfat"],
}
IN_USER_SPACE = {"exfat": "mount.exfat-fuse"}
"""Drivers for kernels that do not have the file system; they want a block device."""
EXT4_IOC_SHUTDOWN = 0x8004587D
WITHOUT_LOG = 2


@dataclass
class Disk:
    """A disk; it lies in a drawer until ``plug`` mounts it."""

    kind: str
    image: Path
    plugged: list[Path] = field(default_factory=list)

    def plug(self, point: Path) -> Path:
        point.mkdir(exist_ok=True)
        if in_kernel(self.kind):
            run(["mount", "-o", "loop", "-t", self.kind, str(self.image), str(point)])
        else:
            device = run(["losetup", "--find", "--show", str(self.image)]).strip()
            run([IN_USER_SPACE[self.kind], device, str(point)])
            # The driver has it open: it goes when the driver does.
            run(["losetup", "--detach", device])
        self.plugged.append(point)
        return point

    def unplug(self) -> None:
        """The kernel lets go of the name at once, and of the disk when nobody uses it any more."""
        while self.plugged:
            subprocess.run(["umount", "--lazy", str(self.plugged.pop())], capture_output=True, check=False)

    def break_off(self) -> None:
        """What pulling the plug does: from now on nothing reaches the disk, not even its journal."""
        descriptor = os.open(self.plugged[-1], os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, EXT4_IOC_SHUTDOWN, struct.pack("I", WITHOUT_LOG))
        finally:
            os.close(descriptor)


@contextmanager
def broken_mount(point: Path) -> Iterator[None]:
    """What a file system in user space leaves at ``point`` when its driver is killed."""
    point.mkdir(exist_ok=True)
    driver = os.open("/dev/fuse", os.O_RDWR)
    try:
        how = f"fd={driver},rootmode=40000,user_id=0,group_id=0"
        command = ["mount", "--internal-only", "-t", "fuse", "-o", how, "gone", str(point)]
        subprocess.run(command, pass_fds=[driver], check=True)
    finally:
        os.close(driver)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(point)], check=False, capture_output=True)


def in_kernel(kind: str) -> bool:
    return f"\t{kind}\n" in Path("/proc/filesystems").read_text()


def can(kind: str) -> bool:
    """Whether this machine can make and mount such a disk."""
    driver = IN_USER_SPACE.get(kind)
    mounts = in_kernel(kind) or (driver is not None and shutil.which(driver) is not None)
    return mounts and shutil.which(KINDS[kind][0]) is not None


def make(kind: str, image: Path, mebibytes: int = 48) -> Disk:
    """A formatted disk; the test is skipped where this machine has no such file system."""
    if not can(kind):
        pytest.skip(f"this machine cannot make and mount {kind}")
    with image.open("wb") as file:
        file.truncate(mebibytes << 20)
    run([*KINDS[kind], str(image)])
    return Disk(kind, image)


def run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"{command[0]} does not work here: {done.stderr.strip()}")
    return done.stdout
