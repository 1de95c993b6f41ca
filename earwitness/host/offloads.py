"""Interfaces: there, up, and not gluing packets together before the ring sees them."""

import fcntl
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

from earwitness.host.finding import Finding, warning, well, wrong
from earwitness.settings import InterfaceTap, Settings

SIOCETHTOOL = 0x8946
ETHTOOL_GFLAGS = 0x25
ETHTOOL_GGRO = 0x2B
FLAG_LRO = 1 << 15
IFF_UP = 1
NAME_LENGTH = 15
"""Longest name of an interface (IFNAMSIZ - 1)."""


def check(settings: Settings, sys: Path = Path("/sys/class/net")) -> Iterator[Finding]:
    """Each interface that a tap names."""
    for tap in settings.taps:
        if isinstance(tap, InterfaceTap):
            yield one(tap.interface, sys)


def one(name: str, sys: Path) -> Finding:
    """One interface."""
    check = f"interface {name}"
    folder = sys / name
    if not folder.is_dir():
        there = ", ".join(sorted(each.name for each in sys.iterdir()))
        return wrong(check, "does not exist", f"interfaces of this host: {there}")
    if not int((folder / "flags").read_text(encoding="ascii"), 16) & IFF_UP:
        return wrong(check, "is down", f"ip link set {name} up")
    merging = [label for label, command, bit in OFFLOADS if ask(name, command) & bit]
    if merging:
        names = " and ".join(merging)
        return warning(
            check,
            f"{names} may join packets before they are captured",
            f"ethtool -K {name} " + " ".join(f"{each.lower()} off" for each in merging),
        )
    return well(check, "is up and joins no packets")


OFFLOADS = (("GRO", ETHTOOL_GGRO, 1), ("LRO", ETHTOOL_GFLAGS, FLAG_LRO))


def ask(name: str, command: int) -> int:
    """One value of the ethtool ioctl; 0 where the driver does not know the question."""
    value = bytearray(struct.pack("II", command, 0))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        request = struct.pack("16sP16x", name.encode()[:NAME_LENGTH], address_of(value))
        try:
            fcntl.ioctl(handle, SIOCETHTOOL, request)
        except OSError:
            return 0
    return int(struct.unpack("II", value)[1])


def address_of(buffer: bytearray) -> int:
    """Address of the buffer in memory; valid while the buffer lives and keeps its length."""
    import ctypes

    return ctypes.addressof((ctypes.c_char * len(buffer)).from_buffer(buffer))
