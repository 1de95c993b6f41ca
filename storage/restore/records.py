"""The records of deletions from one archive target to another, byte by byte: back into the archive folder,
and from there to targets that never held the call.

They are what tells a deletion from a theft: without them the seals of deleted calls are gaps in the chain.
Like sidecars they come as they are, also those that a key signed which nobody gave: verification judges them.
"""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice

from storage.errors import DamagedSidecar, TargetAbsent, TargetError
from storage.restore.blobs import AT_ONCE
from storage.seals.deletion import FOLDER, read_deletion
from storage.targets.contract import Stored, Target, verify

_RECORDS_A_TIME = 200


@dataclass(slots=True)
class RecordsRestored:
    """How many records lie there now that were looked for, and why the others do not, by name."""

    count: int = 0
    lacking: dict[str, str] = field(default_factory=dict)


def restore_records(source: Target, archive: Target) -> RecordsRestored:
    """Let ``archive`` hold every record that ``source`` does, each read back; again, it does no harm.

    Raises ``DiskFull``, ``TargetAbsent``, and ``TargetError`` where ``source`` cannot be listed.
    """
    return _bring(source, archive, _names(source))


def carry_records(source: Target, target: Target) -> RecordsRestored:
    """Let ``target`` have every record of ``source`` that it has none of by that name; those that came.

    Raises as ``restore_records``, also where ``target`` cannot be listed.
    """
    there = set(_names(target))
    return _bring(source, target, (name for name in _names(source) if name not in there))


def _names(target: Target) -> Iterator[str]:
    return (one.name for one in target.list(FOLDER) if one.name.endswith(".json"))


def _bring(source: Target, archive: Target, names: Iterator[str]) -> RecordsRestored:
    done = RecordsRestored()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while batch := list(islice(names, _RECORDS_A_TIME)):
            for name, reason in zip(
                batch, pool.map(lambda one: _copy(source, archive, one), batch), strict=True
            ):
                if reason:
                    done.lacking[name] = reason
                else:
                    done.count += 1
    return done


def _copy(source: Target, archive: Target, name: str) -> str:
    """Empty where it lies in the archive now, else the reason why not."""
    try:
        data = b"".join(source.get(name))
        read_deletion(data)
        expected = Stored(name, len(data), hashlib.sha256(data).hexdigest())
        if not _is_there(archive, name, data):
            archive.put(name, data)
            verify(archive, expected)
    except TargetAbsent:
        raise
    except (DamagedSidecar, TargetError) as error:
        return str(error)
    return ""


def _is_there(archive: Target, name: str, data: bytes) -> bool:
    kept = archive.stat(name)
    return kept is not None and kept.bytes == len(data) and b"".join(archive.get(name)) == data
