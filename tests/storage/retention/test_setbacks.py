"""Calls that came while a clock was behind are let go by no rule until a person says how old they are."""

import os
from dataclasses import replace
from datetime import timedelta

import pytest

from storage.catalogue import Catalogue, Setback, load
from storage.clock import EARLIEST, NEAR
from storage.errors import NotNow
from storage.retention.age import UndatedAlarm, count_undated, undated_alarm
from storage.retention.apply import apply_erasures, apply_retention
from storage.retention.clock import alarm, believe, count_from_then, dated_right
from storage.retention.deletion import Deletion
from storage.retention.erasures import Erasures
from storage.retention.preview import preview
from tests.storage.handoffs import a_call
from tests.storage.retention.archived import NOW, rule
from tests.storage.retention.site import DEAD, Site

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def site(catalogue, tmp_path):
    """Retention ran until now, and keeps calls for a year."""
    made = Site(catalogue, tmp_path / "handoff")
    rule(catalogue, 365)
    made.called()
    assert made.look() is None
    return made


@pytest.fixture
def late(site):
    """The id of a call that came while the clock was dead, which then was set right."""
    right, site.now = site.now, DEAD
    site.start()
    call = site.called()
    site.now = right + MINUTE
    return call


def test_a_call_that_came_with_a_dead_clock_is_not_deleted_once_it_is_right(site, late):
    assert site.look() is None, "the clock is believed again"
    assert site.deleted() == []
    site.pass_by(10_000 * DAY)
    believe(site.catalogue, site.now)
    assert late not in site.deleted()
    assert site.catalogue.calls.get(late)


def test_who_deletes_asks_again(site, late):
    deletion = Deletion(site.catalogue)
    assert deletion.by_rules([late], by="retention", now=site.now) == []
    count_from_then(site.catalogue, site.now)
    assert deletion.by_rules([late], by="retention", now=site.now) == []
    (gone,) = deletion.by_rules([late], by="retention", now=site.now + 366 * DAY)
    assert gone.call_id == late


def test_the_preview_says_that_it_is_kept_and_the_alarm_what_to_do(site, late):
    (share,) = preview(site.catalogue, site.now).shares
    assert (share.calls, share.held, share.undated, share.first, share.earliest) == (0, 0, 1, (), None)
    assert undated_alarm(site.catalogue) == (
        "Calls that came while a clock was behind: 1. Nobody knows how old they are, and no rule lets them "
        "go until a person says what is right: `earwitness retention clock` shows how."
    )


def test_an_alarm_that_is_asked_for_all_the_time_counts_anew_once_an_hour(site, late):
    seconds = [0.0]
    undated = UndatedAlarm(site.catalogue, lambda: seconds[0])
    assert "behind: 1." in undated.text()
    site.look()
    site.called(DEAD)
    assert "behind: 2." in undated.text(), "the clock is known to be right again"
    site.called(DEAD)
    assert "behind: 2." in undated.text()
    seconds[0] += 3600
    assert "behind: 3." in undated.text()
    count_from_then(site.catalogue, site.now)
    assert undated.text() == ""


def test_it_ages_from_when_the_clock_was_right_again_where_a_person_says_so(site, late):
    site.look()
    again = site.now.replace(microsecond=0)
    site.pass_by(DAY)
    (decided,) = count_from_then(site.catalogue, site.now)
    assert decided.counted == again
    assert undated_alarm(site.catalogue) == ""
    site.now = again + 365 * DAY
    assert late not in site.deleted()
    assert preview(site.catalogue, site.now).calls == 0
    site.now += MINUTE
    assert preview(site.catalogue, site.now).calls == 1
    assert site.deleted() == [late]


def test_it_goes_as_the_old_call_that_it_is_where_a_person_says_so(site, late):
    assert site.deleted() == []
    dated_right(site.catalogue, site.now)
    assert site.catalogue.setbacks.all() == []
    assert site.deleted() == [late]


