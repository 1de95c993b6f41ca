"""Scrubbing finds what rotted and what vanished, oldest check first, at the pace it is told."""

import threading
from collections import Counter
from datetime import timedelta

import pytest

from storage.catalogue.copy_checks import Condition
from storage.scrub.scrub import scrub_before, scrub_some
from storage.targets import LocalTarget
from tests.storage.retention.archived import NOW, archive, names
from tests.storage.scrub.faulty import FaultyTarget

DAY = timedelta(days=1)


@pytest.fixture
def targets():
    return {"local": FaultyTarget(), "disk": FaultyTarget()}


def audio(call):
    return next(f"{call.start:%Y/%m/%d}/{call.id}{suffix}" for suffix in (".opus",))


def scrub(catalogue, targets, name="disk", **options):
    options = {"before": NOW, "now": NOW, "limit": 1000} | options
    return scrub_before(catalogue, name, targets[name], **options)


def test_all_is_well(catalogue, targets):
    archive(catalogue, targets, range(5))
    done = scrub(catalogue, targets)
    assert (done.copies, done.bad, done.unreachable, done.whole) == (15, (), "", True)
    assert done.bytes == catalogue.copy_checks.count("disk")[1]
    assert scrub(catalogue, targets).copies == 0
    assert catalogue.copy_checks.count("disk", before=NOW) == (0, 0)
    assert catalogue.copy_checks.bad_counts() == {}


def test_rotten_and_missing(catalogue, targets):
    calls = archive(catalogue, targets, range(4))
    targets["disk"].flip_bit(audio(calls[1]))
    targets["disk"].delete(audio(calls[2]))
    done = scrub(catalogue, targets)
    found = {(bad.call_id, bad.name, bad.condition) for bad in done.bad}
    assert found == {
        (calls[1].id, audio(calls[1]), Condition.DAMAGED),
        (calls[2].id, audio(calls[2]), Condition.MISSING),
    }
    conditions = Counter(copy.condition for call in calls for copy in catalogue.calls.get(call.id).copies)
    assert conditions == {"good": 22, "damaged": 1, "missing": 1}
    counts = {Condition.DAMAGED: 1, Condition.MISSING: 1}
    assert catalogue.copy_checks.bad_counts() == {"disk": counts}
    assert [held.call_id for held in catalogue.copy_checks.bad("disk")] == sorted([calls[1].id, calls[2].id])


def test_a_blob_that_cannot_be_read_is_damaged(catalogue, targets):
    calls = archive(catalogue, targets, range(2))
    targets["disk"].unreadable = {audio(calls[0])}
    (bad,) = scrub(catalogue, targets).bad
    assert (bad.name, bad.condition) == (audio(calls[0]), Condition.DAMAGED)


def test_a_target_that_is_not_there_says_nothing_of_its_copies(catalogue, targets):
    archive(catalogue, targets, range(2))
    targets["disk"].absent = True
    done = scrub(catalogue, targets)
    assert (done.copies, done.bad, done.whole) == (0, (), False)
    assert "plugged" in done.unreachable
    targets["disk"].absent = False
    assert scrub(catalogue, targets).copies == 6


def test_what_was_read_before_the_target_went_away_counts(catalogue, targets):
    archive(catalogue, targets, range(4))
    get, left = targets["disk"].get, iter(range(5))

    def pulled(name, start=0, length=None):
        if next(left, None) is None:
            targets["disk"].absent = True
        return get(name, start, length)

    targets["disk"].get = pulled
    done = scrub(catalogue, targets)
    assert 0 < done.copies <= 5
    assert (done.bad, done.whole) == ((), False)
    assert "plugged" in done.unreachable
    assert catalogue.copy_checks.count("disk", before=NOW)[0] == 12 - done.copies


