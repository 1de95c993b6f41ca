"""A real SSH server in a thread, with the faults that servers have."""

import asyncio
import errno
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import asyncssh

from storage.targets.sftp import SftpTarget
from tests.held_port import held_port

USER, PASSWORD = "recorder", "secret"


@dataclass
class Faults:
    """What the server does wrong; may be changed while it runs."""

    cut_after: list[int] = field(default_factory=list)
    """The connection is cut once so many bytes were written through it, for each number once."""
    cut_downloads_after: list[int] = field(default_factory=list)
    cut_listings_after: list[int] = field(default_factory=list)
    """The connection is cut once so many names of a folder were listed, for each number once."""
    bare_names: bool = False
    """Listings tell the names and nothing else."""
    no_such_folder: str = ""
    """A folder of this name is not there to be opened, but to be asked for."""
    room: int | None = None
    """Bytes that can still be written to the disk."""
    writes: int | None = None
    """How many more things the disk takes: pieces of files, new files, new folders, new names."""
    room_comes: bool = False
    """The disk is full for one of ``writes`` only: others made room."""
    silent_disk: bool = False
    """A full disk is called a failure and no more, as the usual servers do."""
    spoil: bool = False
    """The server says that all is well and has other bytes, as many."""
    forget: bool = False
    """The server says that all is well and writes nothing."""
    no_posix_rename: bool = False
    no_rights: bool = False
    """Nothing may be written or removed."""
    received: int = 0
    """Bytes of all uploads so far."""
    at_most: int | None = None
    """Reads give so many bytes, however many are asked for."""
    ends_at: int | None = None
    """Reads that begin there are told that the file ends."""
    doubles: bool = False
    """Reads give the bytes twice over."""
    hang: bool = False
    """Writes are not answered while this holds."""

    def take(self) -> None:
        """Have room for one thing more."""
        if self.writes is not None:
            if self.writes == 0:
                if self.room_comes:
                    self.writes = None
                self.refuse()
            self.writes -= 1

    def refuse(self) -> NoReturn:
        """Say that the disk is full."""
        if self.silent_disk:
            raise asyncssh.SFTPFailure("Failure")
        raise OSError(errno.ENOSPC, "No space left on device")


class Files(asyncssh.SFTPServer):
    """The folder of the server. One per connection."""

    def __init__(self, channel, root: Path, faults: Faults, opened: list) -> None:
        super().__init__(channel, chroot=str(root).encode())
        self._opened = opened
        self._faults, self._written, self._read = faults, 0, 0

    def _cut(self) -> None:
        # Of several requests at once the later ones never come to pass.
        self.channel.get_connection().abort()
        raise asyncssh.SFTPConnectionLost("cut")

    async def write(self, file_obj, offset, data):
        faults = self._faults
        while faults.hang:
            await asyncio.sleep(0.01)
        if faults.cut_after and self._written + len(data) > faults.cut_after[0]:
            faults.cut_after.pop(0)
            self._cut()
        if self.channel.get_connection().is_closed():
            self._cut()
        faults.take()
        if faults.room is not None:
            if len(data) > faults.room:
                faults.refuse()
            faults.room -= len(data)
        self._written += len(data)
        faults.received += len(data)
        if faults.forget:
            return len(data)
        return super().write(file_obj, offset, bytes([data[0] ^ 1]) + data[1:] if faults.spoil else data)

    def read(self, file_obj, offset, size):
        if self._faults.cut_downloads_after and self._read + size > self._faults.cut_downloads_after[0]:
            self._faults.cut_downloads_after.pop(0)
            self._cut()
        self._read += size
        if offset == self._faults.ends_at:
            return b""
        data = super().read(file_obj, offset, min(size, self._faults.at_most or size))
        return data * 2 if self._faults.doubles else data

    def open(self, path, pflags, attrs):
        if self._faults.no_rights and pflags & asyncssh.FXF_WRITE:
            raise asyncssh.SFTPPermissionDenied("Permission denied")
        if pflags & asyncssh.FXF_CREAT:
            self._faults.take()
        opened = super().open(path, pflags, attrs)
        self._opened.append(opened)
        return opened

    async def scandir(self, path):
        faults = self._faults
        if faults.no_such_folder and path.endswith(faults.no_such_folder.encode()):
            raise asyncssh.SFTPNoSuchFile("No such file")
        left = faults.cut_listings_after.pop(0) if faults.cut_listings_after else None
        async for name in super().scandir(path):
            if left == 0:
                self._cut()
            left = None if left is None else left - 1
            if faults.bare_names:
                name.attrs = asyncssh.SFTPAttrs()
            yield name

    def remove(self, path):
        if self._faults.no_rights:
            raise asyncssh.SFTPPermissionDenied("Permission denied")
        return super().remove(path)

    def mkdir(self, path, attrs):
        if not Path(os.fsdecode(self.map_path(path))).exists():
            self._faults.take()
        return super().mkdir(path, attrs)

    def posix_rename(self, oldpath, newpath):
        self._faults.take()
        if self._faults.no_posix_rename:
            raise asyncssh.SFTPOpUnsupported("posix-rename is not known here")
        return super().posix_rename(oldpath, newpath)

    def statvfs(self, path):
        found = asyncssh.SFTPVFSAttrs.from_local(super().statvfs(path))
        if self._faults.room is not None:
            found.bavail = self._faults.room // found.frsize
        if self._faults.writes == 0:
            found.bavail = 0
        return found


