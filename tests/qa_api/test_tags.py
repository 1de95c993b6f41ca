"""Tags through the API: who puts them on which calls, and what they may not tell."""

import pytest

from tests.qa_api.office import Office
from tests.qa_api.world import CUSTOMER, HEARD, MISSED, NOON

CALL = f"/api/v1/calls/{HEARD}"


def test_a_tag_comes_and_goes_and_leaves_a_trail(office: Office) -> None:
    supervisor = office.user("supervisor")
    for tag in ("complaint", "复核", "complaint", "a/b"):
        answer = supervisor.put(f"{CALL}/tags/{tag}")
        assert answer.status_code == 200, answer.text
    assert answer.json()["tags"] == ["a/b", "complaint", "复核"]
    assert supervisor.get("/api/v1/tags").json() == {"items": ["a/b", "complaint", "复核"]}
    assert supervisor.delete(f"{CALL}/tags/a/b").json()["tags"] == ["complaint", "复核"]
    assert supervisor.delete(f"{CALL}/tags/a/b").status_code == 200
    assert office.actions()[-4:] == ["call.tag", "call.tag", "call.tag", "call.untag"]
    event = office.catalogue.audit.page(action="call.untag")[0]
    assert (event.actor, event.object_id) == ("supervisor", HEARD)
    assert (event.before, event.after) == (
        {"tags": ["a/b", "complaint", "复核"]},
        {"tags": ["complaint", "复核"]},
    )


def test_a_tag_by_which_a_call_is_held_stays_until_two_released_the_hold(office: Office) -> None:
    supervisor, first, second = (office.user(name) for name in ("supervisor", "compliance", "officer"))
    supervisor.put(f"{CALL}/tags/complaint")
    given = {"name": "Case 9", "reason": "Letter of the court", "criteria": {"tags": ["complaint"]}}
    hold = f"/api/v1/holds/{first.post('/api/v1/holds', json=given).json()['id']}"
    seen = {}
    for user in (supervisor, first):
        answer = user.delete(f"{CALL}/tags/complaint")
        assert (answer.status_code, answer.json()["code"]) == (409, "tag-held")
        seen[user] = answer.json()
    assert seen[first]["parameters"] == {"tag": "complaint", "holds": ["Case 9"]}
    assert seen[supervisor]["parameters"] == {"tag": "complaint", "holds": []}
    assert "Case 9" not in str(seen[supervisor]), "what a hold is called is known to few"
    assert supervisor.get(CALL).json()["tags"] == ["complaint"]
    assert office.actions().count("call.untag.refused") == 2
    first.post(f"{hold}/ask-release", json={"reason": "The case is closed"})
    assert first.delete(f"{CALL}/tags/complaint").status_code == 409
    second.post(f"{hold}/release")
    assert supervisor.delete(f"{CALL}/tags/complaint").json()["tags"] == []


def test_calls_are_filtered_by_a_tag_as_it_is_written(office: Office) -> None:
    supervisor = office.user("supervisor")
    tag = 'a "b" 复核'
    assert supervisor.put(f"{CALL}/tags/{tag}").status_code == 200
    office.reindex()

    def found(asked: str) -> list[str]:
        items = supervisor.get("/api/v1/calls", params={"tag": asked}).json()["items"]
        return [item["id"] for item in items]

    assert (found(tag), found(tag.upper()), found("复核")) == ([HEARD], [HEARD], [])


def test_an_agent_does_not_find_by_tags(office: Office) -> None:
    supervisor, agent = office.user("supervisor"), office.user("agent")
    assert supervisor.put(f"{CALL}/tags/complaint").status_code == 200
    assert supervisor.post(f"{CALL}/release").status_code == 200
    office.reindex()
    for asked in ({"tag": "complaint"}, {"q": "tag:complaint"}, {"q": "complaint"}):
        assert HEARD in [item["id"] for item in supervisor.get("/api/v1/calls", params=asked).json()["items"]]
        assert agent.get("/api/v1/calls", params=asked).json()["items"] == []
    asked = {"q": "-tag:complaint"}
    assert HEARD in [item["id"] for item in agent.get("/api/v1/calls", params=asked).json()["items"]]


def test_tags_within_reach_only(office: Office) -> None:
    office.user("compliance").put(f"/api/v1/calls/{MISSED}/tags/theirs")
    supervisor = office.user("supervisor")
    assert supervisor.put(f"/api/v1/calls/{MISSED}/tags/mine").status_code == 404
    assert supervisor.get("/api/v1/tags").json() == {"items": []}
    assert office.user("auditor").get("/api/v1/tags").json() == {"items": ["theirs"]}


@pytest.mark.parametrize(
    ("tag", "rule"), [("%20", "form"), ("a%07b", "form"), (f"from {CUSTOMER}", "number")]
)
def test_what_is_no_tag(reading: Office, tag: str, rule: str) -> None:
    answer = reading.known("compliance").put(f"{CALL}/tags/{tag}")
    assert (answer.status_code, answer.json()["code"]) == (422, "tag-refused")
    assert answer.json()["parameters"] == {"rule": rule}


def test_who_sees_tags_and_copies(office: Office) -> None:
    # Whatever else puts tags into the catalogue may know less of numbers.
    office.catalogue.tags.put(HEARD, f"from {CUSTOMER}", "import", NOON)
    seen = {user: office.user(user).get(CALL).json() for user in ("agent", "supervisor", "compliance")}
    assert {user: call["tags"] for user, call in seen.items()} == {
        "agent": [],
        "supervisor": ["from 138****8910"],
        "compliance": [f"from {CUSTOMER}"],
    }
    assert [seen[user]["keeping"] for user in ("agent", "supervisor")] == [None, None]
    (copy,) = seen["compliance"]["keeping"]["copies"]
    assert (copy["target"], copy["condition"], copy["blobs"], copy["checked"]) == ("local", "good", 3, None)
