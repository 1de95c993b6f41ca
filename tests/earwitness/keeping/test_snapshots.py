"""When snapshots are taken: by their schedule, soon after people did something, and at an orderly end."""

import gzip
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from earwitness import wiring
from earwitness.keeping.means import Means
from earwitness.keeping.retaining import by_erasures
from earwitness.keeping.snapshots import Snapshots, chores, last_ones
from earwitness.settings import Settings
from storage.catalogue import AuditEntry, RunKind, RunState
from storage.copies.snapshot import FOLDER
from storage.encryption.keyring import KeyOpener
from storage.restore.snapshot import newest_snapshot
from storage.retention.apply import apply_retention
from storage.retention.erasures import Erasures
from storage.targets import MemoryTarget
from tests.earwitness.installation import Installation
from tests.storage.retention.archived import archive, rule

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
ENOUGH = 10 * SECOND


class Clock:
    """Shows what it was set to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Schedules are in the time zone of the machine."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def means(tmp_path: Path, clock: Clock) -> Iterator[Means]:
    target = {"name": "nas", "kind": "local", "folder": tmp_path / "nas"}
    settings = Settings.model_validate(
        {"data": tmp_path / "data", "targets": [target], "snapshots": {"schedule": "0 2 * * *", "keep": 3}}
    )
    settings.folders.make()
    catalogue = wiring.catalogue(settings)
    yield Means.of(settings, catalogue, wiring.targets(settings), lambda: False, clock)
    catalogue.close()


@pytest.fixture
def snapshots(means: Means) -> Snapshots:
    return Snapshots(means, "nas")


def something_is_done(means: Means, action: str = "call.play") -> None:
    means.catalogue.audit.record(AuditEntry(at=means.now(), actor="anna", action=action))


def held(means: Means) -> list[str]:
    return [stored.name.removeprefix(FOLDER)[:13] for stored in means.targets["nas"].list(FOLDER)]


def test_the_first_comes_at_once_and_the_next_by_the_schedule(means, snapshots, clock):
    assert snapshots.wanted()
    assert snapshots.run() == ""
    clock.now += timedelta(hours=2)
    assert not snapshots.wanted()
    clock.now += DAY
    assert snapshots.wanted()


@pytest.fixture
def at_night(means: Means, tmp_path: Path) -> Snapshots:
    target = {"name": "nas", "kind": "local", "folder": tmp_path / "nas", "window": "20:00-06:00"}
    settings = Settings.model_validate(means.settings.model_dump() | {"targets": [target]})
    return Snapshots(replace(means, settings=settings), "nas")


def test_those_of_the_schedule_wait_for_the_window(means, at_night, clock):
    assert not at_night.wanted(), "it is noon, and nobody did anything"
    clock.now += timedelta(hours=8)
    assert at_night.wanted()
    at_night.run()
    clock.now = datetime(2026, 11, 23, 6, tzinfo=UTC)
    assert not at_night.wanted()
    clock.now += timedelta(hours=14)
    assert at_night.wanted()


def test_what_people_do_is_kept_at_any_time_and_without_the_index(means, at_night, clock):
    something_is_done(means)
    assert at_night.wanted()
    at_night.run()
    assert [name for name in means.targets["nas"].list(FOLDER) if "index" in name.name] == []
    clock.now += timedelta(hours=8)
    assert at_night.wanted(), "the one of noon does not stand in for that of the schedule"
    at_night.run()
    clock.now += MINUTE
    assert not at_night.wanted()


def test_soon_after_people_did_something_there_is_another(means, snapshots, clock):
    snapshots.run()
    clock.now += MINUTE
    something_is_done(means)
    assert snapshots.outdated()
    assert not snapshots.wanted()
    clock.now += 9 * MINUTE
    assert snapshots.wanted()
    snapshots.run()
    clock.now += 11 * MINUTE
    assert not snapshots.outdated()
    assert not snapshots.wanted()


@pytest.mark.parametrize("action", ["user.create", "hold.place", "retention.approve", "erasure.request"])
def test_at_once_after_people_changed_what_comes_back_from_nothing_else(means, snapshots, clock, action):
    snapshots.run()
    clock.now += 29 * SECOND
    something_is_done(means, action)
    something_is_done(means)
    assert not snapshots.wanted()
    clock.now += SECOND
    assert snapshots.wanted()
    snapshots.run()
    clock.now += MINUTE
    assert not snapshots.wanted()


def test_too_many_events_to_look_at_may_hold_a_change(means, snapshots, clock):
    snapshots.run()
    something_is_done(means, "user.create")
    for _ in range(200):
        something_is_done(means)
    clock.now += MINUTE
    assert snapshots.wanted()


def test_what_takes_long_is_done_less_often(means, snapshots, clock):
    run = means.catalogue.runs.begin(RunKind.SNAPSHOT, "nas", clock.now)
    clock.now += 5 * MINUTE
    means.catalogue.runs.end(run.id, RunState.DONE, clock.now, report={"audit": 0})
    something_is_done(means)
    clock.now += 94 * MINUTE
    assert not snapshots.wanted()
    clock.now += 2 * MINUTE
    assert snapshots.wanted()
    with structlog.testing.capture_logs() as logs:
        last_ones(means, 4 * MINUTE)
    assert held(means) == []
    assert [(line["event"], line["target"]) for line in logs] == [
        ("what people did last is in no snapshot", "nas")
    ]


def test_they_lie_where_calls_come_in_too_but_for_the_archive_folder_and_never_where_only_people_send(
    tmp_path, means
):
    assert [chore.name for chore in chores(means)] == ["snapshot to nas", "snapshot on nas"]
    nas = {"name": "nas", "kind": "local", "folder": tmp_path / "nas", "role": "primary"}
    out = {"name": "out", "kind": "local", "folder": tmp_path / "out", "role": "export"}
    settings = Settings.model_validate({"data": tmp_path / "data", "targets": [nas, out]})
    here = Means.of(settings, means.catalogue, wiring.targets(settings), lambda: False, means.now)
    chore, look = chores(here)
    assert (chore.name, look.name) == ("snapshot to nas", "snapshot on nas")
    assert chore.wanted()
    chore.work()
    assert held(here) == ["20261122T1200"]
    something_is_done(here)
    here.now.now += MINUTE
    last_ones(here, ENOUGH)
    assert held(here) == ["20261122T1201"], "of each day the last one is kept"


def test_a_place_that_was_lost_has_one_again_before_it_is_time(means, snapshots, clock):
    take, look = chores(means)
    look.work()
    assert held(means) == [], "it has none yet"
    take.work()
    for blob in list(means.targets["nas"].list()):
        means.targets["nas"].delete(blob.name)
    clock.now += MINUTE
    assert not take.wanted()
    assert look.wanted()
    look.work()
    assert held(means) == ["20261122T1201"]
    clock.now += MINUTE
    look.work()
    assert len(means.catalogue.runs.page(kind=RunKind.SNAPSHOT)) == 2


def test_one_that_failed_is_not_tried_again_at_once(means, snapshots, clock, tmp_path):
    (tmp_path / "nas").write_text("in the way")
    assert snapshots.run().startswith("No snapshot on nas: ")
    clock.now += 5 * MINUTE
    assert not snapshots.wanted()
    clock.now += 5 * MINUTE
    assert snapshots.wanted()


def test_a_clock_that_was_ahead_does_not_put_them_off(means, snapshots, clock):
    clock.now += 365 * DAY
    snapshots.run()
    clock.now -= 365 * DAY
    assert snapshots.wanted()
    snapshots.run()
    assert held(means) == ["20261122T1200"]
    clock.now += MINUTE
    assert not snapshots.wanted()


def test_many_on_one_day_do_not_drive_out_those_of_the_days_before(means, snapshots, clock):
    for _ in range(4):
        for _ in range(3):
            something_is_done(means)
            snapshots.run()
            clock.now += 11 * MINUTE
        clock.now += DAY - 33 * MINUTE
    assert held(means) == ["20261123T1222", "20261124T1222", "20261125T1222"]


def test_the_last_deed_before_the_end_is_in_one(means, snapshots, clock):
    snapshots.run()
    clock.now += MINUTE
    last_ones(means, ENOUGH)
    assert held(means) == ["20261122T1200"]
    something_is_done(means)
    last_ones(means, ENOUGH)
    assert held(means) == ["20261122T1201"]


def erase(means: Means, call_id: str) -> None:
    erasures = Erasures(means.catalogue)
    asked = erasures.request([call_id], "the caller wants it", by="anna", now=means.now())
    erasures.approve(asked.id, "boris", means.now())
    by_erasures(means)


def test_an_erasure_takes_the_snapshots_from_before_it_along(means, snapshots, clock):
    local = {"local": MemoryTarget()}
    archive(means.catalogue, local, [0], to="+4930111")
    (gone,) = archive(means.catalogue, local, [1], to="+4930222")
    for _ in range(3):
        snapshots.run()
        clock.now += DAY
    something_is_done(means, "user.create")
    snapshots.run()
    clock.now += MINUTE
    erase(means, gone.id)
    assert len(held(means)) == 3, "none of them knows of it"
    clock.now += 30 * SECOND
    assert snapshots.wanted()
    snapshots.run()
    assert held(means) == ["20261125T1201"]
    dump = gzip.decompress(b"".join(newest_snapshot(means.targets["nas"], KeyOpener()).catalogue()))
    assert b"4930111" in dump
    assert b"4930222" not in dump
    clock.now += DAY
    snapshots.run()
    assert len(held(means)) == 2, "they are kept again"


def test_an_erasure_that_comes_after_another_snapshot_has_one_soon(means, snapshots, clock):
    (call,) = archive(means.catalogue, {"local": MemoryTarget()}, range(1))
    erasures = Erasures(means.catalogue)
    asked = erasures.request([call.id], "the caller wants it", by="anna", now=means.now())
    erasures.approve(asked.id, "boris", means.now())
    snapshots.run()
    by_erasures(means)
    clock.now += 30 * SECOND
    assert snapshots.wanted()
    snapshots.run()
    assert len(held(means)) == 1
    clock.now += MINUTE
    assert not snapshots.wanted()


def test_what_rules_delete_goes_as_snapshots_expire(means, snapshots, clock):
    archive(means.catalogue, {"local": MemoryTarget()}, range(1))
    snapshots.run()
    clock.now += DAY
    rule(means.catalogue, 1)
    assert len(apply_retention(means.catalogue, by="system", now=clock.now + 400 * DAY).deleted) == 1
    snapshots.run()
    assert len(held(means)) == 2


def test_none_is_taken_with_a_master_key_that_others_have_changed(tmp_path, clock):
    made = Installation(tmp_path, encrypted=True)
    made.give_master_key()
    made.record(0)
    means = Means.of(made.settings, made.catalogue, wiring.targets(made.settings), lambda: False, clock)
    snapshots = Snapshots(means, "disk")
    assert snapshots.run() == ""
    made.change_master_key()
    clock.now += DAY
    taken = list(means.targets["disk"].list(FOLDER))
    trouble = snapshots.run()
    assert trouble.startswith("No snapshot on disk: Earwitness was started before the master key was changed")
    assert trouble in means.worries.all().values()
    assert list(means.targets["disk"].list(FOLDER)) == taken
    made.catalogue.close()
