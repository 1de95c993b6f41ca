"""Real FTP servers in a thread, with the faults that servers have."""

import errno
import logging
import re
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from storage.targets.ftp import FtpTarget
from tests.held_port import held_port

with warnings.catch_warnings():
    # It uses asyncore of the standard library, which says that it has no future.
    warnings.simplefilter("ignore", DeprecationWarning)
    from pyftpdlib.authorizers import AuthenticationFailed, DummyAuthorizer
    from pyftpdlib.filesystems import AbstractedFS
    from pyftpdlib.handlers import DTPHandler, FTPHandler, TLS_DTPHandler, TLS_FTPHandler
    from pyftpdlib.ioloop import IOLoop
    from pyftpdlib.servers import FTPServer

USER, PASSWORD = "recorder", "secret"


@dataclass
class Faults:
    """What the server does wrong; may be changed while it runs."""

    cut_after: list[int] = field(default_factory=list)
    """The coming uploads lose their connections, data and control, after so many bytes each."""
    cut_downloads_after: list[int] = field(default_factory=list)
    room: int | None = None
    """Bytes that can still be written to the disk."""
    writes: int | None = None
    """How many more things the disk takes: pieces of files, new files, new folders, new names."""
    room_comes: bool = False
    """The disk is full for one of ``writes`` only: others made room."""
    full: int = 552
    """What a transfer is answered for which there is no room."""
    forget: int = 0
    """The server says that all is well and leaves out so many bytes at the end of each upload."""
    spoil: bool = False
    """The server says that all is well and has other bytes, as many."""
    refused: int = 0
    """Passwords that were refused so far."""
    die_before: int | None = None
    """How many more commands are taken before a connection is cut in place of the next; then all is well."""
    die_after: str = ""
    """The connection is cut once this command was done, before it is answered; then all is well."""
    unreadable: str = ""
    """The folder of this name cannot be opened, for reasons of the disk."""
    no_data: bool = False
    """Nobody listens at the places that are told for transfers."""
    slow: float = 0
    """Seconds that each write to the disk takes."""
    received: int = 0
    """Bytes of all uploads so far."""

    def take(self) -> None:
        """Have room for one thing more."""
        if self.writes is not None:
            if self.writes == 0:
                if self.room_comes:
                    self.writes = None
                raise OSError(errno.ENOSPC, "No space left on device")
            self.writes -= 1


class Disk:
    """A file that is written to as ``Faults`` say."""

    def __init__(self, file, faults: Faults) -> None:
        self._file, self._faults = file, faults

    def write(self, data: bytes) -> int:
        self._faults.take()
        if self._faults.room is not None:
            if len(data) > self._faults.room:
                raise OSError(errno.ENOSPC, "No space left on device")
            self._faults.room -= len(data)
        if self._faults.slow:
            time.sleep(self._faults.slow)
        if self._faults.spoil:
            data = bytes([data[0] ^ 1]) + data[1:]
        return self._file.write(data)

    def close(self) -> None:
        if self._faults.forget and "r" not in self._file.mode:
            self._file.truncate(max(0, self._file.tell() - self._faults.forget))
        self._file.close()

    def __getattr__(self, name: str):
        return getattr(self._file, name)


_TIME = re.compile(rb"[A-Z][a-z]{2} \d\d \d\d:\d\d")


def _shifted(shown: bytes, zone: timedelta) -> bytes:
    """A time of LIST in another time zone."""
    time = datetime.strptime(f"2026 {shown.decode()}", "%Y %b %d %H:%M")  # noqa: DTZ007
    return (time + zone).strftime("%b %d %H:%M").encode()


class Folder(AbstractedFS):
    """The folder of a server, of a kind ``make``, with ``faults``."""

    faults: Faults
    make: "Make"

    def open(self, filename, mode):
        if "r" not in mode:
            self.faults.take()
        return Disk(super().open(filename, mode), self.faults)

    def mkdir(self, path):
        if not Path(path).exists():
            self.faults.take()
        super().mkdir(path)

    def chdir(self, path):
        if self.faults.unreadable and Path(path).name == self.faults.unreadable:
            raise OSError(errno.EIO, "Input/output error")
        super().chdir(path)

    def format_list(self, basedir, listing, ignore_err=True):
        for line in super().format_list(basedir, listing, ignore_err):
            yield self.make.date(_TIME.sub(lambda found: _shifted(found[0], self.make.zone), line))

    def rename(self, src, dst):
        if not self.make.replaces and Path(dst).exists():
            raise OSError(errno.EEXIST, "File exists")
        self.faults.take()
        super().rename(src, dst)


