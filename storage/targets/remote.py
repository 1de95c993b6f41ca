"""A folder of a file server, over a few connections that are opened when they are needed."""

import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol, TypeVar

from storage.errors import NotStored, TargetError
from storage.targets.contract import Capabilities, Source, Space, Stored, check_range
from storage.targets.names import checked_name
from storage.targets.remote_downloads import RemoteDownloads
from storage.targets.remote_pool import SessionPool
from storage.targets.remote_session import Broken, Entry, Refusal, RemoteSession, error_for
from storage.targets.remote_uploads import RemoteUploads
from storage.targets.rereadable import Rereadable
from storage.targets.walking import blobs, parts

_T = TypeVar("_T")


class Login(Protocol):
    """Where to connect and as whom."""

    @property
    def server(self) -> str:
        """What messages call it."""

    @property
    def timeout(self) -> float:
        """Seconds for each step."""

    def open(self) -> RemoteSession:
        """A logged-in connection. Raises ``TargetUnreachable``, ``TargetRefused`` or ``TargetError``."""

    def close(self) -> None:
        """No connection will be opened any more."""


class RemoteTarget:
    """Keeps each blob as a file below ``folder``, which is made when the first blob comes.

    A put sends to a temporary name in the same folder, compares the length and renames: see
    ``RemoteUploads``. ``capabilities`` are what is usual until the server was seen.
    """

    tells_space = False
    """Whether such servers can tell how much room they have."""
    seeks = True
    """Whether the protocol says with every request for bytes which ones they are."""

    def __init__(self, login: Login, folder: str, connections: int) -> None:
        """``folder`` is relative to where the user arrives, unless absolute."""
        self._server, self._folder = login.server, folder
        self._pool = SessionPool(login.open, connections, 2 * login.timeout)
        self._uploads = RemoteUploads(self._pool, folder)
        self._downloads = RemoteDownloads(self._pool, folder, seeks=self.seeks)
        self._times = True
        self._close = weakref.finalize(self, _close, self._pool, login)

    @property
    def capabilities(self) -> Capabilities:
        """See ``Target.capabilities``."""
        return Capabilities(
            ranges=True,
            atomic_put=self._uploads.atomic,
            durable=False,
            knows_sha256=False,
            knows_modified=self._times,
            space=self.tells_space,
        )

    def close(self) -> None:
        """Close the connections, for good. It need not be called: who forgets the target closes them too."""
        self._close()

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
        """See ``Target.space``."""
        return self._do("tell its space", lambda session: session.space(session.path(self._folder, "")))

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
            for chunk in self._downloads.read(found, start) if start < end else ():
                wanted = chunk if end == found.bytes else chunk[: end - position]
                position += len(wanted)
                yield wanted
                if position == end < found.bytes:
                    return
        if start < end != position:
            self._check_replaced(found, position)

    def _check_replaced(self, found: Stored, end: int) -> None:
        """What came is not as long as what was there before: it was replaced meanwhile, or was cut short."""
        now = self.stat(found.name)
        if now is None or now.bytes != end:
            raise TargetError(f"{self._server} sent {end} bytes of {found.name}, which has {found.bytes}.")

    def _do(self, what: str, action: Callable[[RemoteSession], _T]) -> _T:
        def seen(session: RemoteSession) -> _T:
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


def _close(pool: SessionPool, login: Login) -> None:
    pool.close()
    login.close()
