"""The drill: fill an installation, wipe the machine, restore it from one disk, compare every byte and row."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from earwitness import verifying, wiring
from earwitness.browsing import find
from earwitness.cli.opening import opener
from earwitness.cli.restore import from_snapshot, places
from earwitness.errors import EarwitnessError, NotFound, SettingsError
from earwitness.keeping import levelling
from earwitness.keeping.means import Means
from earwitness.keeping_settings import EncryptionSettings, LocalTargetSettings, SealSettings
from earwitness.public_keys import own_keys
from earwitness.restoring import NOTE, Place, Restored, Restoring, folder, home
from earwitness.settings import CatalogueSettings, Settings
from indexer.query import Query
from storage.encryption.keyring import KeyOpener
from storage.errors import KeyUnusable, NotEmpty, TargetAbsent, TargetError, WrongKey
from storage.media.reading import Reading
from storage.restore.people import People
from storage.seals.deletion import deletion_name
from storage.targets import LocalTarget
from storage.targets.marker import MARKER
from tests.earwitness.installation import NOW, OPENER, Installation
from tests.earwitness.test_commands import earwitness
from tests.storage.catalogue.filled import contents
from tests.storage.handoffs import a_call

CALLS = range(7)
LATER = range(7, 10)
GONE = 10
"""A call that was recorded and deleted after the snapshot, as the first one was deleted."""
OWN = {"audit_events", "heads"}
"""Tables that a restore writes to itself."""
OPERATION = {"followers", "copy_tasks", "target_states", "runs", "removals"}
"""Tables of what was going on, which a snapshot has as it was."""


@pytest.fixture(scope="module", params=[False, True], ids=["clear", "encrypted"])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation whose last deed was a snapshot."""
    made = Installation(tmp_path_factory.mktemp("installation"), encrypted=request.param)
    made.record(*CALLS)
    made.furnish()
    made.back_up()
    made.snapshot()
    made.catalogue.close()
    return made


