"""An installation made anew from one archive target: catalogue, keys of calls, audio and index.

What was begun is noted in the data folder until all is done, so that a restore that was killed goes on, and
none ever writes into an installation that lives.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from tempfile import TemporaryFile
from typing import Any

import structlog

from earwitness import wiring
from earwitness.errors import EarwitnessError, NotFound
from earwitness.keeping import places
from earwitness.other_targets import OtherTargets
from earwitness.place import Place
from earwitness.public_keys import own_keys
from earwitness.restored import Restored
from earwitness.settings import Settings
from earwitness.standstill import standstill
from indexer.errors import IndexUnusable
from indexer.snapshot import unpack
from storage import durable
from storage.catalogue import AuditEntry, Catalogue, has_rows, load, sqlite_url
from storage.encryption.keyring import KeyOpener
from storage.errors import NotEmpty, StorageError, TargetError, WrongKey
from storage.media import read_about
from storage.model import rfc3339
from storage.restore.blobs import BlobsFromTarget, BlobsRestored, leave_blobs
from storage.restore.dated import find_setbacks
from storage.restore.deletions import DeletionsRepeated, repeat_deletions
from storage.restore.event import ACTION, history
from storage.restore.newer import Newer
from storage.restore.people import people_of
from storage.restore.presence import holds_anything
from storage.restore.records import RecordsRestored, carry_records, restore_records
from storage.restore.rows import RowsFromSidecars
from storage.restore.snapshot import Snapshot, newest_snapshot, snapshots, whole_snapshot
from storage.retention.restored import note_restore
from storage.seals.keys import PublicKey, public_key
from storage.targets import Target

log = structlog.get_logger("restore")
NOTE = "restore.json"
DELETIONS = "catalogue.deletions"
"""The audit event of asking one more target what was deleted."""
Told = Callable[[str, int], None]
"""Told what is done now (``rows``, ``audio``, ``index``) and how many calls more are through."""


class OlderSnapshot(EarwitnessError):
    """Another target has a newer snapshot, and nobody said which one is wanted."""

    def __init__(self, source: Place, own: Snapshot | None, newer: Sequence[Newer]) -> None:
        there = "\n".join(
            f"{one.target} has a newer snapshot of the catalogue, of {_clock(one.at)}. Other there: "
            f"{', '.join(one.differs)}."
            for one in newer
        )
        here = f"The newest one of {source} is of {_clock(own.at)}" if own else f"There is none on {source}"
        super().__init__(
            f"{there}\n{here}: what people decided after that would be missing, so that rules could delete "
            "what is held. Nothing was made yet. Say which snapshot to take: "
            f"--snapshot-from {newer[0].target}, or --snapshot-from {source.name} for the older state. "
            "The calls come from where --from or --path says, whichever it is."
        )


class Restoring:
    """Restores ``settings.data`` from ``source``; the archive ``home`` is filled unless it is the source.

    ``opener`` opens what is encrypted. ``others`` are asked what the source may not know: that calls were
    deleted, and what people decided since. ``snapshots`` is the place whose snapshot is wanted; without it
    that of the source, unless another one is newer. ``wanted`` is when the snapshot was taken that is to be
    used, as its name says it; without it the newest one there that is whole.
    """

    def __init__(
        self,
        settings: Settings,
        source: Place,
        home: Place,
        opener: KeyOpener,
        others: OtherTargets | None = None,
        snapshots: Place | None = None,
        wanted: str = "",
    ) -> None:
        self._others = others if others is not None else OtherTargets()
        self._snapshots = snapshots
        self._wanted = wanted
        self._settings = settings
        self._source = source
        self._home = home
        self._opener = opener
        self._note = settings.data / NOTE

    def run(
        self, now: datetime, actor: str, *, audio: bool = True, told: Told = lambda _, __: None
    ) -> Restored:
        """Do it all, or go on where it was interrupted.

        Raises ``NotFound`` where nothing lies at the source, and then has made nothing, ``NotEmpty`` where
        there is a catalogue already, ``OlderSnapshot`` where a person has to choose one, ``WrongKey`` and
        ``KeyUnusable`` where nothing opens the calls, ``FolderBusy``, ``TargetError``, ``DiskFull``.
        """
        if not holds_anything(self._source.target):
            raise NotFound(
                f"There is nothing to restore in {self._source}: neither a snapshot nor archived calls, "
                "which lie in folders named by year. Give the folder that holds them, and see that its disk "
                "is mounted."
            )
        self._settings.folders.make()
        with standstill(self._settings):
            snapshot = self._begin()
            catalogue = wiring.catalogue(self._settings)
            try:
                return self._fill(catalogue, snapshot, now, actor, audio=audio, told=told)
            finally:
                catalogue.close()

    def deletions(self, now: datetime, actor: str) -> DeletionsRepeated:
        """Delete in the installation that there is what the source alone knows as deleted: for one that could
        not be asked when it was restored. Again, it does no harm, nor does a ``serve`` beside it.

        Raises ``NotFound`` where nothing lies at the source, ``TargetError``, ``CatalogueError``.
        """
        if not holds_anything(self._source.target):
            raise NotFound(f"There is nothing in {self._source}. See that its disk is mounted.")
        catalogue = wiring.catalogue(self._settings)
        try:
            after = {"from": self._source.name}
            catalogue.audit.record(AuditEntry(at=now, actor=actor, action=DELETIONS, after=after))
            chains = set(catalogue.seals.chains())
            known = OtherTargets(there={self._source.name: self._source.target}).seal_keys()
            keys = {key.id: key for key in known if key.id in chains} | own_keys(self._settings)
            done = repeat_deletions(catalogue, self._source.target, keys, now)
            if self._home.name != self._source.name:
                carry_records(self._source.target, self._home.target)
            return done
        finally:
            catalogue.close()

    def _begin(self) -> Snapshot | None:
        """Load the snapshot to go on from, unless the first go did; refuse a data folder that lives."""
        noted = self._noted()
        filled = has_rows(self._url)
        if filled and not noted:
            raise NotEmpty(_occupied(self._settings))
        if filled:
            # A dump is loaded in one transaction: where there is anything, the noted one was loaded whole.
            return self._loaded(noted)
        snapshot, damaged = self._chosen()
        document: dict[str, Any] = {
            "from": self._source.name,
            "snapshot": snapshot.name if snapshot else "",
            "snapshot_from": self._place.name,
            "damaged": damaged,
        }
        durable.write_bytes(self._note, json.dumps(document).encode())
        if snapshot is not None:
            loaded = load(self._url, snapshot.catalogue())
            document["changes"] = loaded.changes
            durable.write_bytes(self._note, json.dumps(document).encode())
        return snapshot

    @property
    def _place(self) -> Place:
        """Whose snapshot is used."""
        return self._snapshots or self._source

    def _loaded(self, noted: Mapping[str, Any]) -> Snapshot | None:
        """The snapshot that the first go loaded."""
        there, name = noted.get("snapshot_from", self._source.name), str(noted.get("snapshot", ""))
        if there != self._place.name:
            raise EarwitnessError(
                f"The restore of {self._settings.data} was begun with the snapshot of "
                f"{there}. Go on with it: --snapshot-from {there}"
            )
        snapshot = newest_snapshot(self._place.target, self._opener, name)
        if self._wanted and (snapshot is None or self._wanted not in snapshot.name):
            raise EarwitnessError(
                f"The restore of {self._settings.data} was begun with {name or 'no snapshot'}. Go on with "
                "it, without --snapshot, or restore into another data folder."
            )
        return snapshot

    def _chosen(self) -> tuple[Snapshot | None, dict[str, str]]:
        """The snapshot to go on from: the one that is wanted, else the newest that is whole, with the newer
        ones that are not."""
        target = self._place.target
        if self._wanted:
            return self._asked(target), {}
        try:
            snapshot, damaged = whole_snapshot(target, self._opener)
        except (TargetError, WrongKey) as error:
            others = [one.time for one in snapshots(target, self._opener)]
            if len(others) < 2:
                raise
            raise EarwitnessError(
                f"{error} If it cannot be read in any way, take an older snapshot, knowing that what people "
                f"decided since is missing: --snapshot TIME, one of {', '.join(others[1:])}."
            ) from error
        if self._snapshots is None and (newer := self._others.newer(snapshot, self._opener)):
            raise OlderSnapshot(self._source, snapshot, newer)
        return snapshot, damaged

    def _asked(self, target: Target) -> Snapshot:
        """The snapshot that a person named. Raises ``NotFound``, ``DamagedSnapshot``."""
        there = snapshots(target, self._opener)
        found = next((one for one in there if one.time == self._wanted), None)
        if found is None:
            times = ", ".join(one.time for one in there) or "none"
            raise NotFound(
                f"There is no snapshot {self._wanted} on {self._place}. Those there, newest first: {times}."
            )
        found.check()
        return found

    def _known_since(self, snapshot: Snapshot | None) -> datetime | None:
        """From when on deletions may not have come to the source: it was there when it got its snapshot."""
        if self._place.name == self._source.name:
            return snapshot.at if snapshot else None
        own = newest_snapshot(self._source.target, self._opener)
        times = [one.at for one in (own, snapshot) if one is not None]
        return min(times) if len(times) > 1 else None

    def _fill(
        self,
        catalogue: Catalogue,
        snapshot: Snapshot | None,
        now: datetime,
        actor: str,
        *,
        audio: bool,
        told: Told,
    ) -> Restored:
        done = Restored(snapshot=snapshot.at if snapshot else None)
        # First of all: were this killed and calls let go then, holds would be missing.
        note_restore(catalogue, now, done.snapshot)
        rows = RowsFromSidecars(catalogue, self._source.target, self._source.name, self._opener)
        done.rows = rows.restore(now, done.snapshot, lambda count: told("rows", count))
        find_setbacks(catalogue, int(self._noted().get("changes", 0)), now)
        done.deletions = repeat_deletions(
            catalogue,
            self._source.target,
            self._seal_keys(catalogue),
            now,
            self._known_since(snapshot),
            self._others.there,
            as_of=done.snapshot,
        )
        self._others.failed(done.deletions.failed)
        if self._home.name != self._source.name:
            done.records = restore_records(self._source.target, self._home.target)
        self._bring_other_records(done.records)
        done.silent, done.damaged = self._others.silent, dict(self._noted().get("damaged", {}))
        if self._home.name != self._source.name:
            if audio:
                done.blobs = self._fill_home(catalogue, now, lambda count: told("audio", count))
            else:
                leave_blobs(catalogue, self._home.name)
        done.index = self._fill_index(catalogue, snapshot, lambda count: told("index", count))
        done.calls, done.people = catalogue.calls.count(), people_of(catalogue)
        done.newest = next((found.call.start for found in catalogue.calls.page(limit=1)), None)
        after = {"from": self._source.name, "snapshot": rfc3339(done.snapshot) if done.snapshot else None}
        if self._snapshots is not None:
            after["snapshot_from"] = self._snapshots.name
        if done.damaged:
            after["damaged"] = ", ".join(sorted(done.damaged))
        if done.silent:
            after["not_asked"] = ", ".join(sorted(done.silent))
        catalogue.audit.record(AuditEntry(at=now, actor=actor, action=ACTION, after=after))
        self._note.unlink()
        durable.sync_folder(self._note.parent)
        return done

    def _bring_other_records(self, done: RecordsRestored) -> None:
        """The records that only others have, to where calls come in: from there they go everywhere."""
        for name, target in list(self._others.there.items()):
            if name == self._home.name:
                continue
            try:
                more = carry_records(target, self._home.target)
            except TargetError as error:
                self._others.failed({name: str(error)})
            else:
                done.count += more.count
                done.lacking |= more.lacking

    def _fill_home(self, catalogue: Catalogue, now: datetime, told: Callable[[int], None]) -> BlobsRestored:
        source, home = self._source, self._home
        keyless = home.name in places.placement(self._settings).keyless
        blobs = BlobsFromTarget(
            catalogue, source.target, source.name, home.target, home.name, keyless=keyless
        )
        return blobs.restore(now, told)

    def _fill_index(
        self, catalogue: Catalogue, snapshot: Snapshot | None, told: Callable[[int], None]
    ) -> bool:
        """That of the snapshot brought up, or else one that is made anew; whether it was the former.

        One that was left in the folder is never gone on with: it may know calls that are no more.
        """
        came = snapshot is not None and self._unpack_index(catalogue, snapshot)
        with wiring.index_sync(self._settings, catalogue) as sync:
            came = came and 0 < sync.place() <= int(self._noted().get("changes", 0))
            if not came:
                sync.rebuild(_steps(told))
            while count := sync.run_once():
                told(count)
        return came

    def _unpack_index(self, catalogue: Catalogue, snapshot: Snapshot) -> bool:
        try:
            with TemporaryFile(dir=self._settings.data) as file:
                chunks = snapshot.index()
                if chunks is None:
                    return False
                file.writelines(chunks)
                file.seek(0)
                return unpack(file, self._settings.folders.index, history(catalogue))
        except (IndexUnusable, StorageError) as error:
            log.warning("index of the snapshot not used", snapshot=snapshot.name, reason=str(error))
            return False

    def _seal_keys(self, catalogue: Catalogue) -> dict[str, PublicKey]:
        """The keys by which seals are checked, with that of the medium, which is kept: the private one that
        belongs to it is gone with the machine. Those that other targets name count where calls are sealed
        with them, as nobody chose these targets to be believed."""
        pem = read_about(self._source.target).seal_key
        if pem:
            key = public_key(pem.encode(), f"The marker of {self._source.name}")
            durable.write_bytes(self._settings.folders.keys / f"restored-{key.id[:16]}.pub", key.pem.encode())
        chains = set(catalogue.seals.chains())
        named = {key.id: key for key in self._others.seal_keys() if key.id in chains}
        return named | own_keys(self._settings)

    def _noted(self) -> dict[str, Any]:
        try:
            document: dict[str, Any] = json.loads(self._note.read_bytes())
        except FileNotFoundError:
            return {}
        if document.get("from") != self._source.name:
            raise EarwitnessError(
                f"A restore of {self._settings.data} from {document.get('from')} was interrupted. Go on with "
                f"it, or remove the catalogue and {self._note} to begin anew."
            )
        return document

    @property
    def _url(self) -> str:
        return self._settings.catalogue.url or sqlite_url(self._settings.folders.catalogue)


def _occupied(settings: Settings) -> str:
    if not settings.catalogue.url:
        return (
            f"There is an installation in {settings.data} already. "
            "Restore into another data folder: --data DIR."
        )
    return (
        "The database of catalogue.url holds a catalogue already. If only this machine was lost, that is all "
        "there, and nothing is to be restored: put the kept public keys into the folder keys, and start "
        "`earwitness serve`, which makes the index anew. Else name an empty database; for a drill, a "
        "catalogue in the data folder: --data DIR --set catalogue.url="
    )


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"


def _steps(told: Callable[[int], None]) -> Callable[[int, int], None]:
    """From how far something has come to how much was added since."""
    before = 0

    def come(done: int, _: int) -> None:
        nonlocal before
        told(done - before)
        before = done

    return come
