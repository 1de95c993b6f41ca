"""Which port the page can be served on."""

import errno
import socket

from earwitness.errors import HostError

TRIES = 50


def is_free(host: str, port: int) -> bool:
    """Whether this process could listen there. Raises ``HostError`` where the address is not of this host."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise HostError(f"Cannot listen on {host} port {port}: {error.strerror}.") from error
    return True


def next_free(host: str, first: int) -> int:
    """The first free port from ``first`` on; raises ``HostError`` where none of fifty is."""
    for port in range(first, min(first + TRIES, 65536)):
        if is_free(host, port):
            return port
    raise HostError(f"No port from {first} to {first + TRIES - 1} is free on {host}.")
