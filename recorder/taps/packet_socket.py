"""Opening an AF_PACKET socket on an interface: options, filter, ring, and what can be said when it fails."""

import ctypes
import errno
import fcntl
import socket
import struct
from collections.abc import Sequence

from recorder.errors import TapError, TapNotPermitted
from recorder.taps import bpf

ETHERNET, LOOPBACK = 1, 772
"""Hardware types (ARPHRD) with Ethernet framing."""

_SOL_PACKET = 263
_ADD_MEMBERSHIP, _RX_RING, _STATISTICS, _VERSION, _RESERVE = 1, 5, 6, 10, 12
_TPACKET_V3 = 2
_PROMISCUOUS = 1
_ATTACH_FILTER = 26
_ETH_P_ALL = 3
_GET_FLAGS, _GET_HARDWARE, _GET_INDEX = 0x8913, 0x8927, 0x8933
_IFF_UP = 1


def open_socket(interface: str) -> socket.socket:
    """A raw packet socket that receives nothing yet; ``TapNotPermitted`` without the capability."""
    try:
        return socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    except PermissionError:
        raise TapNotPermitted(
            f"capturing on {interface} needs the capability CAP_NET_RAW: run as root, or give it to the"
            " interpreter with 'setcap cap_net_raw+ep PATH_TO_PYTHON', or to the service with"
            " AmbientCapabilities=CAP_NET_RAW"
        ) from None


def hardware_type(sock: socket.socket, interface: str) -> int:
    """Hardware type of an interface that exists and is up; ``TapError`` says what is wrong with another."""
    try:
        flags = struct.unpack_from("H", _ask(sock, interface, _GET_FLAGS), 16)[0]
        hardware = int(struct.unpack_from("H", _ask(sock, interface, _GET_HARDWARE), 16)[0])
    except OSError as error:
        if error.errno != errno.ENODEV:
            raise
        known = ", ".join(name for _, name in socket.if_nameindex())
        raise TapError(f"there is no interface {interface!r}; this host has {known}") from None
    if not flags & _IFF_UP:
        raise TapError(f"interface {interface} is down: bring it up with 'ip link set {interface} up'")
    if hardware not in (ETHERNET, LOOPBACK):
        raise TapError(
            f"interface {interface} has no Ethernet frames (hardware type {hardware});"
            " capture on the Ethernet interface beneath it"
        )
    return hardware


def exists(sock: socket.socket, interface: str) -> bool:
    """Whether the socket's network still has that interface."""
    try:
        _ask(sock, interface, _GET_INDEX)
    except OSError:
        return False
    return True


def attach_filter(sock: socket.socket, program: Sequence[bpf.Instruction]) -> None:
    """Let the kernel drop what ``program`` does not pass."""
    code = ctypes.create_string_buffer(bpf.pack(program))
    sock.setsockopt(
        socket.SOL_SOCKET, _ATTACH_FILTER, struct.pack("HP", len(program), ctypes.addressof(code))
    )


def make_ring(sock: socket.socket, block_bytes: int, blocks: int, retire_ms: int, reserve: int) -> None:
    """A TPACKET_V3 receive ring, to be mapped; ``TapError`` where the kernel has not that much memory."""
    sock.setsockopt(_SOL_PACKET, _VERSION, _TPACKET_V3)
    sock.setsockopt(_SOL_PACKET, _RESERVE, reserve)
    frame_bytes = 2048
    request = struct.pack(
        "7I", block_bytes, blocks, frame_bytes, block_bytes // frame_bytes * blocks, retire_ms, 0, 0
    )
    try:
        sock.setsockopt(_SOL_PACKET, _RX_RING, request)
    except OSError as error:
        if error.errno not in (errno.ENOMEM, errno.EINVAL):
            raise
        raise TapError(
            f"the kernel refuses a capture ring of {block_bytes * blocks >> 20} MiB ({error.strerror}):"
            " set a smaller ring"
        ) from None


def watch(sock: socket.socket, interface: str, *, promiscuous: bool) -> None:
    """Begin to receive the interface's frames, also those for other hosts."""
    sock.bind((interface, _ETH_P_ALL))
    if promiscuous:
        index = struct.unpack_from("i", _ask(sock, interface, _GET_INDEX), 16)[0]
        sock.setsockopt(_SOL_PACKET, _ADD_MEMBERSHIP, struct.pack("iHH8s", index, _PROMISCUOUS, 0, b""))


def statistics(sock: socket.socket) -> tuple[int, int]:
    """Frames that passed the filter, and how many of them found no room in the ring, since the last call."""
    passed, dropped, _ = struct.unpack("3I", sock.getsockopt(_SOL_PACKET, _STATISTICS, 12))
    return passed, dropped


def _ask(sock: socket.socket, interface: str, request: int) -> bytes:
    if len(interface.encode()) > 15:
        raise TapError(f"there is no interface {interface!r}: a name has at most 15 characters")
    return fcntl.ioctl(sock, request, struct.pack("16s24x", interface.encode()))
