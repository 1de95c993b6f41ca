"""The host keys that an SSH server may show, and what to say where it shows another one."""

from pathlib import Path
from typing import Any

import asyncssh

from storage.errors import TargetRefused

_DEFAULT_PORT = 22


class HostKeys(asyncssh.SSHKnownHosts):
    """What the file ``path`` (as of OpenSSH) knows of ``host``. ``TargetRefused`` where it cannot be read.

    ``any_known`` says after a connection was tried whether the file has a key for that host at all.
    """

    def __init__(self, path: Path, host: str, port: int) -> None:
        self._path, self._host, self._port = path, host, port
        self.any_known = False
        try:
            super().__init__(path.read_text())
        except (OSError, ValueError) as error:
            raise TargetRefused(
                f"The known host keys in {path} cannot be read: {error}. Make the file with "
                f"ssh-keyscan -p {port} {host}, and compare what it holds with what the "
                "administrator of the server says."
            ) from error

    def match(self, host: str, addr: str, port: int | None) -> Any:
        """What is known of the server at ``addr``; asked by the library before the server shows its key."""
        known = keys, authorities, _, certificates, _, subjects, _ = super().match(host, addr, port)
        self.any_known = any((keys, authorities, certificates, subjects))
        return known

    def refusal(self, server: str, error: asyncssh.Error) -> TargetRefused:
        """``server`` shows a key that is not known, which says more where another one is."""
        if self.any_known and isinstance(error, asyncssh.HostKeyNotVerifiable):
            return TargetRefused(self._changed(server))
        return TargetRefused(
            f"{server} shows a host key that {self._path} does not have ({error.reason}). "
            f"If it is a new server: run ssh-keyscan -p {self._port} {self._host}, compare "
            "the key with what its administrator says, and put it into that file. If not, somebody else may "
            "be answering: nothing was sent."
        )

    def _changed(self, server: str) -> str:
        name = self._host if self._port == _DEFAULT_PORT else f"[{self._host}]:{self._port}"
        return (
            f"THE HOST KEY HAS CHANGED: {server} does not show the one that {self._path} has for it. "
            "Somebody else may be answering in its place, so nothing was sent, neither calls nor a password. "
            "Ask its administrator, by another way, whether the server was set up anew. Only if so: remove "
            f"the old key by ssh-keygen -R '{name}' -f {self._path}, run ssh-keyscan -p {self._port} "
            f"{self._host}, compare the key with what the administrator says, and put it into that file."
        )
