"""Snapshots are read back whole: what rots in a dump, an index or a key is found, and nothing else is."""

import io
from datetime import datetime, timedelta

import pytest

from storage.copies.snapshot import FOLDER, take
from storage.copies.snapshot_check import read_snapshots, remove_bad
from storage.encryption.keyring import KeyMaker, KeyOpener
from storage.errors import TargetAbsent, TargetError
from storage.targets import MemoryTarget
from tests.storage.encryption.keys import a_master
from tests.storage.retention.archived import NOW

OPENER = KeyOpener([a_master()])
TIMES = [NOW + timedelta(hours=hour) for hour in range(3)]


def stem(at: datetime) -> str:
    return f"{FOLDER}{at:%Y%m%dT%H%M%SZ}"


@pytest.fixture(params=[False, True], ids=["clear", "encrypted"])
def encrypted(request):
    return request.param


@pytest.fixture
def target(catalogue, tmp_path, encrypted):
    """Three snapshots, the first one with an index."""
    made = MemoryTarget()
    for at in TIMES:
        index = io.BytesIO(b"index" * 9000) if at == TIMES[0] else None
        maker = KeyMaker(a_master()) if encrypted else None
        take(made, catalogue.dump, at, maker=maker, folder=tmp_path, index=index)
    return made


def rot(target, name, at=None):
    data = bytearray(b"".join(target.get(name)))
    data[len(data) // 2 if at is None else at] ^= 4
    target.put(name, bytes(data))


def names(target):
    return sorted(stored.name for stored in target.list())


def test_what_is_whole_is_called_so(target):
    done = read_snapshots(target, OPENER)
    assert (done.blobs, done.bad, done.closed, done.whole) == (4, [], [], True)
    assert read_snapshots(target, OPENER, newest_only=True).blobs == 2, "and its index, which is older"


def test_any_bit_of_a_dump_that_rots_is_found(target, encrypted):
    name = f"{stem(TIMES[1])}.catalogue.gz"
    size = target.stat(name).bytes
    # The ten bytes at the beginning of gzip say nothing of what is in it.
    for at in range(0 if encrypted else 10, size, max(1, size // 40)):
        rot(target, name, at)
        assert read_snapshots(target, OPENER).bad == [name], at
        rot(target, name, at)
    assert read_snapshots(target, OPENER).bad == []


@pytest.mark.parametrize("encrypted", [True], indirect=True)
def test_an_index_that_rots_is_found(target):
    rot(target, f"{stem(TIMES[0])}.index.tar")
    assert read_snapshots(target, OPENER, newest_only=True).bad == [f"{stem(TIMES[0])}.index.tar"]


@pytest.mark.parametrize("encrypted", [True], indirect=True)
def test_a_key_that_rots_or_is_gone_takes_all_with_it_that_it_opens(target):
    key = f"{stem(TIMES[0])}.key"
    rot(target, key, b"".join(target.get(key)).index(b'"key":"') + 7)
    bad = [f"{stem(TIMES[0])}.catalogue.gz", f"{stem(TIMES[0])}.index.tar"]
    assert read_snapshots(target, OPENER).bad == bad
    target.delete(key)
    assert read_snapshots(target, OPENER).bad == bad
    remove_bad(target, bad)
    assert not [name for name in names(target) if name.startswith(stem(TIMES[0]))]
    assert read_snapshots(target, OPENER).bad == []


@pytest.mark.parametrize("encrypted", [True], indirect=True)
def test_for_want_of_a_key_nothing_is_called_damaged(target):
    done = read_snapshots(target, KeyOpener([a_master(2)]))
    assert (done.bad, len(done.closed)) == ([], 4)


@pytest.mark.parametrize("encrypted", [True], indirect=True)
def test_a_bit_of_a_key_that_rots_is_found_or_does_no_harm(target):
    key = f"{stem(TIMES[2])}.key"
    for at in range(0, target.stat(key).bytes, 7):
        rot(target, key, at)
        done = read_snapshots(target, OPENER, newest_only=True)
        assert done.closed == [], "nobody is sent to look for another key"
        assert done.bad in ([], [f"{stem(TIMES[2])}.catalogue.gz"])
        rot(target, key, at)


def test_the_index_of_a_damaged_snapshot_stays_for_the_others(target, encrypted):
    name = f"{stem(TIMES[0])}.catalogue.gz"
    before = names(target)
    rot(target, name)
    remove_bad(target, read_snapshots(target, OPENER).bad)
    assert names(target) == [one for one in before if one != name]
    assert read_snapshots(target, OPENER).bad == []


class Failing(MemoryTarget):
    """Fails to read one blob, so many times."""

    name, error, left = "", TargetError("Input/output error"), 0

    def get(self, name, start=0, length=None):
        if name == self.name and self.left:
            self.left -= 1
            raise self.error
        return super().get(name, start, length)


@pytest.mark.parametrize("encrypted", [False], indirect=True)
def test_a_bad_sector_is_damage_and_a_target_that_goes_away_is_not(target, tmp_path):
    failing = Failing()
    for name in names(target):
        failing.put(name, b"".join(target.get(name)))
    failing.name, failing.left = f"{stem(TIMES[2])}.catalogue.gz", 1
    assert read_snapshots(failing, OPENER).bad == [], "it is read again before anything is said of it"
    failing.left = 1000
    assert read_snapshots(failing, OPENER).bad == [failing.name]
    failing.error = TargetAbsent("The disk is not there.")
    with pytest.raises(TargetAbsent):
        read_snapshots(failing, OPENER)
