"""Puts to a file server: a temporary name, its length, then the name."""

import contextlib
import posixpath
import threading

from storage.errors import Mismatch, StorageError, TargetAbsent
from storage.targets.parts import part_beside
from storage.targets.remote_pool import SessionPool
from storage.targets.remote_session import Broken, Refusal, RemoteSession
from storage.targets.replacing import rename_onto
from storage.targets.rereadable import Rereadable

_CHUNK = 1 << 18
_STALLS = 3
"""After how many connections in a row that brought nothing a put gives up."""


class RemoteUploads:
    """Puts below ``folder``. Raises ``Broken`` and ``Refusal`` besides ``StorageError``.

    Where the connection breaks, a put goes on from what the server has, as long as connections bring it
    further. It writes at places and never appends: what a server still writes for the old connection would
    come in between, while at its own place it only writes the same bytes again. A server that cannot go on
    (FTP without REST) gets the file anew.

    On a server that does not rename onto a name that is taken, the old file is moved away first, which is
    not atomic.
    """

    def __init__(self, pool: SessionPool, folder: str) -> None:
        self._pool, self._folder = pool, folder
        self._made: set[str] = set()
        self._replacing = threading.Lock()
        self.atomic = True
        """Whether blobs are replaced at once, as far as was seen."""

    def put(self, name: str, whole: Rereadable) -> None:
        """Send all of ``whole`` and give it ``name``."""
        upload = _Upload(part_beside(name))
        try:
            self._send(upload, whole)
            self._give_name(upload.part, name, whole.bytes)
        except TargetAbsent:
            raise
        except Exception:
            # What cannot be removed now is swept one day.
            with contextlib.suppress(Broken, Refusal, StorageError):
                self._pool.run(lambda session: session.delete(session.path(self._folder, upload.part)))
            raise

    def _send(self, upload: "_Upload", whole: Rereadable) -> None:
        while True:
            try:
                with self._pool.lend() as (session, _):
                    if upload.broken is not None:
                        self._take_up(session, upload, upload.broken)
                    self._make_folders(session, upload.part)
                    path = session.path(self._folder, upload.part)
                    session.store(path, whole.chunks(upload.start, _CHUNK), upload.start)
                    self._check_length(session, upload.part, whole.bytes)
                return
            except Mismatch:
                # It may have taken REST and begun at the beginning all the same.
                if not upload.start or upload.changes == _STALLS:
                    raise
                self._begin_anew(upload)
            except Broken as broken:
                self._pool.drop()
                if upload.stalls == _STALLS:
                    raise
                upload.broken = broken
            except Refusal as refusal:
                self._accommodate(upload, refusal)

    def _take_up(self, session: RemoteSession, upload: "_Upload", broken: Broken) -> None:
        found = session.stat(session.path(self._folder, upload.part))
        reached = found.bytes or 0 if found else 0
        upload.stalls = 0 if reached > upload.reached else upload.stalls + 1
        if upload.stalls == _STALLS:
            raise broken
        upload.reached, upload.start = reached, max(0, reached - session.unsure)

    def _accommodate(self, upload: "_Upload", refusal: Refusal) -> None:
        """Change what can be changed before another attempt; raise ``refusal`` where nothing can be."""
        if refusal.full or upload.changes == _STALLS:
            raise refusal
        if upload.start:
            # It took what came before, so that going on is what it cannot or, by its settings, must not do.
            self._begin_anew(upload)
        elif self._made and not refusal.rights:
            # Somebody may have removed a folder that was made before.
            upload.changes += 1
            self._made.clear()
        else:
            raise refusal

    def _begin_anew(self, upload: "_Upload") -> None:
        left = upload.part
        upload.changes += 1
        upload.part, upload.start, upload.reached, upload.broken = part_beside(left), 0, 0, None
        self._pool.run(lambda session: session.delete(session.path(self._folder, left)))

    def _check_length(self, session: RemoteSession, part: str, sent: int) -> None:
        found = session.stat(session.path(self._folder, part))
        if found is None or found.bytes != sent:
            there = "nothing" if found is None else f"{found.bytes} bytes"
            raise Mismatch(f"The server took {sent} bytes and said that all went well, but kept {there}.")

    def _make_folders(self, session: RemoteSession, part: str) -> None:
        folder = session.path(self._folder, posixpath.dirname(part))
        missing = []
        while folder not in self._made and folder not in ("/", "", session.home):
            missing.append(folder)
            folder = posixpath.dirname(folder)
        for folder in reversed(missing):
            session.make_folder(folder)
        self._made.update(missing)

    def _give_name(self, part: str, name: str, size: int) -> None:
        try:
            self._rename(part, name)
        except Broken:
            self._pool.drop()
            with self._pool.lend() as (session, _):
                there = session.stat(session.path(self._folder, part)) is not None
                found = session.stat(session.path(self._folder, name))
            if there:
                self._rename(part, name)
            elif found is None or found.bytes != size:
                raise

    def _rename(self, part: str, name: str) -> None:
        with self._pool.lend() as (session, _):
            old, new = session.path(self._folder, part), session.path(self._folder, name)
            if self.atomic:
                try:
                    session.rename(old, new)
                except Refusal as refusal:
                    # What is moved away on a full disk may not come back to its name.
                    if refusal.full or not session.is_file(new):
                        raise
                else:
                    return
            with self._replacing:
                rename_onto(session, old, new, Refusal)
            self.atomic = False


class _Upload:
    """A blob on its way: its temporary name, where this connection began, what broke the last one."""

    def __init__(self, part: str) -> None:
        self.part = part
        self.start = self.reached = self.stalls = self.changes = 0
        self.broken: Broken | None = None
