"""Runs the application under uvicorn in this process."""

import socket
import threading

import uvicorn

from qa_api.app import create_app
from qa_api.errors import CannotListen
from qa_api.services import Services

_GRACE_SECONDS = 10
_BACKLOG = 512


class Listener:
    """One server. The socket is open when this is made, so ``port`` is known and 0 finds a free one."""

    def __init__(self, services: Services, host: str, port: int, *, trusted_proxies: str = "") -> None:
        """``trusted_proxies`` are addresses (commas between) whose X-Forwarded-For and -Proto are believed.

        Raises ``CannotListen`` for an address that is taken or not of this machine.
        """
        self.socket = _listening(host, port)
        self._ready = threading.Event()
        self.app = create_app(services)
        config = uvicorn.Config(
            self.app,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            proxy_headers=bool(trusted_proxies),
            forwarded_allow_ips=trusted_proxies or None,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        self._server = _Server(config, self._ready)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        port: int = self.socket.getsockname()[1]
        return port

    def run(self) -> None:
        """Serve until ``stop``, in the main thread also until SIGINT or SIGTERM; begun answers end."""
        with self.socket:
            self._server.run(sockets=[self.socket])

    def stop(self) -> None:
        """Make ``run`` return, from any thread."""
        self._server.should_exit = True

    def wait_ready(self, seconds: float) -> bool:
        """Wait until requests are answered; False when that took longer."""
        return self._ready.wait(seconds)


def run(services: Services, host: str, port: int, *, trusted_proxies: str = "") -> None:
    """Serve on this address until a signal comes. Raises ``CannotListen``."""
    Listener(services, host, port, trusted_proxies=trusted_proxies).run()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the socket names its protocol; with it on, every answer
    # waits 40 ms for a delayed acknowledgement.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise CannotListen(
            f"Cannot listen on {host} port {port}: {error.strerror or error}. Choose another port or address."
        ) from error
    return listening
