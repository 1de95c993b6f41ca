"""Whether anything lies on a target that a restore could bring back: a wrong folder is empty as well."""

from storage.archive_names import call_of
from storage.media.names import FOLDER as LISTS
from storage.restore.snapshot import FOLDER as SNAPSHOTS
from storage.seals.deletion import FOLDER as DELETIONS
from storage.targets.contract import Target


def holds_anything(target: Target) -> bool:
    """Whether there is a snapshot, a list, the record of a deletion or the sidecar of a call.

    A marker alone is nothing: a disk bears one before its first call comes. ``TargetError`` comes through.
    """
    folders = (SNAPSHOTS, LISTS, DELETIONS)
    return any(_any(target, folder) for folder in folders) or any(
        blob.name.endswith(".json") and call_of(blob.name) for blob in target.list()
    )


def _any(target: Target, folder: str) -> bool:
    return next(iter(target.list(folder)), None) is not None
