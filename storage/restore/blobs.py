"""The blobs of all calls from one archive target back into the archive folder: raw, each read back."""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import delete

from storage.catalogue import CallKey, Catalogue, CatalogueCall, Copy
from storage.catalogue.tables import copies
from storage.copies.catalogue_key import key_copy
from storage.copies.holdings import in_force, is_key
from storage.copies.transfer import Transfer
from storage.errors import TargetError
from storage.targets.contract import Target

AT_ONCE = 8
_CALLS_A_READ = 200

Told = Callable[[int], None]
"""Told how many more calls are through."""


@dataclass(slots=True)
class BlobsRestored:
    """How many calls lie in the archive again, and why the others do not, by call id."""

    calls: int = 0
    bytes: int = 0
    lacking: dict[str, str] = field(default_factory=dict)


class BlobsFromTarget:
    """Copies from ``source``, which ``catalogue`` calls ``name``, to ``archive``, which it calls ``home``:
    with the keys of calls, also those that lie in the catalogue only, unless it is ``keyless``."""

    def __init__(
        self,
        catalogue: Catalogue,
        source: Target,
        name: str,
        archive: Target,
        home: str,
        *,
        keyless: bool = False,
    ) -> None:
        self._catalogue = catalogue
        self._name = name
        self._archive = archive
        self._home = home
        self._keyless = keyless
        self._transfer = Transfer({name: source, home: archive}, name, home)

    def restore(self, now: datetime, told: Told = lambda _: None) -> BlobsRestored:
        """Let the archive hold every call that the target does; what is there and good is not sent again.

        The copies of a call that cannot be brought back are taken off the catalogue, as far as they were
        said to lie in the archive. Raises ``DiskFull``, ``CatalogueError``.
        """
        done = BlobsRestored()
        after = None
        with ThreadPoolExecutor(AT_ONCE) as pool:
            while page := self._catalogue.calls.page(after, _CALLS_A_READ):
                for found, made in zip(page, pool.map(lambda one: self._one(one, now), page), strict=True):
                    self._note(found, made, done)
                told(len(page))
                after = CallKey(page[-1].call.start, page[-1].call.id)
        return done

    def _one(self, found: CatalogueCall, now: datetime) -> tuple[Copy, ...] | str:
        blobs = in_force(found, self._name)
        if not blobs:
            return "The target does not hold all of this call."
        try:
            wanted = () if self._keyless else self._keys(found, blobs)
            keys = [self._key(blob, found, now) for blob in wanted]
            made = self._transfer.move(found, [blob for blob in blobs if not is_key(blob.name)], now)
        except TargetError as error:
            return str(error)
        return (*keys, *made.copies)

    def _keys(self, found: CatalogueCall, blobs: Sequence[Copy]) -> Sequence[Copy]:
        keys = [blob for blob in blobs if is_key(blob.name)]
        row = None if keys else self._catalogue.keys.get(found.call.id)
        return keys if row is None else [key_copy(found.call, row)]

    def _key(self, blob: Copy, found: CatalogueCall, now: datetime) -> Copy:
        """The key goes back as the catalogue has it, which knows the newest wrapping."""
        row = self._catalogue.keys.get(found.call.id)
        if row is None:
            raise TargetError(f"The catalogue has no key for {blob.name}: the call was erased.")
        data = row.document.encode()
        self._archive.put(blob.name, data)
        sha256 = hashlib.sha256(data).hexdigest()
        return replace(blob, target=self._home, bytes=len(data), sha256=sha256, at=now, checked=now)

    def _note(self, found: CatalogueCall, made: tuple[Copy, ...] | str, done: BlobsRestored) -> None:
        if isinstance(made, str):
            if any(copy.target == self._home for copy in found.copies):
                self._catalogue.calls.revise(found.call, self._home, ())
            done.lacking[found.call.id] = made
            return
        self._catalogue.calls.revise(found.call, self._home, made)
        done.calls += 1
        done.bytes += sum(copy.bytes for copy in made)


def leave_blobs(catalogue: Catalogue, home: str) -> None:
    """Note that nothing lies in the archive ``home``: the calls stay on their other targets."""
    with catalogue.database.write() as connection:
        connection.execute(delete(copies).where(copies.c.target == home))
