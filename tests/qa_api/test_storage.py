"""Archive targets through the API: how they are, the work on them, and copies of chosen calls."""

import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from qa_api.archive_work import next_copies
from qa_api.plan import PlacementPlan
from storage.catalogue import Condition, Copy, RunKind, RunState
from storage.catalogue.copy_tasks import NewTask
from storage.criteria import Criteria
from storage.model import rfc3339
from tests.qa_api.keeping import PLAN as STATED
from tests.qa_api.office import Browser, Office
from tests.qa_api.world import CUSTOMER, HEARD, MISSED, NOON, UNRELEASED
from tests.waiting import PATIENCE

TARGETS, PLAN, RUNS = (f"/api/v1/storage/{name}" for name in ("targets", "plan", "runs"))


def test_a_target_with_state_room_backlog_and_last_run(office: Office) -> None:
    catalogue = office.catalogue
    catalogue.target_states.looked("nas", Condition.UP, NOON, free=25, total=100)
    catalogue.target_states.measured("nas", 2_000_000, NOON)
    catalogue.copy_tasks.ask("nas", [NewTask(HEARD, 4000, NOON)], NOON)
    run = catalogue.runs.begin(RunKind.BACKUP, "nas", NOON, total=2)
    catalogue.runs.end(run.id, RunState.FAILED, NOON, f"{CUSTOMER} was too long")
    local, nas = office.user("admin").get(TARGETS).json()["items"]
    assert (local["name"], local["state"], local["free"], local["last_run"]) == (
        "local",
        "unknown",
        None,
        None,
    )
    assert (nas["state"], nas["free"], nas["total"], nas["bytes_per_second"]) == ("up", 25, 100, 2e6)
    assert (nas["place"], nas["window"], nas["bandwidth"]) == (
        "backup@nas.example:22",
        "20:00-06:00",
        10_000_000,
    )
    assert (nas["backlog"]["calls"], nas["backlog"]["bytes"]) == (1, 4000)
    assert (nas["last_run"]["state"], nas["last_run"]["message"]) == ("failed", "138****8910 was too long")


def test_a_target_says_how_much_it_holds_and_since_when(office: Office) -> None:
    catalogue, later = office.catalogue, NOON + timedelta(minutes=9)
    for suffix in ("opus", "json"):
        catalogue.copy_checks.adopt(HEARD, Copy("nas", f"2026/11/22/{HEARD}.{suffix}", 1, "0" * 64, later))
    snapshot = catalogue.runs.begin(RunKind.SNAPSHOT, "nas", NOON)
    catalogue.runs.end(snapshot.id, RunState.DONE, NOON, "", {"name": "snapshots/20261122T120000Z.gz"})
    catalogue.runs.begin(RunKind.SNAPSHOT, "nas", later)
    recorded = [found for found in catalogue.calls.iterate() if found.copies]
    admin = office.user("admin")
    local, nas = _counted(admin)
    assert (local["calls"], local["last_copy"], local["last_snapshot"]) == (
        len(recorded),
        rfc3339(NOON),
        None,
    )
    assert (nas["calls"], nas["last_copy"], nas["last_snapshot"]) == (1, rfc3339(later), rfc3339(NOON))
    report = admin.get(f"{RUNS}/{snapshot.id}").json()["report"]
    assert report == {"name": "snapshots/20261122T120000Z.gz"}


def test_the_next_copies_wait_for_the_window_as_well(office: Office) -> None:
    nas, noon = STATED.targets[1], datetime(2026, 12, 1, 12).astimezone()  # windows go by the local clock
    evening = noon.replace(hour=20)
    assert next_copies(nas, noon, noon - timedelta(hours=3)) == evening
    assert next_copies(nas, evening, noon) == evening
    assert next_copies(nas, noon - timedelta(days=2), noon) == evening
    due = noon - timedelta(hours=1)
    assert next_copies(nas, due, noon.replace(hour=23)) == due
    office.catalogue.target_states.planned("nas", evening, NOON)
    admin = office.user("admin")
    assert admin.get(TARGETS).json()["items"][1]["next_run"] == rfc3339(evening)
    assert admin.get(PLAN).json()["zone"] == NOON.astimezone().isoformat()[-6:]


def test_copies_as_calls_come_in_wait_for_their_window() -> None:
    always = replace(STATED.targets[1], schedule="continuous")
    noon = datetime(2026, 12, 1, 12).astimezone()
    assert next_copies(always, None, noon) == noon.replace(hour=20)
    assert next_copies(always, None, noon.replace(hour=23)) is None
    assert next_copies(replace(always, schedule="daily"), None, noon) is None


