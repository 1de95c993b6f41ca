"""Reads from a file server, from any place of a file: not every server begins where it is asked to."""

from collections.abc import Generator, Iterator
from contextlib import closing

from storage.targets.contract import Stored
from storage.targets.remote_pool import SessionPool
from storage.targets.remote_session import Broken, Refusal


class RemoteDownloads:
    """Reads below ``folder``. Raises ``Broken`` and ``Refusal`` besides ``StorageError``.

    A server that does not know REST, or takes it and begins at the beginning all the same, is read from
    there, and what lies before is left out. Which servers do so shows only in how much comes: the first time
    that the middle of a file is wanted, its last byte is asked for, unless the protocol itself says with each
    request what it is for (``seeks``).
    """

    def __init__(self, pool: SessionPool, folder: str, *, seeks: bool) -> None:
        self._pool, self._folder = pool, folder
        self._begins: bool | None = seeks or None
        """Whether the server begins where it is asked to; None as long as that was not seen."""

    def read(self, found: Stored, start: int) -> Iterator[bytes]:
        """What follows ``start``, which lies before the end that was ``found``, to the end of the file."""
        if start == 0 or self._is_begun_at(found):
            return self._from(found.name, start)
        return _without(self._from(found.name, 0), start)

    def _is_begun_at(self, found: Stored) -> bool:
        if self._begins is None:
            try:
                came = _counted(self._from(found.name, found.bytes - 1))
                self._begins = came == 1 if came else None
            except Refusal as refusal:
                # Words that say nothing of the command may be about this file alone.
                self._begins = False if refusal.not_understood else None
        return bool(self._begins)

    def _from(self, name: str, start: int) -> Generator[bytes]:
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


def _without(chunks: Generator[bytes], ahead: int) -> Iterator[bytes]:
    """``chunks`` without the first ``ahead`` bytes."""
    with closing(chunks):
        for chunk in chunks:
            if len(chunk) > ahead:
                yield chunk[ahead:]
            ahead -= min(ahead, len(chunk))


def _counted(chunks: Generator[bytes]) -> int:
    """How many bytes come; where it is more than one, at least two are said, and the rest is left."""
    came = 0
    with closing(chunks):
        for chunk in chunks:
            came += len(chunk)
            if came > 1:
                break
    return came
