"""The mounted file systems of this machine, as Linux tells them (proc(5), ``/proc/self/mountinfo``)."""

import re
from dataclasses import dataclass
from pathlib import Path

MOUNTINFO = Path("/proc/self/mountinfo")
_ESCAPED = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """A file system in its place. ``kind`` is the kernel's word for it: ``ext4``, ``vfat``, ``exfat``."""

    point: Path
    device: str
    kind: str
    writable: bool


def mounts() -> list[Mount]:
    """What is mounted now. Of several file systems over one another, the one that is seen."""
    return parse(MOUNTINFO.read_text(errors="surrogateescape"))


def below(roots: tuple[Path, ...], found: list[Mount]) -> list[Mount]:
    """Those of ``found`` that are mounted at one of ``roots`` or below it."""
    return [mount for mount in found if any(mount.point.is_relative_to(root) for root in roots)]


def parse(text: str) -> list[Mount]:
    """The mounts of a mountinfo file, in its order; lines of another shape are passed over."""
    seen: dict[Path, Mount] = {}
    for line in text.splitlines():
        placed, dash, rest = line.partition(" - ")
        fields, system = placed.split(" "), rest.split(" ")
        if not dash or len(fields) < 6 or len(system) < 3:
            continue
        point = Path(_plain(fields[4]))
        # A disk whose file system found an error is read-only as a whole, wherever it is mounted.
        writable = "rw" in fields[5].split(",") and "rw" in system[2].split(",")
        seen.pop(point, None)
        seen[point] = Mount(point, _plain(system[1]), system[0], writable)
    return list(seen.values())


def _plain(text: str) -> str:
    """Spaces, tabs, line ends and backslashes stand as three octal digits."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 8)), text)
