"""The servers that people have: OpenSSH's sshd and ProFTPD, as plain processes of ours on free ports.

They run as whoever runs the tests, with keys and users of their own, and end with the fixture.
"""

import getpass
import grp
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh
import pytest

from storage.targets.ftp import FtpTarget
from storage.targets.sftp import SftpTarget
from tests.storage.targets.ftp_server import PASSWORD, USER, certificate
from tests.waiting import PATIENCE, until

_TRIES = 5
_EVERYWHERE = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/lib/proftpd"

SSHD = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {folder}/authorized
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
MaxStartups 100
MaxSessions 100
Subsystem sftp internal-sftp
"""
PROFTPD = """
ServerType standalone
Port {port}
DefaultAddress 127.0.0.1
UseIPv6 off
UseReverseDNS off
User {user}
Group {group}
RootLogin on
AuthOrder mod_auth_file.c
AuthUserFile {folder}/users
RequireValidShell off
DefaultRoot ~
PidFile {folder}/pid
ScoreboardFile {folder}/scoreboard
SystemLog {folder}/log
TransferLog none
WtmpLog off
AllowOverwrite on
AllowStoreRestart on
AllowRetrieveRestart on
MaxInstances 100
{tls}
"""
TLS = """
LoadModule mod_tls.c
TLSEngine on
TLSRequired on
TLSLog {folder}/tls_log
TLSECCertificateFile {pem}
TLSECCertificateKeyFile {pem}
"""


def program(name: str, package: str) -> str:
    """Where the program is; the test is skipped where this machine does not have it."""
    found = shutil.which(name, path=_EVERYWHERE)
    if found is None:
        pytest.skip(f"{name} is missing: apt-get install {package}")
    return found


@dataclass(frozen=True, slots=True)
class Sshd:
    """An OpenSSH server that lets the present user in by a key."""

    port: int
    folder: Path

    def target(self, folder: str | Path, known_hosts: Path | None = None) -> SftpTarget:
        """A target on it, in a folder of this machine: below ``folder`` of the server, or any other."""
        return SftpTarget(
            "127.0.0.1",
            getpass.getuser(),
            known_hosts or self.folder / "known_hosts",
            port=self.port,
            key_file=self.folder / "user_key",
            folder=str(self.folder / folder),
            timeout=10.0,
        )


@dataclass(frozen=True, slots=True)
class Proftpd:
    """A ProFTPD that lets one user of its own in."""

    port: int
    files: Path
    pem: Path | None

    def target(self, folder: str) -> FtpTarget:
        """A target on it, in a folder below ``files``."""
        tls = self.pem or False
        return FtpTarget(
            "127.0.0.1", USER, port=self.port, folder=folder, password=PASSWORD, timeout=10.0, tls=tls
        )


@contextmanager
def sshd(folder: Path) -> Iterator[Sshd]:
    """A server with keys in ``folder``."""
    command = program("sshd", "openssh-server")
    if os.geteuid() == 0:
        # sshd that is started as root wants it, and the service of Debian is what makes it.
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    for name in ("host_key", "user_key"):
        key = asyncssh.generate_private_key("ssh-ed25519")
        (folder / name).touch(mode=0o600)
        (folder / name).write_bytes(key.export_private_key())
        (folder / f"{name}.pub").write_bytes(key.export_public_key())
    (folder / "authorized").write_bytes((folder / "user_key.pub").read_bytes())

    def configure(port: int) -> list[str]:
        (folder / "sshd_config").write_text(SSHD.format(port=port, folder=folder))
        known = (folder / "host_key.pub").read_text()
        (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {known}")
        return [command, "-D", "-e", "-f", str(folder / "sshd_config")]

    with _listening(configure, folder) as port:
        yield Sshd(port, folder)


@contextmanager
def proftpd(folder: Path, *, tls: bool) -> Iterator[Proftpd]:
    """A server whose user sees ``folder/files`` and nothing else."""
    command = program("proftpd", "proftpd-core proftpd-mod-crypto")
    files = folder / "files"
    files.mkdir()
    pem = certificate(folder) if tls else None
    if pem is not None:
        pem.chmod(0o600)
    made = subprocess.run(
        [program("openssl", "openssl"), "passwd", "-5", PASSWORD], capture_output=True, text=True, check=True
    )
    users = folder / "users"
    users.touch(mode=0o600)
    users.write_text(f"{USER}:{made.stdout.strip()}:{os.getuid()}:{os.getgid()}::{files}:/bin/false\n")

    def configure(port: int) -> list[str]:
        secured = TLS.format(folder=folder, pem=pem) if tls else ""
        text = PROFTPD.format(
            port=port,
            folder=folder,
            user=getpass.getuser(),
            group=grp.getgrgid(os.getgid()).gr_name,
            tls=secured,
        )
        (folder / "proftpd.conf").write_text(text)
        return [command, "--nodaemon", "--config", str(folder / "proftpd.conf")]

    with _listening(configure, folder) as port:
        yield Proftpd(port, files, pem)


@contextmanager
def _listening(configure, folder: Path) -> Iterator[int]:
    """The port on which what ``configure`` tells to start listens; another one where that was taken."""
    for _ in range(_TRIES):
        port = _free_port()
        with (folder / "output").open("wb") as output:
            process = subprocess.Popen(configure(port), stdout=output, stderr=output)
        try:
            if _listens(process, port):
                yield port
                return
        finally:
            process.terminate()
            process.wait(PATIENCE)
    pytest.fail(f"It did not start: {(folder / 'output').read_text(errors='replace')}")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _listens(process: subprocess.Popen, port: int) -> bool:
    """Whether it listens, as soon as it does; False where it ended, as the port was taken."""

    def answers() -> bool:
        with socket.socket() as asking:
            return asking.connect_ex(("127.0.0.1", port)) == 0

    until(lambda: answers() or process.poll() is not None)
    return process.poll() is None
