"""Keeps the list of calls on one medium level with the catalogue.

The medium remembers how far it has come, in the manifest, which is written behind the shards: what a kill
cut off is done again and changes nothing. Calls come by the times at which their copies did, changes and
deletions by the feed. A list that is damaged, or of another installation or of the catalogue as it was before
a restore, is made anew.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from storage.catalogue import Arrival, Catalogue, CatalogueCall
from storage.errors import DamagedShard
from storage.media.listing import Listing
from storage.media.lock import Lock
from storage.media.manifest import Manifest
from storage.media.medium import About, describe
from storage.media.page_files import version
from storage.media.row import Row
from storage.model import rfc3339
from storage.targets.contract import Target

BATCH = 2000
"""Changes and arrivals taken in at once: each time the shards of their days are written."""
_CALLS_A_READ = 500
_COMPARED = timedelta(days=1)

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Found:
    """What became of some calls: rows of those on the medium, days of those elsewhere, ids of the deleted."""

    rows: list[Row] = field(default_factory=list)
    elsewhere: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    deleted: set[str] = field(default_factory=set)


class Upkeep:
    """Of the medium ``target``, which the catalogue calls ``name``. For one thread.

    ``history`` is what ``restore.event.history`` says of the catalogue.
    Not for media that cannot delete: a name that stands in a shard could never be taken off them.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        name: str,
        target: Target,
        about: About,
        lock: Lock | None = None,
        history: str = "",
    ) -> None:
        self._catalogue = catalogue
        self._name = name
        self._target = target
        self._about = replace(about, target=name)
        self._key = lock.document if lock else {}
        self._history = history
        self._rewrapped = False
        self._listing = Listing(target, lock)

    def run_once(self, now: datetime, limit: int = BATCH) -> int:
        """Take in at most ``limit`` changes and arrivals each; how many there were, 0 where it is level.

        Raises ``TargetError``, ``DiskFull``; the medium then is as it was, or nearer to the catalogue.
        """
        try:
            return self._advance(self._manifest(), now, limit)
        except DamagedShard as error:
            _log.warning("medium.list_rebuilding", target=self._name, reason=str(error))
            return self._advance(self._begin(), now, limit)

    def compare(self, now: datetime) -> int:
        """Compare the whole list with the catalogue and put right what differs; how many calls that were.

        Finds what a clock that was set back has hidden. Reads every shard: where as many calls are listed as
        there are, once a day is enough. Raises as ``run_once``, and ``DamagedShard``.
        """
        manifest = self._manifest()
        if self._is_fresh(manifest, now):
            return 0
        days = {row.id: day for day in manifest.days for row in self._listing.rows(day)}
        here = set(self._catalogue.arrivals.calls(self._name))
        coming = self._catalogue.arrivals.after(self._name, _last(manifest), BATCH)
        surplus: dict[str, set[str]] = defaultdict(set)
        for call_id in set(days) - here:
            surplus[days[call_id]].add(call_id)
        missing = sorted(here - set(days) - {one.call_id for one in coming})
        manifest = replace(manifest, compared=rfc3339(now))
        self._listing.edit(manifest, self._look(missing).rows, surplus, now)
        return len(missing) + len(set(days) - here)

    def _is_fresh(self, manifest: Manifest, now: datetime) -> bool:
        if not manifest.compared or now - datetime.fromisoformat(manifest.compared) >= _COMPARED:
            return False
        return manifest.calls == self._catalogue.copy_checks.calls(self._name)

    def _advance(self, manifest: Manifest, now: datetime, limit: int) -> int:
        arrivals = self._catalogue.arrivals.after(self._name, _last(manifest), limit)
        changes = self._catalogue.changes.after(manifest.changes, limit)
        if not arrivals and not changes and manifest.page == version() and not self._rewrapped:
            return 0
        ids = dict.fromkeys([*(one.call_id for one in arrivals), *(one.call_id for one in changes)])
        found = self._look(list(ids))
        gone = found.elsewhere
        for day, there in self._listing.days_of(found.deleted, manifest).items():
            gone[day] |= there
        if arrivals:
            manifest = replace(manifest, arrived=(rfc3339(arrivals[-1].at), arrivals[-1].call_id))
        if changes:
            manifest = replace(manifest, changes=changes[-1].position)
        describe(self._target, self._about)
        self._listing.edit(manifest, found.rows, gone, now)
        return len(arrivals) + len(changes)

    def _manifest(self) -> Manifest:
        """What is on the medium, where that can be gone on with; else an empty list is begun."""
        found = self._listing.manifest()
        if (
            found is None
            or found.installation != self._about.installation
            or found.history != self._history
            or found.key.get("call") != self._key.get("call")
            or found.changes > self._catalogue.changes.position()
        ):
            return self._begin()
        self._rewrapped = found.key != self._key
        return replace(found, volume=self._about.volume, key=self._key)

    def _begin(self) -> Manifest:
        self._listing.clear()
        return Manifest(
            volume=self._about.volume,
            installation=self._about.installation,
            history=self._history,
            key=self._key,
            changes=self._catalogue.changes.position(),
        )

    def _look(self, ids: list[str]) -> _Found:
        found = _Found()
        teams = {team.id: team.name for team in self._catalogue.teams.all()}
        for at in range(0, len(ids), _CALLS_A_READ):
            some = ids[at : at + _CALLS_A_READ]
            items = self._catalogue.calls.get_many(some)
            rows = {row.id: row for row in self._as_rows(items, teams)}
            for item in items:
                row = rows[item.call.id]
                if any(copy.target == self._name for copy in item.copies):
                    found.rows.append(row)
                else:
                    found.elsewhere[row.day].add(row.id)
            found.deleted.update(set(some) - set(rows))
        return found

    def _as_rows(self, items: list[CatalogueCall], teams: dict[str, str]) -> Iterable[Row]:
        agents = self._catalogue.agents.get_many(sorted({item.call.agent for item in items} - {""}))
        for item in items:
            agent = agents.get(item.call.agent)
            yield Row.found(item, agent.name if agent else "", teams.get(item.team or "", ""))


def _last(manifest: Manifest) -> Arrival | None:
    at, call_id = manifest.arrived
    return Arrival(datetime.fromisoformat(at), call_id) if at else None
