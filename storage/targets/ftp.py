"""A folder of an FTP server, with TLS (FTPS, RFC 4217) or without."""

import ssl
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from storage.errors import NotStored, TargetError
from storage.targets.contract import Capabilities, Source, Space, Stored, check_range
from storage.targets.ftp_listing import Entry
from storage.targets.ftp_login import FtpLogin, tls_context
from storage.targets.ftp_pool import FtpPool
from storage.targets.ftp_replies import Broken, Refusal, error_for
from storage.targets.ftp_session import FtpSession
from storage.targets.ftp_upload import FtpUploads
from storage.targets.names import checked_name
from storage.targets.rereadable import Rereadable
from storage.targets.walking import blobs, parts

_T = TypeVar("_T")


class FtpTarget:
    """Keeps each blob as a file below ``folder``, which is made when the first blob comes.

    A put sends to a temporary name in the same folder, compares the length and renames; see ``FtpUploads``.
    Links on the server are not followed. ``capabilities`` are what is usual until the server was seen.
    """

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
        login = FtpLogin(host, port, user, password, context, timeout)
        self._server, self._folder = login.server, folder
        self._pool = FtpPool(login.open, connections, 2 * timeout)
        self._uploads = FtpUploads(self._pool, self._folder)
        self._times = True
        weakref.finalize(self, self._pool.drop)

    @property
    def capabilities(self) -> Capabilities:
        """See ``Target.capabilities``."""
        return Capabilities(
            ranges=True,
            atomic_put=self._uploads.atomic,
            durable=False,
            knows_sha256=False,
            knows_modified=self._times,
        )

    def close(self) -> None:
        """Close idle connections. The target can still be used."""
        self._pool.drop()

    def put(self, name: str, source: Source) -> Stored:
        """See ``Target.put``."""
        checked_name(name)
        with Rereadable(source) as whole, self._errors(f"keep {name}"):
            self._uploads.put(name, whole)
            return Stored(name, whole.bytes, whole.sha256)

    def get(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See ``Target.get``."""
        check_range(start, length)
        found = self.stat(name)
        if found is None:
            raise NotStored(name)
        end = found.bytes if length is None else min(start + length, found.bytes)
        return self._read(found, start, end)

    def stat(self, name: str) -> Stored | None:
        """See ``Target.stat``."""
        checked_name(name)
        entry = self._do(f"look for {name}", lambda session: session.stat(session.path(self._folder, name)))
        if entry is None or entry.folder:
            return None
        return Stored(name, entry.bytes or 0, modified=entry.modified)

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """See ``Target.list``. Blobs that come or go meanwhile may or may not be seen."""
        return blobs(self._entries, prefix)

    def delete(self, name: str) -> None:
        """See ``Target.delete``. Empty folders stay, for another writer may be about to use them."""
        checked_name(name)
        self._remove(name)

    def space(self) -> Space | None:
        """See ``Target.space``: FTP has no words for it."""
        return None

    def sweep(self, older_than: datetime) -> int:
        """Remove what puts that were killed before ``older_than`` left behind; return how many files.

        The server's own times count; where it tells none, nothing is removed.
        """
        swept = 0
        for part, modified in parts(self._entries):
            if modified is not None and modified < older_than:
                self._remove(part)
                swept += 1
        return swept

    def _entries(self, folder: str) -> Iterable[Entry]:
        return self._do(
            f"list {folder or 'its folder'}",
            lambda session: session.entries(session.path(self._folder, folder)),
        )

    def _remove(self, name: str) -> None:
        self._do(f"delete {name}", lambda session: session.delete(session.path(self._folder, name)))

    def _read(self, found: Stored, start: int, end: int) -> Iterator[bytes]:
        position = start
        with self._errors(f"read {found.name}"):
            for chunk in self._received(found.name, start) if start < end else ():
                wanted = chunk if end == found.bytes else chunk[: end - position]
                position += len(wanted)
                yield wanted
                if position == end < found.bytes:
                    return
        if start < end != position:
            self._check_replaced(found, position)

    def _received(self, name: str, start: int) -> Iterator[bytes]:
        for again in (False, True):
            if again:
                self._pool.drop()
            with self._pool.lend() as (session, used):
                try:
                    chunks = session.retrieve(session.path(self._folder, name), start)
                except Broken:
                    if again or not used:
                        raise
                    continue
                yield from chunks
                return

    def _check_replaced(self, found: Stored, end: int) -> None:
        """What came is not as long as what was there before: it was replaced meanwhile, or was cut short."""
        now = self.stat(found.name)
        if now is None or now.bytes != end:
            raise TargetError(f"{self._server} sent {end} bytes of {found.name}, which has {found.bytes}.")

    def _do(self, what: str, action: Callable[[FtpSession], _T]) -> _T:
        def seen(session: FtpSession) -> _T:
            try:
                return action(session)
            finally:
                self._times = session.knows_times

        with self._errors(what):
            return self._pool.run(seen)

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except (Broken, Refusal) as error:
            raise error_for(error, self._server, what) from error
