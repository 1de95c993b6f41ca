"""A network namespace with a pair of connected interfaces in it, for tests on real packets."""

import ctypes
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

_CLONE_NEWNET = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)
T = TypeVar("T")

_NO_IPV6 = "for each in /proc/sys/net/ipv6/conf/*/disable_ipv6; do test ! -e $each || echo 1 > $each; done"
"""So that the interfaces do not announce themselves by packets of their own."""


class Namespace:
    """A namespace by name; ``run`` gives commands to it, ``inside`` opens sockets in it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def run(self, *command: str) -> str:
        """Output of a command run in the namespace."""
        whole = ["ip", "netns", "exec", self.name, *command]
        return subprocess.run(whole, check=True, capture_output=True, text=True).stdout

    def inside(self, action: Callable[[], T]) -> T:
        """What ``action`` gives when this thread is in the namespace; sockets opened there stay in it."""
        with Path("/proc/thread-self/ns/net").open() as here, Path(f"/run/netns/{self.name}").open() as there:
            _enter(there.fileno())
            try:
                return action()
            finally:
                _enter(here.fileno())


@contextmanager
def connected_pair(mtu: int = 1500) -> Iterator[Namespace]:
    """A namespace in which ``sender`` and ``receiver`` are the two ends of one cable, and both are up."""
    namespace = Namespace(f"ew{os.getpid()}")
    subprocess.run(["ip", "netns", "add", namespace.name], check=True)
    try:
        namespace.run("sh", "-c", _NO_IPV6)
        namespace.run("ip", "link", "add", "sender", "type", "veth", "peer", "name", "receiver")
        for interface in ("sender", "receiver"):
            namespace.run("ip", "link", "set", interface, "mtu", str(mtu), "up")
        namespace.run("ip", "link", "set", "lo", "up")
        yield namespace
    finally:
        subprocess.run(["ip", "netns", "delete", namespace.name], check=True)


def _enter(descriptor: int) -> None:
    if _LIBC.setns(descriptor, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
