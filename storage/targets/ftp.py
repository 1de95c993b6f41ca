"""A folder of an FTP server, with TLS (FTPS, RFC 4217) or without."""

import ssl
from pathlib import Path

from storage.targets.ftp_login import FtpLogin, tls_context
from storage.targets.remote import RemoteTarget


class FtpTarget(RemoteTarget):
    """Keeps each blob as a file below ``folder``, which is made when the first blob comes.

    The server needs passive transfers; MLSD, MLST and REST are used where they are there. Links on it are not
    followed.
    """

    seeks = False

    def __init__(
        self,
        host: str,
        user: str,
        password: str,
        *,
        port: int = 21,
        folder: str = "",
        tls: bool | Path | ssl.SSLContext = True,
        timeout: float = 30.0,
        connections: int = 4,
    ) -> None:
        """``folder`` is relative to where the user arrives, unless absolute.

        ``tls``: True trusts the issuers that this machine trusts, a path those of that PEM file; False sends
        password and recordings in clear. ``timeout`` is in seconds and for each step; ``connections`` is how
        many may be open at once, and each ``get`` that is being read has one.
        """
        context = tls if isinstance(tls, ssl.SSLContext) else tls_context(tls) if tls else None
        super().__init__(FtpLogin(host, port, user, password, context, timeout), folder, connections)