@pytest.fixture(scope="module", params=[False, True], ids=["clear", "encrypted"])
def gone_on(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """One that recorded, and was backed up, after its snapshot."""
    made = Installation(tmp_path_factory.mktemp("installation"), encrypted=request.param)
    made.record(*CALLS)
    made.furnish()
    made.snapshot()
    made.record(*LATER, GONE)
    made.back_up()
    made.delete(a_call(0).id, a_call(GONE).id)
    made.catalogue.close()
    return made


def disk(made: Installation) -> Path:
    return made.settings.targets[0].folder


def restore(
    made: Installation, to: Path, opener: KeyOpener = OPENER, **options
) -> tuple[Installation, Restored]:
    """Restore from the disk on a machine that has nothing."""
    again = Installation.__new__(Installation)
    again.settings = made.settings.model_copy(update={"data": to})
    source = folder(again.settings, disk(made))
    assert source.name == "disk"
    return again, Restoring(again.settings, source, home(again.settings), opener).run(
        NOW, "cli:root", **options
    )


def without(rows: dict, *tables: str) -> dict:
    return {name: found for name, found in rows.items() if name not in tables}


def facts(rows: dict) -> dict:
    """What is known of calls, without when blobs were written and read and seals made."""
    kept = {name: rows[name] for name in ("calls", "legs", "parties", "call_keys")}
    return kept | {name: sorted(row[:5] for row in rows[name]) for name in ("copies", "seals")}


def test_every_byte_and_row_comes_back(filled, tmp_path):
    again, done = restore(filled, tmp_path / "new")
    assert (done.snapshot, done.calls, done.rows.refused, done.blobs.lacking) == (NOW, len(CALLS), {}, {})
    assert again.archive() == filled.archive()
    assert without(again.rows(), *OWN) == without(filled.rows(), *OWN)
    before, after = filled.rows()["audit_events"], again.rows()["audit_events"]
    assert set(before) < set(after)
    assert len(after) == len(before) + 1
    assert done.people == People(
        users=1, teams=1, tags=2, rules=0, holds=0, erasures=0, audit_events=len(before)
    )
    assert len(again.found("")) == len(CALLS)
    assert len(again.found("tag:投诉")) == 2
    assert not (tmp_path / "new" / NOTE).exists()


def test_what_is_newer_than_the_snapshot_comes_from_the_sidecars(gone_on, tmp_path):
    again, done = restore(gone_on, tmp_path / "new")
    assert done.calls == len(CALLS) + len(LATER) - 1
    assert (done.deletions.calls, done.deletions.unproven) == ([a_call(0).id], [])
    assert again.archive() == gone_on.archive()
    assert facts(again.rows()) == facts(gone_on.rows())
    assert without(again.rows(), *OWN, *OPERATION, "copies", "changes", *facts(gone_on.rows())) == without(
        gone_on.rows(), *OWN, *OPERATION, "copies", "changes", *facts(gone_on.rows())
    )


def test_the_seals_of_before_can_be_checked(gone_on, tmp_path):
    again, _ = restore(gone_on, tmp_path / "new")
    nobody = verifying.Watch(lambda _: None, lambda _: None)
    report = verifying.folder(disk(gone_on), own_keys(again.settings), nobody)
    assert report.state == "intact", report


@pytest.mark.parametrize("audio", [True, False], ids=["with audio", "without audio"])
def test_the_records_of_deletions_come_back_byte_by_byte(gone_on, tmp_path, audio):
    again, done = restore(gone_on, tmp_path / "new", audio=audio)
    assert (done.records.count, done.records.lacking) == (2, {})
    for call_id in (a_call(0).id, a_call(GONE).id):
        name = deletion_name(call_id, NOW)
        assert again.archive()[name] == (disk(gone_on) / name).read_bytes()


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


def test_the_restored_archive_is_intact_by_the_public_key_of_before(gone_on, tmp_path):
    again, _ = restore(gone_on, tmp_path / "new")
    public = tmp_path / "seal.pub"
    public.write_text(wiring.sealer(gone_on.settings).public.pem)
    done = earwitness(
        "verify", "--path", str(again.settings.archive_folder), "--public-key", str(public), "--json"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert [chain["missing"] for chain in report["chains"]] == [[]]
    assert report["calls_checked"] == len(CALLS) + len(LATER) - 1


def test_a_deletion_that_nobody_signed_is_told_and_not_repeated(gone_on, tmp_path):
    forged = tmp_path / "disk"
    shutil.copytree(disk(gone_on), forged)
    for record in (forged / "deleted").rglob("*.json"):
        document = json.loads(record.read_bytes())
        document["deletion"]["by"] = "somebody else"
        record.write_text(json.dumps(document))
    again = Installation.__new__(Installation)
    again.settings = gone_on.settings.model_copy(update={"data": tmp_path / "new"})
    done = Restoring(again.settings, folder(again.settings, forged), home(again.settings), OPENER).run(
        NOW, "me"
    )
    assert (done.deletions.calls, done.deletions.unproven) == ([], [a_call(0).id])


@pytest.mark.parametrize("gone_on", [False], indirect=True, ids=["clear"])
def test_it_is_said_what_is_missing_since_the_snapshot(gone_on, tmp_path):
    _, done = restore(gone_on, tmp_path / "new")
    assert done.newest == a_call(max(LATER)).start
    said = from_snapshot(done)
    assert said.startswith(
        f"As of {NOW.astimezone():%Y-%m-%d %H:%M:%S}, when the snapshot was taken: users 1, "
    )
    assert said.endswith("What people changed after that time is missing.")
    assert from_snapshot(Restored()).startswith("There was no snapshot: users, ")


def test_without_a_snapshot_the_calls_come_back(filled, tmp_path):
    bare = tmp_path / "disk"
    shutil.copytree(disk(filled), bare, ignore=shutil.ignore_patterns("snapshots"))
    again = Installation.__new__(Installation)
    again.settings = filled.settings.model_copy(update={"data": tmp_path / "new"})
    done = Restoring(again.settings, folder(again.settings, bare), home(again.settings), OPENER).run(
        NOW, "me"
    )
    assert (done.snapshot, done.rows.added) == (None, len(CALLS))
    assert again.archive() == filled.archive()
    told = facts(again.rows())
    assert told | {"calls": []} == facts(filled.rows()) | {"calls": []}
    assert len(told["calls"]) == len(CALLS)


def test_audio_can_stay_where_it_is(filled, tmp_path):
    again, done = restore(filled, tmp_path / "new", audio=False)
    assert done.blobs is None
    assert again.archive() == {}
    assert {row[1] for row in again.rows()["copies"]} == {"disk"}


@pytest.mark.parametrize("filled", [True], indirect=True, ids=["encrypted"])
def test_wrong_keys_restore_nothing(filled, tmp_path):
    with pytest.raises((WrongKey, KeyUnusable)):
        restore(filled, tmp_path / "new", opener=KeyOpener())
    again, done = restore(filled, tmp_path / "new")
    assert done.calls == len(CALLS)
    assert again.archive() == filled.archive()


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


def test_what_is_damaged_on_the_disk_is_told_and_the_rest_comes_back(filled, tmp_path):
    spoiled = tmp_path / "disk"
    shutil.copytree(disk(filled), spoiled)
    audio, *_ = sorted(spoiled.rglob("*.opus"))
    audio.write_bytes(b"x" * audio.stat().st_size)
    again = Installation.__new__(Installation)
    again.settings = filled.settings.model_copy(update={"data": tmp_path / "new"})
    done = Restoring(again.settings, folder(again.settings, spoiled), home(again.settings), OPENER).run(
        NOW, "me"
    )
    assert list(done.blobs.lacking) == [audio.stem]
    assert (done.calls, done.blobs.calls) == (len(CALLS), len(CALLS) - 1)
    targets = {row[1] for row in again.rows()["copies"] if row[0] == audio.stem}
    assert targets == {"disk"}


def test_an_installation_that_lives_is_not_written_to(filled):
    before = filled.rows()
    source = folder(filled.settings, disk(filled))
    with pytest.raises(NotEmpty, match="already"):
        Restoring(filled.settings, source, home(filled.settings), OPENER).run(NOW, "me")
    assert filled.rows() == before


@pytest.mark.parametrize("filled", [False], indirect=True, ids=["clear"])
def test_a_wrong_folder_is_refused_and_the_right_one_restores_after_it(filled, tmp_path):
    wrong, to = tmp_path / "wrong", tmp_path / "new"
    (wrong / "photos").mkdir(parents=True)
    (wrong / "photos" / "cat.json").write_text("{}")
    shutil.copy(disk(filled) / MARKER, wrong)
    done = earwitness("restore", "--path", str(wrong), "--json", data=to)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"There is nothing to restore in {wrong}" in done.stderr
    assert not to.exists()
    done = earwitness("restore", "--path", str(disk(filled)), "--json", data=to)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["calls"] == len(CALLS)


def test_an_interrupted_restore_outlives_a_disk_that_is_not_mounted(filled, tmp_path):
    settings: Settings = filled.settings.model_copy(update={"data": tmp_path / "new"})
    with pytest.raises(TargetError):
        Restoring(settings, Place("disk", Pulled(disk(filled))), home(settings), OPENER).run(NOW, "me")
    noted = (settings.data / NOTE).read_bytes()
    unmounted = Place("disk", LocalTarget(tmp_path / "unmounted"))
    with pytest.raises(NotFound, match="nothing to restore in the target disk"):
        Restoring(settings, unmounted, home(settings), OPENER).run(NOW, "me")
    assert (settings.data / NOTE).read_bytes() == noted
    again, done = restore(filled, tmp_path / "new")
    assert done.calls == len(CALLS)
    assert again.archive() == filled.archive()


@pytest.mark.parametrize("filled", [True], indirect=True, ids=["encrypted"])
def test_the_command_restores(filled, tmp_path):
    key = tmp_path / "master"
    key.write_text("bW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW0=\n")
    done = earwitness(
        "restore", "--path", str(disk(filled)), "--key-file", str(key), "--json", data=tmp_path / "new"
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["calls"] == len(CALLS)


@pytest.mark.parametrize("filled", [True], indirect=True, ids=["encrypted"])
def test_keys_that_do_not_open_are_told_with_how_to_give_others(filled, tmp_path):
    words = tmp_path / "words"
    words.write_text("wrong\n")
    shown = earwitness("browse", str(disk(filled)), "--passphrase-file", str(words))
    assert shown.returncode == 1
    assert "The list of calls on the medium box-7 is encrypted for the master key" in shown.stderr
    assert "--key-file FILE" in shown.stderr
    done = earwitness(
        "restore", "--path", str(disk(filled)), "--passphrase-file", str(words), data=tmp_path / "new"
    )
    assert done.returncode == 1
    assert "The snapshot snapshots/" in done.stderr
    assert "(a passphrase) do not open it. Give the passphrase with --passphrase-file FILE" in done.stderr


def test_a_key_that_is_given_stands_in_for_one_of_the_settings_that_is_gone(tmp_path):
    keys = EncryptionSettings(master_key=f"file:{tmp_path / 'gone'}")
    settings = Settings(data=tmp_path, encryption=keys)
    with pytest.raises(KeyUnusable, match=r"put its copy back.*--passphrase-file FILE"):
        opener(None, None, settings)
    (tmp_path / "words").write_text("horse\n")
    assert opener(None, tmp_path / "words", settings).masters == ""


def test_the_command_wants_to_know_from_where(tmp_path):
    with pytest.raises(SettingsError, match="--from TARGET"):
        places(Settings(data=tmp_path), "", None)
    with pytest.raises(SettingsError, match="no target nowhere"):
        places(Settings(data=tmp_path), "nowhere", None)
    disk = LocalTargetSettings(kind="local", name="disk", folder=tmp_path / "disk")
    source, to = places(Settings(data=tmp_path, targets=(disk,)), "disk", None)
    assert (source.name, to.name) == ("disk", "local")


@pytest.mark.parametrize("filled", [False], indirect=True, ids=["clear"])
def test_an_installation_on_postgresql_comes_back(filled, tmp_path, server):
    url = server.url(server.create())
    settings = filled.settings.model_copy(
        update={"data": tmp_path / "new", "catalogue": CatalogueSettings(url=url)}
    )
    done = Restoring(settings, folder(settings, disk(filled)), home(settings), OPENER).run(NOW, "me")
    assert done.calls == len(CALLS)
    assert without(contents(url), *OWN) == without(filled.rows(), *OWN)


@pytest.mark.parametrize("known", [True, False], ids=["in the snapshot", "not in the snapshot"])
def test_a_call_that_was_erased_is_on_no_list_after_the_restore(tmp_path, known):
    """The signing key outlives the machine, so the list on the disk passes for one of this installation."""
    made = Installation(tmp_path, encrypted=False)
    seals = SealSettings(key=tmp_path / "seal.pem")
    made.settings = made.settings.model_copy(update={"seals": seals})
    made.record(0, *([1] if known else []))
    made.snapshot()
    made.record(*([] if known else [1]), 2, 3)
    made.back_up()
    made.delete(a_call(1).id)
    made.catalogue.close()
    target = LocalTarget(disk(made))
    assert len(list(find(Reading(target, OPENER), Query()))) == 4
    again, done = restore(made, tmp_path / "new")
    assert done.calls == 3
    catalogue = wiring.catalogue(again.settings)
    means = Means.of(again.settings, catalogue, wiring.targets(again.settings), lambda: False, lambda: NOW)
    assert levelling.lists(means, ["disk"], lambda _: False) == {}
    catalogue.close()
    rows = list(find(Reading(target, OPENER), Query()))
    assert {row.id for row in rows} == {a_call(number).id for number in (0, 2, 3)}


@pytest.mark.parametrize("spoiled", [False, True], ids=["whole", "spoiled"])
def test_the_index_comes_along_and_is_caught_up(tmp_path, spoiled):
    made = Installation(tmp_path, encrypted=False)
    made.record(*CALLS)
    with wiring.index_sync(made.settings, made.catalogue) as sync:
        sync.rebuild()
    made.furnish()
    targets = wiring.targets(made.settings)
    means = Means.of(made.settings, made.catalogue, targets, lambda: False, lambda: NOW)
    assert levelling.snapshots(means, ["disk"]) == {}
    made.record(*LATER)
    made.back_up()
    made.delete(a_call(0).id)
    made.catalogue.close()
    (packed,) = disk(made).glob("snapshots/*.index.tar")
    if spoiled:
        packed.write_bytes(packed.read_bytes()[:5000])
    again, done = restore(made, tmp_path / "new")
    assert done.index is not spoiled
    assert len(again.found("")) == len(CALLS) + len(LATER) - 1
    assert len(again.found("tag:投诉")) == 2
    assert a_call(0).id not in again.found("")


def test_the_disk_can_be_browsed(filled, tmp_path):
    reading = Reading(LocalTarget(disk(filled)), OPENER)
    rows = list(find(reading, Query()))
    assert len(rows) == len(CALLS)
    heard: Callable[[str], bytes] = lambda name: b"".join(reading.audio(name))  # noqa: E731
    numbers = sorted(len(heard(row.audio)) for row in rows if row.audio)
    assert numbers == sorted(700 + number for number in CALLS if number % 5 != 4)
