"""Opening a connection to an FTP server, with TLS or without, and saying what to do where it fails."""

import ftplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from storage.errors import TargetError, TargetRefused, TargetUnreachable
from storage.targets.ftp_replies import Reply, wire
from storage.targets.ftp_session import FtpSession
from storage.targets.remote_session import Broken


@dataclass(frozen=True)
class FtpLogin:
    """Where to connect and as whom. ``tls`` None speaks in clear; ``timeout`` in seconds, for each step."""

    host: str
    port: int
    user: str
    password: str
    tls: ssl.SSLContext | None
    timeout: float
    spelt: list[str] = field(default_factory=list)
    """The encoding in which the server took user and password last; empty before, or where both are ASCII."""

    @property
    def server(self) -> str:
        """What messages call it."""
        return f"The FTP server {self.host}:{self.port}"

    def open(self) -> FtpSession:
        """A logged-in connection.

        Raises ``TargetUnreachable`` where nobody answers, ``TargetRefused`` for wrong credentials, a
        certificate that cannot be trusted or a server without TLS, and ``TargetError`` for the rest.
        """
        if self.spelt:
            return self._open(self.spelt[0])
        try:
            return self._open("utf-8")
        except _MaybeSpeltOtherwise as refused:
            # Tried once and then remembered: each login that fails brings an account nearer to being locked.
            with suppress(TargetRefused):
                return self._open("latin-1")
            raise TargetRefused(str(refused)) from refused

    def _open(self, encoding: str) -> FtpSession:
        ftp = _Ftp(timeout=self.timeout) if self.tls is None else _FtpTls(self.tls, self.timeout)
        ftp.encoding = "latin-1"
        try:
            self._connect(ftp)
            if isinstance(ftp, _FtpTls):
                self._secure(ftp)
            return self._log_in(ftp, encoding)
        except BaseException:
            ftp.close()
            raise

    def close(self) -> None:
        """See ``remote.Login``."""

    def _connect(self, ftp: ftplib.FTP) -> None:
        try:
            with wire():
                ftp.connect(self.host, self.port)
                # Long transfers leave this connection silent, which firewalls take for dead.
                ftp.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # type: ignore[union-attr]
        except (Broken, Reply) as error:
            hint = (
                "the name of the host"
                if isinstance(error.__cause__, socket.gaierror)
                else "that it is running"
            )
            raise TargetUnreachable(
                f"{self.server} cannot be reached: {error}. "
                f"Check {hint}, and the network and firewalls on the way."
            ) from error

    def _secure(self, ftp: "_FtpTls") -> None:
        try:
            with self._said():
                ftp.auth()
                ftp.prot_p()
        except Reply as reply:
            raise TargetRefused(
                f"{self.server} does not offer TLS: {reply.text}. Switch TLS on there (FTPS, explicit); "
                "only where the whole network can be trusted, write tls = false for this target."
            ) from reply

    def _log_in(self, ftp: ftplib.FTP, encoding: str) -> FtpSession:
        beyond_ascii, speaks_utf8 = not (self.user + self.password).isascii(), True
        try:
            with self._said():
                if beyond_ascii:
                    # Before the login, for what it says of UTF-8 is to hold for that.
                    speaks_utf8 = "UTF8" in _features(ftp)
                ftp.login(_wired(self.user, encoding), _wired(self.password, encoding))
                ftp.voidcmd("TYPE I")
                session = FtpSession(ftp, _features(ftp))
        except Reply as reply:
            if not reply.for_good:
                raise TargetError(f"{self.server} does not take connections now: {reply.text}") from reply
            self.spelt.clear()
            refused = TargetRefused if speaks_utf8 or not self._fits_latin_1() else _MaybeSpeltOtherwise
            raise refused(
                f"{self.server} does not let {self.user} in: {reply.text}. "
                "Check user and password of this target."
            ) from reply
        if beyond_ascii:
            self.spelt[:] = [encoding]
        return session

    def _fits_latin_1(self) -> bool:
        try:
            (self.user + self.password).encode("latin-1")
        except UnicodeEncodeError:
            return False
        return True

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            with wire():
                yield
        except Broken as broken:
            cause = broken.__cause__
            if isinstance(cause, ssl.SSLCertVerificationError):
                raise TargetRefused(
                    f"{self.server} shows a certificate that cannot be trusted: {cause.verify_message}. "
                    "Name the certificate of its issuer as ca_file of this target, and the server as its "
                    "certificate does."
                ) from broken
            raise TargetError(f"{self.server} broke off while it was logged in to: {broken}.") from broken


def tls_context(trusted: Path | bool) -> ssl.SSLContext:
    """TLS that trusts the issuers of this machine or of the file ``trusted``; raises ``TargetRefused``."""
    try:
        return ssl.create_default_context(cafile=str(trusted) if isinstance(trusted, Path) else None)
    except (OSError, ssl.SSLError) as error:
        raise TargetRefused(
            f"The certificates in {trusted} cannot be read: {error}. ca_file must be a readable PEM file."
        ) from error


class _MaybeSpeltOtherwise(TargetRefused):
    """Refused in UTF-8 by a server that does not say that it speaks it: old ones mean Latin-1."""


def _wired(text: str, encoding: str) -> str:
    """The text as the Latin-1 that ``ftplib`` sends byte by byte."""
    return text.encode(encoding).decode("latin-1")


_Ftp = ftplib.FTP


class _FtpTls(ftplib.FTP_TLS):
    """Explicit TLS whose data connections resume the session of the control connection.

    Servers ask for that (vsftpd and FileZilla unless told otherwise), for it proves who opens them.
    """

    def __init__(self, context: ssl.SSLContext, timeout: float) -> None:
        super().__init__(context=context, timeout=timeout)
        self._protected = False

    def prot_p(self) -> str:
        """RFC 4217 section 9: data connections in TLS."""
        reply = super().prot_p()
        self._protected = True
        return reply

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        """As in ``ftplib``."""
        data, size = _Ftp.ntransfercmd(self, cmd, rest)
        if not self._protected:
            return data, size
        control: Any = self.sock
        try:
            secured = self.context.wrap_socket(data, server_hostname=self.host, session=control.session)
        except BaseException:
            data.close()
            raise
        return secured, size


def _features(ftp: ftplib.FTP) -> frozenset[str]:
    """What FEAT names (RFC 2389). Old servers do not know FEAT; those that can are told to use UTF-8."""
    try:
        lines = ftp.sendcmd("FEAT").splitlines()[1:-1]
    except ftplib.error_perm:
        return frozenset()
    found = frozenset(line.split()[0].upper() for line in lines if line.strip())
    if "UTF8" in found:
        with suppress(ftplib.error_perm):
            ftp.sendcmd("OPTS UTF8 ON")
    return found
