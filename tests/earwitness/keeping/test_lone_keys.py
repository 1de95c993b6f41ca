"""That no target has the keys of calls is an alarm: without the catalogue nobody ever opens one."""

from dataclasses import replace

import pytest

from earwitness import wiring
from earwitness.keeping import lone_keys
from earwitness.keeping.means import Means
from earwitness.settings import Settings
from storage.clock import utc_now
from storage.targets import MemoryTarget

ALONE = (
    "Calls come in encrypted on tape, which cannot delete and gets no keys, and no other target has them: "
    "without the catalogue of this machine nobody ever opens a call. Add a target that can delete."
)


class Sticking(MemoryTarget):
    """A medium of which nobody said that it is written once, and which cannot delete."""

    capabilities = replace(MemoryTarget.capabilities, deletes=False)


@pytest.fixture
def means(catalogue, tmp_path):
    """What keeps calls that come in on ``tape``, with these other targets."""

    def make(*others, encrypted=True, **tape):
        targets = [a_folder("tape", tmp_path, role="primary", **{"write_once": True} | tape)]
        targets += [a_folder(name, tmp_path, **more) for name, more in others]
        keys = {"master_key": f"file:{tmp_path / 'master'}"} if encrypted else {}
        settings = Settings.model_validate(
            {"data": tmp_path / "data", "targets": targets, "encryption": keys}
        )
        found = wiring.targets(settings) | {name: Sticking() for name, _ in others if name == "sticking"}
        return Means.of(settings, catalogue, found, lambda: False, utc_now)

    return make


def a_folder(name, place, **more):
    return {"kind": "local", "name": name, "folder": place / name} | more


def worry(means):
    (chore,) = lone_keys.chores(means)
    chore.work()
    return means.worries.all()


@pytest.mark.parametrize(
    "others",
    [(), [("other", {"write_once": True})], [("stick", {"role": "export"})], [("sticking", {})]],
    ids=["alone", "written once", "export", "cannot delete"],
)
def test_keys_that_lie_in_the_catalogue_only_are_an_alarm(means, others):
    assert worry(means(*others)) == {"keys": ALONE}


def test_a_target_that_can_delete_has_them(means):
    assert worry(means(("tape2", {"write_once": True}), ("nas", {}))) == {}


@pytest.mark.parametrize(
    ("encrypted", "write_once"), [(False, True), (True, False)], ids=["in clear", "can delete"]
)
def test_nothing_is_said_where_no_key_is_withheld(means, encrypted, write_once):
    assert worry(means(encrypted=encrypted, write_once=write_once)) == {}


def test_the_alarm_ends_once_another_target_has_the_keys(means):
    alone, better = means(), means(("nas", {}))
    lone_keys.look(alone)
    lone_keys.look(replace(better, worries=alone.worries))
    assert alone.worries.all() == {}
