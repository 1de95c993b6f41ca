"""Removable disks for tests: images of real file systems that are mounted where a test wants them.

What this machine lacks skips, by name; where it has all that is needed, what does not work fails.
"""

import fcntl
import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

KINDS = {
    "ext4": ["mkfs.ext4", "-q", "-E", "lazy_itable_init=0,root_owner=0:0"],
    "vfat": ["mkfs.vfat", "-F", "32"],
    "exfat": ["mkfs.exfat"],
}
PACKAGES = {"ext4": "e2fsprogs", "vfat": "dosfstools", "exfat": "exfatprogs"}
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


@cache
def in_kernel(kind: str) -> bool:
    """Whether the kernel has the file system, as a module too, which is loaded then."""
    if not _listed(kind) and os.geteuid() == 0 and (modprobe := shutil.which("modprobe")):
        subprocess.run([modprobe, "--quiet", kind], check=False, capture_output=True)
    return _listed(kind)


def lacking(kind: str) -> str | None:
    """Why this machine can have no such disk, if so; what else goes wrong is a fault."""
    if shutil.which(KINDS[kind][0]) is None:
        return f"{KINDS[kind][0]} is missing: apt-get install {PACKAGES[kind]}"
    if in_kernel(kind):
        return None
    driver = IN_USER_SPACE.get(kind)
    if driver is None:
        return f"the kernel has no {kind}"
    if shutil.which(driver) is None:
        return f"the kernel has no {kind}, and {driver} is missing"
    return None if Path("/dev/fuse").exists() else f"the kernel has no {kind}, and there is no /dev/fuse"


@cache
def unmountable() -> str | None:
    """Why nothing can be mounted here, if so: containers often may not, or have no loop devices."""
    found = subprocess.run(["losetup", "--find"], capture_output=True, text=True, check=False)
    if found.returncode:
        return f"there is no loop device: {found.stderr.strip()}"
    with tempfile.TemporaryDirectory() as point:
        command = ["mount", "-t", "tmpfs", "-o", "size=4k", "earwitness-probe", point]
        mounted = subprocess.run(command, capture_output=True, text=True, check=False)
        if mounted.returncode:
            return f"nothing can be mounted: {mounted.stderr.strip()}"
        run(["umount", point])
    return None


def make(kind: str, image: Path, mebibytes: int = 48) -> Disk:
    """A formatted disk; skipped where this machine can have none."""
    reason = lacking(kind) or unmountable()
    if reason:
        pytest.skip(reason)
    with image.open("wb") as file:
        file.truncate(mebibytes << 20)
    run([*KINDS[kind], str(image)])
    return Disk(kind, image)


def run(command: list[str]) -> str:
    """What it prints; the test fails where it does."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def _listed(kind: str) -> bool:
    return f"\t{kind}\n" in Path("/proc/filesystems").read_text()
