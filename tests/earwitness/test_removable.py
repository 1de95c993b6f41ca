"""Copies to a removable disk that comes, goes, is pulled, and comes back."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from earwitness import encrypting, wiring
from earwitness.archiving import ROLE
from earwitness.keeping import places
from earwitness.keeping_settings import UsbTargetSettings
from earwitness.settings import Settings
from storage.catalogue.target_states import Condition
from storage.copies.backlog import Backlog
from storage.copies.copier import Batch, Copier
from storage.lock import DataFolderLock
from storage.targets.contract import read_back
from storage.targets.usb_care import prepare
from tests.storage.handoffs import hand_off
from tests.storage.targets import disks

pytestmark = pytest.mark.root


class Centre:
    """A machine whose calls go to the disk ``backup-1`` whenever it is there."""

    def __init__(self, folder) -> None:
        (folder / "media").mkdir()
        self.place = folder / "media" / "disk"
        spec = UsbTargetSettings(kind="usb", name="disk", volume="backup-1", roots=(folder / "media",))
        self.settings = Settings(data=folder / "data", targets=(spec,))
        self.settings.folders.make()
        self.catalogue = wiring.catalogue(self.settings)
        self.targets = dict(wiring.targets(self.settings))
        self.now = datetime.now(UTC)
        self._placement = places.placement(self.settings)
        self._home = places.home(self.settings)

    def record(self, numbers: range) -> None:
        for number in numbers:
            hand_off(self.settings.folders.handoff, number)
        keys = encrypting.keyring(self.settings, self.catalogue)
        with DataFolderLock(self.settings.data, ROLE) as lock:
            intake = wiring.intake(self.settings, self.catalogue, keys, lock)
            assert intake.run_once() == len(numbers)

    def copy(self, targets=None) -> Batch:
        """One batch, an hour later than the last one."""
        self.now += timedelta(hours=1)
        backlog = Backlog(self.catalogue, self._placement, self._home)
        while backlog.fill("disk", self.now):
            pass
        copier = Copier(
            self.catalogue, targets or self.targets, self._placement, self._home, lambda: self.now
        )
        return copier.batch("disk")

    def check(self) -> None:
        """Every call is on the disk, whole, once, and so says the catalogue."""
        disk = self.targets["disk"]
        names = []
        for found in self.catalogue.calls.page():
            copies = [copy for copy in found.copies if copy.target == "disk"]
            assert {copy.name for copy in copies} == {
                copy.name for copy in found.copies if copy.target == "local"
            }
            for copy in copies:
                kept = (self.settings.archive_folder / copy.name).read_bytes()
                assert hashlib.sha256(kept).hexdigest() == copy.sha256 == read_back(disk, copy.name).sha256
                names.append(copy.name)
        assert len(names) == len(set(names))
        assert set(names) <= {blob.name for blob in disk.list()}
        assert {blob.name for blob in disk.list()} == {blob.name for blob in self.targets["local"].list()}


class PulledAt:
    """The disk, which breaks off in the middle of put number ``at``."""

    def __init__(self, inner, disk, at: int) -> None:
        self._inner, self._disk, self._left = inner, disk, at

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def put(self, name, source):
        self._left -= 1
        if not self._left:
            self._disk.break_off()
        return self._inner.put(name, source)


@pytest.fixture
def centre(tmp_path) -> Iterator[Centre]:
    made = Centre(tmp_path)
    yield made
    made.catalogue.close()


@pytest.fixture
def disk(tmp_path, centre) -> Iterator[disks.Disk]:
    made = disks.make("ext4", tmp_path / "image", 32)
    prepare(made.plug(centre.place), "backup-1", (centre.place.parent,))
    made.unplug()
    yield made
    made.unplug()


def test_what_came_while_the_disk_was_away_is_copied_when_it_is_back(centre, disk):
    centre.record(range(5))
    batch = centre.copy()
    assert (batch.copied, batch.trouble.condition) == ([], Condition.ABSENT)
    assert list(centre.place.iterdir()) == [], "nothing on the system disk"
    disk.plug(centre.place)
    assert len(centre.copy().copied) == 5
    centre.check()
    disk.unplug()
    centre.record(range(5, 8))
    assert centre.copy().trouble.condition is Condition.ABSENT
    disk.plug(centre.place.parent / "elsewhere")
    assert len(centre.copy().copied) == 3
    centre.check()


@pytest.mark.parametrize("at", [1, 5, 11])
def test_a_disk_that_is_pulled_while_it_is_copied_to_misses_nothing_afterwards(centre, disk, at):
    centre.record(range(6))
    disk.plug(centre.place)
    pulled = centre.targets | {"disk": PulledAt(centre.targets["disk"], disk, at)}
    batch = centre.copy(pulled)
    assert batch.trouble.condition is Condition.ABSENT
    disk.unplug()
    assert list(centre.place.iterdir()) == []
    disk.plug(centre.place)
    copied = list(batch.copied)
    while (batch := centre.copy()).taken:
        copied += batch.copied
    assert len(copied) == len(set(copied)) == 6
    centre.check()
