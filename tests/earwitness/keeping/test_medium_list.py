"""The list on a target as the jobs keep it: with the key of the medium where calls are encrypted."""

import shutil
from pathlib import Path

import pytest

from earwitness import wiring
from earwitness.browsing import find
from earwitness.keeping.medium_list import MediumList
from earwitness.keeping.target_watch import TargetWatch
from indexer.query import Query
from storage.media import read_about
from storage.media.reading import Reading
from storage.targets import LocalTarget
from tests.earwitness.installation import NOW, OPENER, Installation
from tests.storage.handoffs import a_call


@pytest.fixture(params=[False, True], ids=["clear", "encrypted"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Installation:
    """An installation with three calls on its disk, which has no list."""
    made = Installation(tmp_path, encrypted=request.param)
    if request.param:
        made.give_master_key()
    made.record(0, 1, 2)
    made.copy()
    return made


def the_list(made: Installation) -> MediumList:
    spec = made.settings.targets[0]
    target = LocalTarget(spec.folder)
    watch = TargetWatch("disk", target, made.catalogue.target_states, lambda: 0.0)
    public = wiring.sealer(made.settings).public
    return MediumList(made.settings, made.catalogue, spec, target, public, watch, lambda: False)


def test_the_disk_stands_alone(made):
    one = the_list(made)
    assert one.wanted()
    one.run(NOW)
    made.record(3)
    made.copy()
    one.run(NOW)
    target = LocalTarget(made.settings.targets[0].folder)
    assert len(list(find(Reading(target, OPENER), Query()))) == 4
    about = read_about(target)
    assert (about.volume, about.target) == ("disk", "disk")
    assert about.installation == wiring.sealer(made.settings).chain
    made.catalogue.close()


def test_what_was_sent_by_hand_stands_alone_too(tmp_path):
    out = {"name": "disk", "kind": "local", "folder": tmp_path / "disk", "role": "export"}
    made = Installation(tmp_path, encrypted=False, target=out)
    made.record(0, 1)
    target = LocalTarget(tmp_path / "disk")
    made.level()
    assert not (tmp_path / "disk").exists(), "nothing was sent there"
    made.send(a_call(1).id)
    made.level()
    assert [row.id for row in find(Reading(target, OPENER), Query())] == [a_call(1).id]
    assert (tmp_path / "disk" / "index.html").is_file()
    made.delete(a_call(1).id)
    made.level()
    assert list(find(Reading(target, OPENER), Query())) == []
    made.catalogue.close()


def test_another_disk_in_its_place_gets_a_list_of_its_own(made):
    one = the_list(made)
    one.run(NOW)
    folder = made.settings.targets[0].folder
    shutil.rmtree(folder)
    one.run(NOW)
    assert len(list(find(Reading(LocalTarget(folder), OPENER), Query()))) == 3
    made.catalogue.close()


@pytest.mark.parametrize("made", [True], indirect=True, ids=["encrypted"])
def test_nothing_is_written_with_a_master_key_that_others_have_changed(made):
    one = the_list(made)
    assert one.level(NOW) == ""
    made.record(3)
    made.copy()
    made.change_master_key()
    disk = LocalTarget(made.settings.targets[0].folder)
    assert "Earwitness was started before the master key was changed" in one.level(NOW)
    assert len(list(find(Reading(disk, OPENER), Query()))) == 3
    made.catalogue.close()


def test_a_disk_that_cannot_be_written_is_left_for_later(made):
    one = the_list(made)
    folder = made.settings.targets[0].folder
    (folder / "browse").write_text("in the way")
    one.run(NOW)
    (folder / "browse").unlink()
    one.run(NOW)
    assert len(list(find(Reading(LocalTarget(folder), OPENER), Query()))) == 3
    made.catalogue.close()
