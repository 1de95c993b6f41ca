"""Letting calls go, as the chores of an installation do it, with a clock that the test sets."""

from datetime import timedelta

import pytest

from storage.catalogue import AuditEntry
from storage.retention.clock import believe, count_from_then
from storage.retention.restored import let_go_on, note_restore, unseen
from tests.earwitness.keeping.clocked import installed
from tests.storage.handoffs import a_call
from tests.storage.retention.archived import NOW, archive, names, rule
from tests.storage.retention.site import DEAD

OVER = timedelta(days=800)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    if request.param == "sqlite":
        with installed(tmp_path) as made:
            yield made
    else:
        with request.getfixturevalue("server").lent() as url, installed(tmp_path, url) as made:
            yield made


def test_a_clock_that_jumps_deletes_nothing_and_is_an_alarm(place):
    archive(place.catalogue, place.targets, range(97, 100))
    rule(place.catalogue, 365)
    assert place.work("clock", "retention", "removals") == ""
    place.now += OVER
    trouble = place.work("clock", "retention", "removals")
    assert trouble.startswith(f"The clock says {place.now:%Y-%m-%d %H:%M} UTC, but retention last ran at")
    assert f"{NOW:%Y-%m-%d %H:%M}" in trouble
    place.start()
    assert "`earwitness retention apply`" in place.work("retention", "removals"), "a start is no way around"
    place.now = NOW
    assert place.work("clock", "retention", "removals") == ""
    assert place.catalogue.calls.count() == 3
    assert place.sounds() == [3, 3]


def test_once_a_person_believed_the_clock_the_rules_let_go_by_themselves(place):
    archive(place.catalogue, place.targets, range(97, 100))
    rule(place.catalogue, 365)
    place.work("retention")
    place.now += timedelta(days=364)
    assert "The clock says" in place.work("retention", "removals")
    believe(place.catalogue, place.now)
    assert place.work("retention", "removals") == ""
    assert (place.catalogue.calls.count(), place.sounds()) == (1, [1, 1])


def test_a_clock_that_fell_back_takes_no_snapshot_away_and_is_an_alarm(place):
    archive(place.catalogue, place.targets, range(97, 100))
    erased = AuditEntry(at=NOW, actor="ben", action="call.delete", object_id="x", reason="erasure: asked for")
    place.catalogue.audit.record(erased)
    for _ in range(3):
        assert place.work("clock", "snapshot to nas") == ""
        place.now += timedelta(days=1)
    place.now -= timedelta(days=20_000)
    assert "UTC already. Set it right" in place.work("clock", "snapshot to nas")
    place.now += timedelta(days=20_000)
    assert place.work("clock", "snapshot to nas") == ""
    taken = sorted(name[10:18] for name in names(place.targets["nas"]) if name.endswith(".catalogue.gz"))
    days = [place.now - timedelta(days=days) for days in (20_000, 3, 2, 1, 0)]
    assert taken == [f"{day:%Y%m%d}" for day in days]


def test_calls_that_came_while_the_clock_was_behind_stay_and_are_an_alarm(place):
    archive(place.catalogue, place.targets, range(97, 100))
    rule(place.catalogue, 365)
    assert place.work("clock", "retention") == ""
    place.now = DEAD
    place.start()
    assert "UTC already. Set it right" in place.work("clock")
    call = a_call(1, start=DEAD, audio=b"x")
    place.catalogue.calls.add_many([(call, ())], at=DEAD)
    place.now = NOW
    place.start()
    trouble = place.work("clock", "retention")
    assert trouble.startswith("Calls that came while a clock was behind: 1. Nobody knows how old they are")
    assert place.catalogue.calls.count() == 4
    count_from_then(place.catalogue, place.now)
    assert place.work("clock", "retention") == ""
    assert place.catalogue.calls.count() == 4


def test_a_clock_that_cannot_be_right_is_an_alarm_from_the_first_start_on(place):
    place.now = DEAD
    for _ in range(4):
        trouble = place.work("clock")
        assert trouble.startswith("The clock says 2019-01-0")
        assert "Earwitness is not as old as that. Set it right" in trouble
        place.now += timedelta(days=1)
    place.now = NOW
    assert place.work("clock") == ""


def test_behind_a_restore_rules_wait_for_a_person_and_that_is_an_alarm(place):
    archive(place.catalogue, place.targets, range(97, 100))
    rule(place.catalogue, 1)
    note_restore(place.catalogue, NOW, NOW - timedelta(days=3))
    trouble = place.work("clock", "retention", "removals")
    assert trouble.startswith("This catalogue was restored from a snapshot of ")
    assert (place.catalogue.calls.count(), place.sounds()) == (3, [3, 3])
    let_go_on(place.catalogue, unseen(place.catalogue))
    assert place.work("clock", "retention", "removals") == ""
    assert place.catalogue.calls.count() < 3
