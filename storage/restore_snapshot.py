"""The newest snapshot of the catalogue on a target, lying open.

``snapshots/<time>.catalogue.gz`` is a dump, its time in UTC as ``20261122T030405Z``. Where it is encrypted,
in the form of ``encryption.blob``, its key lies wrapped under ``snapshots/<time>.key``.
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


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot on a target: when it was made, and how to read it."""

    name: str
    at: datetime
    _target: Target
    _opener: KeyOpener

    def catalogue(self) -> Iterator[bytes]:
        """The dump, in chunks. Raises ``WrongKey``, ``KeyUnusable``, ``Undecipherable``."""
        beginning = b"".join(self._target.get(self.name, 0, blob.HEADER))
        if not blob.is_encrypted(beginning):
            return self._target.get(self.name)
        stored = self._target.stat(self.name)
        size = stored.bytes if stored else 0
        opened = blob.EncryptedBlob(beginning, size, self._key(), self.name)
        chunks = self._target.get(self.name, *opened.stored_range(0, opened.bytes))
        return opened.plain(chunks, 0, opened.bytes)

    def _key(self) -> bytes:
        name = self.name.removesuffix(".catalogue.gz") + ".key"
        try:
            document = read_document(b"".join(self._target.get(name)))
        except NotStored:
            raise KeyUnusable(
                f"The snapshot {self.name} is encrypted, and its key {name} is missing."
            ) from None
        return self._opener.open(document, f"The snapshot {self.name}")


def newest_snapshot(target: Target, opener: KeyOpener, name: str | None = None) -> Snapshot | None:
    """The newest snapshot on ``target``, or the one of this name, none where that is empty."""
    names = [stored.name for stored in target.list(FOLDER)] if name is None else [name]
    found = [match for match in map(_NAME.fullmatch, names) if match]
    if not found:
        return None
    latest = max(found, key=lambda match: match[1])
    at = datetime.strptime(latest[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return Snapshot(latest[0], at, target, opener)
