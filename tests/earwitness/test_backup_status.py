"""``earwitness backup --status``: asked without ``serve``, it finds out for itself."""

from datetime import datetime, timedelta

import pytest

from earwitness.cli.backup_status import show, statuses
from earwitness.keeping_settings import LocalTargetSettings
from storage.catalogue import Condition, RunKind, RunState
from storage.copies.backlog import Backlog
from storage.copies.placement import Placement
from storage.copies.schedule import Schedule
from tests.earwitness.installation import NOW, Installation


@pytest.fixture
def made(tmp_path):
    """Three calls that were not copied yet."""
    made = Installation(tmp_path, encrypted=False)
    made.record(1, 2, 3)
    yield made
    made.catalogue.close()


def scheduled(made, **changes):
    (disk,) = made.settings.targets
    spec = LocalTargetSettings.model_validate(disk.model_dump() | changes)
    return made.settings.model_copy(update={"targets": (spec,)})


def the(made, settings=None, now=NOW):
    (found,) = statuses(settings or made.settings, made.catalogue, ["disk"], now)
    return found


def test_what_nobody_looked_at_is_looked_at(made):
    found = the(made)
    assert (found["state"], found["detail"], found["backlog"]["calls"]) == (Condition.UP, "", 3)
    assert (found["last_copy"], found["last_run"]) == (None, None)
    made.copy()
    found = the(made)
    assert found["backlog"]["calls"] == 0
    assert found["last_copy"] is not None


def test_a_target_that_cannot_be_written_says_why(made, tmp_path, capsys):
    (tmp_path / "disk").write_text("in the way")
    assert the(made)["state"] is Condition.DOWN
    show(made.settings, made.catalogue, ["disk"], as_json=False)
    said = capsys.readouterr().out
    assert f"disk: {tmp_path / 'disk'} is no folder" in said
    assert "at once" in said


def test_what_serve_saw_lately_counts_and_what_it_saw_long_ago_does_not(made):
    made.catalogue.target_states.looked("disk", Condition.DOWN, NOW, "full")
    assert (the(made)["state"], the(made)["detail"]) == (Condition.DOWN, "full")
    assert the(made, now=NOW + timedelta(hours=1))["state"] is Condition.UP


@pytest.mark.parametrize(
    ("changes", "coming"),
    [
        ({}, NOW),
        ({"schedule": "0 0 1 1 *"}, Schedule.parse("0 0 1 1 *").after(NOW)),
        ({"role": "export"}, None),
    ],
)
def test_the_next_copies_are_told(made, changes, coming):
    found = the(made, scheduled(made, **changes))
    assert (found["next_run"] and datetime.fromisoformat(found["next_run"])) == coming


def test_where_calls_come_in_is_shown_with_its_snapshot(made, capsys):
    settings = scheduled(made, role="primary")
    taken = made.catalogue.runs.begin(RunKind.SNAPSHOT, "disk", NOW)
    assert the(made, settings)["last_snapshot"] is None, "it is being taken"
    made.catalogue.runs.end(taken.id, RunState.DONE, NOW + timedelta(seconds=3))
    found = the(made, settings)
    assert (found["role"], found["next_run"], found["backlog"]["calls"]) == ("primary", None, 3)
    assert datetime.fromisoformat(found["last_snapshot"]) == NOW
    show(settings, made.catalogue, ["disk"], as_json=False)
    assert f"calls come in  {'':11}{NOW.astimezone():%Y-%m-%d %H:%M}" in capsys.readouterr().out


def test_a_reason_that_many_calls_share_is_said_once(made, tmp_path, capsys):
    backlog = Backlog(made.catalogue, Placement(("disk",)), "local")
    while backlog.fill("disk", NOW):
        pass
    tasks = made.catalogue.copy_tasks
    for task in made.catalogue.copy_claims.claim("disk", "worker", NOW, 10):
        tasks.failed(task, f"There is no good copy of {task.call_id}.opus.", NOW, NOW)
    (told,) = the(made)["failing"]
    assert (told["others"], told["attempts"]) == (2, 1)
    run = made.catalogue.runs.begin(RunKind.BACKUP, "disk", NOW, 3)
    made.catalogue.runs.end(run.id, RunState.FAILED, NOW, told["error"])
    show(made.settings, made.catalogue, ["disk"], as_json=False)
    said = capsys.readouterr().out
    assert said.count("There is no good copy of") == 1
    assert "and 2 others, tried 1 times" in said
    assert "failed after 0 of 3 calls\n" in said


def test_why_the_last_backup_ended_is_said(made, capsys):
    run = made.catalogue.runs.begin(RunKind.BACKUP, "disk", NOW, 3)
    made.catalogue.runs.end(run.id, RunState.FAILED, NOW, "No space left on the disk.")
    show(made.settings, made.catalogue, ["disk"], as_json=False)
    assert "failed after 0 of 3 calls: No space left on the disk." in capsys.readouterr().out


def test_what_was_copied_before_the_last_backup_is_not_forgotten(made, capsys):
    made.copy()
    made.record(4)
    run = made.catalogue.runs.begin(RunKind.BACKUP, "disk", NOW, 1)
    made.catalogue.runs.end(run.id, RunState.FAILED, NOW, "No space left on the disk.")
    show(made.settings, made.catalogue, ["disk"], as_json=False)
    assert "failed after 0 of 1 calls, besides 3 that lie there: No space" in capsys.readouterr().out


def test_the_room_of_a_target_that_is_away_is_not_told(made):
    states = made.catalogue.target_states
    states.looked("disk", Condition.UP, NOW, free=50, total=100)
    assert the(made)["free"] == 50
    states.looked("disk", Condition.ABSENT, NOW, "not mounted")
    assert the(made)["free"] is None
