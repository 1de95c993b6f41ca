"""A folder of an SSH server, by SFTP."""

from pathlib import Path

from storage.targets.remote import RemoteTarget
from storage.targets.sftp_login import SftpLogin


class SftpTarget(RemoteTarget):
    """Keeps each blob as a file below ``folder``, which is made when the first blob comes.

    The server must show a key that ``known_hosts`` has. Links on it are followed for the folder itself and
    in names that are asked for, but not in listings.
    """

    tells_space = True

    def __init__(
        self,
        host: str,
        user: str,
        known_hosts: Path,
        *,
        port: int = 22,
        password: str = "",
        key_file: Path | None = None,
        folder: str = "",
        timeout: float = 30.0,
    ) -> None:
        """``folder`` is relative to where the user arrives, unless absolute. ``password`` is also tried as
        the passphrase of ``key_file``. ``timeout`` is in seconds and for each step.
        """
        login = SftpLogin(host, port, user, password, known_hosts, key_file, timeout)
        super().__init__(login, folder, connections=4)
