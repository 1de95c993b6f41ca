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
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
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
    stem = stem_at(now)
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
    times = [time_of(one[1]) for one in found if one and one[2] == _INDEX]
    return max((at for at in times if at <= now), default=None)


def trim(
    target: Target,
    number: int,
    now: datetime,
    period: Callable[[datetime], Hashable] = lambda at: at,
    *,
    outlived: Callable[[str], bool] = lambda _: False,
    unfinished: Collection[str] = (),
) -> int:
    """Keep the newest snapshot of each of the newest ``number`` periods, at least one; how many went.

    ``period`` says to which period a time belongs, so that many that are taken on one day do not drive out
    those of the days before. Those that bear a time after ``now`` go first: made when the clock was ahead,
    they would pass for newer than all that come. Take one before.

    ``outlived`` says of a stem whether its snapshot goes in any case, as it holds what was erased since;
    those of ``unfinished`` neither go nor count otherwise: somebody is writing them.
    """
    names = _names(target)
    stems = {found[1] for found in names if found[2] == _CATALOGUE}
    good = [stem for stem in sorted(stems) if stem <= stem_at(now) and not outlived(stem)]
    newest = {period(time_of(stem)): stem for stem in good if stem not in unfinished}
    kept = set(sorted(newest.values())[-max(number, 1) :])
    if not kept:
        return 0
    indexes = sorted(found[1] for found in names if found[2] == _INDEX and not outlived(found[1]))
    needed = {_CATALOGUE: kept, _INDEX: {_at_or_before(stem, indexes) for stem in kept}}
    needed[_KEY] = needed[_CATALOGUE] | needed[_INDEX]

    def goes(stem: str, kind: str) -> bool:
        if outlived(stem):
            return True
        coming = stem not in stems and stem > max(kept)
        return stem not in needed[kind] and stem not in unfinished and not coming

    going = [found for found in names if goes(found[1], found[2])]
    _remove(target, going)
    return len({found[1] for found in going if found[2] == _CATALOGUE})


def remove_outlived(target: Target, stems: Collection[str], instead: Collection[str]) -> int:
    """Remove the snapshots of these stems as long as one of the catalogues ``instead`` lies there; how many
    blobs went."""
    names = _names(target)
    going = [found for found in names if found[1] in stems]
    if not going or not any(found[0] in instead for found in names):
        return 0
    _remove(target, going)
    return len(going)


def _names(target: Target) -> list[re.Match[str]]:
    return [found for stored in target.list(FOLDER) if (found := _NAME.fullmatch(stored.name))]


def _remove(target: Target, going: Sequence[re.Match[str]]) -> None:
    """The key last: no snapshot is ever without."""
    for found in sorted(going, key=lambda found: (_CATALOGUE, _INDEX, _KEY).index(found[2])):
        target.delete(found[0])


def everything(target: Target) -> list[str]:
    """The names of all blobs of snapshots that lie there, in the order in which they may be removed."""
    order = (_CATALOGUE, _INDEX, _KEY)
    return [found[0] for found in sorted(_names(target), key=lambda found: order.index(found[2]))]


def catalogue_name(stem: str) -> str:
    """The name of the catalogue of the snapshot whose names begin so."""
    return stem + _CATALOGUE


def stem_of(name: str) -> str:
    """What the names of the snapshot begin with of which this is a blob; empty for others."""
    found = _NAME.fullmatch(name)
    return found[1] if found else ""


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


def stem_at(now: datetime) -> str:
    """What the names of a snapshot begin with that is taken at this time."""
    return f"{FOLDER}{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def time_of(stem: str) -> datetime:
    """When the snapshot was taken whose names begin so."""
    return datetime.strptime(stem, f"{FOLDER}%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
