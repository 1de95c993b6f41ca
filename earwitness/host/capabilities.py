"""Whether this process may open a capture ring."""

from collections.abc import Iterator
from pathlib import Path

from earwitness.host.finding import Finding, warning, well, wrong
from earwitness.settings import InterfaceTap, Settings

NET_RAW = 13
"""Bit of CAP_NET_RAW in the capability sets (linux/capability.h)."""


def effective(status: str) -> int:
    """The effective capability set from the text of ``/proc/<pid>/status``; 0 where it is not named."""
    for line in status.splitlines():
        if line.startswith("CapEff:"):
            return int(line.split()[1], 16)
    return 0


def check(settings: Settings, status: Path = Path("/proc/self/status")) -> Iterator[Finding]:
    """CAP_NET_RAW, where an interface is to be captured."""
    wanted = [tap.interface for tap in settings.taps if isinstance(tap, InterfaceTap)]
    allowed = bool(effective(status.read_text(encoding="ascii")) >> NET_RAW & 1)
    if allowed:
        yield well("capabilities", "this user may capture from interfaces (CAP_NET_RAW)")
    elif wanted:
        yield wrong(
            "capabilities",
            f"this user may not capture from {', '.join(wanted)}",
            "run as the service does (AmbientCapabilities=CAP_NET_RAW), or as root with the setting `user`",
        )
    else:
        yield warning(
            "capabilities",
            "this user may not capture from interfaces",
            "nothing to do for files and the simulator; live taps need CAP_NET_RAW",
        )
