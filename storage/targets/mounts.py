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


EVERYWHERE = (Path("/"),)


def mounts(roots: tuple[Path, ...] = EVERYWHERE) -> list[Mount]:
    """What is mounted now at one of ``roots`` or below. Of several over one another, the one that is seen."""
    return parse(MOUNTINFO.read_text(errors="surrogateescape"), roots)


def parse(text: str, roots: tuple[Path, ...] = EVERYWHERE) -> list[Mount]:
    """The mounts of a mountinfo file, in its order; lines of another shape are passed over."""
    # Places are compared as texts, because every use of a removable disk asks this.
    starts = tuple(f"{root}".rstrip("/") + "/" for root in roots)
    seen: dict[str, Mount] = {}
    for line in text.splitlines():
        fields = line.split(" ")
        if "-" not in fields[6:] or not f"{_plain(fields[4])}/".startswith(starts):
            continue
        system = fields[fields.index("-", 6) + 1 :]
        if len(system) < 3:
            continue
        # A disk whose file system found an error is read-only as a whole, wherever it is mounted.
        writable = "rw" in fields[5].split(",") and "rw" in system[2].split(",")
        seen.pop(fields[4], None)
        seen[fields[4]] = Mount(Path(_plain(fields[4])), _plain(system[1]), system[0], writable)
    return list(seen.values())


def _plain(text: str) -> str:
    """Spaces, tabs, line ends and backslashes stand as three octal digits."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 8)), text)
