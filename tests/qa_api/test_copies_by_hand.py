"""Copies that people ask for on the page of a call, by settings, to the blobs that arrive."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from earwitness import wiring
from earwitness.keeping.alarms import BEHIND
from earwitness.keeping.duties import Duties
from earwitness.keeping.plan import plan
from earwitness.settings import Settings
from storage.catalogue import sqlite_url
from storage.catalogue.copy_tasks import NewTask
from tests.qa_api.office import Office
from tests.qa_api.world import HEARD, UNRELEASED

COPIES = f"/api/v1/calls/{HEARD}/copies"


class Place:
    """The small call centre with a target ``out`` of some role, its API and its jobs."""

    def __init__(self, office: Office, role: str) -> None:
        self.folder = office.folder / "out"
        self.settings = Settings.model_validate(
            {
                "data": office.folder / "data",
                "catalogue": {"url": sqlite_url(office.folder / "catalogue.db")},
                "archive": {"folder": office.folder / "archive"},
                "targets": [{"name": "out", "kind": "local", "folder": self.folder, "role": role}],
            }
        )
        self.settings.folders.make()
        self.office = Office(office.folder, overrides={"plan": plan(self.settings)})

    def __enter__(self) -> "Place":
        self.office.__enter__()
        catalogue = self.office.catalogue
        targets = wiring.targets(self.settings, catalogue)
        self.duties = Duties(self.settings, catalogue, targets, lambda: False, self.office.clock)
        return self

    def __exit__(self, *_: object) -> None:
        self.office.__exit__()

    def work(self, *names: str) -> None:
        for chore in self.duties.chores():
            if chore.name in names and chore.wanted():
                chore.work()

    def arrived(self) -> list[str]:
        return sorted(path.name for path in self.folder.rglob("20*/**/*.*"))

    def backlog(self) -> int:
        items = self.office.known("admin").get("/api/v1/storage/targets").json()["items"]
        return next(item["backlog"]["calls"] for item in items if item["name"] == "out")


@pytest.fixture
def export(office: Office) -> Iterator[Place]:
    with Place(office, "export") as made:
        yield made


def test_a_call_that_is_sent_to_a_target_for_export_arrives_and_no_other(export: Place) -> None:
    export.work("backlog", "copy to out")
    assert export.arrived() == []
    answer = export.office.user("compliance").post(COPIES, json={"target": "out"})
    assert (answer.status_code, answer.json()["waiting"]) == (202, True)
    assert export.backlog() == 1
    export.work("backlog", "copy to out")
    assert {name.partition(".")[0] for name in export.arrived()} == {HEARD}
    assert f"{HEARD}.json" in export.arrived()
    export.office.clock.advance(seconds=5)
    assert export.backlog() == 0
    copies = export.office.catalogue.calls.get(HEARD).copies
    assert all(copy.checked for copy in copies if copy.target == "out")


def test_what_was_on_its_way_when_a_target_became_one_for_export_stays_away(
    export: Place,
) -> None:
    catalogue, now = export.office.catalogue, export.office.clock()
    follower, way = "copies out 0123456789abcdef", (0, catalogue.changes.position())
    catalogue.copy_tasks.follow(follower, "out", way, [NewTask(UNRELEASED, 5, now)], [], now)
    export.work("copy to out")
    assert export.arrived() == []
    assert catalogue.copy_tasks.open("out", [UNRELEASED]) == []


def test_a_target_for_export_that_is_away_is_missed_only_where_something_waits(export: Place) -> None:
    export.folder.write_text("in the way")
    export.work("look at out", "alarms")
    assert (export.duties.trouble, export.duties.remark) == ("", "")
    export.office.user("compliance").post(COPIES, json={"target": "out"})
    export.work("alarms")
    assert "The archive target out is down since" in export.duties.trouble
    export.office.clock.advance(seconds=(BEHIND + timedelta(minutes=1)).total_seconds())
    export.work("alarms")
    assert "1 calls wait to be copied to out" in export.duties.trouble
    export.folder.unlink()
    export.work("look at out", "copy to out", "alarms")
    assert export.duties.trouble == ""
    assert f"{HEARD}.json" in export.arrived()


def test_nothing_is_copied_to_where_calls_come_in_or_came_in_before(office: Office) -> None:
    with Place(office, "primary") as place:
        targets = place.office.user("admin").get("/api/v1/storage/targets").json()["items"]
        roles = {each["name"]: each["role"] for each in targets}
        assert roles == {"local": "earlier", "out": "primary"}
        compliance = place.office.user("compliance")
        refused = compliance.post(COPIES, json={"target": "out"})
        assert (refused.status_code, refused.json()["code"]) == (409, "takes-no-copies")
        assert refused.json()["parameters"] == {"target": "out"}
        assert compliance.post(COPIES, json={"target": "local"}).json()["waiting"] is False
        backup = place.office.user("admin").post(
            "/api/v1/storage/runs", json={"kind": "backup", "target": "local"}
        )
        assert (backup.status_code, backup.json()["code"]) == (409, "takes-no-copies")
