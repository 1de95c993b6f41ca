"""One SSH connection with its SFTP channel."""

import asyncio
import contextlib
import posixpath
import stat
from collections.abc import Coroutine, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import asyncssh

from storage.targets.contract import Space
from storage.targets.remote_session import Broken, Entry, Refusal, RemoteSession
from storage.targets.sftp_errors import Failed, Nowhere, wire
from storage.targets.sftp_loop import LoopThread

_T = TypeVar("_T")
_CHUNK = 1 << 20
_REQUEST = 1 << 18
_FAREWELL = 1.0


class SftpSession(RemoteSession):
    """See ``RemoteSession``. Each step that takes longer than ``timeout`` seconds is ``Broken``."""

    # A chunk is sent as many requests at once; when all of them are answered the next chunk follows.
    unsure = _CHUNK

    def __init__(
        self,
        loop: LoopThread,
        connection: asyncssh.SSHClientConnection,
        client: asyncssh.SFTPClient,
        home: str,
        timeout: float,
    ) -> None:
        self._loop, self._connection, self._client, self._timeout = loop, connection, client, timeout
        self.home = home

    def close(self) -> None:
        """See ``RemoteSession.close``."""
        if self._loop.inside():
            self._connection.abort()
        else:
            with contextlib.suppress(ConnectionError):
                self._loop.run(self._end(0.0 if self.broken else _FAREWELL))
        self.broken = True

    def stat(self, path: str) -> Entry | None:
        """See ``RemoteSession.stat``."""
        try:
            return _entry(posixpath.basename(path), self._do(self._client.stat(path)))
        except Nowhere:
            return None

    def entries(self, folder: str) -> list[Entry]:
        """See ``RemoteSession.entries``. A folder that is there and does not open is an error."""
        try:
            found = self._do(self._client.readdir(folder))
        except Nowhere:
            seen = self.stat(folder)
            if seen is not None and seen.folder:
                raise
            return []
        named = [(str(name.filename), name.attrs) for name in found if name.filename not in (".", "..")]
        return [entry for entry in (self._listed(folder, *each) for each in named) if entry]

    def make_folder(self, folder: str) -> None:
        """See ``RemoteSession.make_folder``."""
        try:
            self._change(folder, self._client.mkdir(folder))
        except Refusal as refusal:
            if refusal.full:
                raise

    def delete(self, path: str) -> None:
        """See ``RemoteSession.delete``."""
        try:
            self._do(self._client.remove(path))
        except Nowhere:
            return
        except Refusal:
            if self.is_file(path):
                raise

    def rename(self, old: str, new: str) -> None:
        """See ``RemoteSession.rename``. Replaces ``new`` where the server knows ``posix-rename``."""
        try:
            self._change(new, self._client.posix_rename(old, new))
        except Refusal as refusal:
            if not refusal.not_understood:
                raise
            self._change(new, self._client.rename(old, new))

    def store(self, path: str, chunks: Iterable[bytes], start: int = 0) -> None:
        """See ``RemoteSession.store``. The server is asked to bring the file to its disk, if it can."""
        flags = asyncssh.FXF_WRITE | asyncssh.FXF_CREAT
        file = self._change(path, self._opened(path, flags))
        try:
            for chunk in chunks:
                self._write(file, path, chunk, start)
                start += len(chunk)
            with contextlib.suppress(Refusal):
                self._do(file.fsync())
        finally:
            self._close_file(file)

    def retrieve(self, path: str, start: int) -> Iterator[bytes]:
        """See ``RemoteSession.retrieve``."""
        file = self._do(self._opened(path, asyncssh.FXF_READ))
        return self._received(file, start)

    def space(self, folder: str) -> Space | None:
        """See ``RemoteSession.space``: that of the first folder above that is there."""
        while True:
            try:
                found = self._do(self._client.statvfs(folder))
            except Nowhere:
                if folder == "/":
                    return None
                folder = posixpath.dirname(folder)
            except Refusal as refusal:
                if refusal.not_understood:
                    return None
                raise
            else:
                return Space(found.bavail * found.frsize, found.blocks * found.frsize)

    def _listed(self, folder: str, name: str, attrs: asyncssh.SFTPAttrs) -> Entry | None:
        """An entry of a folder. Servers may list names alone: of these it is asked what they are."""
        if attrs.type == asyncssh.FILEXFER_TYPE_UNKNOWN and attrs.permissions is None:
            return self.stat(posixpath.join(folder, name))
        return _entry(name, attrs)

    def _write(self, file: asyncssh.SFTPClientFile, path: str, chunk: bytes, start: int) -> None:
        for at in range(0, len(chunk), _CHUNK):
            self._change(path, file.write(chunk[at : at + _CHUNK], start + at), len(chunk))

    def _change(self, path: str, step: Coroutine[Any, Any, _T], room: int = 1) -> _T:
        """As ``_do``, for what needs so many bytes of room where ``path`` is."""
        try:
            return self._do(step)
        except Failed as failed:
            # Servers of the usual version 3 of the protocol have no word for a full disk.
            if self._has_no_room(path, room):
                raise Refusal(failed.text, full=True) from failed
            raise

    def _has_no_room(self, path: str, wanted: int) -> bool:
        try:
            space = self.space(posixpath.dirname(path))
        except Refusal:
            return False
        return space is not None and space.free < wanted

    def _received(self, file: asyncssh.SFTPClientFile, start: int) -> Iterator[bytes]:
        try:
            while chunk := self._do(_filled(file, start)):
                start += len(chunk)
                yield chunk
        finally:
            self._close_file(file)

    def _close_file(self, file: asyncssh.SFTPClientFile) -> None:
        if self._loop.inside():
            # A reader that nobody read to its end, taken away by the garbage collector in this very thread.
            self.broken = True
        if not self.broken:
            with contextlib.suppress(Refusal, Broken):
                self._do(file.close())

    def _do(self, step: Coroutine[Any, Any, _T]) -> _T:
        try:
            with wire():
                return self._loop.run(step, self._timeout)
        except Broken:
            self.broken = True
            raise

    async def _opened(self, path: str, flags: int) -> asyncssh.SFTPClientFile:
        return await self._client.open(path, flags, encoding=None)

    async def _end(self, patience: float) -> None:
        self._connection.close()
        with contextlib.suppress(TimeoutError, OSError, asyncssh.Error):
            await asyncio.wait_for(self._connection.wait_closed(), patience)
        self._connection.abort()


async def _filled(file: asyncssh.SFTPClientFile, start: int) -> bytes:
    """The next bytes, by several requests at once. The library fills what a server leaves out between two of
    them with zeros, so that each is looked at by itself.
    """
    size = min(file.read_len or _REQUEST, _REQUEST)
    asked = (file.read(size, at) for at in range(start, start + _CHUNK, size))
    pieces = cast(list[bytes], await asyncio.gather(*asked))
    ended = False
    for piece in pieces:
        if len(piece) > size or (ended and piece):
            raise Refusal("it gives other bytes than it was asked for")
        ended = len(piece) < size
    return b"".join(pieces)


def _entry(name: str, attrs: asyncssh.SFTPAttrs) -> Entry | None:
    """None for what is neither file nor folder; links in listings are not followed."""
    mode = attrs.permissions or 0
    folder = attrs.type == asyncssh.FILEXFER_TYPE_DIRECTORY or stat.S_ISDIR(mode)
    if not folder and not (attrs.type == asyncssh.FILEXFER_TYPE_REGULAR or stat.S_ISREG(mode)):
        return None
    modified = None if attrs.mtime is None else datetime.fromtimestamp(attrs.mtime, UTC)
    return Entry(name, folder, attrs.size, modified)