def test_an_erasure_takes_it_before_anybody_says_anything(site, late):
    erasures = Erasures(site.catalogue)
    asked = erasures.request([late], "asked for it", by="anna", now=site.now)
    erasures.approve(asked.id, "ben", site.now)
    apply_erasures(site.catalogue, now=site.now)
    assert site.catalogue.calls.get(late) is None
    assert undated_alarm(site.catalogue) == ""


def test_calls_that_are_old_age_as_ever(site):
    before = site.called(DEAD)
    site.now = DEAD
    site.called()
    site.now = NOW + MINUTE
    after = site.called(DEAD + 30 * DAY)
    assert set(site.deleted()) == {before, after}, "capture files that were read, before it and after it"


def test_a_call_that_waited_in_the_hand_off_folder_until_the_clock_was_right_stays_too(site):
    site.now = DEAD
    site.look()
    call = site.recorded()
    site.now = NOW + MINUTE
    site.look()
    site.archived()
    assert site.deleted() == []
    assert count_undated(site.catalogue) == 1
    count_from_then(site.catalogue, site.now)
    assert site.deleted() == []
    site.now += 366 * DAY
    assert call.id in site.deleted()


def test_a_call_that_was_handed_off_by_a_dead_clock_stays_though_nobody_looked_at_it(site):
    site.now = DEAD
    call = site.recorded()
    os.utime(site.folder / call.id, (DEAD.timestamp(), DEAD.timestamp()))
    site.now = NOW + MINUTE
    with_it = site.recorded()
    old = site.recorded(DEAD - 30 * DAY)
    site.archived()
    assert site.look() is None
    assert count_undated(site.catalogue) == 2, "the old one came in the same batch"
    assert site.deleted() == []
    count_from_then(site.catalogue, site.now)
    site.now += 366 * DAY
    assert {call.id, old.id, with_it.id} <= set(site.deleted())


def test_all_that_the_wrong_clock_said_counts_also_where_it_fell_further_back(site):
    site.now = DEAD
    site.look()
    site.now = DEAD - 30 * DAY
    site.look()
    site.recorded()
    site.now = NOW + MINUTE
    site.look()
    site.archived()
    assert count_undated(site.catalogue) == 1


def test_a_clock_that_is_behind_by_little_is_nobodys_business(site):
    site.now -= NEAR - MINUTE
    site.called()
    assert site.look() is None
    assert site.catalogue.setbacks.all() == []


def test_a_clock_that_stays_behind_is_taken_but_its_calls_are_not(site):
    site.now = EARLIEST
    for _ in range(5):
        site.look()
        site.called()
        site.pass_by(DAY)
    assert site.look() is None, "it was steady"
    told = alarm(site.catalogue, None, site.now)
    assert told.startswith("The clock says 2026-01-06 00:00 UTC, but it was 2027-03-01 19:25 UTC already.")
    assert "--was-right" in told
    with pytest.raises(NotNow, match="Set the clock right first"):
        count_from_then(site.catalogue, site.now)
    site.now = NOW + 5 * DAY
    assert site.look().noted, "two days of a wrong clock make the right one look as if it were ahead"
    with pytest.raises(NotNow, match="retention apply"):
        count_from_then(site.catalogue, site.now)
    believe(site.catalogue, site.now)
    assert site.look() is None
    assert site.deleted() == []
    assert count_undated(site.catalogue) == 5


def test_a_clock_that_cannot_be_right_is_never_taken(site):
    site.now = DEAD
    for _ in range(5):
        assert site.look().behind
        site.pass_by(DAY)
    site.now = NOW + 5 * DAY
    assert site.look() is None


