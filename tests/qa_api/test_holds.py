"""Legal holds and erasures through the API."""

from tests.qa_api.office import Office
from tests.qa_api.world import HEARD, MISSED, UNRELEASED

HOLDS, ERASURES = "/api/v1/holds", "/api/v1/erasures"


def test_a_hold_is_placed_by_one_and_released_by_two(office: Office) -> None:
    first, second = office.user("compliance"), office.user("officer")
    given = {"name": "Case 9", "reason": "Letter of the court", "calls": [HEARD]}
    hold = first.post(HOLDS, json=given).json()
    assert (hold["state"], hold["named"], hold["criteria"]) == ("in-force", 1, None)
    path = f"{HOLDS}/{hold['id']}"
    assert second.post(f"{path}/calls", json={"calls": [MISSED]}).json()["named"] == 2
    page = first.get(f"{path}/calls", params={"limit": 1}).json()
    assert page["items"] == [HEARD]
    rest = first.get(f"{path}/calls", params={"limit": 1, "cursor": page["next_cursor"]}).json()
    assert rest == {"items": [MISSED], "next_cursor": None}
    keeping = first.get(f"/api/v1/calls/{HEARD}").json()["keeping"]
    assert keeping["holds"] == [{"id": hold["id"], "name": "Case 9"}]
    asked = first.post(f"{path}/ask-release", json={"reason": "The case is closed"}).json()
    assert (asked["state"], asked["release_asked_by"]) == ("release-asked", "compliance")
    assert first.post(f"{path}/release").json()["code"] == "second-person"
    assert second.post(f"{path}/release").json()["state"] == "released"
    assert first.get(f"/api/v1/calls/{HEARD}").json()["keeping"]["holds"] == []
    assert [item["id"] for item in second.get(HOLDS).json()["items"]] == [hold["id"]]
    reasons = {event.action: event.reason for event in office.catalogue.audit.page()}
    assert reasons["hold.place"] == "Letter of the court"
    assert reasons["hold.ask-release"] == "The case is closed"
    assert "hold.release.refused" in reasons


def test_a_hold_of_nothing_and_of_calls_that_are_not_there(reading: Office) -> None:
    compliance = reading.known("compliance")
    given = {"name": "Case 9", "reason": "Letter of the court"}
    for reason in ("why  ", "x" * 2001):
        short = given | {"reason": reason, "calls": [HEARD]}
        assert compliance.post(HOLDS, json=short).json()["code"] == "validation"
    assert compliance.post(HOLDS, json=given).json()["code"] == "rule-refused"
    slip = compliance.post(HOLDS, json=given | {"criteria": {"teams": ["Slaes"]}})
    assert (slip.status_code, slip.json()["code"]) == (422, "rule-refused")
    assert slip.json()["detail"].startswith("There is no team Slaes.")
    answer = compliance.post(HOLDS, json=given | {"calls": ["no-such-call"]})
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


def test_an_erasure_takes_two_people_and_no_hold(office: Office) -> None:
    first, second = office.user("compliance"), office.user("officer")
    given = {"reason": "The customer asks", "calls": [HEARD, UNRELEASED]}
    hold = first.post(HOLDS, json=given | {"name": "Case 9", "calls": [HEARD]}).json()["id"]
    held = first.post(ERASURES, json=given)
    assert (held.status_code, held.json()["code"]) == (409, "under-hold")
    assert held.json()["parameters"] == {"calls": [HEARD], "holds": ["Case 9"]}
    first.post(f"{HOLDS}/{hold}/ask-release", json={"reason": "The case is closed"})
    second.post(f"{HOLDS}/{hold}/release")
    erasure = first.post(ERASURES, json=given).json()
    path = f"{ERASURES}/{erasure['id']}/decide"
    assert first.post(path, json={"approve": True}).status_code == 403
    assert second.post(path, json={"approve": True}).json()["state"] == "approved"
    assert second.post(path, json={"approve": False}).status_code == 409
    office.clock.advance(minutes=1)
    withdrawn = first.post(ERASURES, json=given).json()
    assert first.post(f"{ERASURES}/{withdrawn['id']}/decide", json={"approve": False}).status_code == 200
    page = second.get(ERASURES, params={"limit": 1}).json()
    assert [item["state"] for item in page["items"]] == ["refused"]
    rest = second.get(ERASURES, params={"limit": 1, "cursor": page["next_cursor"]}).json()
    assert [item["state"] for item in rest["items"]] == ["approved"]
    assert rest["next_cursor"] is None
    assert office.actions().count("erasure.approve") == 2
