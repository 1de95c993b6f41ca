"""Behind a restore no rule lets calls go before a person says that holds were looked at."""

from datetime import timedelta

import pytest

from storage.retention.apply import apply_erasures, apply_retention
from storage.retention.deletion import Deletion
from storage.retention.erasures import Erasures
from storage.retention.restored import Unseen, let_go_on, note_restore, unseen
from storage.targets import MemoryTarget
from tests.storage.retention.archived import NOW as TIME
from tests.storage.retention.archived import archive, rule

NOW = TIME.replace(microsecond=0)
DAY = timedelta(days=1)


@pytest.fixture
def due(catalogue):
    """Three calls that a rule lets go."""
    made = archive(catalogue, {"main": MemoryTarget()}, range(3))
    rule(catalogue, 30)
    return [call.id for call in made]


def deleted(catalogue):
    return {call.call_id for call in apply_retention(catalogue, by="retention", now=NOW).deleted}


def test_rules_wait_until_a_person_lets_them_go_on(catalogue, due):
    note_restore(catalogue, NOW, NOW - DAY)
    assert deleted(catalogue) == set()
    found = unseen(catalogue)
    assert found == Unseen(NOW, NOW - DAY)
    let_go_on(catalogue, found)
    assert unseen(catalogue) is None
    assert deleted(catalogue) == set(due)


def test_who_asked_the_rules_before_the_restore_deletes_nothing_either(catalogue, due):
    note_restore(catalogue, NOW, None)
    assert Deletion(catalogue).by_rules(due, by="retention", now=NOW) == []
    assert catalogue.calls.count() == 3


def test_a_catalogue_that_was_never_restored_waits_for_nobody(catalogue, due):
    assert unseen(catalogue) is None
    assert deleted(catalogue) == set(due)


@pytest.mark.parametrize("later", [DAY, timedelta(), -20 * DAY], ids=["later", "at once", "clock fell back"])
def test_that_one_restore_was_seen_says_nothing_of_the_next(catalogue, due, later):
    note_restore(catalogue, NOW, NOW - DAY)
    let_go_on(catalogue, unseen(catalogue))
    note_restore(catalogue, NOW + later, NOW - 2 * DAY)
    assert unseen(catalogue).as_of == NOW - 2 * DAY
    assert deleted(catalogue) == set()
    let_go_on(catalogue, unseen(catalogue))
    assert deleted(catalogue) == set(due)


def test_who_saw_the_restore_before_the_last_does_not_let_rules_go_on_behind_the_last(catalogue, due):
    note_restore(catalogue, NOW, NOW - DAY)
    first = unseen(catalogue)
    note_restore(catalogue, NOW + DAY, NOW)
    let_go_on(catalogue, first)
    assert deleted(catalogue) == set()


def test_an_erasure_that_two_people_agreed_to_waits_too(catalogue, due):
    asked = Erasures(catalogue).request(due[:1], "asked for", by="anna", now=NOW)
    Erasures(catalogue).approve(asked.id, "ben", NOW)
    note_restore(catalogue, NOW, None)
    assert apply_erasures(catalogue, now=NOW) == {}
    assert catalogue.calls.count() == 3
    let_go_on(catalogue, unseen(catalogue))
    gone = [call.call_id for done in apply_erasures(catalogue, now=NOW).values() for call in done.deleted]
    assert gone == due[:1]


def test_it_says_of_when_holds_are_and_what_to_do():
    told = Unseen(NOW, NOW - DAY)
    assert told.what.startswith(
        f"This catalogue was restored from a snapshot of {NOW - DAY:%Y-%m-%d %H:%M} UTC"
    )
    assert "`earwitness retention apply`" in told.alarm
    assert "restored without a snapshot" in Unseen(NOW, None).what
    assert "No hold came back" in Unseen(NOW, None).alarm
