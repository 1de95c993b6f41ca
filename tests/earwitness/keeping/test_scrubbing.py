"""What the installation reads back and compares by itself: when, how fast, and what people see of it."""

import threading
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest

from earwitness.scrubbing import Scrubbing
from storage.archive_names import audio_name
from storage.catalogue import RunKind, RunState
from storage.catalogue.copy_checks import Condition
from tests.earwitness.keeping.clocked import installed
from tests.storage.retention.archived import NOW, archive

EVERYTHING = {"days": 0.001}
"""So that all of a few copies keep the pace at once."""


@pytest.fixture
def place(tmp_path):
    with installed(tmp_path, scrub=EVERYTHING) as made:
        yield made


def spoil(place, call):
    place.targets["nas"].put(audio_name(call, "opus"), b"rotten")


def chore(place, name):
    return next(each for each in place.chores if each.name == name)


@contextmanager
def answering_late(target, begun, answers):
    """Putting there waits for ``answers``."""
    put = target.put

    def late(name, source):
        begun.set()
        answers.wait(60)
        return put(name, source)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(target, "put", late)
        try:
            yield
        finally:
            answers.set()


def runs(place):
    return place.catalogue.runs.page(kind=RunKind.SCRUB)


def test_what_is_found_and_mended_is_a_run_that_people_see(place):
    call, *_ = archive(place.catalogue, place.targets, range(3))
    spoil(place, call)
    place.work("scrub nas", "scrub local")
    (run,) = runs(place)
    assert (run.target, run.state, run.done, run.asked_by) == ("nas", RunState.DONE, 9, "")
    assert (run.report["bad"], run.report["repaired"]) == (1, 0)
    place.work("repair")
    (run,) = runs(place)
    assert (run.report["bad"], run.report["repaired"]) == (1, 1)
    (told,) = run.report["copies"]
    assert (told["call"], told["condition"], told["repaired"]) == (call.id, "damaged", True)
    place.now += timedelta(days=1)
    place.work("scrub nas", "repair")
    assert runs(place) == [run]


def test_a_target_where_putting_hangs_keeps_no_other_from_being_mended(tmp_path):
    folders = [{"name": name, "kind": "local", "folder": tmp_path / name} for name in ("disk", "nas")]
    with installed(tmp_path, scrub=EVERYTHING, targets=folders) as place:
        archive(place.catalogue, place.targets, range(1))
        for name in ("disk", "nas"):
            for held in place.catalogue.copy_checks.due(name, NOW, 1, now=NOW):
                place.targets[name].delete(held.copy.name)
        place.work("scrub disk", "scrub nas")
        begun, answers = threading.Event(), threading.Event()
        with answering_late(place.targets["nas"], begun, answers):
            slow = threading.Thread(target=chore(place, "repair on nas").work)
            slow.start()
            assert begun.wait(60)
            chore(place, "repair on disk").work()
            assert place.catalogue.copy_checks.bad_counts().keys() == {"nas"}
            answers.set()
            slow.join()
        assert place.catalogue.copy_checks.bad_counts() == {}


def test_what_comparing_finds_is_a_run_too(place):
    call, *_ = archive(place.catalogue, place.targets, range(3))
    place.targets["nas"].delete(audio_name(call, "opus"))
    place.work("compare nas", "compare local", "repair")
    (run,) = runs(place)
    assert (run.target, run.report["bad"], run.report["repaired"]) == ("nas", 1, 1)
    assert run.report["copies"][0]["condition"] == "missing"


def test_a_copy_that_is_put_anew_later_is_told_then(place):
    archive(place.catalogue, place.targets, range(1))
    (held,) = place.catalogue.copy_checks.due("local", NOW, 1, now=NOW)
    other = held.copy.name
    kept = b"".join(place.targets["local"].get(other))
    for target in place.targets.values():
        target.put(other, b"rotten")
    trouble = place.work("scrub nas", "scrub local", "repair")
    assert f"No good copy is left of {other}" in trouble
    assert [run.report["repaired"] for run in runs(place)] == [0, 0]
    place.targets["local"].put(other, kept)
    again = [held for held in place.catalogue.copy_checks.bad("local") if held.copy.name == other]
    place.catalogue.copy_checks.note([(held, Condition.GOOD) for held in again], NOW)
    assert place.work("repair") == ""
    assert [run.report["repaired"] for run in runs(place)] == [1, 1]


def test_a_scrub_by_hand_goes_on_though_the_installation_found_something_meanwhile(place):
    call, *_ = archive(place.catalogue, place.targets, range(3))

    def by_hand(stopping):
        options = {"by": "cli:root", "now": lambda: place.now}
        work = Scrubbing(place.settings, place.catalogue, place.targets, lambda: stopping, **options)
        work.read("nas", everything=True)
        place.now += timedelta(hours=1)

    by_hand(stopping=True)
    spoil(place, call)
    place.work("scrub nas")
    place.now += timedelta(hours=1)
    by_hand(stopping=False)
    last, own, first = runs(place)
    assert (first.state, own.asked_by, last.state) == (RunState.STOPPED, "", RunState.DONE)
    assert last.report["before"] == first.report["before"]


@pytest.mark.parametrize(("hours", "read"), [((-1, 1), 3), ((1, 2), 0)])
def test_copies_are_read_back_in_the_window_of_the_settings(tmp_path, hours, read):
    begin, end = (f"{(NOW + timedelta(hours=each)).astimezone():%H:%M}" for each in hours)
    with installed(tmp_path, scrub=EVERYTHING | {"window": f"{begin}-{end}"}) as place:
        archive(place.catalogue, place.targets, range(1))
        place.work("scrub nas")
        assert place.catalogue.copy_checks.count("nas")[0] == 3
        assert 3 - place.catalogue.copy_checks.count("nas", before=NOW)[0] == read


def test_copies_are_read_back_no_faster_than_the_settings_say(tmp_path):
    with installed(tmp_path, scrub=EVERYTHING | {"bandwidth": "10 kB/s"}) as place:
        archive(place.catalogue, place.targets, range(4))
        _, size = place.catalogue.copy_checks.count("nas")
        largest = size / 4
        began = time.monotonic()
        place.work("scrub nas")
        assert time.monotonic() - began >= (size - largest) / 10_000
        assert place.catalogue.copy_checks.count("nas", before=NOW)[0] == 0