def test_a_disk_that_is_unmounted_while_it_is_read(catalogue, tmp_path):
    disk = LocalTarget(tmp_path / "disk")
    archive(catalogue, {"disk": disk}, range(20))
    get, left, one_at_a_time = disk.get, iter(range(30)), threading.Lock()

    def unmounted(name, start=0, length=None):
        with one_at_a_time:
            if next(left, None) is None and (tmp_path / "disk" / "2026").exists():
                (tmp_path / "disk").rename(tmp_path / "elsewhere")
                (tmp_path / "disk").mkdir()
        return get(name, start, length)

    disk.get = unmounted
    done = scrub(catalogue, {"disk": disk})
    assert 0 < done.copies <= 30
    assert done.bad == ()
    assert "mounted" in done.unreachable


def test_an_empty_folder_is_taken_for_a_disk_that_is_not_mounted(catalogue, tmp_path):
    disk = LocalTarget(tmp_path / "disk")
    archive(catalogue, {"disk": disk}, range(2))
    (tmp_path / "disk").rename(tmp_path / "elsewhere")
    (tmp_path / "disk").mkdir()
    done = scrub(catalogue, {"disk": disk})
    assert (done.copies, done.bad) == (0, ())
    assert "mounted" in done.unreachable
    believed = scrub(catalogue, {"disk": disk}, believe_empty=True)
    assert [bad.condition for bad in believed.bad] == [Condition.MISSING] * 6


def test_a_bit_flipped_on_a_disk(catalogue, tmp_path):
    disk = LocalTarget(tmp_path / "disk")
    (call,) = archive(catalogue, {"disk": disk}, range(1))
    path = disk.root / audio(call)
    data = bytearray(path.read_bytes())
    data[100] ^= 0x10
    path.write_bytes(data)
    (bad,) = scrub(catalogue, {"disk": disk}).bad
    assert (bad.name, bad.condition) == (audio(call), Condition.DAMAGED)


def test_oldest_checks_first_and_within_the_limit(catalogue, targets):
    archive(catalogue, targets, range(4))
    assert scrub(catalogue, targets, now=NOW - 3 * DAY, limit=4).copies == 4
    first = set(targets["disk"].reads)
    assert scrub(catalogue, targets, now=NOW - 2 * DAY, limit=8).copies == 8
    targets["disk"].reads.clear()
    assert scrub(catalogue, targets, limit=4).copies == 4
    assert set(targets["disk"].reads) == first
    assert not scrub(catalogue, targets, stop=lambda: True).whole


@pytest.mark.parametrize("tick", [timedelta(hours=1), timedelta(days=1)])
def test_the_pace_reads_everything_in_the_days_given(catalogue, targets, tick):
    archive(catalogue, targets, range(10))
    now, reads = NOW, []
    while now < NOW + 10 * DAY:
        now += tick
        done = scrub_some(catalogue, "disk", targets["disk"], days=10, elapsed=tick, now=now)
        reads.append(done.copies)
    assert names(targets["disk"]) == set(targets["disk"].reads)
    assert max(Counter(targets["disk"].reads).values()) <= 3
    assert max(reads) <= 6


def test_copies_that_go_meanwhile_are_not_reported(catalogue, targets):
    (call,) = archive(catalogue, targets, range(1))
    due = catalogue.copy_checks.due("disk", NOW, 10, now=NOW)
    catalogue.calls.delete(call.id)
    assert catalogue.copy_checks.note([(held, Condition.MISSING) for held in due], NOW) == []


def test_what_was_read_while_the_clock_was_ahead_is_read_again(catalogue, targets):
    archive(catalogue, targets, range(2))
    scrub(catalogue, targets, before=NOW + 800 * DAY, now=NOW + 800 * DAY)
    again = scrub_some(catalogue, "disk", targets["disk"], days=90, elapsed=45 * DAY, now=NOW)
    assert again.copies == 6
    assert scrub_some(catalogue, "disk", targets["disk"], days=90, elapsed=45 * DAY, now=NOW).copies == 0


def test_a_check_by_a_machine_whose_clock_is_a_little_ahead_counts(catalogue, targets):
    archive(catalogue, targets, range(2))
    scrub(catalogue, targets, before=NOW + DAY, now=NOW + DAY / 2)
    assert scrub_some(catalogue, "disk", targets["disk"], days=90, elapsed=45 * DAY, now=NOW).copies == 0
