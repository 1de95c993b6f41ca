"""Snapshots: what is taken can be read and loaded elsewhere, and only so many stay."""

import io
from datetime import timedelta

import pytest

from storage.catalogue import Catalogue, load, migrate, sqlite_url
from storage.copies.snapshot import FOLDER, newest_index, stem_at, take, trim
from storage.encryption.keyring import KeyMaker, KeyOpener
from storage.errors import DiskFull, KeyUnusable
from storage.restore.snapshot import newest_snapshot
from storage.targets import MemoryTarget
from tests.storage.copies.centre import NOW, Centre
from tests.storage.encryption.keys import a_master

DAY = timedelta(days=1)


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_snapshot_restores_the_catalogue(embedded, tmp_path, encrypted):
    Centre(embedded, {}).archive(1, 2, 3)
    target = MemoryTarget()
    maker = KeyMaker(a_master()) if encrypted else None
    taken = take(target, embedded.dump, NOW, maker=maker, folder=tmp_path)
    assert taken.name == "snapshots/20261122T120000Z.catalogue.gz"
    assert taken.bytes == target.stat(taken.name).bytes
    assert len(list(target.list())) == 1 + encrypted
    found = newest_snapshot(target, KeyOpener([a_master()]))
    assert found.at == NOW
    other = sqlite_url(tmp_path / "other.db")
    migrate(other)
    load(other, found.catalogue())
    loaded = Catalogue(other)
    assert list(loaded.calls.iterate()) == list(embedded.calls.iterate())
    loaded.close()
    if encrypted:
        with pytest.raises(KeyUnusable):
            b"".join(newest_snapshot(target, KeyOpener([a_master(2)])).catalogue())


@pytest.mark.parametrize("master", [1, 2], ids=["same master key", "another master key"])
def test_two_in_one_second_leave_the_index_of_the_first_readable(embedded, tmp_path, master):
    target = MemoryTarget()
    both = KeyOpener([a_master(1), a_master(2)])
    first = KeyMaker(a_master(1))
    take(target, embedded.dump, NOW, maker=first, folder=tmp_path, index=io.BytesIO(b"the index"))
    later = NOW + timedelta(milliseconds=900)
    second = KeyMaker(a_master(master))
    take(target, embedded.dump, later, maker=second, opener=both, folder=tmp_path)
    assert len(list(target.list(FOLDER))) == 3
    found = newest_snapshot(target, KeyOpener([a_master(master)]))
    assert b"".join(found.index()) == b"the index"
    assert b"".join(found.catalogue())


def stems(target):
    return {stored.name.removeprefix(FOLDER)[:8] for stored in target.list(FOLDER)}


def test_only_the_newest_stay(embedded, tmp_path):
    target = MemoryTarget()
    target.put("snapshots/20261101T000000Z.key", b"left over by a kill")
    for day in range(5):
        take(target, embedded.dump, NOW + day * DAY, maker=KeyMaker(a_master()), folder=tmp_path)
        trim(target, 2, NOW + day * DAY)
    target.put("snapshots/20261127T000000Z.key", b"of one that is being written")
    assert trim(target, 2, NOW + 4 * DAY) == 0
    assert stems(target) == {"20261125", "20261126", "20261127"}


def test_an_index_stays_as_long_as_a_snapshot_needs_it(embedded, tmp_path):
    target = MemoryTarget()
    maker = KeyMaker(a_master())

    def a_day(day: int, index: bytes | None) -> None:
        at = NOW + day * DAY
        file = None if index is None else io.BytesIO(index)
        take(target, embedded.dump, at, maker=maker, folder=tmp_path, index=file)
        trim(target, 2, at)

    a_day(0, b"first")
    for day in (1, 2):
        a_day(day, None)
    assert newest_index(target, NOW + 2 * DAY) == NOW
    assert newest_index(target, NOW - DAY) is None
    found = newest_snapshot(target, KeyOpener([a_master()]))
    assert b"".join(found.index()) == b"first"
    a_day(3, b"second")
    assert b"".join(newest_snapshot(target, KeyOpener([a_master()])).index()) == b"second"
    assert sorted(kinds(target)) == ["20261122", "20261124", "20261125", "20261125"]
    a_day(4, None)
    assert sorted(kinds(target)) == ["20261125", "20261125", "20261126"]
    assert stems(target) == {"20261125", "20261126"}


def test_of_those_that_are_outlived_nothing_stays(embedded, tmp_path):
    target = MemoryTarget()
    maker = KeyMaker(a_master())
    take(target, embedded.dump, NOW, maker=maker, folder=tmp_path, index=io.BytesIO(b"with the number"))
    for day in (1, 2):
        take(target, embedded.dump, NOW + day * DAY, maker=maker, folder=tmp_path)
    newest = stem_at(NOW + 2 * DAY)
    assert trim(target, 14, NOW + 2 * DAY, outlived=lambda stem: stem != newest) == 2
    assert sorted(kinds(target)) == ["20261124"]
    found = newest_snapshot(target, KeyOpener([a_master()]))
    assert b"".join(found.catalogue())
    assert found.index() is None


def kinds(target):
    """The days of catalogues and indexes; each has its key."""
    stored = [each.name.removeprefix(FOLDER) for each in target.list(FOLDER)]
    days = [name[:8] for name in stored if not name.endswith(".key")]
    assert {name[:8] for name in stored if name.endswith(".key")} == set(days)
    return days


def test_those_of_a_clock_that_was_ahead_go_and_the_last_one_never(embedded, tmp_path):
    target = MemoryTarget()
    take(target, embedded.dump, NOW + 365 * DAY, maker=None, folder=tmp_path)
    assert trim(target, 5, NOW) == 0
    take(target, embedded.dump, NOW, maker=None, folder=tmp_path)
    assert trim(target, 5, NOW) == 1
    assert stems(target) == {"20261122"}
    assert trim(target, 0, NOW) == 0


def test_a_target_that_fails_leaves_no_snapshot(embedded, tmp_path):
    class Full(MemoryTarget):
        def put(self, name, source):
            if name.endswith(".gz"):
                raise DiskFull("nas")
            return super().put(name, source)

    target = Full()
    with pytest.raises(DiskFull):
        take(target, embedded.dump, NOW, maker=KeyMaker(a_master()), folder=tmp_path)
    assert newest_snapshot(target, KeyOpener([a_master()])) is None
    assert list(tmp_path.glob("tmp*")) == []
