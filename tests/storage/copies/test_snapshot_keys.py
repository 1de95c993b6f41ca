"""Another master key opens the snapshots that are there, and the earlier one is not needed for them."""

import io
from datetime import timedelta

import pytest

from storage.copies.snapshot import FOLDER, take
from storage.copies.snapshot_keys import SnapshotKeys
from storage.encryption.keyring import KeyMaker, KeyOpener
from storage.errors import KeyUnusable, TargetAbsent
from storage.restore.snapshot import newest_snapshot
from storage.targets import MemoryTarget
from tests.storage.copies.centre import NOW, Centre
from tests.storage.encryption.keys import a_master

BOTH = KeyOpener([a_master(1), a_master(2)])
DAY = timedelta(days=1)


class Away(MemoryTarget):
    """A target that can be carried away."""

    away = False

    def list(self, prefix=""):
        if self.away:
            raise TargetAbsent("The disk is not there.")
        return super().list(prefix)


@pytest.fixture
def targets(embedded, tmp_path):
    """Two with an encrypted snapshot of each of two days, the first with the index."""
    Centre(embedded, {}).archive(1)
    found = {"nas": MemoryTarget(), "usb": Away()}
    for target in found.values():
        for day in range(2):
            index = io.BytesIO(b"the index") if day == 0 else None
            take(
                target,
                embedded.dump,
                NOW + day * DAY,
                maker=KeyMaker(a_master(1)),
                folder=tmp_path,
                index=index,
            )
    return found


def wrap(targets, **options):
    keys = SnapshotKeys(targets, BOTH, KeyMaker(a_master(2)))
    before = keys.pending(**options)
    return before, [(done.what, done.reason) for done in keys.run(**options)]


def opens(target, number):
    """Whether this master key alone opens all of the newest snapshot on the target."""
    found = newest_snapshot(target, KeyOpener([a_master(number)]))
    try:
        b"".join(found.catalogue())
        return b"".join(found.index()) == b"the index"
    except KeyUnusable:
        return False


def blobs(target):
    names = [stored.name for stored in target.list(FOLDER) if not stored.name.endswith(".key")]
    return {name: b"".join(target.get(name)) for name in names}


def test_the_new_key_opens_all_of_them_and_the_earlier_one_none(targets):
    before = {name: blobs(target) for name, target in targets.items()}
    assert wrap(targets) == (
        4,
        [
            (f"{name}: snapshots/202611{day}T120000Z.key", "")
            for name in ("nas", "usb")
            for day in ("22", "23")
        ],
    )
    for name, target in targets.items():
        assert (opens(target, 2), opens(target, 1)) == (True, False)
        assert blobs(target) == before[name], "none is written again"
    assert wrap(targets) == (0, [])
    assert wrap(targets, everything=True)[0] == 4


def test_a_target_that_is_away_is_one_failure_and_is_done_later(targets):
    targets["usb"].away = True
    pending, done = wrap(targets)
    assert (pending, done[2:]) == (2, [("usb: snapshots/", "The disk is not there.")])
    targets["usb"].away = False
    assert wrap(targets)[0] == 2
    assert all(opens(target, 2) for target in targets.values())


def test_what_nothing_opens_stays_as_it_is_and_is_told(targets):
    keys = SnapshotKeys(targets, KeyOpener([a_master(2)]), KeyMaker(a_master(2)))
    reasons = [done.reason for done in keys.run()]
    assert len(reasons) == 4
    assert all("snapshots/202611" in reason and a_master(1).id in reason for reason in reasons)
    assert all(opens(target, 1) for target in targets.values())
    targets["nas"].put("snapshots/20261122T120000Z.key", b"rotten")
    assert next(done.reason for done in keys.run()).startswith("This is no wrapped key")
