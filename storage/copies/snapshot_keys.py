"""Another master key: the keys of the snapshots on all targets are wrapped anew, and nothing else there.

Each is put in the place of the earlier one and read back. What is left to do is told from what lies there, so
that it goes on when it is done again.
"""

from collections.abc import Iterator, Mapping

from storage.copies.snapshot import FOLDER, is_key
from storage.encryption.keyring import KeyMaker, KeyOpener
from storage.encryption.rotation import Rewrapped
from storage.encryption.wrapping import KeyDocument, MasterWrapping, read_document
from storage.errors import KeyUnusable, NotStored, StorageError, TargetError
from storage.keeper import keep
from storage.targets.contract import Target


class SnapshotKeys:
    """Those on ``targets``, by name, wrapped anew with ``maker`` after ``opener`` has opened them."""

    def __init__(self, targets: Mapping[str, Target], opener: KeyOpener, maker: KeyMaker) -> None:
        self._targets = targets
        self._opener = opener
        self._maker = maker

    def pending(self, *, everything: bool = False) -> int:
        """How many keys there are to wrap: those of other master keys, or all of them. Those on targets that
        cannot be asked are not counted."""
        count = 0
        for target in self._targets.values():
            try:
                count += sum(1 for _ in self._of(target, everything=everything))
            except TargetError:
                continue
        return count

    def run(self, *, everything: bool = False) -> Iterator[Rewrapped]:
        """Wrap what is pending. A target that cannot be asked is one failure."""
        for name, target in self._targets.items():
            try:
                pending = list(self._of(target, everything=everything))
            except TargetError as error:
                yield Rewrapped(f"{name}: {FOLDER}", str(error))
                continue
            for key in pending:
                yield Rewrapped(f"{name}: {key}", self._wrap(target, key))

    def _of(self, target: Target, *, everything: bool) -> Iterator[str]:
        for stored in list(target.list(FOLDER)):
            if is_key(stored.name) and (everything or not self._is_done(target, stored.name)):
                yield stored.name

    def _is_done(self, target: Target, name: str) -> bool:
        try:
            document = _read(target, name)
        except NotStored:
            return True
        except KeyUnusable:
            return False
        masters = {one.id for one in document.wrappings if isinstance(one, MasterWrapping)}
        return masters == {self._maker.master}

    def _wrap(self, target: Target, name: str) -> str:
        """Why it could not be; empty where it was, or the snapshot is gone meanwhile."""
        try:
            document = _read(target, name)
            made = self._maker.wrap(self._opener.open(document, f"The snapshot of {name}"), document.call)
            keep(target, name, made.row.document.encode())
        except NotStored:
            return ""
        except (StorageError, OSError) as error:
            return str(error)
        return ""


def _read(target: Target, name: str) -> KeyDocument:
    return read_document(b"".join(target.get(name)))
