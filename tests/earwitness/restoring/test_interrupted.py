"""The drill with a disk that goes away meanwhile: what is restored goes on where it was."""

import pytest

from earwitness.errors import EarwitnessError, NotFound
from earwitness.place import Place, folder, home
from earwitness.restoring import NOTE, Restoring
from earwitness.settings import Settings
from storage.errors import TargetAbsent, TargetError
from storage.targets import LocalTarget
from tests.earwitness.installation import NOW, OPENER
from tests.earwitness.restoring.drill import CALLS, disk, facts, restore


class Unplugged(LocalTarget):
    """A disk that is away as soon as the record of a deletion is read for the second time."""

    def __init__(self, root):
        super().__init__(root)
        self.read: set[str] = set()

    def get(self, name, start=0, length=None):
        if name in self.read:
            raise TargetAbsent("The disk is not there.")
        if name.startswith("deleted/"):
            self.read.add(name)
        return super().get(name, start, length)


def test_a_disk_that_went_away_before_its_records_came_back_is_gone_on_with(gone_on, tmp_path):
    settings: Settings = gone_on.settings.model_copy(update={"data": tmp_path / "new"})
    with pytest.raises(TargetAbsent):
        Restoring(settings, Place("disk", Unplugged(disk(gone_on))), home(settings), OPENER).run(NOW, "me")
    assert (settings.data / NOTE).exists()
    again, done = restore(gone_on, tmp_path / "new")
    assert (done.records.count, done.records.lacking) == (2, {})
    assert again.archive() == gone_on.archive()


class Pulled(LocalTarget):
    """A disk that is pulled after so many reads."""

    left = 0

    def get(self, name, start=0, length=None):
        if self.left == 0:
            raise TargetError("The disk was pulled.")
        self.left -= 1
        return super().get(name, start, length)


def test_interrupted_anywhere_it_goes_on(gone_on, tmp_path):
    settings: Settings = gone_on.settings.model_copy(update={"data": tmp_path / "new"})
    source = folder(settings, disk(gone_on))
    pulled = Pulled(disk(gone_on))
    for reads in (0, 1, 2, 5, 9):
        pulled.left = reads
        with pytest.raises(TargetError):
            Restoring(settings, type(source)("disk", pulled), home(settings), OPENER).run(NOW, "me")
    with pytest.raises(EarwitnessError, match="was interrupted"):
        Restoring(settings, type(source)("other", pulled), home(settings), OPENER).run(NOW, "me")
    again, done = restore(gone_on, tmp_path / "new")
    assert (done.rows.refused, done.blobs.lacking) == ({}, {})
    assert again.archive() == gone_on.archive()
    assert facts(again.rows()) == facts(gone_on.rows())


def test_an_interrupted_restore_outlives_a_disk_that_is_not_mounted(filled, tmp_path):
    settings: Settings = filled.settings.model_copy(update={"data": tmp_path / "new"})
    pulled = Pulled(disk(filled))
    pulled.left = 4
    with pytest.raises(TargetError):
        Restoring(settings, Place("disk", pulled), home(settings), OPENER).run(NOW, "me")
    noted = (settings.data / NOTE).read_bytes()
    unmounted = Place("disk", LocalTarget(tmp_path / "unmounted"))
    with pytest.raises(NotFound, match="nothing to restore in the target disk"):
        Restoring(settings, unmounted, home(settings), OPENER).run(NOW, "me")
    assert (settings.data / NOTE).read_bytes() == noted
    again, done = restore(filled, tmp_path / "new")
    assert done.calls == len(CALLS)
    assert again.archive() == filled.archive()