def _cutting(handler: type[DTPHandler], faults: Faults) -> type[DTPHandler]:
    class Transfer(handler):
        def handle_read(self):
            before = self.tot_bytes_received
            try:
                super().handle_read()
            except OSError as error:
                # As ProFTPD says it; pyftpdlib itself loses the reason, and with TLS the reply.
                self._resp = (
                    f"{faults.full} Transfer aborted. {error}",
                    logging.getLogger("pyftpdlib").debug,
                )
                self.close()
            faults.received += self.tot_bytes_received - before
            if faults.cut_after and self.tot_bytes_received >= faults.cut_after[0]:
                faults.cut_after.pop(0)
                self.cmd_channel.close()

        def handle_write(self):
            super().handle_write()
            if faults.cut_downloads_after and self.tot_bytes_sent >= faults.cut_downloads_after[0]:
                faults.cut_downloads_after.pop(0)
                self.cmd_channel.close()

        handle_read_event, handle_write_event = handle_read, handle_write

    return Transfer


@dataclass
class Make:
    """What kind of server it is."""

    tls: Path | None = None
    """Key and certificate; in clear without."""
    without: frozenset[str] = frozenset()
    """Commands that it does not have."""
    replaces: bool = True
    """Whether it renames onto names that are taken."""
    rights: str = "elradfmwMT"
    zone: timedelta = timedelta(0)
    """What its times of LIST are ahead of UTC."""
    date: Callable[[bytes], bytes] = bytes
    """How it words a line of LIST."""
    password: str = PASSWORD
    encoding: str = "utf8"
    """Of what it is sent, user and password too."""
    restarts: bool = True
    """Whether what follows REST begins where that says; it is answered as if it did."""


def _answering(base: type[FTPHandler], faults: Faults, make: Make) -> type[FTPHandler]:
    class Handler(base):
        abstracted_fs = type("Folder", (Folder,), {"faults": faults, "make": make})
        dtp_handler = _cutting(DTPHandler if make.tls is None else TLS_DTPHandler, faults)
        auth_failed_timeout = 0
        proto_cmds = {name: about for name, about in base.proto_cmds.items() if name not in make.without}  # noqa: RUF012
        use_gmt_times = True
        encoding = make.encoding

        def pre_process_command(self, line, cmd, arg):
            if faults.die_before == 0:
                faults.die_before = None
                self.close()
                return
            if faults.die_before is not None:
                faults.die_before -= 1
            super().pre_process_command(line, cmd, arg)

        def ftp_REST(self, line):  # noqa: N802
            super().ftp_REST(line)
            if not make.restarts:
                self._restart_position = 0

        def ftp_PASV(self, line):  # noqa: N802
            if faults.no_data:
                self.respond("227 Entering passive mode (127,0,0,1,0,1).")
            else:
                super().ftp_PASV(line)

        def process_command(self, cmd, *args, **kwargs):
            if cmd != faults.die_after:
                super().process_command(cmd, *args, **kwargs)
                return
            faults.die_after = ""
            self.push = lambda data: None
            super().process_command(cmd, *args, **kwargs)
            self.close()

    return Handler


def _authorizer(faults: Faults) -> DummyAuthorizer:
    class Authorizer(DummyAuthorizer):
        def validate_authentication(self, username, password, handler):
            try:
                super().validate_authentication(username, password, handler)
            except AuthenticationFailed:
                faults.refused += 1
                raise

    return Authorizer()


class Server:
    """An FTP server on a free port, and its faults."""

    def __init__(self, root: Path, make: Make, port: int = 0) -> None:
        self.root, self.faults = root, (faults := Faults())
        self.certificate, self._password = make.tls, make.password
        tls = make.tls
        authorizer = _authorizer(faults)
        authorizer.add_user(USER, make.password, str(root), perm=make.rights)
        base = FTPHandler if tls is None else TLS_FTPHandler

        self._handler = _answering(base, faults, make)
        self._handler.authorizer = authorizer
        if tls is not None:
            self._handler.certfile = str(tls)
            self._handler.tls_control_required = self._handler.tls_data_required = True
        self.port = port
        self.start()

    def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        self._server = FTPServer(("127.0.0.1", self.port), self._handler, ioloop=IOLoop())
        self.port = self._server.address[1]
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def stop(self) -> None:
        """Cut all connections and listen no more."""
        self._stopped.set()
        self._thread.join()

    def target(self, folder: str = "", **more) -> FtpTarget:
        """A target on it."""
        more = {"password": self._password, "timeout": 10.0, "tls": self.certificate or False} | more
        return FtpTarget("127.0.0.1", USER, port=self.port, folder=folder, **more)

    def _serve(self) -> None:
        while not self._stopped.is_set():
            self._server.ioloop.loop(0.02, blocking=False)
        self._server.close_all()


@contextmanager
def running(root: Path, **make) -> Iterator[Server]:
    """A server of the folder ``root``, as ``Make`` says."""
    root.mkdir(exist_ok=True)
    with held_port() as port:
        server = Server(root, Make(**make), port)
        try:
            yield server
        finally:
            server.stop()


def certificate(folder: Path) -> Path:
    """A PEM file of a key and its certificate for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path
