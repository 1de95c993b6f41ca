"""The list of calls on a medium: a shard a day, and the manifest that names the days."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from storage.errors import DamagedShard, NotStored
from storage.media.lock import Lock
from storage.media.manifest import Manifest, read_manifest
from storage.media.names import FOLDER, MANIFEST, shard_name
from storage.media.page_files import page_files, version
from storage.media.row import Row
from storage.media.shard import read_shard, write_shard
from storage.targets.contract import Target


class Listing:
    """Reads and writes the list on ``target``; ``lock`` where it is encrypted. One writer at a time."""

    def __init__(self, target: Target, lock: Lock | None = None) -> None:
        self._target = target
        self._lock = lock

    def manifest(self) -> Manifest | None:
        """See ``read_manifest``."""
        return read_manifest(self._target)

    def rows(self, day: str) -> list[Row]:
        """The calls of a day that the manifest names, newest first. Raises ``DamagedShard``."""
        try:
            data = b"".join(self._target.get(shard_name(day)))
        except NotStored as error:
            raise DamagedShard(shard_name(day), "it is missing") from error
        return read_shard(day, data, self._lock)

    def days_of(self, ids: set[str], manifest: Manifest) -> dict[str, set[str]]:
        """Those of the calls that are listed, by day. What goes is mostly old: the search begins there."""
        found: dict[str, set[str]] = {}
        left = set(ids)
        for day in sorted(manifest.days):
            if not left:
                break
            if here := left & {row.id for row in self.rows(day)}:
                found[day] = here
                left -= here
        return found

    def edit(
        self, manifest: Manifest, rows: Iterable[Row], gone: Mapping[str, set[str]], now: datetime
    ) -> None:
        """Put in rows, each in the place of one with its id, take out ids by day, then write ``manifest``.

        The page comes with it where it is missing or of another version. Days that stay as they are are not
        written. Killed in between, the old manifest stands, which names days that are there or newer.
        """
        coming: dict[str, dict[str, Row]] = defaultdict(dict)
        for row in rows:
            coming[row.day][row.id] = row
        days = dict(manifest.days)
        for day in sorted({*coming, *(set(gone) & set(days))}):
            kept = {row.id: row for row in self.rows(day)} if day in days else {}
            left = {key: row for key, row in kept.items() if key not in gone.get(day, ())}
            after = left | coming[day]
            if after and after != kept:
                self._target.put(shard_name(day), write_shard(day, after.values(), self._lock))
            days[day] = len(after)
        self._put_page(manifest)
        left_days = {day: count for day, count in days.items() if count}
        self._target.put(MANIFEST, replace(manifest, days=left_days, page=version()).encode(now))
        for day in set(days) - set(left_days):
            self._target.delete(shard_name(day))

    def clear(self) -> None:
        """Take the manifest and every shard away, named or not."""
        self._target.delete(MANIFEST)
        for blob in list(self._target.list(FOLDER)):
            if blob.name.endswith(".js") and blob.name.count("/") == 1:
                self._target.delete(blob.name)

    def _put_page(self, manifest: Manifest) -> None:
        if manifest.page != version():
            for name, data in page_files().items():
                self._target.put(name, data)
