"""Records of deletions come to targets that the deleted calls never reached, and so to what is restored."""

import pytest

from earwitness import verifying, wiring
from earwitness.keeping import levelling
from earwitness.keeping.means import Means
from earwitness.keeping.records import chores
from earwitness.public_keys import own_keys
from earwitness.settings import Settings
from storage.errors import TargetError
from storage.seals.deletion import deletion_name
from storage.targets import LocalTarget
from tests.earwitness.installation import NOW, Installation
from tests.earwitness.restoring.drill import disk, restore
from tests.storage.handoffs import a_call

GONE = 1


@pytest.fixture
def made(tmp_path):
    """Three calls are on the disk; a fourth was deleted before it was its turn."""
    made = Installation(tmp_path, encrypted=False)
    made.record(0, GONE, 2, 3)
    made.delete(a_call(GONE).id)
    made.back_up()
    yield made
    made.catalogue.close()


def missing(path, made):
    """The numbers of seals that nothing explains in the folder ``path``."""
    nobody = verifying.Watch(lambda _: None, lambda _: None)
    report = verifying.folder(path, own_keys(made.settings), nobody)
    return [chain.missing for chain in report.chains]


def means_of(made):
    targets = wiring.targets(made.settings, made.catalogue)
    return Means.of(made.settings, made.catalogue, targets, lambda: False, lambda: NOW)


def test_a_target_explains_what_it_never_held_and_so_does_what_is_restored_from_it(made, tmp_path):
    assert missing(disk(made), made) == [((2, 2),)]
    (chore,) = chores(means_of(made))
    assert chore.wanted()
    chore.work()
    assert missing(disk(made), made) == [()]
    again, done = restore(made, tmp_path / "new")
    assert (done.records.count, done.calls) == (1, 3)
    assert missing(again.settings.archive_folder, again) == [()]


def test_a_primary_that_came_later_has_those_of_the_archive_folder(made, tmp_path):
    bucket = {"name": "bucket", "kind": "local", "folder": tmp_path / "bucket", "role": "primary"}
    made.settings = Settings(data=made.settings.data, targets=[bucket, *made.settings.targets])
    name = deletion_name(a_call(GONE).id, NOW)
    to_disk, to_bucket = sorted(chores(means_of(made)), key=lambda chore: "disk" not in chore.name)
    to_bucket.work()
    assert (tmp_path / "bucket" / name).is_file()
    to_disk.work()
    assert (disk(made) / name).is_file()


def test_what_is_done_by_hand_carries_them_too_and_a_target_in_trouble_is_told(made, monkeypatch):
    means = means_of(made)
    assert levelling.records(means, ["local", "disk"]) == {}
    assert (disk(made) / deletion_name(a_call(GONE).id, NOW)).is_file()

    def refuse(self, prefix=""):
        raise TargetError("The line is cut.")

    monkeypatch.setattr(LocalTarget, "list", refuse)
    found = levelling.records(means, ["disk"])
    assert found == {"disk": "The records of deletions were not brought up: The line is cut."}
