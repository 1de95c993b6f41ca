"""Repair puts bad copies anew from good ones, and leaves what has no good copy as it is."""

import hashlib

import pytest
from sqlalchemy import insert

from storage.archive_names import audio_name, key_name
from storage.catalogue import Copy
from storage.catalogue.call_rows import copy_rows
from storage.catalogue.copy_checks import Condition
from storage.catalogue.keeping_tables import call_keys
from storage.catalogue.tables import copies
from storage.errors import DiskFull, TargetError
from storage.scrub.repair import good_again, repair_some
from storage.scrub.scrub import scrub_before
from storage.targets.contract import Stored, verify
from tests.storage.retention.archived import NOW, archive
from tests.storage.scrub.faulty import FaultyTarget


@pytest.fixture
def targets():
    return {"local": FaultyTarget(), "disk": FaultyTarget(), "cloud": FaultyTarget()}


def audio(call):
    return audio_name(call, "opus")


def scrub(catalogue, targets):
    for name, target in targets.items():
        scrub_before(catalogue, name, target, before=NOW, now=NOW, limit=1000)


def repair(catalogue, targets, **options):
    return repair_some(catalogue, targets, home="local", now=NOW, **options)


def all_good(catalogue, targets):
    for found in catalogue.calls.iterate():
        for copy in found.copies:
            verify(targets[copy.target], Stored(copy.name, copy.bytes, copy.sha256))
            assert copy.condition == "good"
    return True


def test_rotten_missing_and_unreadable_copies(catalogue, targets):
    calls = archive(catalogue, targets, range(4))
    targets["disk"].flip_bit(audio(calls[0]))
    targets["local"].delete(audio(calls[1]))
    targets["cloud"].unreadable = {audio(calls[2])}
    targets["disk"].delete(audio(calls[2]))
    scrub(catalogue, targets)
    done = repair(catalogue, targets)
    assert len(done.repaired) == 4
    assert (done.hopeless, done.failed, done.whole) == ([], {}, True)
    assert all_good(catalogue, targets)
    assert repair(catalogue, targets).repaired == []


def test_what_is_good_again_is_told_from_the_catalogue_whoever_put_it_anew(catalogue, targets):
    calls = archive(catalogue, targets, range(4))
    for call in calls[:2]:
        targets["disk"].flip_bit(audio(call))
    found = scrub_before(catalogue, "disk", targets["disk"], before=NOW, now=NOW, limit=1000)
    assert good_again(catalogue, found.bad) == []
    done = repair(catalogue, targets, limit=1)
    assert good_again(catalogue, found.bad) == done.repaired
    repair(catalogue, targets)
    assert good_again(catalogue, found.bad) == list(found.bad)
    assert good_again(catalogue, []) == []


def test_one_target_by_itself_out_of_all(catalogue, targets):
    first, second = archive(catalogue, targets, range(2))
    targets["disk"].flip_bit(audio(first))
    targets["local"].delete(audio(second))
    scrub(catalogue, targets)
    (bad,) = repair(catalogue, targets, on=["disk"]).repaired
    assert (bad.call_id, bad.target) == (first.id, "disk")
    assert repair(catalogue, targets, on=["disk", "gone"]).repaired == []
    assert [held.call_id for held in catalogue.copy_checks.bad("local")] == [second.id]


def test_a_source_that_rotted_too(catalogue, targets):
    (call,) = archive(catalogue, targets, range(1))
    targets["disk"].delete(audio(call))
    scrub(catalogue, targets)
    targets["local"].flip_bit(audio(call))
    assert len(repair(catalogue, targets).repaired) == 1
    assert {held.copy.target for held in catalogue.copy_checks.bad("local")} == {"local"}
    assert len(repair(catalogue, targets).repaired) == 1
    assert all_good(catalogue, targets)


def test_without_any_good_copy_nothing_is_touched(catalogue, targets):
    (call,) = archive(catalogue, targets, range(1))
    for target in targets.values():
        target.flip_bit(audio(call))
    before = {name: b"".join(target.get(audio(call))) for name, target in targets.items()}
    scrub_before(catalogue, "disk", targets["disk"], before=NOW, now=NOW, limit=1000)
    done = repair(catalogue, targets)
    assert done.hopeless[0].target == "disk"
    done = repair(catalogue, targets)
    assert {bad.target for bad in done.hopeless} == {"local", "disk", "cloud"}
    assert done.repaired == []
    assert {name: b"".join(target.get(audio(call))) for name, target in targets.items()} == before
    assert catalogue.copy_checks.bad_counts().keys() == targets.keys()


def test_the_only_good_copy_is_on_a_target_that_is_away(catalogue, targets):
    (call,) = archive(catalogue, {name: targets[name] for name in ("local", "disk")}, range(1))
    targets["disk"].delete(audio(call))
    scrub(catalogue, targets)
    assert [bad.name for bad in repair(catalogue, {"disk": targets["disk"]}).hopeless] == [audio(call)]
    targets["local"].absent = True
    assert [bad.name for bad in repair(catalogue, targets).hopeless] == [audio(call)]
    targets["local"].absent = False
    assert len(repair(catalogue, targets).repaired) == 1


def test_a_target_that_takes_nothing(catalogue, targets):
    calls = archive(catalogue, targets, range(2))
    for call in calls:
        targets["disk"].delete(audio(call))
    targets["cloud"].delete(audio(calls[0]))
    scrub(catalogue, targets)

    def full(name, source):
        raise DiskFull(name)

    targets["disk"].put = full
    done = repair(catalogue, targets)
    assert [bad.target for bad in done.repaired] == ["cloud"]
    assert "No space" in done.failed["disk"]
    del targets["disk"].put
    assert len(repair(catalogue, targets).repaired) == 2
    assert all_good(catalogue, targets)


def test_one_that_fails_holds_up_no_other(catalogue, targets):
    calls = archive(catalogue, targets, range(3))
    for call in calls:
        targets["disk"].delete(audio(call))
    scrub(catalogue, targets)
    first = min(calls, key=lambda call: call.id)
    put = targets["disk"].put

    def some(name, source):
        if name == audio(first):
            raise TargetError("no")
        return put(name, source)

    targets["disk"].put = some
    done = repair(catalogue, targets)
    assert len(done.repaired) == 2
    assert done.failed == {"disk": "no"}


def test_the_limit_and_stopping(catalogue, targets):
    for call in archive(catalogue, targets, range(3)):
        targets["disk"].delete(audio(call))
    scrub(catalogue, targets)
    assert repair(catalogue, targets, stop=lambda: True).repaired == []
    done = repair(catalogue, targets, limit=2)
    assert (len(done.repaired), done.whole) == (2, False)


def test_a_key_that_was_wrapped_anew(catalogue, targets):
    (call,) = archive(catalogue, targets, range(1))
    old = b"wrapped before"
    copy = Copy("disk", key_name(call), len(old), hashlib.sha256(old).hexdigest(), NOW)
    with catalogue.database.write() as connection:
        connection.execute(insert(call_keys).values(call_id=call.id, master="m", document="wrapped again"))
        connection.execute(insert(copies), copy_rows(call.id, [copy]))
    assert not catalogue.copy_checks.adopt(call.id, copy)
    assert not catalogue.copy_checks.adopt("nowhere", copy)
    scrub(catalogue, targets)
    (bad,) = repair(catalogue, targets).repaired
    assert (bad.name, bad.condition) == (key_name(call), Condition.MISSING)
    assert b"".join(targets["disk"].get(key_name(call))) == b"wrapped again"
    assert all_good(catalogue, targets)
