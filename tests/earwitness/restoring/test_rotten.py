"""Bits that rot in snapshots: the next older one is taken, and that is said; no go binds the next to what was
not loaded."""

from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from earwitness import wiring
from earwitness.cli.application import app
from earwitness.cli.faults import Flags
from earwitness.cli.restore import from_snapshot, passed_over
from earwitness.errors import EarwitnessError, NotFound
from earwitness.other_targets import OtherTargets
from earwitness.place import Place, folder, home
from earwitness.restored import Restored
from earwitness.restoring import NOTE, OlderSnapshot, Restoring
from storage.catalogue import NewUser
from storage.copies.snapshot import take
from storage.encryption.keyring import KeyMaker, KeyOpener
from storage.encryption.masterkey import MasterKey
from storage.restore.snapshot import DamagedSnapshot, snapshots
from storage.retention.restored import unseen
from storage.targets import LocalTarget
from tests.earwitness.installation import MASTER, NOW, OPENER, Installation
from tests.earwitness.restoring.drill import disk

TIMES = [NOW - timedelta(hours=3), NOW - timedelta(hours=2), NOW - timedelta(hours=1)]


@pytest.fixture(params=[False, True], ids=["clear", "encrypted"])
def made(request, tmp_path) -> Installation:
    """Three snapshots; before each of them somebody got a user."""
    return filled(tmp_path, encrypted=request.param)


def filled(to: Path, *, encrypted: bool) -> Installation:
    one = Installation(to, encrypted=encrypted)
    one.record(1, 2)
    one.back_up()
    target = wiring.targets(one.settings)["disk"]
    for number, at in enumerate(TIMES):
        one.catalogue.users.create(NewUser(username=f"user{number}", password_hash="x", role="admin"), at)
        maker = KeyMaker(MASTER) if encrypted else None
        take(target, one.catalogue.dump, at, maker=maker, folder=one.settings.data)
    one.catalogue.close()
    return one


def blobs(one: Installation, suffix: str) -> list[Path]:
    """Of the three snapshots, the newest first."""
    return sorted((disk(one) / "snapshots").glob(f"*{suffix}"), reverse=True)


def rot(path: Path, at: bytes = b"") -> None:
    data = bytearray(path.read_bytes())
    place = data.index(at) + len(at) if at else len(data) // 2
    data[place] ^= 4
    path.unlink()  # a hard link may lie in the archive
    path.write_bytes(data)


def restore(one: Installation, to: Path, **options) -> Restored:
    settings = one.settings.model_copy(update={"data": to})
    source = folder(settings, disk(one))
    return Restoring(settings, source, home(settings), OPENER, **options).run(NOW, "cli:root")


def users(one: Installation, to: Path) -> list[str]:
    catalogue = wiring.catalogue(one.settings.model_copy(update={"data": to}))
    names = sorted(user.username for user in catalogue.users.all())
    catalogue.close()
    return names


def test_the_newest_that_is_whole_is_taken_and_the_others_are_named(made, tmp_path):
    rotten = blobs(made, ".catalogue.gz")[:2]
    for path in rotten:
        rot(path)
    done = restore(made, tmp_path / "new")
    assert (done.snapshot, done.calls) == (TIMES[0], 2)
    assert users(made, tmp_path / "new") == ["user0"]
    assert sorted(done.damaged) == sorted(f"snapshots/{path.name}" for path in rotten)
    assert "was not used: it was altered or cut off." in passed_over(done)
    assert f"of {TIMES[0].astimezone():%Y-%m-%d %H:%M:%S}, was taken instead" in passed_over(done)


def test_where_none_is_whole_the_calls_come_back_without_people(made, tmp_path):
    for path in blobs(made, ".catalogue.gz"):
        rot(path)
    done = restore(made, tmp_path / "new")
    assert (done.snapshot, done.calls, len(done.damaged)) == (None, 2, 3)
    assert users(made, tmp_path / "new") == []
    assert from_snapshot(done).startswith("No snapshot could be used")
    catalogue = wiring.catalogue(made.settings.model_copy(update={"data": tmp_path / "new"}))
    assert unseen(catalogue).as_of is None
    catalogue.close()


@pytest.mark.parametrize("at", [b'"key":"', b'"format":"', b'"call":"', b""], ids=repr)
def test_a_bad_key_document_is_called_what_it_is(tmp_path, at):
    one = filled(tmp_path, encrypted=True)
    rot(blobs(one, ".key")[0], at or b'{"form')
    done = restore(one, tmp_path / "new")
    assert done.snapshot == TIMES[1]
    (reason,) = done.damaged.values()
    assert blobs(one, ".key")[0].name in reason
    assert "key" in reason
    assert "not here" not in reason, "nobody is sent to look for another key"


