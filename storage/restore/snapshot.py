"""The newest snapshot of the catalogue on a target, lying open.

``snapshots/<time>.catalogue.gz`` is a dump, its time in UTC as ``20261122T030405Z``; the index that goes with
it is the newest ``snapshots/<time>.index.tar`` that is not younger. Where they are encrypted, in the form of
``encryption.blob``, their key lies wrapped under ``snapshots/<time>.key``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from storage.encryption import blob
from storage.encryption.keyring import KeyOpener
from storage.encryption.wrapping import read_document
from storage.errors import KeyUnusable, NotStored
from storage.targets.contract import Target

FOLDER = "snapshots/"
_NAME = re.compile(r"snapshots/(\d{8}T\d{6}Z)\.catalogue\.gz")
_INDEX = re.compile(r"snapshots/(\d{8}T\d{6}Z)\.index\.tar")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot on a target: when it was made, and how to read it."""

    name: str
    at: datetime
    _target: Target
    _opener: KeyOpener

    def catalogue(self) -> Iterator[bytes]:
        """The dump, in chunks. Raises ``WrongKey``, ``KeyUnusable``, ``Undecipherable``."""
        return self._opened(self.name)

    def index(self) -> Iterator[bytes] | None:
        """The index that goes with it, in chunks; None where there is none. Raises as ``catalogue``."""
        own = _NAME.fullmatch(self.name)
        names = (_INDEX.fullmatch(stored.name) for stored in self._target.list(FOLDER))
        found = [match for match in names if match and own and match[1] <= own[1]]
        return self._opened(max(found, key=lambda match: match[1])[0]) if found else None

    def _opened(self, name: str) -> Iterator[bytes]:
        beginning = b"".join(self._target.get(name, 0, blob.HEADER))
        if not blob.is_encrypted(beginning):
            return self._target.get(name)
        stored = self._target.stat(name)
        size = stored.bytes if stored else 0
        opened = blob.EncryptedBlob(beginning, size, self._key(name), name)
        chunks = self._target.get(name, *opened.stored_range(0, opened.bytes))
        return opened.plain(chunks, 0, opened.bytes)

    def _key(self, blob_name: str) -> bytes:
        stem, _, _ = blob_name.partition(".")
        name = f"{stem}.key"
        try:
            document = read_document(b"".join(self._target.get(name)))
        except NotStored:
            raise KeyUnusable(
                f"The snapshot {blob_name} is encrypted, and its key {name} is missing."
            ) from None
        return self._opener.open(document, f"The snapshot {blob_name}")


def newest_snapshot(target: Target, opener: KeyOpener, name: str | None = None) -> Snapshot | None:
    """The newest snapshot on ``target``, or the one of this name, none where that is empty."""
    names = [stored.name for stored in target.list(FOLDER)] if name is None else [name]
    found = [match for match in map(_NAME.fullmatch, names) if match]
    if not found:
        return None
    latest = max(found, key=lambda match: match[1])
    at = datetime.strptime(latest[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return Snapshot(latest[0], at, target, opener)
