"""Snapshots on a target, read back whole: a bit that rots there is to be found before somebody restores.

Nothing says what they should hash to, so that each is opened and read to its end: the seals of encrypted
blobs, the check sum of gzip and the digests of the tables tell.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial

from storage.catalogue.copy_checks import Condition
from storage.copies.snapshot import FOLDER, everything, is_key, stem_of
from storage.encryption.keyring import KeyOpener
from storage.errors import NotStored, TargetAbsent, TargetError, TargetRefused, Undecipherable, WrongKey
from storage.restore.snapshot import DamagedSnapshot, Snapshot, snapshots
from storage.targets.contract import Target


@dataclass(slots=True)
class SnapshotsRead:
    """``blobs`` were read, ``bytes`` of them. ``bad`` are names of blobs that are of no use, and
    ``closed`` those that nothing here opens. ``whole`` is False where it was stopped."""

    blobs: int = 0
    bytes: int = 0
    bad: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    whole: bool = True


def read_snapshots(
    target: Target,
    opener: KeyOpener,
    *,
    newest_only: bool = False,
    stop: Callable[[], bool] = lambda: False,
) -> SnapshotsRead:
    """Read back every snapshot, the newest first, with its index and key, or the newest one alone.

    What is bad was read twice. Raises ``TargetError`` where the target is in the way.
    """
    done, found = SnapshotsRead(), snapshots(target, opener)
    sizes = {stored.name: stored.bytes for stored in target.list(FOLDER)} if found else {}
    for snapshot in found[:1] if newest_only else found:
        if stop():
            done.whole = False
            return done
        _note(done, target, snapshot.name, sizes, snapshot.check)
    newest = found[0].index_name() if found else None
    for name in [newest] if newest_only else sorted(filter(_is_index, sizes), reverse=True):
        if stop():
            done.whole = False
            return done
        if name is not None:
            _note(done, target, name, sizes, partial(_drain, found[0], name))
    return done


def remove_bad(target: Target, bad: Collection[str]) -> None:
    """Remove bad blobs, and keys that nothing needs then; the keys last. Again, it does no harm."""
    stems = {stem_of(name) for name in bad}
    there = everything(target)
    left = {stem_of(name) for name in there if name not in bad and not is_key(name)}
    for name in there:
        if name in bad or (is_key(name) and stem_of(name) in stems - left):
            target.delete(name)


def _note(
    done: SnapshotsRead, target: Target, name: str, sizes: dict[str, int], read: Callable[[], None]
) -> None:
    done.blobs += 1
    done.bytes += sizes.get(name, 0)
    try:
        condition = _read(target, name, read)
        if condition is Condition.DAMAGED:
            condition = _read(target, name, read)
    except WrongKey:
        done.closed.append(name)
        return
    if condition is Condition.DAMAGED:
        done.bad.append(name)


def _read(target: Target, name: str, read: Callable[[], None]) -> Condition | None:
    """Whether the blob is bad; None where it is as it was written."""
    try:
        read()
    except (DamagedSnapshot, Undecipherable):
        return Condition.DAMAGED
    except NotStored:
        return Condition.MISSING  # another one was taken, and this one went
    except (TargetAbsent, TargetRefused):
        raise
    except TargetError:
        # What cannot be read on a target that answers is damaged: a bad sector, say.
        return Condition.MISSING if target.stat(name) is None else Condition.DAMAGED
    return None


def _is_index(name: str) -> bool:
    return name.endswith(".index.tar")


def _drain(snapshot: Snapshot, name: str) -> None:
    for _ in snapshot.blob(name):
        pass