def test_a_key_that_is_not_here_takes_no_older_snapshot(tmp_path):
    one = filled(tmp_path, encrypted=True)
    target = wiring.targets(one.settings)["disk"]
    catalogue = wiring.catalogue(one.settings)
    other = KeyMaker(MasterKey(b"n" * 32))
    take(target, catalogue.dump, NOW, maker=other, folder=one.settings.data)
    catalogue.close()
    with pytest.raises(EarwitnessError, match=f"--snapshot TIME, one of {TIMES[2]:%Y%m%dT%H%M%SZ}"):
        restore(one, tmp_path / "new")
    assert restore(one, tmp_path / "new", wanted=f"{TIMES[2]:%Y%m%dT%H%M%SZ}").snapshot == TIMES[2]


def test_a_person_may_name_the_snapshot(made, tmp_path):
    with pytest.raises(NotFound, match=f"newest first: {TIMES[2]:%Y%m%dT%H%M%SZ}, "):
        restore(made, tmp_path / "new", wanted="20200101T000000Z")
    rot(blobs(made, ".catalogue.gz")[1])
    with pytest.raises(DamagedSnapshot):
        restore(made, tmp_path / "new", wanted=f"{TIMES[1]:%Y%m%dT%H%M%SZ}")
    done = restore(made, tmp_path / "new", wanted=f"{TIMES[0]:%Y%m%dT%H%M%SZ}")
    assert (done.snapshot, users(made, tmp_path / "new")) == (TIMES[0], ["user0"])


class Killed(Exception):
    """The process ends here."""


@pytest.mark.parametrize("where", ["load", "note_restore"])
def test_a_killed_go_binds_the_next_to_what_it_loaded_and_to_nothing_else(made, tmp_path, monkeypatch, where):
    with monkeypatch.context() as patched:

        def killed(*_):
            raise Killed

        patched.setattr(f"earwitness.restoring.{where}", killed)
        with pytest.raises(Killed):
            restore(made, tmp_path / "new")
    assert (tmp_path / "new" / NOTE).exists()
    for path in (disk(made) / "snapshots").glob(f"{TIMES[2]:%Y%m%dT%H%M%SZ}.*"):
        path.unlink()
    loaded = where == "note_restore"
    done = restore(made, tmp_path / "new")
    assert done.snapshot == TIMES[2 if loaded else 1]
    assert users(made, tmp_path / "new") == ["user0", "user1", "user2"][: 3 if loaded else 2]


def test_a_newer_one_elsewhere_is_offered_in_place_of_the_damaged_one(made, tmp_path):
    other = LocalTarget(tmp_path / "other")
    for path in blobs(made, ""):
        other.put(f"snapshots/{path.name}", path.read_bytes())
    rot(blobs(made, ".catalogue.gz")[0])
    with pytest.raises(OlderSnapshot, match="other has a newer snapshot"):
        restore(made, tmp_path / "new", others=OtherTargets(there={"other": other}))
    place = Place("other", other)
    done = restore(made, tmp_path / "new", others=OtherTargets(there={"other": other}), snapshots=place)
    assert (done.snapshot, done.damaged) == (TIMES[2], {})


def test_a_newer_one_elsewhere_that_is_damaged_hides_no_other_there(made, tmp_path):
    other = LocalTarget(tmp_path / "other")
    for path in blobs(made, ""):
        other.put(f"snapshots/{path.name}", path.read_bytes())
    rot(tmp_path / "other" / "snapshots" / blobs(made, ".catalogue.gz")[0].name)
    for path in blobs(made, ".catalogue.gz")[:2]:
        rot(path)
    with pytest.raises(OlderSnapshot, match=f"{TIMES[1].astimezone():%Y-%m-%d %H:%M:%S}"):
        restore(made, tmp_path / "new", others=OtherTargets(there={"other": other}))


def test_the_command_says_it_and_exits_1(tmp_path):
    one = filled(tmp_path, encrypted=False)
    rot(blobs(one, ".catalogue.gz")[0])
    arguments = ["restore", "--path", str(disk(one)), "--data", str(tmp_path / "new")]
    done = CliRunner().invoke(app, arguments, obj=Flags())
    assert done.exit_code == 1
    assert "was not used: it was altered or cut off." in done.output
    arguments = [*arguments[:-1], str(tmp_path / "older"), "--snapshot", f"{TIMES[0]:%Y%m%dT%H%M%SZ}"]
    assert CliRunner().invoke(app, arguments, obj=Flags()).exit_code == 0


def test_no_snapshot_is_called_damaged_that_can_be_loaded(made):
    target = LocalTarget(disk(made))
    for one in snapshots(target, KeyOpener([MASTER])):
        one.check()
