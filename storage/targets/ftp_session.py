"""One logged-in connection to an FTP server (RFC 959, 2389, 3659, 4217)."""

import contextlib
import ftplib
import posixpath
import re
import socket
import ssl
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from storage.targets import ftp_listing
from storage.targets.contract import Space
from storage.targets.ftp_replies import Reply, readable, wire
from storage.targets.remote_session import Broken, Entry, Refusal, RemoteSession

_CHUNK = 1 << 18
_FAREWELL = 5.0
_LIST_LINE = re.compile(r"\r?\n")


class FtpSession(RemoteSession):
    """See ``RemoteSession``; here every ``Refusal`` is a ``Reply``, but for that of an unread listing."""

    def __init__(self, ftp: ftplib.FTP, features: frozenset[str]) -> None:
        self._ftp = ftp
        # RFC 3659 section 7.8: MLST in the answer to FEAT means MLSD, too.
        self._missing: set[str] = set() if "MLST" in features else {"MLST", "MLSD"}
        self._zone: timedelta | None = None
        self.home = self._home()

    def close(self) -> None:
        """See ``RemoteSession.close``."""
        if not self.broken:
            self.broken = True
            with contextlib.suppress(OSError, ftplib.Error):
                self._ftp.sock.settimeout(_FAREWELL)  # type: ignore[union-attr]  # typeshed: sock may be None
                self._ftp.putcmd("QUIT")
        self._ftp.close()

    def stat(self, path: str) -> Entry | None:
        """See ``RemoteSession.stat``. A refusal that does not speak of rights means that nothing is there:
        servers word that as they like.
        """
        try:
            if "MLST" not in self._missing:
                return self._mlst(path)
            if "SIZE" not in self._missing:
                return self._size(path)
        except Reply as reply:
            if not reply.not_understood:
                if reply.rights or not reply.for_good:
                    raise
                return None
            self._missing.add("MLST" if "MLST" not in self._missing else "SIZE")
            return self.stat(path)
        name = posixpath.basename(path)
        return next((entry for entry in self.entries(posixpath.dirname(path)) if entry.name == name), None)

    def entries(self, folder: str) -> list[Entry]:
        """See ``RemoteSession.entries``. A folder that does not open is not empty but an error."""
        try:
            self._command(f"CWD {folder}")
        except Reply as reply:
            if reply.rights or not reply.for_good or self._is_folder(folder):
                raise
            return []
        if "MLSD" not in self._missing:
            return _named(map(ftp_listing.parse_facts, self._lines("MLSD")))
        return self._long_list()

    def make_folder(self, folder: str) -> None:
        """See ``RemoteSession.make_folder``."""
        try:
            self._command(f"MKD {folder}")
        except Reply as reply:
            if reply.full or not reply.for_good:
                raise

    def delete(self, path: str) -> None:
        """See ``RemoteSession.delete``."""
        try:
            self._command(f"DELE {path}")
        except Reply:
            if self.is_file(path):
                raise

    def rename(self, old: str, new: str) -> None:
        """See ``RemoteSession.rename``."""
        self._command(f"RNFR {old}")
        self._command(f"RNTO {new}")

    def store(self, path: str, chunks: Iterable[bytes], start: int = 0) -> None:
        """See ``RemoteSession.store``."""
        data = self._open(f"STOR {path}", start)
        try:
            for chunk in chunks:
                self._send(data, chunk)
            self._end(data)
        except (Broken, Reply):
            raise
        except BaseException:
            # The source broke. To the server the file has simply ended, so its answer is of no interest.
            self.broken = True
            raise
        finally:
            data.close()

    def retrieve(self, path: str, start: int) -> Iterator[bytes]:
        """See ``RemoteSession.retrieve``. Closing it before its end closes the connection, for how servers
        answer that differs too much.
        """
        data = self._open(f"RETR {path}", start)
        return self._received(data)

    def space(self, folder: str) -> Space | None:  # noqa: ARG002
        """See ``RemoteSession.space``: FTP has no words for it."""
        return None

    def _is_folder(self, path: str) -> bool:
        if "MLST" not in self._missing:
            found = self.stat(path)
            return found is not None and found.folder
        parent, name = posixpath.split(path)
        return bool(name) and any(entry.folder and entry.name == name for entry in self.entries(parent))

    def _home(self) -> str:
        with self._checked():
            return readable(self._ftp.pwd())

    def _command(self, line: str) -> str:
        with self._checked():
            return readable(self._ftp.sendcmd(_raw(line)))

    def _mlst(self, path: str) -> Entry | None:
        lines = _LIST_LINE.split(self._command(f"MLST {path}"))
        entries = [ftp_listing.parse_facts(line) for line in lines if line.startswith(" ")]
        found = next(filter(None, entries), None)
        if found and not found.folder and found.bytes is None:
            raise Reply("502 MLST tells no size")
        return found

    def _size(self, path: str) -> Entry | None:
        size = self._command(f"SIZE {path}")[3:].strip()
        if not size.isdecimal():
            raise Reply(f"502 SIZE answers {size!r}")
        return Entry(posixpath.basename(path), False, int(size), self._time(path))

    def _time(self, path: str) -> datetime | None:
        if "MDTM" in self._missing:
            return None
        try:
            return ftp_listing.parse_time(self._command(f"MDTM {path}")[3:].strip())
        except Reply as reply:
            if reply.not_understood:
                self._missing.add("MDTM")
                self.knows_times = "MLST" not in self._missing
            return None

    def _long_list(self) -> list[Entry]:
        now = datetime.now(UTC)
        lines = self._lines("LIST -a")
        entries = _named(_read(line, now) for line in lines)
        if self._zone is None:
            timed = (line for line in lines if ftp_listing.has_time_of_day(line))
            self._zone = self._zone_of(_named(_read(line, now) for line in timed))
        zone = self._zone
        if zone is None:
            return [Entry(entry.name, entry.folder, entry.bytes, None) for entry in entries]
        return [ftp_listing.shifted(entry, zone) for entry in entries]

    def _zone_of(self, entries: list[Entry]) -> timedelta | None:
        """The server's time zone, from the newest file of those whose minute LIST tells."""
        dated = [(entry.modified, entry.name) for entry in entries if entry.modified and not entry.folder]
        if not dated:
            return None
        shown, name = max(dated)
        true = self._time(name)
        return None if true is None else ftp_listing.zone_between(shown, true)

    def _lines(self, command: str) -> list[str]:
        data = b"".join(self._received(self._open(command, 0)))
        return [readable(line) for line in _LIST_LINE.split(data.decode("latin-1")) if line]

    def _open(self, command: str, start: int) -> socket.socket:
        try:
            with self._checked():
                return self._ftp.transfercmd(_raw(command), start or None)
        except Reply:
            # Something about the data connection that was not used may follow: 522 of RFC 4217 section 10.2.
            self.broken = True
            raise
        except Broken as broken:
            if isinstance(broken.__cause__, TimeoutError | ConnectionRefusedError):
                raise Broken(
                    f"no data connection ({broken}): firewalls must let passive FTP through"
                ) from broken
            raise

    def _send(self, data: socket.socket, chunk: bytes) -> None:
        try:
            with self._checked():
                data.sendall(chunk)
        except Broken as broken:
            if isinstance(broken.__cause__, TimeoutError):
                raise
            # The server closes the transfer before it says why: on a full disk that is what matters.
            data.close()
            self.broken = False
            self._reply()
            self.broken = True
            raise

    def _end(self, data: socket.socket) -> None:
        _close_tls(data)
        data.close()
        self._reply()

    def _received(self, data: socket.socket) -> Iterator[bytes]:
        ended = False
        try:
            while True:
                with self._checked():
                    chunk = data.recv(_CHUNK)
                if not chunk:
                    break
                yield chunk
            ended = True
            self._end(data)
        finally:
            data.close()
            if not ended:
                self.broken = True

    def _reply(self) -> None:
        with self._checked():
            self._ftp.voidresp()

    @contextlib.contextmanager
    def _checked(self) -> Iterator[None]:
        try:
            with wire():
                yield
        except Broken:
            self.broken = True
            raise


def _raw(line: str) -> str:
    """UTF-8 as the Latin-1 text that ``ftplib`` sends byte by byte: replies need not be UTF-8."""
    return line.encode().decode("latin-1")


def _named(entries: Iterable[Entry | None]) -> list[Entry]:
    return [entry for entry in entries if entry and entry.name not in (".", "..")]


def _read(line: str, now: datetime) -> Entry | None:
    """An entry of LIST. What is not understood is not left out: calls would be missed and nobody told."""
    entry = ftp_listing.parse_list(line, now)
    if entry is None and ftp_listing.looks_like_entry(line):
        raise Refusal(
            f"Earwitness cannot read a line of what it lists: {line[:100]!r}. "
            "Use an FTP server that knows MLSD, or let it list in English"
        )
    return entry


def _close_tls(data: socket.socket) -> None:
    """End TLS as it should end; servers that just hang up are many, and lengths are checked anyway."""
    if isinstance(data, ssl.SSLSocket):
        data.settimeout(_FAREWELL)
        with contextlib.suppress(OSError, ValueError):
            data.unwrap()
