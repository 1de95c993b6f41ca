"""Snapshots: the whole catalogue on a target, so that the target alone restores everything.

``snapshots/<time>.catalogue.gz`` is a dump of the catalogue; its time is in UTC, as ``20261122T030405Z``.
``snapshots/<time>.index.tar`` is the search index, not with each of them: an older one is caught up from the
change feed in less time than it takes to put one.
Where calls are encrypted it is encrypted too, and ``snapshots/<time>.key`` is its wrapped key. The key is
written first and goes last, so that no snapshot is ever without its key. Not for media that cannot delete: a
snapshot holds the keys of calls, and must not outlive them there.
"""

import re
import tempfile
from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from storage.encryption.keyring import CallKey, KeyMaker, KeyOpener
from storage.encryption.wrapping import read_document
from storage.errors import KeyUnusable, NotStored, disk_errors
from storage.keeper import keep
from storage.targets.contract import Target

FOLDER = "snapshots/"
_CATALOGUE, _INDEX, _KEY = ".catalogue.gz", ".index.tar", ".key"
_NAME = re.compile(r"(snapshots/\d{8}T\d{6}Z)(\.catalogue\.gz|\.index\.tar|\.key)")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot that was written and read back. ``bytes`` is what it takes on the target."""

    name: str
    bytes: int


def take(
    target: Target,
    dump: Callable[[datetime], Iterable[bytes]],
    now: datetime,
    *,
    maker: KeyMaker | None,
    opener: KeyOpener | None = None,
    folder: Path,
    index: BinaryIO | None = None,
) -> Snapshot:
    """Write a snapshot of what ``dump`` gives, encrypted where there is a ``maker`` of keys, with ``index``,
    which must not know more than that. One of the same second gives way to it and keeps its index, where
    ``opener`` opens its key.

    ``folder`` has room for a temporary file. Raises ``DiskFull``, ``TargetError``, ``CatalogueError``.
    """
    stem = _stem(now)
    with disk_errors(folder), tempfile.TemporaryFile(dir=folder) as file:
        file.writelines(dump(now))
        file.seek(0)
        key = _key(target, stem, maker, opener) if maker is not None else None
        if key is not None:
            keep(target, stem + _KEY, key.row.document.encode())
        data_key = key.data if key else None
        size = 0
        if index is not None:
            index.seek(0)
            size = keep(target, stem + _INDEX, index, data_key).stored.bytes
        kept = keep(target, stem + _CATALOGUE, file, data_key)
    return Snapshot(kept.name, kept.stored.bytes + size)


def is_key(name: str) -> bool:
    """Whether the blob of this name is the wrapped key of a snapshot."""
    found = _NAME.fullmatch(name)
    return found is not None and found[2] == _KEY


def newest_index(target: Target, now: datetime) -> datetime | None:
    """When the newest index on ``target`` was put there, none where there is none from before ``now``."""
    found = (_NAME.fullmatch(stored.name) for stored in target.list(FOLDER))
    times = [_time(one[1]) for one in found if one and one[2] == _INDEX]
    return max((at for at in times if at <= now), default=None)


def trim(
    target: Target,
    number: int,
    now: datetime,
    period: Callable[[datetime], Hashable] = lambda at: at,
    *,
    alone: bool = False,
) -> int:
    """Keep the newest snapshot of each of the newest ``number`` periods, at least one; how many went.

    ``period`` says to which period a time belongs, so that many that are taken on one day do not drive out
    those of the days before. Those that bear a time after ``now`` go first: made when the clock was ahead,
    they would pass for newer than all that come. Take one before.

    ``alone`` keeps the newest and no index: all before it hold what was erased since, keys and numbers.
    """
    names = [found for stored in target.list(FOLDER) if (found := _NAME.fullmatch(stored.name))]
    stems = {found[1] for found in names if found[2] == _CATALOGUE}
    newest = {period(_time(stem)): stem for stem in sorted(stems) if stem <= _stem(now)}
    kept = set(sorted(newest.values())[-1 if alone else -max(number, 1) :])
    if not kept:
        return 0
    indexes = sorted(found[1] for found in names if found[2] == _INDEX)
    needed = {_CATALOGUE: kept, _INDEX: set() if alone else {_at_or_before(stem, indexes) for stem in kept}}
    needed[_KEY] = needed[_CATALOGUE] | needed[_INDEX]
    for kind in (_CATALOGUE, _INDEX, _KEY):
        for found in names:
            coming = found[1] not in stems and found[1] > max(kept)
            if found[2] == kind and found[1] not in needed[kind] and not coming:
                target.delete(found[0])
    return len(stems - kept)


def _key(target: Target, stem: str, maker: KeyMaker, opener: KeyOpener | None) -> CallKey:
    """The data key of a snapshot: that of the same second where there is one, as an index may need it."""
    name = stem.removeprefix(FOLDER)
    if opener is not None and target.stat(stem + _KEY) is not None:
        with suppress(KeyUnusable, NotStored):
            there = read_document(b"".join(target.get(stem + _KEY)))
            return maker.wrap(opener.open(there), name)
    return maker.new(name)


def _at_or_before(stem: str, stems: Sequence[str]) -> str:
    """The last of ``stems``, which are sorted, that is no later; empty where there is none."""
    return max((one for one in stems if one <= stem), default="")


def _stem(now: datetime) -> str:
    return f"{FOLDER}{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _time(stem: str) -> datetime:
    return datetime.strptime(stem, f"{FOLDER}%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
