"""A bit that rots in a snapshot is found while there is time: another one is taken, and the bad one goes."""

from datetime import timedelta

import pytest

from earwitness.scrubbing import Scrubbing
from storage.catalogue import AuditEntry, RunKind, RunState
from storage.copies.snapshot import FOLDER
from storage.encryption.keyring import KeyOpener
from storage.restore.snapshot import whole_snapshot
from tests.earwitness.keeping.clocked import installed

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request, tmp_path):
    """Two snapshots, of yesterday and today."""
    scrub = {"days": 5}
    if request.param == "sqlite":
        with installed(tmp_path, scrub=scrub) as made:
            yield filled(made)
    else:
        with (
            request.getfixturevalue("server").lent() as url,
            installed(tmp_path, url, scrub=scrub) as made,
        ):
            yield filled(made)


def filled(place):
    for _ in range(2):
        place.now += DAY
        place.catalogue.audit.record(AuditEntry(at=place.now, actor="anna", action="hold.place"))
        assert place.work("snapshot to nas") == ""
    place.now += HOUR
    return place


def catalogues(place):
    return sorted(one.name for one in place.targets["nas"].list(FOLDER) if one.name.endswith(".catalogue.gz"))


def rot(place, name):
    data = bytearray(b"".join(place.targets["nas"].get(name)))
    data[len(data) // 2] ^= 4
    place.targets["nas"].put(name, bytes(data))


def found(place):
    return place.catalogue.runs.page(kind=RunKind.SCRUB)


def test_the_newest_is_replaced_within_a_day_and_people_see_that(place):
    older, newest = catalogues(place)
    assert place.work("read snapshots") == ""
    assert found(place) == []
    rot(place, newest)
    assert place.work("read snapshots") == "", "read today"
    assert catalogues(place) == [older, newest]
    place.now += DAY
    assert place.work("read snapshots") == ""
    assert newest not in catalogues(place)
    whole, damaged = whole_snapshot(place.targets["nas"], KeyOpener())
    assert (whole.at, damaged) == (place.now.replace(microsecond=0), {})
    (run,) = found(place)
    assert (run.target, run.state, run.report["bad"], run.report["repaired"]) == ("nas", RunState.DONE, 1, 1)
    (copy,) = run.report["copies"]
    assert f"{copy['call']}.{copy['file']}" == newest
    place.work("read snapshots")
    assert len(found(place)) == 1


def test_older_ones_are_read_within_the_period_of_scrubbing(place):
    older, newest = catalogues(place)
    place.work("read snapshots")
    rot(place, older)
    place.now += DAY
    place.work("read snapshots")
    assert older in catalogues(place)
    place.now += 5 * DAY
    place.start()
    assert place.work("read snapshots") == ""
    assert catalogues(place)[:-1] == [newest]
    assert found(place)[0].report["repaired"] == 1


def test_a_damaged_one_stays_as_long_as_no_whole_one_can_be_taken(place, monkeypatch):
    for name in catalogues(place):
        rot(place, name)
    before = catalogues(place)
    with monkeypatch.context() as patched:
        patched.setattr(type(place.catalogue), "dump", broken)
        assert "No snapshot on nas" in place.work("read snapshots")
        place.work("read snapshots")
    assert catalogues(place) == before
    (run,) = found(place)
    assert (run.report["bad"], run.report["repaired"]) == (2, 0)
    assert place.work("read snapshots") == ""
    assert not set(catalogues(place)) & set(before)


def broken(*_):
    raise OSError(5, "Input/output error")


def by_hand(place):
    return Scrubbing(place.settings, place.catalogue, place.targets, lambda: False, now=lambda: place.now)


def test_scrub_by_hand_does_the_same_and_without_repair_it_says_so_alone(place):
    older, newest = catalogues(place)
    rot(place, newest)
    looking = by_hand(place)
    looking.snapshots("nas", everything=False, mend=False)
    assert [bad.name for bad in looking.outcome.bad] == [newest]
    assert looking.outcome.unreachable == {"nas": f"{newest} is damaged and stays."}
    assert catalogues(place) == [older, newest]
    mending = by_hand(place)
    mending.snapshots("nas", everything=True, mend=True)
    assert [bad.name for bad in mending.outcome.repaired] == [newest]
    assert mending.outcome.unreachable == {}
    assert newest not in catalogues(place)
    again = by_hand(place)
    again.snapshots("nas", everything=True, mend=True)
    assert again.outcome.bad == []


def test_a_run_that_people_ask_for_on_the_page_reads_them_too(place):
    _, newest = catalogues(place)
    rot(place, newest)
    run = place.catalogue.runs.ask(RunKind.SCRUB, "nas", "anna", place.now)
    place.work("asked scrub")
    ended = place.catalogue.runs.get(run.id)
    assert (ended.state, ended.report["bad"], ended.report["repaired"]) == (RunState.DONE, 1, 1)
    assert newest not in catalogues(place)
