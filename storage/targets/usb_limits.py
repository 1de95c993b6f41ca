"""What FAT and exFAT cannot hold. Pure, but for a look into a folder."""

import os
import re
from pathlib import Path

from storage.errors import BadName, TargetRefused

FAT32 = frozenset({"vfat", "msdos"})
CASELESS = FAT32 | {"exfat", "ntfs", "ntfs3"}
LARGEST_ON_FAT32 = (1 << 32) - 1
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
"""Names that Windows keeps for devices, whatever their ending: such a file cannot be opened there."""


def check_name(kind: str, root: Path, name: str) -> None:
    """Raise ``BadName`` for a name that a file system of ``kind`` mounted at ``root`` cannot hold apart."""
    if kind not in CASELESS:
        return
    if any(_DEVICES.match(component) for component in name.split("/")):
        raise BadName(f"The name {name!r} is one that Windows keeps for a device; the disk is {kind}.")
    path = root / name
    if path.exists() and path.name not in os.listdir(path.parent):  # noqa: PTH208
        raise BadName(
            f"{name!r} is already there in other capital letters, which {kind} does not tell apart."
        )


def check_size(kind: str, name: str, size: int) -> None:
    """Raise ``TargetRefused`` for a blob of ``size`` bytes that is too long for a file of ``kind``."""
    if kind in FAT32 and size > LARGEST_ON_FAT32:
        raise too_long(kind, name)


def too_long(kind: str, name: str) -> TargetRefused:
    """A blob that is longer than a file may be."""
    return TargetRefused(
        f"{name} is longer than a file can be on this disk ({kind}; FAT32 takes 4 GiB at most). "
        "Format the disk as exFAT or ext4, and prepare it again."
    )


def folder_full(kind: str, name: str, size: int | None, free: int) -> TargetRefused | None:
    """What to say where a disk with ``free`` bytes had no room for ``size`` of them; None where it is full.

    A folder of FAT32 takes 65,536 entries, several for a long name, and says then that the disk is full.
    """
    if kind not in FAT32 or size is None or free <= 2 * size:
        return None
    folder = name.rpartition("/")[0]
    return TargetRefused(
        f"The folder {folder or '/'} of this disk takes no more files ({kind}; a folder of FAT32 holds "
        "about 10,000 files of ours), although there is room. Format the disk as exFAT or ext4, and prepare "
        "it again."
    )
