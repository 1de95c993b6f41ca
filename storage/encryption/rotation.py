"""Another master key: every wrapped key is wrapped anew; no recording is encrypted again.

Order for each call: what will lie where is said in the rows of its copies (``catalogue.key_changes``); then
its ``.key`` blobs on all targets that hold one, each read back; then its row. Where a copy was made meanwhile
the call is done again, and where the call was erased what was put goes. What is left to do is told from the
rows: a rotation that was killed, or met a target that was down, goes on when it is started again, with that
master key or another one. Until then the earlier key opens what is left.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from storage.catalogue import Catalogue, CatalogueCall, Copy, KeyRow
from storage.catalogue.call_keys import KEY
from storage.catalogue.key_changes import KeyChanges, bare
from storage.clock import utc_now
from storage.encryption.keyring import KeyMaker, KeyOpener
from storage.encryption.wrapping import read_document
from storage.errors import StorageError, TargetError
from storage.keeper import keep
from storage.targets.contract import Target

_PAGE = 100
_TRIES = 5
"""So often a call is done again of which copies are made at the same moment."""


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """What became of the key of something, by the id of a call or the name of a blob: wrapped anew, or why
    not."""

    what: str
    reason: str = ""


class Rotation:
    """Wraps the keys of the catalogue anew with ``maker``, opening them with ``opener``."""

    def __init__(
        self,
        catalogue: Catalogue,
        targets: Mapping[str, Target],
        opener: KeyOpener,
        maker: KeyMaker,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._catalogue = catalogue
        self._targets = targets
        self._opener = opener
        self._maker = maker
        self._now = now
        removable = {name for name, target in targets.items() if target.capabilities.deletes}
        self._changes = KeyChanges(catalogue.database, removable)

    def pending(self, *, everything: bool = False) -> int:
        """How many keys there are to wrap: those of other master keys and those of which a copy is another
        wrapping than the catalogue has, or all of them. Looks at all keys and copies."""
        keys = self._catalogue.keys
        if everything:
            return keys.count()
        others = keys.count() - keys.count(self._maker.master)
        return others + sum(1 for _ in keys.unfinished(self._maker.master))

    def run(self, *, everything: bool = False) -> Iterator[Rewrapped]:
        """Wrap what is pending. ``everything``, also what this master key wraps: for other recipients."""
        keys, mine = self._catalogue.keys, self._maker.master
        for master in keys.masters():
            if everything or master != mine:
                for rows in self._all_of(master):
                    yield from self._some(rows, anew=True)
        # Last, as what was copied before this began may come to be known until now.
        for row in keys.unfinished(mine):
            yield from self._some([row], anew=False)

    def _all_of(self, master: str) -> Iterator[list[KeyRow]]:
        last = ""
        while rows := self._catalogue.keys.wrapped_with(master, _PAGE, last):
            yield rows
            last = rows[-1].call_id

    def _some(self, rows: Sequence[KeyRow], *, anew: bool) -> Iterator[Rewrapped]:
        calls = {item.call.id: item for item in self._catalogue.calls.get_many([r.call_id for r in rows])}
        for row in rows:
            if row.call_id in calls:
                yield self._one(row, calls[row.call_id], anew=anew)

    def _one(self, first: KeyRow, item: CatalogueCall, *, anew: bool) -> Rewrapped:
        row: KeyRow | None = first
        found: CatalogueCall | None = item
        try:
            for _ in range(_TRIES):
                if row is None or found is None or self._change(self._made(row, anew=anew), found.copies):
                    return Rewrapped(first.call_id)
                row = self._catalogue.keys.get(first.call_id)
                found = self._catalogue.calls.get(first.call_id)
        except (StorageError, OSError) as error:
            return Rewrapped(first.call_id, str(error))
        return Rewrapped(first.call_id, "Copies of this key are being made all the time. Rotate again later.")

    def _made(self, row: KeyRow, *, anew: bool) -> KeyRow:
        """What is to take the place of the key; the key itself where only its copies are others."""
        if not anew and row.master == self._maker.master:
            return row
        return self._maker.wrap(self._opener.open(read_document(row.document)), row.call_id).row

    def _change(self, made: KeyRow, copies: Iterable[Copy]) -> bool:
        """Let ``made`` take the place of the key and of all its copies; False where that is to be done
        again, as these are not its copies any more."""
        found = [bare(copy) for copy in copies if copy.name.endswith(KEY)]
        for copy in found:
            if copy.target not in self._targets:
                raise TargetError(
                    f"The target {copy.target}, which holds {copy.name}, is not in the settings."
                )
        begun = self._changes.begin(made, found, self._now())
        if begun is None:
            return False
        untouched = [copy.target for copy in found]
        done = False
        try:
            for copy in begun:
                untouched.remove(copy.target)
                keep(self._targets[copy.target], copy.name, made.document.encode())
            done = self._changes.finish(made, begun, self._now())
        finally:
            if not done:
                self._give_up(made, found, untouched)
        return done

    def _give_up(self, made: KeyRow, found: Sequence[Copy], untouched: Sequence[str]) -> None:
        for copy in self._changes.give_up(made, found, untouched, self._now()):
            # The call was deleted meanwhile: its key must not come back. What fails here, removals do later.
            with suppress(StorageError, OSError):
                self._targets[copy.target].delete(copy.name)
