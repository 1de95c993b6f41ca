"""Runs: how far they are, how they end, and what becomes of those that die."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.catalogue import RunKind, RunState
from storage.errors import NotInCatalogue, NotNow

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_the_life_of_a_run(catalogue):
    run = catalogue.runs.begin(RunKind.BACKUP, "nas", NOW, total=10)
    assert catalogue.runs.get(run.id) == run
    catalogue.runs.progress(run.id, NOW + MINUTE, 4, 4000)
    now = catalogue.runs.get(run.id)
    assert (now.done, now.total, now.bytes, now.seen) == (4, 10, 4000, NOW + MINUTE)
    catalogue.runs.progress(run.id, NOW + MINUTE, 5, 5000, total=12)
    catalogue.runs.end(run.id, RunState.DONE, NOW + 2 * MINUTE, "all well", {"失败": 0})
    ended = catalogue.runs.get(run.id)
    assert (ended.state, ended.ended, ended.done, ended.total) == (RunState.DONE, NOW + 2 * MINUTE, 5, 12)
    assert (ended.message, ended.report) == ("all well", {"失败": 0})


def test_what_became_of_what_a_run_found_is_told_later(catalogue):
    run = catalogue.runs.begin(RunKind.SCRUB, "nas", NOW)
    catalogue.runs.report(run.id, {"bad": 1})
    assert catalogue.runs.get(run.id).report == {}
    catalogue.runs.end(run.id, RunState.DONE, NOW, "", {"bad": 1})
    catalogue.runs.report(run.id, {"bad": 1, "repaired": 1})
    told = catalogue.runs.get(run.id)
    assert (told.report, told.state, told.ended) == ({"bad": 1, "repaired": 1}, RunState.DONE, NOW)
    catalogue.runs.report("forgotten", {"bad": 1})


def test_the_total_grows_with_what_comes_meanwhile(catalogue):
    known = catalogue.runs.begin(RunKind.BACKUP, "nas", NOW, total=2)
    unknown = catalogue.runs.begin(RunKind.BACKUP, "usb", NOW)
    seen = []
    for done in (1, 3, 2):
        catalogue.runs.progress(known.id, NOW, done)
        catalogue.runs.progress(unknown.id, NOW, done)
        seen.append(catalogue.runs.get(known.id).total)
    assert seen == [2, 3, 3]
    assert catalogue.runs.get(unknown.id).total is None
    catalogue.runs.progress(unknown.id, NOW, 5, total=4)
    assert catalogue.runs.get(unknown.id).total == 5


def test_runs_are_listed_latest_first(catalogue):
    runs = [
        catalogue.runs.begin(kind, target, NOW + number * MINUTE)
        for number, (kind, target) in enumerate(
            [
                (RunKind.BACKUP, "nas"),
                (RunKind.SCRUB, "nas"),
                (RunKind.BACKUP, "usb"),
                (RunKind.BACKUP, "nas"),
            ]
        )
    ]
    assert catalogue.runs.page() == runs[::-1]
    assert catalogue.runs.page(kind=RunKind.BACKUP, target="nas") == [runs[3], runs[0]]
    assert catalogue.runs.page(before=runs[2].started, limit=1) == [runs[1]]
    assert catalogue.runs.last(RunKind.BACKUP, "nas") == runs[3]
    assert catalogue.runs.last(RunKind.BACKUP, "nas", RunState.DONE) is None
    assert catalogue.runs.latest(RunKind.BACKUP)["nas"] == runs[3]
    assert catalogue.runs.latest(RunKind.BACKUP, RunState.DONE) == {}
    assert catalogue.runs.page(state=RunState.RUNNING, kind=RunKind.SCRUB) == [runs[1]]


def test_a_run_that_falls_silent_is_interrupted(catalogue):
    silent = catalogue.runs.begin(RunKind.BACKUP, "nas", NOW)
    living = catalogue.runs.begin(RunKind.BACKUP, "usb", NOW)
    catalogue.runs.progress(living.id, NOW + 10 * MINUTE, 1)
    assert [run.id for run in catalogue.runs.interrupt_silent(NOW + 10 * MINUTE, 5 * MINUTE)] == [silent.id]
    found = catalogue.runs.get(silent.id)
    assert (found.state, found.ended) == (RunState.INTERRUPTED, NOW)
    assert catalogue.runs.interrupt_silent(NOW + 10 * MINUTE, 5 * MINUTE) == []


def test_a_run_of_before_the_clock_was_set_back_is_silent_too(catalogue):
    run = catalogue.runs.begin(RunKind.BACKUP, "nas", NOW)
    assert [gone.id for gone in catalogue.runs.interrupt_silent(NOW - 60 * MINUTE, 5 * MINUTE)] == [run.id]


def ended(catalogue, at, state=RunState.DONE, target="nas"):
    run = catalogue.runs.begin(RunKind.BACKUP, target, at)
    catalogue.runs.end(run.id, state, at)
    return run.id


def test_old_runs_are_forgotten(catalogue):
    ended(catalogue, NOW)
    ended(catalogue, NOW, RunState.FAILED)
    done = ended(catalogue, NOW + MINUTE)
    ended(catalogue, NOW + 2 * MINUTE, RunState.FAILED)
    running = catalogue.runs.begin(RunKind.BACKUP, "nas", NOW)
    assert catalogue.runs.trim(NOW + 3 * MINUTE) == 3
    assert {run.id for run in catalogue.runs.page()} == {done, running.id}
    assert catalogue.runs.trim(NOW + 3 * MINUTE) == 0


def test_the_last_of_each_kind_that_was_done_stays_even_when_the_clock_comes_back(catalogue):
    kept = {ended(catalogue, NOW + MINUTE), ended(catalogue, NOW, target="usb")}
    ahead = NOW + 800 * 1440 * MINUTE
    late = ended(catalogue, ahead)
    assert catalogue.runs.trim(ahead - MINUTE) == 0
    assert {run.id for run in catalogue.runs.page(before=NOW + 2 * MINUTE)} == kept
    assert catalogue.runs.get(late) is not None


def test_a_run_that_is_not_there(catalogue):
    assert catalogue.runs.get("nowhere") is None
    with pytest.raises(NotInCatalogue):
        catalogue.runs.end("nowhere", RunState.DONE, NOW)


def test_a_run_is_asked_for_taken_once_and_stopped(catalogue):
    runs = catalogue.runs
    run = runs.ask(RunKind.SCRUB, "nas", "admin", NOW)
    assert (run.state, run.asked_by) == (RunState.ASKED, "admin")
    with pytest.raises(NotNow, match="already"):
        runs.ask(RunKind.SCRUB, "nas", "other", NOW)
    assert runs.ask(RunKind.SCRUB, "usb", "other", NOW + MINUTE).id != run.id
    assert [each.target for each in runs.asked(RunKind.SCRUB)] == ["nas", "usb"]
    assert runs.asked(RunKind.BACKUP) == []
    assert runs.take(run.id, NOW + MINUTE, total=3)
    assert not runs.take(run.id, NOW + MINUTE)
    assert not runs.stop_asked(run.id)
    assert runs.ask_stop(run.id, "admin", NOW).state is RunState.RUNNING
    assert runs.stop_asked(run.id)
    runs.end(run.id, RunState.STOPPED, NOW + MINUTE)
    with pytest.raises(NotNow, match="stopped"):
        runs.ask_stop(run.id, "admin", NOW)


def test_a_run_that_nobody_began_is_stopped_at_once(catalogue):
    run = catalogue.runs.ask(RunKind.VERIFY, "nas", "admin", NOW)
    stopped = catalogue.runs.ask_stop(run.id, "other", NOW + MINUTE)
    assert (stopped.state, stopped.stop_asked_by) == (RunState.STOPPED, "other")
    assert not catalogue.runs.take(run.id, NOW)
    assert catalogue.runs.asked() == []
    with pytest.raises(NotInCatalogue):
        catalogue.runs.ask_stop("no-such-run", "admin", NOW)