def test_a_clock_that_only_seemed_to_be_behind_is_right_where_a_person_says_so(site):
    site.now += 800 * DAY
    believe(site.catalogue, site.now)
    site.look()
    site.now = NOW + MINUTE
    assert site.look().behind
    call = site.called()
    assert count_undated(site.catalogue) == 1
    dated_right(site.catalogue, site.now)
    assert site.look() is None
    assert alarm(site.catalogue, site.look(), site.now) == ""
    assert site.called()
    assert count_undated(site.catalogue) == 0
    site.pass_by(364 * DAY)
    believe(site.catalogue, site.now)
    assert call not in site.deleted()
    site.pass_by(2 * DAY)
    assert call in site.deleted()


def test_a_dead_clock_at_the_very_first_start_is_told_by_what_cannot_be(catalogue, tmp_path):
    site = Site(catalogue, tmp_path / "handoff")
    site.now = DEAD
    assert site.look() is None, "there is nothing to lose"
    assert "and Earwitness is not as old as that. Set it right" in alarm(catalogue, None, site.now)
    call = site.called()
    with pytest.raises(NotNow, match="not as old as that"):
        dated_right(catalogue, site.now)
    site.now = EARLIEST + 300 * DAY
    rule(catalogue, 365)
    believe(catalogue, site.now)
    assert site.deleted() == []
    assert undated_alarm(catalogue)
    count_from_then(catalogue, site.now)
    site.now += 366 * DAY
    assert site.deleted() == [call]


def test_a_clock_that_dies_at_each_start_is_one_setback(site):
    for _ in range(3):
        right, site.now = site.now, DEAD
        site.start()
        site.called()
        site.look()
        site.pass_by(MINUTE)
        site.look()
        site.now = right + DAY
        assert site.look() is None
    (setback,) = site.catalogue.setbacks.all()
    assert setback.over == site.now.replace(microsecond=0)
    assert count_undated(site.catalogue) == 3


def test_what_was_decided_stands_when_the_clock_dies_again(site, late):
    count_from_then(site.catalogue, site.now)
    right, site.now = site.now, DEAD
    again = site.called()
    site.now = right + 364 * DAY
    assert count_undated(site.catalogue) == 1
    site.now += 2 * DAY
    assert late in site.deleted()
    assert site.catalogue.calls.get(again)


def test_one_machine_of_several_may_be_behind(site, catalogue, tmp_path):
    other = Site(catalogue, tmp_path / "other")
    other.made = 100
    other.now = DEAD
    for _ in range(3):
        assert other.look().behind
        wrong, right = other.called(), site.called()
        site.pass_by(MINUTE)
        other.pass_by(MINUTE)
        assert site.look() is None
    assert count_undated(catalogue) == 3
    site.now += 366 * DAY
    gone = site.deleted()
    assert right in gone, "the clock of its machine was right"
    assert wrong not in gone


def test_a_batch_that_was_not_committed_notes_nothing(site):
    site.now = DEAD
    with pytest.raises(ZeroDivisionError):
        site.catalogue.calls.add_many([(a_call(7, start=DEAD), (1 / each for each in [0]))], at=DEAD)
    assert site.catalogue.setbacks.all() == []


def test_a_catalogue_that_is_restored_or_moved_knows_it(site, late, tmp_path):
    url = f"sqlite:///{tmp_path / 'moved.db'}"
    load(url, site.catalogue.dump(site.now))
    moved = Catalogue(url)
    try:
        assert moved.setbacks.all() == site.catalogue.setbacks.all() != []
        assert apply_retention(moved, by="retention", now=site.now).deleted == ()
        assert undated_alarm(moved)
    finally:
        moved.close()


def test_setbacks_are_kept_to_the_second(site):
    second = site.now.replace(microsecond=0)
    open_one = Setback(3, 5, second - DAY, second, second + DAY)
    decided = replace(open_one, after=30, over=second + DAY, counted=second + DAY)
    for each in (decided, open_one):
        site.catalogue.setbacks.found(each)
    assert site.catalogue.setbacks.all() == [open_one, decided]
