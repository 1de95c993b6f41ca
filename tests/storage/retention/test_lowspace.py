"""Low space: the oldest calls with good copies elsewhere move off, never one without."""

from datetime import timedelta

import pytest

from storage.archive_names import audio_name
from storage.catalogue.copy_checks import Condition
from storage.retention.holds import Holds
from storage.retention.lowspace import Proof, Room, make_room
from storage.scrub.scrub import scrub_before
from storage.targets.contract import Space
from tests.storage.retention.archived import NOW, archive, names
from tests.storage.scrub.faulty import FaultyTarget

MONTH = timedelta(days=30)


@pytest.fixture
def targets():
    return {"local": FaultyTarget(), "disk": FaultyTarget(), "cloud": FaultyTarget()}


def audio(call):
    return audio_name(call, "opus")


def scrubbed(catalogue, targets, now=NOW):
    for name, target in targets.items():
        scrub_before(catalogue, name, target, before=now, now=now, limit=1000)


def lacking(size):
    """A room that lacks so many bytes."""
    return Room(Space(free=10_000 - size, total=100_000), warn_percent=15, free_percent=10)


def make(catalogue, targets, room, **options):
    proof = Proof(options.pop("needed", 1), MONTH)
    options = {"home": "local", "proof": proof, "now": NOW} | options
    return make_room(catalogue, targets, room, **options)


def at_home(targets, calls):
    return [audio(call) in names(targets["local"]) for call in calls]


def size_of(catalogue, call):
    return next(copy.bytes for copy in catalogue.calls.get(call.id).copies if copy.name == audio(call))


def test_the_oldest_that_are_copied_go_until_it_is_enough(catalogue, targets):
    calls = archive(catalogue, targets, range(4))
    scrubbed(catalogue, targets)
    size = size_of(catalogue, calls[0])
    done = make(catalogue, targets, lacking(size + 1))
    assert (done.calls, done.held, done.bytes, done.short, done.whole) == (2, 0, 2 * size, 0, True)
    assert at_home(targets, calls) == [False, False, True, True]
    kept = {(copy.target, copy.name) for copy in catalogue.calls.get(calls[0].id).copies}
    assert len(kept) == 8
    assert ("local", audio(calls[0])) not in kept
    assert len(names(targets["local"])) == 10
    assert catalogue.removals.waiting() == {}
    assert make(catalogue, targets, lacking(1)).calls == 1
    assert at_home(targets, calls) == [False, False, False, True]


def test_nothing_is_lacking(catalogue, targets):
    archive(catalogue, targets, range(2))
    scrubbed(catalogue, targets)
    assert make(catalogue, targets, lacking(0)).calls == 0
    assert make(catalogue, targets, lacking(1), stop=lambda: True).calls == 0
    assert make(catalogue, targets, lacking(1), needed=0).calls == 0


def test_never_one_without_a_good_copy_elsewhere(catalogue, targets):
    alone = archive(catalogue, {"local": targets["local"]}, range(1))
    rotten, gone, lost, fine = archive(catalogue, {n: targets[n] for n in ("local", "disk")}, range(1, 5))
    targets["disk"].flip_bit(audio(rotten))
    scrubbed(catalogue, targets)
    targets["disk"].delete(audio(gone))
    held = catalogue.copy_checks.of_day("disk", lost.start.date())[audio(lost)]
    catalogue.copy_checks.note([(held, Condition.MISSING)], NOW)
    done = make(catalogue, targets, lacking(10_000))
    assert done.calls == 1
    assert done.short == 10_000 - done.bytes
    assert at_home(targets, [*alone, rotten, gone, lost, fine]) == [True, True, True, True, False]


def test_copies_that_nobody_looked_at_for_long_do_not_count(catalogue, targets):
    archive(catalogue, targets, range(1))
    assert make(catalogue, targets, lacking(1)).calls == 0
    scrubbed(catalogue, targets, NOW - 2 * MONTH)
    assert make(catalogue, targets, lacking(1)).calls == 0
    scrubbed(catalogue, targets)
    assert make(catalogue, targets, lacking(1)).calls == 1


def test_so_many_copies_as_are_asked_for(catalogue, targets):
    archive(catalogue, targets, range(1))
    scrubbed(catalogue, targets)
    targets["cloud"].absent = True
    assert make(catalogue, targets, lacking(1), needed=2).calls == 0
    targets["cloud"].absent = False
    assert make(catalogue, targets, lacking(1), needed=3).calls == 0
    assert make(catalogue, targets, lacking(1), needed=2).calls == 1


def test_held_calls_move_and_are_counted(catalogue, targets):
    calls = archive(catalogue, targets, range(2))
    scrubbed(catalogue, targets)
    Holds(catalogue).place("Court", "court", by="anna", now=NOW, call_ids=[calls[0].id])
    done = make(catalogue, targets, lacking(10_000), limit=2)
    assert (done.calls, done.held) == (2, 1)
    assert catalogue.calls.get(calls[0].id) is not None


def test_the_alarm_comes_long_before():
    total = 1000
    assert not Room(Space(160, total), 15, 5).alarm
    assert Room(Space(140, total), 15, 5).alarm
    assert Room(Space(140, total), 15, 5).lacking == 0
    assert Room(Space(40, total), 15, 5).lacking == 10
    assert Room(Space(0, 0), 15, 0).alarm


def test_a_check_while_the_clock_was_ahead_is_no_proof(catalogue, targets):
    calls = archive(catalogue, targets, range(2))
    scrubbed(catalogue, targets, NOW + timedelta(days=800))
    assert make(catalogue, targets, lacking(1)).calls == 0
    assert at_home(targets, calls) == [True, True]
    scrubbed(catalogue, targets)
    assert make(catalogue, targets, lacking(1)).calls == 1
