"""Opening an SSH connection with SFTP, and saying what to do where that fails."""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from weakref import WeakSet

import asyncssh

from storage.errors import TargetError, TargetRefused, TargetUnreachable
from storage.targets.sftp_hosts import HostKeys
from storage.targets.sftp_loop import LoopThread
from storage.targets.sftp_session import SftpSession

_KEEPALIVE = 15
_ALSO = "+ssh-ed25519,ecdsa-sha2-nistp*,rsa-sha2-*"
"""Kinds of host keys besides the known ones. With those alone, a server that has none of them breaks off, and
it depends on who is quicker whether the reason is ever seen; so it shows its key, which is not known then."""


@dataclass(frozen=True)
class SftpLogin:
    """Where to connect and as whom, with ``key_file`` or ``password``; see ``remote.Login``.

    Beside a ``key_file`` the ``password`` opens that file and never goes to the server, not even where
    that refuses the key.
    Nothing of the user's own SSH settings is used: no configuration, agent or keys but these.
    """

    host: str
    port: int
    user: str
    password: str
    known_hosts: Path
    key_file: Path | None
    timeout: float
    loop: LoopThread = field(default_factory=lambda: LoopThread("sftp"))
    sessions: WeakSet[SftpSession] = field(default_factory=WeakSet)

    @property
    def server(self) -> str:
        """See ``remote.Login``."""
        return f"The SSH server {self.host}:{self.port}"

    def open(self) -> SftpSession:
        """See ``remote.Login``."""
        known, keys = HostKeys(self.known_hosts, self.host, self.port), self._keys()
        with self._said(known):
            session = self.loop.run(self._open(known, keys))
        self.sessions.add(session)
        return session

    def close(self) -> None:
        """See ``remote.Login``. What is still lent is closed too."""
        for session in list(self.sessions):
            session.close()
        self.loop.stop()

    async def _open(self, known: HostKeys, keys: list[asyncssh.SSHKey]) -> SftpSession:
        connection = await asyncssh.connect(
            self.host,
            self.port,
            username=self.user,
            password=(self.password or None) if self.key_file is None else None,
            client_keys=keys or None,
            known_hosts=known,
            server_host_key_algs=_ALSO,
            config=None,
            agent_path=None,
            gss_host=None,
            connect_timeout=self.timeout,
            login_timeout=self.timeout,
            keepalive_interval=_KEEPALIVE,
        )
        try:
            async with asyncio.timeout(self.timeout):
                client = await connection.start_sftp_client()
                home = str(await client.realpath("."))
            return SftpSession(self.loop, connection, client, home, self.timeout)
        except BaseException:
            connection.abort()
            raise

    def _keys(self) -> list[asyncssh.SSHKey]:
        if self.key_file is None:
            return []
        try:
            return [asyncssh.read_private_key(str(self.key_file), self.password or None)]
        except (OSError, ValueError) as error:
            raise TargetRefused(
                f"The key in {self.key_file} cannot be used: {error}. It must be a private key that this "
                "user can read; where it has a passphrase, give that as the password of this target."
            ) from error

    @contextmanager
    def _said(self, known: HostKeys) -> Iterator[None]:
        try:
            yield
        except (asyncssh.HostKeyNotVerifiable, asyncssh.KeyExchangeFailed) as error:
            raise known.refusal(self.server, error) from error
        except asyncssh.PermissionDenied as error:
            raise TargetRefused(self._not_let_in(error)) from error
        except (asyncssh.ChannelOpenError, asyncssh.SFTPError) as error:
            raise TargetRefused(
                f"{self.server} does not offer SFTP to {self.user}: {error.reason}. Allow it there."
            ) from error
        except (TimeoutError, OSError) as error:
            hint = "the name of the host" if isinstance(error, socket.gaierror) else "that it is running"
            why = "it does not answer" if isinstance(error, TimeoutError) else _reason(error)
            raise TargetUnreachable(
                f"{self.server} cannot be reached: {why}. "
                f"Check {hint}, and the network and firewalls on the way."
            ) from error
        except asyncssh.Error as error:
            raise TargetError(
                f"{self.server} broke off while it was logged in to: {error.reason}."
            ) from error

    def _not_let_in(self, error: asyncssh.Error) -> str:
        if self.key_file is None:
            return (
                f"{self.server} does not let {self.user} in: {error.reason}. Check user and password of this "
                "target, or give it a key_file whose public part the server knows."
            )
        return (
            f"{self.server} does not let {self.user} in with the key in {self.key_file}: {error.reason}. "
            "Check the user of this target, and that the server knows the public part of that key; its "
            "password only opens the key and is not sent."
        )


def _reason(error: OSError) -> str:
    """What the system calls it: the event loop puts addresses in the place of that."""
    number = error.errno or 0
    return os.strerror(number) if number > 0 else error.strerror or str(error)
