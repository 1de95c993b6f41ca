"""Snapshots of the catalogue on a target, lying open; the newest one that is whole.

``snapshots/<time>.catalogue.gz`` is a dump, its time in UTC as ``20261122T030405Z``; the index that goes with
it is the newest ``snapshots/<time>.index.tar`` that is not younger. Where they are encrypted, in the form of
``encryption.blob``, their key lies wrapped under ``snapshots/<time>.key``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from storage.catalogue.dump_check import check_dump
from storage.encryption import blob
from storage.encryption.keyring import KeyOpener
from storage.encryption.wrapping import read_document
from storage.errors import DamagedDump, KeyUnusable, NotStored, StorageError, Undecipherable, WrongKey
from storage.targets.contract import Target

FOLDER = "snapshots/"
_NAME = re.compile(r"snapshots/(\d{8}T\d{6}Z)\.catalogue\.gz")
_INDEX = re.compile(r"snapshots/(\d{8}T\d{6}Z)\.index\.tar")


class DamagedSnapshot(StorageError):
    """A snapshot that is not as it was written, with its key: no key and no second try opens it."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"The snapshot {name} is damaged: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot on a target: when it was made, and how to read it."""

    name: str
    at: datetime
    _target: Target
    _opener: KeyOpener

    @property
    def time(self) -> str:
        """The time as its name has it."""
        return self.name.removeprefix(FOLDER).partition(".")[0]

    def catalogue(self) -> Iterator[bytes]:
        """The dump, in chunks. Raises ``WrongKey``, ``DamagedSnapshot``, ``Undecipherable``."""
        return self.blob(self.name)

    def check(self) -> None:
        """Read it to its end. Raises ``DamagedSnapshot`` where it is not whole, ``WrongKey`` where nothing
        here opens it, and ``TargetError`` where it cannot be read."""
        try:
            check_dump(self.catalogue())
        except (DamagedDump, Undecipherable) as error:
            raise DamagedSnapshot(self.name, "it was altered or cut off.") from error

    def index(self) -> Iterator[bytes] | None:
        """The index that goes with it, in chunks; None where there is none. Raises as ``catalogue``."""
        name = self.index_name()
        return self.blob(name) if name is not None else None

    def index_name(self) -> str | None:
        """The name of that index."""
        names = (_INDEX.fullmatch(stored.name) for stored in self._target.list(FOLDER))
        found = [match for match in names if match and match[1] <= self.time]
        return max(found, key=lambda match: match[1])[0] if found else None

    def blob(self, name: str) -> Iterator[bytes]:
        """What the blob of this name holds, its own or another of the target, in chunks."""
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
            raise DamagedSnapshot(blob_name, f"it is encrypted, and its key {name} is missing.") from None
        except KeyUnusable as error:
            raise DamagedSnapshot(blob_name, f"of its key {name}: {error}") from error
        try:
            return self._opener.open(document, f"The snapshot {blob_name}")
        except WrongKey:
            if document.call != stem.removeprefix(FOLDER) or self._opener.is_named(document):
                text = f"its key {name} was altered: what it was wrapped for does not open it."
                raise DamagedSnapshot(blob_name, text) from None
            raise


def snapshots(target: Target, opener: KeyOpener) -> list[Snapshot]:
    """All on ``target``, the newest first."""
    found = (match for stored in target.list(FOLDER) if (match := _NAME.fullmatch(stored.name)))
    return [
        Snapshot(one[0], _time(one[1]), target, opener)
        for one in sorted(found, key=lambda match: match[1], reverse=True)
    ]


def whole_snapshot(target: Target, opener: KeyOpener) -> tuple[Snapshot | None, dict[str, str]]:
    """The newest snapshot on ``target`` that is whole, None without any; and those newer ones that are not,
    by their names why. Raises ``WrongKey``, ``TargetError``: another try, or another key, may read it."""
    damaged: dict[str, str] = {}
    for snapshot in snapshots(target, opener):
        try:
            snapshot.check()
        except DamagedSnapshot as error:
            damaged[snapshot.name] = error.reason
        else:
            return snapshot, damaged
    return None, damaged


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def newest_snapshot(target: Target, opener: KeyOpener, name: str | None = None) -> Snapshot | None:
    """The newest snapshot on ``target``, or the one of this name, none where that is empty."""
    names = [stored.name for stored in target.list(FOLDER)] if name is None else [name]
    found = [match for match in map(_NAME.fullmatch, names) if match]
    if not found:
        return None
    latest = max(found, key=lambda match: match[1])
    return Snapshot(latest[0], _time(latest[1]), target, opener)
