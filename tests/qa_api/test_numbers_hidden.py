"""Whole numbers are for those who may see them: nowhere in anything that others get."""

import json

import pytest

from tests.qa_api.keeping import keeping
from tests.qa_api.office import Office
from tests.qa_api.world import CUSTOMER, HEARD, LANDLINE, UNRELEASED, WHOLE

MASKED_ROLES = ("agent", "evaluator", "supervisor", "auditor", "admin")
PATHS = (
    "/api/v1/calls?limit=200",
    f"/api/v1/calls?number={CUSTOMER}",
    f"/api/v1/calls?q={CUSTOMER}%20name:%22{CUSTOMER}",
    f"/api/v1/calls?q=duration:{CUSTOMER}x",
    f"/api/v1/calls?cursor={CUSTOMER}",
    f"/api/v1/calls?after={CUSTOMER}x",
    f"/api/v1/calls/{CUSTOMER}",
    f"/api/v1/calls/{HEARD}",
    f"/api/v1/calls/{UNRELEASED}",
    f"/api/v1/calls/{HEARD}/peaks",
    f"/api/v1/calls/{HEARD}/download",
    f"/api/v1/calls/{UNRELEASED}/download?format=wav",
    "/api/v1/agents",
    "/api/v1/audit?limit=200",
    "/api/v1/tags",
    "/api/v1/teams",
    "/api/v1/retention/rules",
    "/api/v1/retention/preview?proposed=true",
    "/api/v1/holds",
    "/api/v1/erasures",
    "/api/v1/storage/targets",
    "/api/v1/storage/plan",
    "/api/v1/storage/runs",
    "/api/v1/session",
    "/api/v1/system",
    "/healthz",
    "/metrics",
)


@pytest.mark.parametrize("user", MASKED_ROLES)
def test_no_answer_and_no_log_line_has_a_whole_number(office: Office, user: str) -> None:
    keeping(office.catalogue)
    office.user("compliance").get("/api/v1/calls", params={"number": CUSTOMER})
    browser = office.user(user)
    for path in PATHS:
        answer = browser.get(path)
        assert answer.status_code < 500, path
        seen = json.dumps(answer.text, ensure_ascii=False) + str(answer.headers)
        for number in WHOLE:
            assert number not in seen, (path, number)
    log = office.whole_log()
    for number in WHOLE:
        assert number not in log
    for line in log.splitlines():
        assert json.loads(line)["event"]


def test_what_is_shown_instead(reading: Office) -> None:
    detail = reading.known("supervisor").get(f"/api/v1/calls/{HEARD}").json()
    assert (detail["from"], detail["to"]) == ("138****8910", "8001")
    assert detail["agent"] == {"extension": "8001", "name": "Li Wei"}
    leg, party = detail["legs"][0], detail["parties"][0]
    assert leg["from"] == "sip:138****8910@pbx.example"
    assert leg["from_name"] == "Mr 138****8910"
    assert leg["call_id"] == "…@10.0.0.1"
    assert leg["source"] == "10.0.0.1:5060"
    assert (party["name"], party["number"]) == ("138****8910 (home)", "138****8910")
    assert detail["dtmf"] == "•" * 16
    assert detail["events"][0]["detail"] == {"digit": "•"}
    assert detail["events"][-1]["detail"] == {"digits": "•" * 16}
    assert detail["events"][-2]["detail"] == {"to": "021****8888", "by": ["tel:138****8910", 8001]}


def test_a_grant_shows_whole_numbers_and_leaves_a_trail(office: Office) -> None:
    browser = office.user("granted")
    assert browser.get(f"/api/v1/calls/{HEARD}").json()["from"] == CUSTOMER
    browser.get("/api/v1/calls", params={"number": CUSTOMER})
    browser.get("/api/v1/calls", params={"number": CUSTOMER})
    assert office.actions()[-3:] == ["session.begin", "call.view", "call.search"]
    event = office.catalogue.audit.page(action="call.search")[0]
    assert event.after == {"query": f"number:{CUSTOMER}"}


@pytest.mark.parametrize("disposition", ["opus", "wav"])
def test_file_names_are_masked_even_for_compliance(reading: Office, disposition: str) -> None:
    answer = reading.known("compliance").get(
        f"/api/v1/calls/{HEARD}/download", params={"format": disposition}
    )
    name = f'attachment; filename="call-20261121T120000Z-138xxxx8910-8001.{disposition}"'
    assert answer.headers["content-disposition"] == name


@pytest.mark.parametrize(
    "parameters",
    [
        {"number": "1381*"},
        {"number": "*38910"},
        {"number": "138*1*8910"},
        {"number": "*1234*"},
        {"q": "from:1381*"},
        {"q": "-(agent:8001 OR to:1398*)"},
        {"q": "name:1381*"},
        {"q": "dtmf:41"},
    ],
)
def test_hidden_digits_cannot_be_found_one_by_one(reading: Office, parameters: dict[str, str]) -> None:
    answer = reading.known("supervisor").get("/api/v1/calls", params=parameters)
    assert (answer.status_code, answer.json()["code"]) == (422, "number-hidden")
    assert reading.known("compliance").get("/api/v1/calls", params=parameters).status_code == 200


def test_whole_numbers_cannot_be_tried_out(office: Office) -> None:
    browser = office.user("supervisor")
    for guess in range(60):
        answer = browser.get("/api/v1/calls", params={"number": f"138{guess:04}8910"})
        assert answer.status_code == 200
    assert browser.get("/api/v1/calls", params={"number": "13800008910"}).status_code == 200
    refused = browser.get("/api/v1/calls", params={"number": CUSTOMER})
    assert (refused.status_code, refused.json()["code"]) == (429, "locked-out")
    assert browser.get("/api/v1/calls", params={"number": "8001"}).status_code == 200
    assert office.user("compliance").get("/api/v1/calls", params={"number": LANDLINE}).status_code == 200
    office.clock.advance(minutes=29)
    browser.get("/api/v1/session")
    office.clock.advance(minutes=29)
    browser.get("/api/v1/session")
    office.clock.advance(minutes=2)
    assert browser.get("/api/v1/calls", params={"number": CUSTOMER}).status_code == 200
