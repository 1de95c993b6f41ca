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
from storage.targets.ftp_listing import Entry
from storage.targets.ftp_replies import Broken, Refusal, readable, wire

_CHUNK = 1 << 18
_FAREWELL = 5.0
_LIST_LINE = re.compile(r"\r?\n")


class FtpSession:
    """What targets need of FTP, over one connection that one thread uses at a time.

    Paths are absolute. Methods raise ``Refusal`` for what the server answers, ``Broken`` for a connection
    that is gone; after the latter the session is of no more use and says so by ``broken``.
    """

    def __init__(self, ftp: ftplib.FTP, features: frozenset[str]) -> None:
        self._ftp = ftp
        self._missing: set[str] = set() if "MLST" in features else {"MLST", "MLSD"}
        self._zone: timedelta | None = None
        self.broken = False
        self.home = self._home()

    @property
    def knows_times(self) -> bool:
        """Whether the server tells times, as far as was seen."""
        return not {"MLST", "MDTM"} <= self._missing

    def close(self) -> None:
        """Say good-bye where that needs no waiting, and close."""
        if not self.broken:
            self.broken = True
            with contextlib.suppress(OSError, ftplib.Error):
                self._ftp.sock.settimeout(_FAREWELL)  # type: ignore[union-attr]  # typeshed: sock may be None
                self._ftp.putcmd("QUIT")
        self._ftp.close()

    def path(self, folder: str, name: str) -> str:
        """The absolute path of ``name`` in ``folder``, which is relative to where the user arrived."""
        return posixpath.join(self.home, folder, name).rstrip("/") or "/"

    def is_file(self, path: str) -> bool:
        """Whether a file is there."""
        found = self.stat(path)
        return found is not None and not found.folder

    def stat(self, path: str) -> Entry | None:
        """The file or folder ``path``, None where there is none.

        A refusal that does not speak of rights counts as none: servers word it as they like.
        """
        try:
            if "MLST" not in self._missing:
                return self._mlst(path)
            if "SIZE" not in self._missing:
                return self._size(path)
        except Refusal as refusal:
            if not refusal.not_understood:
                if refusal.rights or refusal.code[0] != "5":
                    raise
                return None
            self._missing.add("MLST" if "MLST" not in self._missing else "SIZE")
            return self.stat(path)
        name = posixpath.basename(path)
        return next((entry for entry in self.entries(posixpath.dirname(path)) if entry.name == name), None)

    def entries(self, folder: str) -> list[Entry]:
        """What ``folder`` holds, hidden names too, in any order; nothing where there is no such folder."""
        try:
            if "MLSD" not in self._missing:
                lines = self._lines(f"MLSD {folder}")
                return _named(map(ftp_listing.parse_facts, lines))
            self._command(f"CWD {folder}")
        except Refusal as refusal:
            if "MLSD" not in self._missing and refusal.code in ("500", "502"):
                self._missing.add("MLSD")
                return self.entries(folder)
            if refusal.rights or refusal.code[0] != "5":
                raise
            return []
        return self._long_list()

    def make_folder(self, folder: str) -> None:
        """Make ``folder``, whose parent is there. What is in the way shows when it is written to."""
        try:
            self._command(f"MKD {folder}")
        except Refusal as refusal:
            if refusal.full or refusal.code[0] != "5":
                raise

    def delete(self, path: str) -> None:
        """Remove the file ``path``; nothing happens where there is none."""
        try:
            self._command(f"DELE {path}")
        except Refusal:
            if self.is_file(path):
                raise

    def rename(self, old: str, new: str) -> None:
        """Give ``old`` the name ``new``."""
        self._command(f"RNFR {old}")
        self._command(f"RNTO {new}")

    def store(self, path: str, chunks: Iterable[bytes], start: int = 0) -> None:
        """Write ``chunks`` to ``path``, from its byte ``start`` on. What ``chunks`` raises comes through.

        A transfer that the server cut is ``Broken`` even where the connection lives on.
        """
        data = self._open(f"STOR {path}", start)
        try:
            for chunk in chunks:
                self._send(data, chunk)
            self._end(data)
        except (Broken, Refusal):
            raise
        except BaseException:
            # The source broke. To the server the file has simply ended, so its answer is of no interest.
            self.broken = True
            raise
        finally:
            data.close()

    def retrieve(self, path: str, start: int) -> Iterator[bytes]:
        """The bytes of ``path`` from ``start``. The transfer has begun when this returns.

        Closing it before its end closes the connection: how servers answer that differs too much.
        """
        data = self._open(f"RETR {path}", start)
        return self._received(data)

    def _home(self) -> str:
        with self._checked():
            return readable(self._ftp.pwd())

    def _command(self, line: str) -> str:
        with self._checked():
            return readable(self._ftp.sendcmd(_raw(line)))

    def _mlst(self, path: str) -> Entry | None:
        lines = _LIST_LINE.split(self._command(f"MLST {path}"))
        entries = [ftp_listing.parse_facts(line) for line in lines if line.startswith(" ")]
        return next(filter(None, entries), None)

    def _size(self, path: str) -> Entry | None:
        size = self._command(f"SIZE {path}")[3:].strip()
        if not size.isdecimal():
            raise Refusal(f"502 SIZE answers {size!r}")
        return Entry(posixpath.basename(path), False, int(size), self._time(path))

    def _time(self, path: str) -> datetime | None:
        if "MDTM" in self._missing:
            return None
        try:
            return ftp_listing.parse_time(self._command(f"MDTM {path}")[3:].strip())
        except Refusal as refusal:
            if refusal.not_understood:
                self._missing.add("MDTM")
            return None

    def _long_list(self) -> list[Entry]:
        now = datetime.now(UTC)
        lines = self._lines("LIST -a")
        entries = _named(ftp_listing.parse_list(line, now) for line in lines)
        if self._zone is None:
            self._zone = self._zone_of(entries)
        zone = self._zone
        if zone is None:
            return [Entry(entry.name, entry.folder, entry.bytes, None) for entry in entries]
        return [ftp_listing.shifted(entry, zone) for entry in entries]

    def _zone_of(self, entries: list[Entry]) -> timedelta | None:
        """The server's time zone, from the newest file: for that one LIST tells the minute."""
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
        with self._checked():
            return self._ftp.transfercmd(_raw(command), start or None)

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
        try:
            with self._checked():
                self._ftp.voidresp()
        except Refusal as refusal:
            if refusal.cut:
                raise Broken(refusal.text) from refusal
            raise

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


def _close_tls(data: socket.socket) -> None:
    """End TLS as it should end; servers that just hang up are many, and lengths are checked anyway."""
    if isinstance(data, ssl.SSLSocket):
        data.settimeout(_FAREWELL)
        with contextlib.suppress(OSError, ValueError):
            data.unwrap()