class Server:
    """An SSH server on a free port, and its faults."""

    def __init__(self, root: Path, folder: Path, port: int = 0) -> None:
        self.root, self.faults, self.port = root, Faults(), port
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        self.user_key = asyncssh.generate_private_key("ssh-ed25519")
        self.known_hosts = folder / "known_hosts"
        self.passwords: list[str] = []
        """What came as a password, right or wrong."""
        self.start()
        self.trust(self.known_hosts, self.key)

    def trust(self, path: Path, key: asyncssh.SSHKey) -> None:
        """Write ``path`` so that it knows the server by ``key``."""
        path.write_text(f"[127.0.0.1]:{self.port} {key.export_public_key().decode()}")

    def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        assert self._listening.wait(30)

    def stop(self) -> None:
        """Cut all connections and listen no more."""
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    def target(self, folder: str = "", **more) -> SftpTarget:
        """A target on it."""
        more = {"password": PASSWORD, "known_hosts": self.known_hosts, "timeout": 10.0} | more
        return SftpTarget("127.0.0.1", USER, port=self.port, folder=folder, **more)

    def _serve(self) -> None:
        with asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            runner.run(self._run())

    async def _run(self) -> None:
        self._stopped = asyncio.Event()
        connections, opened = [], []

        class Login(asyncssh.SSHServer):
            def connection_made(login, conn):  # noqa: N805
                connections.append(conn)

            def password_auth_supported(login):  # noqa: N805
                return True

            def validate_password(login, username, password):  # noqa: N805
                self.passwords.append(password)
                return (username, password) == (USER, PASSWORD)

        listener = await asyncssh.listen(
            "127.0.0.1",
            self.port,
            server_factory=Login,
            server_host_keys=[self.key],
            authorized_client_keys=asyncssh.import_authorized_keys(
                self.user_key.export_public_key().decode()
            ),
            sftp_factory=lambda channel: Files(channel, self.root, self.faults, opened),
        )
        self.port = listener.get_port()
        self._listening.set()
        await self._stopped.wait()
        listener.close()
        await listener.wait_closed()
        for connection in connections:
            connection.abort()
            await connection.wait_closed()
        for file in opened:
            # The library leaves files open whose writes were still going on when the connection ended.
            file.close()


@contextmanager
def running(root: Path) -> Iterator[Server]:
    """A server of the folder ``root``."""
    (root / "files").mkdir()
    with held_port() as port:
        server = Server(root / "files", root, port)
        try:
            yield server
        finally:
            server.stop()
