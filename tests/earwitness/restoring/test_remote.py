"""The drill with a target on a server: fill, wipe the machine, restore from the server alone, compare."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from earwitness import wiring
from earwitness.place import home, named
from earwitness.restored import Restored
from earwitness.restoring import Restoring
from earwitness.settings import Settings
from storage.targets.contract import read_back
from tests.earwitness.installation import NOW, OPENER, Installation
from tests.earwitness.restoring.drill import GONE, compare
from tests.earwitness.restoring.remote import BUCKETS, FOLDERS, NAME, Place
from tests.earwitness.test_commands import earwitness
from tests.storage.handoffs import a_call

CALLS, LATER = range(5), range(5, 7)
LEFT = len(CALLS) + len(LATER) - 1


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """The settings of a target on a server of the kind that the test asks for."""
    kind = request.param
    if kind in FOLDERS:
        server = FOLDERS[kind](tmp_path)
    else:
        server = BUCKETS[kind](request.getfixturevalue("s3_server"))
    with server as there:
        yield {"name": NAME, **there}


class Lost:
    """An installation whose machine is gone, and what was known of it before."""

    def __init__(self, folder: Path, place: Place, *, encrypted: bool) -> None:
        made = Installation(folder, encrypted=encrypted, target=place)
        if encrypted:
            made.give_master_key(folder)
        made.record(*CALLS)
        with wiring.index_sync(made.settings, made.catalogue) as sync:
            sync.rebuild()
        made.furnish()
        made.copy()
        made.level(snapshot=True)
        made.record(*LATER, GONE)
        made.copy()
        made.delete(a_call(0).id, a_call(GONE).id)
        made.level()
        made.catalogue.close()
        self.settings, self.archive, self.rows = made.settings, made.archive(), made.rows()
        shutil.rmtree(made.settings.data)

    def is_back(self) -> None:
        """Every byte and row is there again, and what the catalogue says lies there does."""
        again = Installation.__new__(Installation)
        again.settings = self.settings
        assert again.archive() == self.archive
        compare(self.rows, again.rows())
        assert len(again.found("")) == LEFT
        assert len(again.found("tag:投诉")) == 2
        verified(self.settings)


def verified(settings: Settings) -> None:
    """Every copy that the catalogue names is what it says."""
    catalogue, targets = wiring.catalogue(settings), wiring.targets(settings)
    for found in catalogue.calls.iterate():
        assert found.copies
        for copy in found.copies:
            assert read_back(targets[copy.target], copy.name).sha256 == copy.sha256
    catalogue.close()


def restore(settings: Settings) -> Restored:
    return Restoring(settings, named(settings, NAME), home(settings), OPENER).run(NOW, "cli:root")


def each(**encrypted: bool) -> pytest.MarkDecorator:
    """A case for each of these kinds of servers, encrypted or in clear."""
    cases = [
        pytest.param(kind, yes, id=f"{kind}-{'encrypted' if yes else 'clear'}")
        for kind, yes in encrypted.items()
    ]
    return pytest.mark.parametrize(("place", "encrypted"), cases, indirect=["place"])


@each(sftp=False, ftp=True, ftps=False, s3=True, minio=False)
def test_everything_comes_back_from_a_server(place, tmp_path, encrypted):
    lost = Lost(tmp_path, place, encrypted=encrypted)
    done = restore(lost.settings)
    assert (done.snapshot, done.index, done.rows.refused, done.blobs.lacking) == (NOW, True, {}, {})
    assert (done.calls, done.people.users, done.people.tags) == (LEFT, 1, 2)
    assert (done.deletions.calls, done.deletions.unproven, done.records.count) == ([a_call(0).id], [], 2)
    lost.is_back()


@each(sftp=True, ftp=False, ftps=True, s3=False, minio=True)
def test_everything_comes_back_where_calls_come_in_on_a_server_that_is_the_only_one(
    place, tmp_path, encrypted
):
    lost = Lost(tmp_path, {**place, "role": "primary"}, encrypted=encrypted)
    done = restore(lost.settings)
    assert (done.snapshot, done.index, done.rows.refused, done.blobs) == (NOW, True, {}, None)
    assert (done.calls, done.people.users, done.people.tags) == (LEFT, 1, 2)
    assert (done.deletions.calls, done.deletions.unproven) == ([a_call(0).id], [])
    lost.is_back()


def written(place: Place) -> str:
    """The target as it stands in a settings file."""
    return "\n".join(["[[targets]]", *(f"{name} = {json.dumps(value)}" for name, value in place.items())])


@pytest.mark.parametrize("place", ["sftp"], indirect=True)
def test_the_command_restores_from_a_target_of_the_settings(place, tmp_path):
    lost = Lost(tmp_path, place, encrypted=True)
    file = tmp_path / "earwitness.toml"
    key = json.dumps(lost.settings.encryption.master_key)
    file.write_text(f"{written(place)}\n[encryption]\nmaster_key = {key}\n")
    done = earwitness("restore", "--from", NAME, "--json", "--config", str(file), data=lost.settings.data)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["calls"], said["index"], said["people"]["users"]) == (LEFT, "snapshot", 1)
    assert (said["refused"], said["lacking"], said["unproven"]) == ({}, {}, [])
    lost.is_back()
