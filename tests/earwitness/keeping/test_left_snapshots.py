"""Snapshots on a target that gets none any more go once one lies elsewhere; where they cannot, it is said."""

from datetime import UTC, datetime

import pytest

from earwitness.keeping.left_snapshots import chores, look
from earwitness.keeping.means import Means
from earwitness.keeping.snapshots import Snapshots
from earwitness.settings import Settings
from storage.copies.snapshot import FOLDER
from storage.errors import TargetError
from storage.targets import MemoryTarget

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Broken(MemoryTarget):
    """A target that does not answer while ``broken``."""

    broken = False

    def stat(self, name):
        if self.broken:
            raise TargetError("The server does not answer.")
        return super().stat(name)


@pytest.fixture
def means(catalogue, tmp_path):
    """Makes the means with targets of these roles, each with a snapshot from when it was one for copies."""
    targets = {"local": MemoryTarget(), "nas": Broken(), "box": Broken()}

    def make(**changes: dict[str, object]) -> Means:
        specs = [
            {"name": name, "kind": "local", "folder": tmp_path / name} | changes.get(name, {})
            for name in ("nas", "box")
        ]
        settings = Settings.model_validate({"data": tmp_path / "data", "targets": specs})
        settings.folders.make()
        return Means.of(settings, catalogue, targets, lambda: False, lambda: NOW)

    return make


def held(means: Means, name: str) -> int:
    return len(list(means.targets[name].list(FOLDER)))


def test_those_of_a_target_that_gets_them_are_left_alone(means):
    here = means()
    Snapshots(here, "nas").run()
    number = held(here, "nas")
    assert number
    for chore in chores(here):
        assert chore.wanted()
        chore.work()
    assert held(here, "nas") == number
    assert here.worries.all() == {}


def test_they_go_once_another_target_has_one(means):
    Snapshots(means(), "nas").run()
    here = means(nas={"role": "export"})
    look(here, "nas")
    assert held(here, "nas")
    assert "nas gets no snapshots any more" in here.worries.all()["left snapshots nas"]
    Snapshots(here, "box").run()
    here.targets["box"].broken = True
    look(here, "nas")
    assert held(here, "nas"), "nobody saw the other one"
    here.targets["box"].broken = False
    look(here, "nas")
    assert held(here, "nas") == 0
    assert here.worries.all() == {}
    assert held(here, "box")


def test_where_the_other_one_is_gone_they_stay(means):
    Snapshots(means(), "nas").run()
    Snapshots(means(), "box").run()
    here = means(nas={"role": "export"})
    for blob in list(here.targets["box"].list(FOLDER)):
        here.targets["box"].delete(blob.name)
    look(here, "nas")
    assert held(here, "nas")


def test_on_a_medium_that_cannot_delete_they_are_said(means):
    Snapshots(means(), "nas").run()
    Snapshots(means(), "box").run()
    here = means(nas={"write_once": True})
    look(here, "nas")
    assert held(here, "nas")
    assert here.worries.all()["left snapshots nas"].startswith("nas cannot delete, and snapshots from before")
