"""Calls that came while a clock was behind are known as such where only their sidecars came back."""

from datetime import timedelta

import pytest

from storage.encryption.keyring import KeyOpener
from storage.restore.dated import find_setbacks
from storage.restore.rows import RowsFromSidecars
from storage.retention.age import count_undated
from storage.retention.apply import apply_retention
from storage.retention.clock import count_from_then, dated_right
from tests.storage.encryption.keys import a_master
from tests.storage.retention.archived import NOW, rule
from tests.storage.retention.site import DEAD, Site

DAY = timedelta(days=1)
OPENER = KeyOpener([a_master()])


@pytest.fixture
def site(catalogue, tmp_path):
    """Calls came before a clock died, meanwhile, and when it was right again; with an old capture file."""
    made = Site(catalogue, tmp_path / "handoff")
    made.ids = {"before": made.called(), "old": made.called(DEAD - 30 * DAY)}
    made.now = DEAD
    made.ids |= {"first": made.called(), "second": made.called()}
    made.now = NOW + DAY
    made.ids["after"] = made.called()
    return made


def restored(site, fresh, now):
    after = fresh.changes.position()
    RowsFromSidecars(fresh, site.target, "main", OPENER).restore(now)
    return find_setbacks(fresh, after, now)


def deleted(catalogue, now):
    return {call.call_id for call in apply_retention(catalogue, by="retention", now=now).deleted}


def test_no_rule_lets_them_go_until_a_person_speaks(site, fresh):
    (found,) = restored(site, fresh, NOW + DAY)
    assert (found.lowest, found.highest) == (DEAD, DEAD)
    assert count_undated(fresh) == 2
    rule(fresh, 365)
    assert deleted(fresh, NOW + DAY) == {site.ids["old"]}
    count_from_then(fresh, NOW + DAY)
    assert deleted(fresh, NOW + DAY) == set()
    assert deleted(fresh, NOW + 400 * DAY) == set(site.ids.values()) - {site.ids["old"]}


def test_again_it_finds_the_same(site, fresh):
    restored(site, fresh, NOW + DAY)
    found = fresh.setbacks.all()
    find_setbacks(fresh, 0, NOW + DAY)
    assert fresh.setbacks.all() == found != []


def test_what_a_snapshot_knew_is_not_asked_again(site, fresh):
    restored(site, fresh, NOW + DAY)
    dated_right(fresh, NOW + DAY)
    assert find_setbacks(fresh, fresh.changes.position(), NOW + DAY) == []


def test_a_seal_of_a_time_to_come_makes_nothing_late(catalogue, fresh, tmp_path):
    site = Site(catalogue, tmp_path / "handoff")
    site.now = NOW + 2000 * DAY
    site.called()
    site.now = NOW
    site.called()
    assert restored(site, fresh, NOW) == []


def test_different_wrong_times_are_told_apart(site, fresh):
    for year in (0, 4):
        site.now = DEAD + year * 365 * DAY
        site.called()
        site.called()
    found = restored(site, fresh, NOW + DAY)
    assert [each.lowest for each in fresh.setbacks.all()] == [DEAD + 4 * 365 * DAY, DEAD]
    assert [count_undated(fresh, each) for each in found] == [4, 2]
