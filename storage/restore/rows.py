"""Rows of the catalogue made anew from the sidecars of one archive target.

What a snapshot of the catalogue knows is passed over, as long as its sidecar is no newer. A sidecar whose
description does not open, or that is damaged, is told and left; what is restored is checked later by
``earwitness verify``.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from storage.archive_names import call_of, description_name
from storage.catalogue import Catalogue, Copy, KeyRow, SealRow
from storage.encryption import blob
from storage.encryption.keyring import KeyOpener
from storage.encryption.wrapping import MasterWrapping, read_document
from storage.errors import BeingRemoved, DamagedSidecar, KeyUnusable, NotStored, Undecipherable, WrongKey
from storage.model import Call
from storage.sidecar import Sidecar, read_call, read_sidecar
from storage.targets.contract import Stored, Target

BATCH = 200
_CLOCKS = timedelta(hours=1)
"""By so much the clocks of a target and of the installation may differ."""

Told = Callable[[int], None]
"""Told how many more sidecars were looked at."""


@dataclass(slots=True)
class RowsRestored:
    """How many calls came from sidecars, and what is wrong with the others, by name. ``removed`` are those
    that the snapshot knows as deleted and that the target was not rid of yet: they stay out."""

    looked_at: int = 0
    added: int = 0
    revised: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Read:
    call: Call
    copies: tuple[Copy, ...]
    key: KeyRow | None
    seals: tuple[SealRow, ...]


class RowsFromSidecars:
    """Reads ``source``, which ``catalogue`` calls ``name``; ``opener`` opens what is encrypted."""

    def __init__(self, catalogue: Catalogue, source: Target, name: str, opener: KeyOpener) -> None:
        self._catalogue = catalogue
        self._source = source
        self._name = name
        self._opener = opener

    def restore(
        self, now: datetime, since: datetime | None = None, told: Told = lambda _: None
    ) -> RowsRestored:
        """Take in what the catalogue does not know, or knew otherwise at ``since``. Again, it does no harm.

        Raises ``WrongKey`` where the first encrypted sidecar does not open, and ``KeyUnusable`` where the
        keys of the first ``BATCH`` calls are all missing: then nothing opens. ``TargetError`` and
        ``CatalogueError`` come through.
        """
        done = RowsRestored()
        names = (one for one in self._source.list() if one.name.endswith(".json") and call_of(one.name))
        while batch := list(islice(names, BATCH)):
            self._batch(batch, now, since, done)
            done.looked_at += len(batch)
            told(len(batch))
        return done

    def _batch(self, batch: list[Stored], now: datetime, since: datetime | None, done: RowsRestored) -> None:
        known = {
            found.call.id for found in self._catalogue.calls.get_many([call_of(one.name) for one in batch])
        }
        read: list[_Read] = []
        keyless: KeyUnusable | None = None
        for one in batch:
            if call_of(one.name) in known and since is not None and not _newer(one, since):
                continue
            try:
                read.append(self._read(one.name, now))
            except (DamagedSidecar, NotStored, Undecipherable) as error:
                done.refused[one.name] = str(error)
            except WrongKey as error:
                if not (done.added or done.revised or read):
                    raise
                done.refused[one.name] = str(error)
            except KeyUnusable as error:
                # Of a call that was erased while the target was away, the key may be gone and the rest not.
                keyless = error
                done.refused[one.name] = str(error)
        if keyless is not None and not (known or read or done.added or done.revised):
            raise keyless
        self._write([one for one in read if one.call.id not in known], done)
        for again in read:
            if again.call.id in known:
                done.revised += self._revise(again)

    def _write(self, read: list[_Read], done: RowsRestored) -> None:
        if not read:
            return
        self._catalogue.seals.restore(seal for one in read for seal in one.seals)
        keys = [one.key for one in read if one.key]
        try:
            added = self._catalogue.calls.add_many([(one.call, one.copies) for one in read], keys=keys)
        except BeingRemoved as error:
            done.removed.append(error.call_id)
            left = [one for one in read if one.call.id != error.call_id]
            self._write(left, done)
        else:
            done.added += sum(added)

    def _revise(self, one: _Read) -> bool:
        self._catalogue.seals.restore(one.seals)
        if one.key is not None and self._catalogue.keys.get(one.call.id) is None:
            self._catalogue.keys.restore([one.key])
        return self._catalogue.calls.revise(one.call, self._name, one.copies)

    def _read(self, name: str, now: datetime) -> _Read:
        data = b"".join(self._source.get(name))
        sidecar = read_sidecar(data)
        key, key_copy = self._key(sidecar, name, now)
        call = self._call(sidecar, key)
        copies = [Copy(self._name, file.name, file.bytes, file.sha256, now) for file in sidecar.files]
        copies += [_copy(self._name, name, data, now), *key_copy]
        return _Read(call, tuple(copies), key, tuple(_seals(sidecar)))

    def _key(self, sidecar: Sidecar, name: str, now: datetime) -> tuple[KeyRow | None, Iterable[Copy]]:
        if not sidecar.encrypted:
            return None, ()
        key_name = name.removesuffix(".json") + ".key"
        try:
            data = b"".join(self._source.get(key_name))
        except NotStored:
            row = self._catalogue.keys.get(sidecar.call_id)
            if row is None:
                raise KeyUnusable(
                    f"{name} is encrypted, and its key is neither on this target nor in a snapshot: it was "
                    "erased, or this is a medium that keeps no keys. Restore from another target."
                ) from None
            return row, ()
        document = read_document(data)
        masters = [one.id for one in document.wrappings if isinstance(one, MasterWrapping)]
        row = KeyRow(sidecar.call_id, masters[0] if masters else "", data.decode())
        return row, (_copy(self._name, key_name, data, now),)

    def _call(self, sidecar: Sidecar, key: KeyRow | None) -> Call:
        if key is None:
            return sidecar.call()
        data_key = self._opener.open(read_document(key.document))
        return read_call(blob.decrypt(sidecar.description, data_key, description_name(sidecar.call_id)))


def _newer(one: Stored, since: datetime) -> bool:
    return one.modified is None or one.modified >= since - _CLOCKS


def _copy(target: str, name: str, data: bytes, now: datetime) -> Copy:
    return Copy(target, name, len(data), hashlib.sha256(data).hexdigest(), now)


def _seals(sidecar: Sidecar) -> Iterator[SealRow]:
    seal = sidecar.seal
    if seal is not None:
        yield SealRow(seal.chain, seal.number, seal.call, sidecar.hash, seal.previous, seal.at)