def _counted(admin: Browser) -> list[dict[str, Any]]:
    """The targets, once somebody has counted what they hold: nobody waits for that."""
    last = time.monotonic() + PATIENCE
    while time.monotonic() < last:
        items: list[dict[str, Any]] = admin.get(TARGETS).json()["items"]
        if items[0]["calls"] is not None:
            return items
    raise AssertionError("nobody counted")


def test_the_settings_are_shown_with_hidden_digits(reading: Office) -> None:
    found = {user: reading.known(user).get(PLAN).json() for user in ("compliance", "admin")}
    assert found["admin"]["master_key"] == "0123456789abcdef"
    assert found["admin"]["placement"][0]["calls"]["numbers"] == ["138****8910", "138*"]
    assert found["compliance"]["placement"][0]["calls"]["numbers"] == [CUSTOMER, "138*"]


def test_placement_names_its_teams_for_those_too_who_have_no_calls(office: Office) -> None:
    team = office.catalogue.teams.all()[0]
    calls = Criteria(teams=(team.id, team.name, "gone"))
    rule = PlacementPlan(to=("nas",), copies=0, older_than_days=0, calls=calls)
    with Office(office.folder, overrides={"plan": replace(STATED, placement=(rule,))}) as other:
        found = other.user("admin").get(PLAN).json()
    assert found["teams"] == [{"id": team.id, "name": team.name}]
    assert found["missing_teams"] == ["gone"]


def test_runs_come_in_pages_and_with_reports(office: Office) -> None:
    runs = office.catalogue.runs
    made = [
        runs.begin(kind, "nas", NOON + timedelta(minutes=minute))
        for minute, kind in enumerate((RunKind.BACKUP, RunKind.SCRUB, RunKind.BACKUP))
    ]
    runs.end(made[1].id, RunState.DONE, NOON, "", {"damaged": 0, "names": [CUSTOMER]})
    admin = office.user("admin")
    page = admin.get(RUNS, params={"limit": 2}).json()
    assert [item["id"] for item in page["items"]] == [made[2].id, made[1].id]
    rest = admin.get(RUNS, params={"limit": 2, "cursor": page["next_cursor"]}).json()
    assert [item["id"] for item in rest["items"]] == [made[0].id]
    assert rest["next_cursor"] is None
    backups = admin.get(RUNS, params={"kind": "backup"}).json()["items"]
    assert [item["id"] for item in backups] == [made[2].id, made[0].id]
    report = admin.get(f"{RUNS}/{made[1].id}").json()
    assert report["report"] == {"damaged": 0, "names": ["138****8910"]}
    assert admin.get(f"{RUNS}/unknown").json()["code"] == "not-found"
    assert admin.get(RUNS, params={"cursor": "x"}).json()["code"] == "cursor"


def test_a_run_is_asked_for_and_stopped(office: Office) -> None:
    admin = office.user("admin")
    asked = admin.post(RUNS, json={"kind": "scrub", "target": "nas"})
    assert (asked.status_code, asked.json()["state"], asked.json()["asked_by"]) == (201, "asked", "admin")
    again = admin.post(RUNS, json={"kind": "scrub", "target": "nas"})
    assert (again.status_code, again.json()["code"]) == (409, "not-now")
    unknown = admin.post(RUNS, json={"kind": "scrub", "target": "nowhere"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "no-such-target")
    run = asked.json()["id"]
    assert office.catalogue.runs.take(run, NOON)
    stopped = admin.post(f"{RUNS}/{run}/stop").json()
    assert (stopped["state"], stopped["stop_asked_by"]) == ("running", "admin")
    assert office.catalogue.runs.stop_asked(run)
    assert office.actions()[-2:] == ["run.ask", "run.stop"]


def test_a_chosen_call_is_copied_before_others(office: Office) -> None:
    compliance = office.user("compliance")
    path = f"/api/v1/calls/{UNRELEASED}/copies"
    answer = compliance.post(path, json={"target": "nas"})
    assert (answer.status_code, answer.json()) == (202, {"target": "nas", "waiting": True})
    (task,) = office.catalogue.copy_tasks.open("nas", [UNRELEASED])
    assert task.bytes == sum(copy.bytes for copy in office.catalogue.calls.get(UNRELEASED).copies)
    assert compliance.post(path, json={"target": "local"}).json()["waiting"] is False
    assert compliance.post(path, json={"target": "nowhere"}).status_code == 404
    nothing = compliance.post(f"/api/v1/calls/{MISSED}/copies", json={"target": "nas"})
    assert (nothing.status_code, nothing.json()["code"]) == (409, "not-now")
    assert office.actions().count("call.copy") == 1
