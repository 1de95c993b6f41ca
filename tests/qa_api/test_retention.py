"""Retention rules through the API: two people, and a preview that deletes nothing."""

from datetime import UTC, datetime

from storage.retention.restored import let_go_on, note_restore, unseen
from tests.qa_api.keeping import keeping
from tests.qa_api.office import Office
from tests.qa_api.world import CUSTOMER, HEARD, NOON
from tests.storage.handoffs import a_call

RULES = "/api/v1/retention/rules"
PREVIEW = "/api/v1/retention/preview"


def test_who_proposes_a_rule_cannot_approve_it(office: Office) -> None:
    first, second = office.user("compliance"), office.user("officer")
    given = {"name": "Missed", "keep_days": 30, "criteria": {"states": ["missed"], "numbers": ["138*"]}}
    made = first.post(RULES, json=given)
    assert (made.status_code, made.json()["state"], made.json()["proposed_by"]) == (
        201,
        "proposed",
        "compliance",
    )
    path = f"{RULES}/{made.json()['id']}"
    refused = first.post(f"{path}/approve")
    assert (refused.status_code, refused.json()["code"]) == (403, "second-person")
    assert second.post(f"{path}/approve").json()["state"] == "in-force"
    again = second.post(f"{path}/approve")
    assert (again.status_code, again.json()["code"]) == (409, "not-now")
    assert second.post(f"{path}/ask-retirement").json()["state"] == "retiring"
    assert second.post(f"{path}/retire").status_code == 403
    assert first.post(f"{path}/keep").json()["state"] == "in-force"
    events = [event for event in reversed(office.catalogue.audit.page()) if "retention" in event.action]
    assert [(event.actor, event.action) for event in events][:4] == [
        ("compliance", "retention.propose"),
        ("compliance", "retention.approve"),
        ("compliance", "retention.approve.refused"),
        ("officer", "retention.approve"),
    ]
    assert events[3].object_id == made.json()["id"]
    assert (events[3].before["state"], events[3].after["state"]) == ("proposed", "in-force")


def test_what_cannot_be_a_rule(reading: Office) -> None:
    compliance = reading.known("compliance")
    for given in (
        {"name": "", "keep_days": 1},
        {"name": "x", "keep_days": 0},
        {"name": "x", "keep_days": 1, "criteria": {"numbers": ["(a+)+$"]}},
        {"name": "x"},
    ):
        assert compliance.post(RULES, json=given).status_code == 422, given
    assert compliance.post(f"{RULES}/unknown/approve").json()["code"] == "not-found"


def test_the_preview_tells_what_goes_and_what_is_held(office: Office) -> None:
    compliance, officer = office.user("compliance"), office.user("officer")
    given = {"name": "All of 8001", "keep_days": 1, "criteria": {"agents": ["8001"]}}
    rule = compliance.post(RULES, json=given).json()["id"]
    office.clock.now = NOON.replace(day=23)
    compliance, officer = office.user("compliance"), office.user("officer")
    assert compliance.get(PREVIEW).json()["calls"] == 0
    assert compliance.get(PREVIEW, params={"proposed": True}).json()["calls"] == 31
    officer.post(f"{RULES}/{rule}/approve")
    hold = {"name": "Case 9", "reason": "Letter of the court", "calls": [HEARD]}
    assert compliance.post("/api/v1/holds", json=hold).status_code == 201
    found = office.user("auditor").get(PREVIEW, params={"first": 2}).json()
    assert (found["calls"], found["held"], found["whole"]) == (30, 1, True)
    (share,) = found["shares"]
    assert (share["rule"]["name"], share["calls"], len(share["first"])) == ("All of 8001", 30, 2)
    assert share["first"][0]["from"] == "138****8910"
    assert office.catalogue.calls.count() == 33
    assert office.actions()[-1] == "retention.preview"


def test_numbers_in_rules_are_hidden_from_those_who_may_not_see_them(office: Office) -> None:
    keeping(office.catalogue)
    seen = {user: office.user(user).get(RULES).json()["items"][0] for user in ("compliance", "auditor")}
    assert seen["compliance"]["criteria"]["numbers"] == [CUSTOMER]
    assert seen["auditor"]["criteria"]["numbers"] == ["138****8910"]


def test_the_preview_tells_apart_what_came_while_the_clock_was_behind(office: Office) -> None:
    compliance, officer = office.user("compliance"), office.user("officer")
    rule = compliance.post(RULES, json={"name": "A year", "keep_days": 365}).json()["id"]
    officer.post(f"{RULES}/{rule}/approve")
    dead = datetime(2019, 1, 1, tzinfo=UTC)
    office.catalogue.calls.add_many([(a_call(7000, start=dead), ())], at=dead)
    found = compliance.get(PREVIEW).json()
    assert (found["calls"], found["held"], found["undated"]) == (0, 0, 1)
    assert [share["undated"] for share in found["shares"]] == [1]


def test_the_preview_says_that_rules_wait_behind_a_restore(office: Office) -> None:
    compliance = office.user("compliance")
    assert compliance.get(PREVIEW).json()["restore"] is None
    note_restore(
        office.catalogue, datetime(2026, 11, 22, 8, tzinfo=UTC), datetime(2026, 11, 21, 2, tzinfo=UTC)
    )
    waiting = compliance.get(PREVIEW).json()["restore"]
    assert waiting == {"at": "2026-11-22T08:00:00.000Z", "as_of": "2026-11-21T02:00:00.000Z"}
    let_go_on(office.catalogue, unseen(office.catalogue))
    assert compliance.get(PREVIEW).json()["restore"] is None
