"""Snapshots: the whole catalogue on a target, so that the target alone restores everything.

``snapshots/<time>.catalogue.gz`` is a dump of the catalogue; its time is in UTC, as ``20261122T030405Z``.
Where calls are encrypted it is encrypted too, and ``snapshots/<time>.key`` is its wrapped key. The key is
written first and goes last, so that no snapshot is ever without its key. Not for media that cannot delete: a
snapshot holds the keys of calls, and must not outlive them there.
"""

import re
import tempfile
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from storage.encryption.keyring import KeyMaker
from storage.errors import disk_errors
from storage.keeper import keep
from storage.targets.contract import Target

FOLDER = "snapshots/"
_CATALOGUE, _KEY = ".catalogue.gz", ".key"
_NAME = re.compile(r"(snapshots/\d{8}T\d{6}Z)(\.catalogue\.gz|\.key)")


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
    folder: Path,
) -> Snapshot:
    """Write a snapshot of what ``dump`` gives, encrypted where there is a ``maker`` of keys.

    ``folder`` has room for a temporary file. Raises ``DiskFull``, ``TargetError``, ``CatalogueError``.
    """
    stem = _stem(now)
    with disk_errors(folder), tempfile.TemporaryFile(dir=folder) as file:
        file.writelines(dump(now))
        file.seek(0)
        key = maker.new(stem.removeprefix(FOLDER)) if maker is not None else None
        if key is not None:
            keep(target, stem + _KEY, key.row.document.encode())
        kept = keep(target, stem + _CATALOGUE, file, key.data if key else None)
    return Snapshot(kept.name, kept.stored.bytes)


def trim(
    target: Target,
    number: int,
    now: datetime,
    period: Callable[[datetime], Hashable] = lambda at: at,
) -> int:
    """Keep the newest snapshot of each of the newest ``number`` periods, at least one; how many went.

    ``period`` says to which period a time belongs, so that many that are taken on one day do not drive out
    those of the days before. Those that bear a time after ``now`` go first: made when the clock was ahead,
    they would pass for newer than all that come. Take one before.
    """
    names = [found for stored in target.list(FOLDER) if (found := _NAME.fullmatch(stored.name))]
    stems = {found[1] for found in names if found[2] == _CATALOGUE}
    newest = {period(_time(stem)): stem for stem in sorted(stems) if stem <= _stem(now)}
    kept = sorted(newest.values())[-max(number, 1) :]
    gone = stems.difference(kept) if kept else set()
    for kind in (_CATALOGUE, _KEY):
        for found in names:
            forsaken = found[1] not in stems and bool(kept) and found[1] < kept[-1]
            if found[2] == kind and (found[1] in gone or forsaken):
                target.delete(found[0])
    return len(gone)


def _stem(now: datetime) -> str:
    return f"{FOLDER}{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _time(stem: str) -> datetime:
    return datetime.strptime(stem, f"{FOLDER}%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
