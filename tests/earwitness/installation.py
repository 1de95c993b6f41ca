"""A whole installation in a folder: calls archived, copied to a target, with users, tags and a snapshot."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from earwitness import wiring
from earwitness.archiving import ROLE
from earwitness.keeping import levelling, places
from earwitness.keeping.means import Means
from earwitness.keeping_settings import EncryptionSettings
from earwitness.settings import Settings
from indexer.language import parse
from indexer.scope import EVERYTHING
from storage.catalogue import Agent, AuditEntry, NewUser, sqlite_url
from storage.copies.backlog import Backlog
from storage.copies.copier import Copier
from storage.copies.snapshot import take
from storage.encryption.keyring import CatalogueKeyring, KeyMaker, KeyOpener
from storage.encryption.masterkey import MasterKey
from storage.lock import DataFolderLock
from storage.media import About, Upkeep
from storage.media.medium_key import key_for
from storage.outcomes import Taken
from storage.retention.deletion import Deletion
from storage.retention.records import recorder
from storage.retention.removing import remove_pending
from tests.storage.catalogue.filled import contents
from tests.storage.handoffs import hand_off, hand_off_encrypted

NOW = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
MASTER = MasterKey(b"m" * 32)
MASTER_TEXT = base64.b64encode(b"m" * 32).decode()
OPENER = KeyOpener([MASTER])


class Installation:
    """In ``folder``: the data folder ``data``, and the disk ``disk`` that has a copy of every call.

    With ``target`` it has the target of these settings in place of the disk.
    """

    def __init__(self, folder: Path, *, encrypted: bool, target: Mapping[str, Any] | None = None) -> None:
        there = target or {"kind": "local", "name": "disk", "folder": folder / "disk"}
        self.settings = Settings.model_validate({"data": folder / "data", "targets": [there]})
        self._there = self.settings.targets[0].name
        self.settings.folders.make()
        self.catalogue = wiring.catalogue(self.settings)
        self._maker = KeyMaker(MASTER) if encrypted else None
        self._keys = CatalogueKeyring(self.catalogue, OPENER, self._maker)

    def give_master_key(self, folder: Path | None = None) -> None:
        """Let the settings name the master key with which calls are encrypted here; it lies in ``folder``, or
        in the data folder."""
        file = (folder or self.settings.data) / "master"
        file.write_text(MASTER_TEXT)
        keys = EncryptionSettings(master_key=f"file:{file}")
        self.settings = self.settings.model_copy(update={"encryption": keys})

    def record(self, *numbers: int) -> None:
        """Archive calls of these numbers; every fifth one could not be opened."""
        for number in numbers:
            make = hand_off_encrypted if number % 5 == 4 else hand_off
            make(self.settings.folders.handoff, number, 700 + number)
        with DataFolderLock(self.settings.data, ROLE) as lock:
            outcomes = list(wiring.intake(self.settings, self.catalogue, self._keys, lock).run())
        assert all(isinstance(one, Taken) for one in outcomes)

    def furnish(self) -> None:
        """People and what they did."""
        team = self.catalogue.teams.create("客服")
        self.catalogue.agents.put(Agent("8001", "李伟", team=team.id))
        self.catalogue.users.create(NewUser(username="anna", password_hash="x", role="supervisor"), NOW)
        for found in self.catalogue.calls.page(limit=2):
            self.catalogue.tags.put(found.call.id, "投诉", "anna", NOW)
        self.catalogue.audit.record(AuditEntry(at=NOW, actor="anna", action="call.play"))

    def copy(self) -> None:
        """Copy to the target what is not there."""
        backlog = Backlog(self.catalogue, places.placement(self.settings), places.home(self.settings))
        while backlog.fill(self._there, NOW):
            pass
        self._work_off()

    def send(self, *call_ids: str) -> None:
        """Copy these calls to the target, as somebody asks for."""
        backlog = Backlog(self.catalogue, places.placement(self.settings), places.home(self.settings))
        backlog.ask(self._there, call_ids, NOW)
        self._work_off()

    def _work_off(self) -> None:
        placement, home = places.placement(self.settings), places.home(self.settings)
        targets = wiring.targets(self.settings, self.catalogue)
        copier = Copier(self.catalogue, targets, placement, home, lambda: NOW)
        while (batch := copier.batch(self._there)).taken and batch.trouble is None:
            pass

    def level(self, *, snapshot: bool = False) -> None:
        """Let the target have what belongs to its calls, as `serve` does."""
        targets = wiring.targets(self.settings, self.catalogue)
        means = Means.of(self.settings, self.catalogue, targets, lambda: False, lambda: NOW)
        troubles = levelling.records(means, targets) | levelling.lists(means, targets, lambda _: False)
        if snapshot:
            troubles |= levelling.snapshots(means, targets)
        assert troubles == {}

    def back_up(self) -> None:
        """Copy to the disk what is not there, and bring its list up."""
        self.copy()
        targets = wiring.targets(self.settings)
        lock = key_for(targets["disk"], self._maker, OPENER) if self._maker else None
        public = wiring.sealer(self.settings).public
        about = About(volume="box-7", installation=public.id, seal_key=public.pem)
        upkeep = Upkeep(self.catalogue, "disk", targets["disk"], about, lock)
        while upkeep.run_once(NOW):
            pass

    def snapshot(self) -> None:
        """Put a snapshot of the catalogue on the disk."""
        target = wiring.targets(self.settings)["disk"]
        take(target, self.catalogue.dump, NOW, maker=self._maker, folder=self.settings.data)

    def change_master_key(self) -> None:
        """Wrap the keys of all calls with another master key, as somebody else may."""
        maker = KeyMaker(MasterKey(b"n" * 32))
        for found in self.catalogue.calls.page():
            key = self._keys.of_call(found.call.id)
            assert key is not None
            self.catalogue.keys.restore([maker.wrap(key.data, found.call.id).row])

    def delete(self, *call_ids: str) -> None:
        """Delete calls here and on the disk, with a signed record."""
        Deletion(self.catalogue).again(dict.fromkeys(call_ids, "erasure: asked for"), by="anna", now=NOW)
        signing = recorder(self.catalogue, wiring.sealer(self.settings))
        removed = remove_pending(self.catalogue, wiring.targets(self.settings), now=NOW, recorder=signing)
        assert set(removed.calls) == set(call_ids)

    def archive(self) -> Mapping[str, bytes]:
        """Every blob of where calls come in."""
        _, target = wiring.home(self.settings)
        return {one.name: b"".join(target.get(one.name)) for one in target.list()}

    def found(self, text: str) -> list[str]:
        """The ids that the index finds."""
        query = parse(text, now=NOW, zone=UTC)
        return list(wiring.search_reader(self.settings).search(query, EVERYTHING, limit=100).ids)

    def rows(self) -> dict[str, Any]:
        """What the catalogue says of every call, by table."""
        return contents(sqlite_url(self.settings.folders.catalogue))
