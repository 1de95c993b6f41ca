"""A port that stays ours while nobody listens on it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held_port() -> Iterator[int]:
    """A port of this machine on which servers of ours may come and go, and that nobody else gets meanwhile.

    Whoever asks the kernel for any port is not given one that somebody has. A server that asks for this one
    is, as both let it be used again (SO_REUSEADDR) and we do not listen.
    """
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]
