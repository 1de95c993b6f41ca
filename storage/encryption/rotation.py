"""Another master key: every wrapped key is wrapped anew; no recording is encrypted again.

Order for each call: its ``.key`` blobs on all targets that hold one, each read back; then its row and those
of the copies, in one transaction. What is left to do is told from the rows: a rotation that was killed, or
met a target that was down, goes on when it is started again. Until then the earlier key opens what is left.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from storage.catalogue import Catalogue, CatalogueCall, Copy, KeyRow
from storage.encryption.keyring import KeyMaker, KeyOpener
from storage.encryption.wrapping import read_document
from storage.errors import StorageError, TargetError
from storage.keeper import keep
from storage.targets.contract import Target

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """What became of the key of something, by the id of a call or the name of a blob: wrapped anew, or why
    not."""

    what: str
    reason: str = ""


class Rotation:
    """Wraps the keys of the catalogue anew with ``maker``, opening them with ``opener``."""

    def __init__(
        self, catalogue: Catalogue, targets: Mapping[str, Target], opener: KeyOpener, maker: KeyMaker
    ) -> None:
        self._catalogue = catalogue
        self._targets = targets
        self._opener = opener
        self._maker = maker

    def pending(self, *, everything: bool = False) -> int:
        """How many keys there are to wrap: those of other master keys, or all of them."""
        keys = self._catalogue.keys
        return keys.count() if everything else keys.count() - keys.count(self._maker.master)

    def run(self, *, everything: bool = False) -> Iterator[Rewrapped]:
        """Wrap what is pending. ``everything``, also what this master key wraps: for other recipients."""
        masters = self._catalogue.keys.masters()
        for master in masters:
            if everything or master != self._maker.master:
                yield from self._all_of(master)

    def _all_of(self, master: str) -> Iterator[Rewrapped]:
        last = ""
        while rows := self._catalogue.keys.wrapped_with(master, _PAGE, last):
            calls = {
                found.call.id: found for found in self._catalogue.calls.get_many([r.call_id for r in rows])
            }
            for row in rows:
                if row.call_id in calls:
                    yield self._one(row, calls[row.call_id])
            last = rows[-1].call_id

    def _one(self, row: KeyRow, found: CatalogueCall) -> Rewrapped:
        try:
            made = self._maker.wrap(self._opener.open(read_document(row.document)), row.call_id).row
            copies = [self._put(copy, made) for copy in found.copies if copy.name.endswith(".key")]
            if not self._catalogue.keys.replace(made, copies):
                # The call was deleted meanwhile: its key must not come back.
                for copy in copies:
                    self._targets[copy.target].delete(copy.name)
        except (StorageError, OSError) as error:
            return Rewrapped(row.call_id, str(error))
        return Rewrapped(row.call_id)

    def _put(self, copy: Copy, made: KeyRow) -> Copy:
        target = self._targets.get(copy.target)
        if target is None:
            raise TargetError(f"The target {copy.target}, which holds {copy.name}, is not in the settings.")
        stored = keep(target, copy.name, made.document.encode()).stored
        return Copy(copy.target, copy.name, stored.bytes, stored.sha256, copy.at)
