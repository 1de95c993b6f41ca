"""Memory for the capture rings."""

import resource
from collections.abc import Iterator
from pathlib import Path

from earwitness.host.finding import Finding, warning, well
from earwitness.settings import InterfaceTap, Settings

FILES_WANTED = 4096
"""Open files for some thousand calls at once."""


def check(settings: Settings, meminfo: Path = Path("/proc/meminfo")) -> Iterator[Finding]:
    """Ring sizes against the memory that is available, and the limit on open files."""
    rings = sum(tap.ring_mebibytes for tap in settings.taps if isinstance(tap, InterfaceTap))
    available = kibibytes(meminfo.read_text(encoding="ascii"), "MemAvailable") // 1024
    text = f"rings of {rings} MiB, {available:,} MiB of memory available"
    if not rings:
        yield well("memory", f"{available:,} MiB available; no interface is captured, so no ring is needed")
    elif rings * 4 > available:
        yield warning("ring", text, "lower ring_mebibytes of the taps, or add memory")
    else:
        yield well("ring", text)
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < FILES_WANTED:
        yield warning(
            "open files",
            f"at most {soft} files at once",
            f"raise the limit (LimitNOFILE={FILES_WANTED} in the unit, `ulimit -n {FILES_WANTED}`)",
        )
    else:
        yield well("open files", f"at most {soft} files at once")


def kibibytes(text: str, name: str) -> int:
    """A field of ``/proc/meminfo``, in KiB; 0 where it is not there."""
    for line in text.splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    return 0
