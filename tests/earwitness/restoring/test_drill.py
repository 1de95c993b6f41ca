"""The drill: fill an installation, wipe the machine, restore it from one disk, compare every byte and row."""

import json
import shutil
from collections.abc import Callable, Mapping

import pytest

from earwitness import verifying, wiring
from earwitness.browsing import find
from earwitness.keeping import levelling
from earwitness.keeping.means import Means
from earwitness.keeping_settings import SealSettings
from earwitness.place import folder, home, named
from earwitness.public_keys import own_keys
from earwitness.restoring import NOTE, Restoring
from earwitness.settings import CatalogueSettings, Settings
from indexer.query import Query
from storage.encryption.keyring import KeyOpener
from storage.errors import KeyUnusable, NotEmpty, WrongKey
from storage.media.reading import Reading
from storage.restore.people import People
from storage.seals.deletion import deletion_name
from storage.targets import LocalTarget
from tests.earwitness.installation import NOW, OPENER, Installation
from tests.earwitness.restoring.drill import (
    CALLS,
    GONE,
    LATER,
    OWN,
    compare,
    disk,
    facts,
    restore,
    without,
)
from tests.earwitness.test_commands import earwitness
from tests.storage.catalogue.filled import contents
from tests.storage.handoffs import a_call


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
    compare(gone_on.rows(), again.rows())


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


def test_the_public_key_that_was_kept_beside_the_backups_proves_deletions(gone_on, tmp_path):
    nameless = tmp_path / "disk"
    shutil.copytree(disk(gone_on), nameless, ignore=shutil.ignore_patterns("earwitness-medium.json"))

    def restored(data):
        settings = gone_on.settings.model_copy(update={"data": data})
        source = folder(settings, nameless)
        found = Restoring(settings, source, home(settings), OPENER).run(NOW, "me").deletions
        return found.calls, found.unproven

    assert restored(tmp_path / "without") == ([], [a_call(0).id])
    keys = tmp_path / "new" / "keys"
    keys.mkdir(parents=True)
    (keys / "before.pub").write_text(wiring.sealer(gone_on.settings).public.pem)
    assert restored(tmp_path / "new") == ([a_call(0).id], [])


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


@pytest.mark.parametrize("encrypted", [False, True], ids=["clear", "encrypted"])
def test_where_calls_come_in_may_be_lost_with_the_machine(tmp_path, encrypted):
    made = Installation(tmp_path, encrypted=encrypted)
    first = {"name": "first", "kind": "local", "folder": tmp_path / "first", "role": "primary"}
    made.settings = Settings(data=made.settings.data, targets=[first, *made.settings.targets])
    if encrypted:
        made.give_master_key(tmp_path)
    made.record(*CALLS)
    made.furnish()
    made.copy()
    made.level(snapshot=True)
    made.catalogue.close()
    calls, rows = calls_of(made.archive()), made.rows()
    shutil.rmtree(made.settings.data)
    shutil.rmtree(tmp_path / "first")
    source = named(made.settings, "disk")
    done = Restoring(made.settings, source, home(made.settings), OPENER).run(NOW, "me")
    assert (done.snapshot, done.calls, done.blobs.lacking) == (NOW, len(CALLS), {})
    assert calls_of(made.archive()) == calls
    compare(rows, made.rows())


def calls_of(archive: Mapping[str, bytes]) -> dict[str, bytes]:
    """The blobs of calls, without what is kept beside them."""
    return {name: data for name, data in archive.items() if name.startswith("2026/")}


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
def test_an_installation_on_postgresql_comes_back(filled, tmp_path, server):
    url = server.url(server.create())
    settings = filled.settings.model_copy(
        update={"data": tmp_path / "new", "catalogue": CatalogueSettings(url=url)}
    )
    done = Restoring(settings, folder(settings, disk(filled)), home(settings), OPENER).run(NOW, "me")
    assert done.calls == len(CALLS)
    assert without(contents(url), *OWN) == without(filled.rows(), *OWN)
    settings = settings.model_copy(update={"data": tmp_path / "another"})
    with pytest.raises(NotEmpty, match="If only this machine was lost, that is all there"):
        Restoring(settings, folder(settings, disk(filled)), home(settings), OPENER).run(NOW, "me")


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
