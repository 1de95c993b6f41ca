"""A restore from one target asks the others: which calls were erased, and what people decided since."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from earwitness import other_targets, wiring
from earwitness.errors import EarwitnessError
from earwitness.keeping_settings import LocalTargetSettings
from earwitness.place import home, named
from earwitness.restored import Restored
from earwitness.restoring import OlderSnapshot, Restoring
from earwitness.settings import Settings
from storage.copies.snapshot import take
from storage.errors import TargetError
from storage.retention.deletion import Deletion
from storage.retention.holds import Holds
from storage.retention.records import recorder
from storage.retention.removing import remove_pending
from storage.targets import LocalTarget
from tests.earwitness.installation import MASTER_TEXT, NOW, OPENER, Installation
from tests.earwitness.restoring.drill import CALLS
from tests.earwitness.test_commands import earwitness
from tests.storage.handoffs import a_call

LATER = NOW + timedelta(days=2)
ERASED = a_call(0).id


class Two:
    """An installation with a disk and a NAS. The disk went into a drawer after its snapshot; the NAS knows
    the rest: that a call was erased, and where ``decided`` that another one is held."""

    def __init__(self, folder: Path, *, encrypted: bool, decided: bool) -> None:
        made = Installation(folder, encrypted=encrypted)
        made.record(*CALLS)
        made.furnish()
        made.back_up()
        made.snapshot()
        nas = LocalTargetSettings(kind="local", name="nas", folder=folder / "nas")
        made.settings = made.settings.model_copy(update={"targets": (*made.settings.targets, nas)})
        self.made, self.nas, self.disk = made, folder / "nas", folder / "disk"
        made._there = "nas"
        made.copy()
        if decided:
            held = [a_call(1).id]
            Holds(made.catalogue).place("法院", "case 7", call_ids=held, by="anna", now=LATER)
        self._erase()
        self.snapshot()
        made.catalogue.close()

    def _erase(self) -> None:
        """With the disk in its drawer."""
        catalogue, settings = self.made.catalogue, self.made.settings
        Deletion(catalogue).again({ERASED: "erasure: asked for"}, by="anna", now=LATER)
        there = {name: one for name, one in wiring.targets(settings).items() if name != "disk"}
        remove_pending(catalogue, there, now=LATER, recorder=recorder(catalogue, wiring.sealer(settings)))

    def snapshot(self) -> None:
        target = wiring.targets(self.made.settings)["nas"]
        take(
            target,
            self.made.catalogue.dump,
            LATER,
            maker=self.made._maker,
            folder=self.made.settings.data,
        )

    def restore(self, to: Path, snapshots: str = "disk", source: str = "disk") -> Restored:
        """From the disk, on a machine that has nothing, with the snapshot of that target."""
        settings = self.settings(to)
        others = other_targets.asked(settings, source)
        chosen = named(settings, snapshots) if snapshots else None
        return Restoring(settings, named(settings, source), home(settings), OPENER, others, chosen).run(
            LATER, "cli:root"
        )

    def settings(self, to: Path) -> Settings:
        return self.made.settings.model_copy(update={"data": to})

    def calls(self, to: Path) -> set[str]:
        catalogue = wiring.catalogue(self.settings(to))
        found = {one.call.id for one in catalogue.calls.iterate()}
        catalogue.close()
        return found

    def holds(self, to: Path) -> list[str]:
        catalogue = wiring.catalogue(self.settings(to))
        found = [one.name for one in Holds(catalogue).all()]
        catalogue.close()
        return found


@pytest.fixture(params=[False, True], ids=["clear", "encrypted"])
def two(request: pytest.FixtureRequest, tmp_path: Path) -> Two:
    return Two(tmp_path / "before", encrypted=request.param, decided=True)


KEPT = {a_call(number).id for number in CALLS} - {ERASED}


def test_a_call_that_another_target_knows_as_erased_does_not_come_back(two, tmp_path):
    done = two.restore(tmp_path / "new")
    assert (done.deletions.calls, done.silent, done.rows.refused) == ([ERASED], {}, {})
    assert two.calls(tmp_path / "new") == KEPT
    archived = wiring.targets(two.settings(tmp_path / "new"))["local"]
    assert any(ERASED in one.name for one in archived.list("deleted/"))
    assert not any(ERASED in one.name for one in archived.list("2026/"))


def test_a_target_that_is_away_is_named_and_asked_later(two, tmp_path):
    shutil.move(two.nas, tmp_path / "away")
    done = two.restore(tmp_path / "new")
    assert done.silent.keys() == {"nas"}
    assert two.calls(tmp_path / "new") == {*KEPT, ERASED}
    shutil.move(tmp_path / "away", two.nas)
    settings = two.settings(tmp_path / "new")
    again = Restoring(settings, named(settings, "nas"), home(settings), OPENER)
    assert again.deletions(LATER, "cli:root").calls == [ERASED]
    assert again.deletions(LATER, "cli:root").calls == []
    assert two.calls(tmp_path / "new") == KEPT
    catalogue = wiring.catalogue(settings)
    assert {one.target for one in catalogue.removals.of_calls([ERASED])} == {"disk", "local"}
    catalogue.close()


def test_a_person_chooses_where_another_target_has_a_newer_snapshot(two, tmp_path):
    with pytest.raises(OlderSnapshot) as said:
        two.restore(tmp_path / "new", snapshots="")
    text = str(said.value)
    assert "nas has a newer snapshot" in text
    assert "Other there: holds" in text
    assert "--snapshot-from nas, or --snapshot-from disk" in text
    assert list(wiring.targets(two.settings(tmp_path / "new"))["local"].list()) == []
    done = two.restore(tmp_path / "new", snapshots="nas")
    assert (done.snapshot, two.holds(tmp_path / "new")) == (LATER, ["法院"])
    assert two.calls(tmp_path / "new") == KEPT
    assert (done.rows.removed, done.rows.refused, done.blobs.lacking) == ([ERASED], {}, {})


def test_the_older_state_may_be_chosen_and_still_no_erased_call_comes_back(two, tmp_path):
    done = two.restore(tmp_path / "new", snapshots="disk")
    assert (done.snapshot, two.holds(tmp_path / "new")) == (NOW, [])
    assert two.calls(tmp_path / "new") == KEPT


def test_nobody_is_asked_where_people_decided_nothing_since(tmp_path):
    two = Two(tmp_path / "before", encrypted=False, decided=False)
    done = two.restore(tmp_path / "new", snapshots="")
    assert done.snapshot == NOW
    assert two.calls(tmp_path / "new") == KEPT


def test_a_newer_snapshot_that_cannot_be_read_is_told(two, tmp_path):
    (snapshot,) = (two.nas / "snapshots").glob("*.catalogue.gz")
    snapshot.write_bytes(snapshot.read_bytes()[:-9])
    done = two.restore(tmp_path / "new", snapshots="")
    assert done.silent["nas"].startswith("its newest snapshot cannot be read: ")
    assert two.calls(tmp_path / "new") == KEPT


def test_an_interrupted_restore_goes_on_with_the_snapshot_that_was_chosen(two, tmp_path):
    settings = two.settings(tmp_path / "new")
    record = next((two.nas / "deleted").rglob("*.json"))
    moved = record.rename(tmp_path / "record")
    record.mkdir()
    others = other_targets.asked(settings, "disk")
    pulled = named(settings, "disk")

    class Pulled(Exception):
        pass

    def pull(what: str, _: int) -> None:
        if what == "audio":
            raise Pulled

    with pytest.raises(Pulled):
        Restoring(settings, pulled, home(settings), OPENER, others, named(settings, "nas")).run(
            LATER, "me", told=pull
        )
    record.rmdir()
    moved.rename(record)
    with pytest.raises(EarwitnessError, match="--snapshot-from nas"):
        two.restore(tmp_path / "new", snapshots="")
    done = two.restore(tmp_path / "new", snapshots="nas")
    assert (done.snapshot, two.holds(tmp_path / "new")) == (LATER, ["法院"])
    assert two.calls(tmp_path / "new") == KEPT


def test_a_target_that_breaks_off_is_named_and_the_others_count(two, tmp_path):
    class Broken(LocalTarget):
        def list(self, prefix=""):
            raise TargetError("The line is cut.")

    settings = two.settings(tmp_path / "new")
    others = other_targets.asked(settings, "disk")
    others.there["late"] = Broken(tmp_path)
    chosen = named(settings, "disk")
    done = Restoring(settings, chosen, home(settings), OPENER, others, chosen).run(LATER, "me")
    assert done.silent == {"late": "The line is cut."}
    assert two.calls(tmp_path / "new") == KEPT


@pytest.mark.parametrize("two", [True], indirect=True, ids=["encrypted"])
def test_the_command_says_who_was_not_asked_and_asks_later(two, tmp_path):
    master = tmp_path / "master"
    master.write_text(MASTER_TEXT)
    config = tmp_path / "earwitness.toml"
    places = "".join(
        f'[[targets]]\nkind = "local"\nname = "{name}"\nfolder = "{folder}"\n'
        for name, folder in (("disk", two.disk), ("nas", two.nas))
    )
    config.write_text(f'{places}[encryption]\nmaster_key = "file:{master}"\n')
    to = tmp_path / "new"
    done = earwitness("restore", "--from", "disk", "--config", str(config), data=to)
    assert done.returncode == 1
    assert "Say which snapshot to take: --snapshot-from nas" in done.stderr
    shutil.move(two.nas, tmp_path / "away")
    done = earwitness("restore", "--from", "disk", "--config", str(config), data=to)
    assert done.returncode == 0, done.stderr
    assert "nas was not asked: it holds nothing of an installation" in done.stderr
    assert "earwitness restore --deletions --from nas" in done.stderr
    shutil.move(tmp_path / "away", two.nas)
    done = earwitness("restore", "--deletions", "--from", "nas", "--json", "--config", str(config), data=to)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"deleted": [ERASED], "held": [], "unproven": []}
