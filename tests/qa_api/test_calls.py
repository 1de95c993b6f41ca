import pytest

from tests.qa_api.office import Office
from tests.qa_api.world import CUSTOMER, HEARD, MISSED, UNRELEASED

CALLS = "/api/v1/calls"


def ids(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


def test_the_list_shows_the_newest_call_first_with_everything_a_row_needs(reading: Office) -> None:
    answer = reading.known("compliance").get(CALLS, params={"limit": 3})
    assert ids(answer) == [HEARD, UNRELEASED, MISSED]
    first = answer.json()["items"][0]
    assert first == {
        "id": HEARD,
        "start": "2026-11-21T12:00:00.000Z",
        "answered": "2026-11-21T12:00:01.000Z",
        "end": "2026-11-21T12:00:04.000Z",
        "duration": 4.0,
        "direction": "inbound",
        "from": CUSTOMER,
        "to": "8001",
        "agent": {"extension": "8001", "name": "Li Wei"},
        "state": "answered",
        "codecs": ["PCMU"],
        "has_recording": True,
        "unrecorded_seconds": 0.0,
        "released": True,
        "tags": [],
        "parties": [
            {"side": "A", "name": f"{CUSTOMER} (home)", "number": CUSTOMER, "codec": "PCMU"},
            {"side": "B", "name": "8001 (home)", "number": "8001", "codec": "PCMU"},
        ],
    }
    assert answer.json()["total"] == {"value": 33, "capped": False}


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ("agent", {HEARD}),
        ("evaluator", {HEARD, UNRELEASED}),
        ("supervisor", {HEARD, UNRELEASED}),
        ("compliance", {HEARD, UNRELEASED, MISSED}),
        ("auditor", {HEARD, UNRELEASED, MISSED}),
    ],
)
def test_everybody_reaches_what_the_role_allows(reading: Office, user: str, expected: set[str]) -> None:
    browser = reading.known(user)
    listed = set(ids(browser.get(CALLS, params={"limit": 200})))
    assert listed & {HEARD, UNRELEASED, MISSED} == expected
    for call in (HEARD, UNRELEASED, MISSED):
        answer = browser.get(f"{CALLS}/{call}")
        assert answer.status_code == (200 if call in expected else 404)
        if call not in expected:
            assert answer.json() == browser.get(f"{CALLS}/no-such-call").json()


def test_pages_follow_each_other_without_gap_or_repetition(reading: Office) -> None:
    browser = reading.known("supervisor")
    whole = ids(browser.get(CALLS, params={"limit": 200}))
    found: list[str] = []
    cursor = ""
    while cursor is not None:
        answer = browser.get(CALLS, params={"limit": 7, "cursor": cursor})
        found += ids(answer)
        cursor = answer.json()["next_cursor"]
    assert found == whole
    assert len(whole) == 32


@pytest.mark.parametrize("cursor", ["x", "AAAA", "MTIz", "ü", "LS01LmE", "OTk5OTk5OTk5OTk5OTk5OTk5OTkuYQ"])
def test_a_cursor_that_is_none_of_ours_is_refused(reading: Office, cursor: str) -> None:
    answer = reading.known("supervisor").get(CALLS, params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "cursor")


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"agent": "8002"}, {UNRELEASED}),
        ({"number": "*4321"}, {UNRELEASED}),
        ({"number": "138****8910", "min_duration": 3}, {HEARD}),
        ({"number": CUSTOMER, "state": "answered"}, {HEARD}),
        ({"direction": "outbound"}, {UNRELEASED}),
        ({"state": "answered", "max_duration": 5, "min_duration": 4}, {HEARD, UNRELEASED}),
        ({"after": "2026-11-21T12:00:00Z"}, {HEARD}),
        ({"after": "2026-11-21T20:00:00+08:00"}, {HEARD}),
        ({"after": "2026-11-21T11:59:00Z", "before": "2026-11-21T12:00:00Z"}, {UNRELEASED}),
        ({"q": "agent:8001 duration:>3s"}, {HEARD}),
        ({"q": "after:2026-11-21T20:00", "zone": "Asia/Shanghai"}, {HEARD}),
        ({"q": "agent:8001", "direction": "outbound"}, set()),
    ],
)
def test_filters_and_query_text_are_combined(reading: Office, parameters: dict, expected: set[str]) -> None:
    assert set(ids(reading.known("supervisor").get(CALLS, params=parameters))) == expected


def test_a_query_that_cannot_be_read_says_where(reading: Office) -> None:
    answer = reading.known("supervisor").get(CALLS, params={"q": "duration:>5m agnt:8001"})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "query-syntax")
    parameters = problem["parameters"]
    assert (parameters["reason"], parameters["source"]) == ("unknown_field", "q")
    assert (parameters["position"], parameters["length"], parameters["suggestion"]) == (13, 4, "agent")


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"number": "***"}, "query-syntax"),
        ({"zone": "Mars/Olympus"}, "query-syntax"),
        ({"zone": "../../etc/passwd"}, "query-syntax"),
        ({"limit": 201}, "validation"),
        ({"limit": 0}, "validation"),
        ({"after": "yesterday"}, "validation"),
        ({"direction": "sideways"}, "validation"),
        ({"unknown": "1"}, "validation"),
    ],
)
def test_wrong_parameters_are_said_to_be_wrong(reading: Office, parameters: dict, code: str) -> None:
    answer = reading.known("supervisor").get(CALLS, params=parameters)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


@pytest.mark.parametrize("number", ["138 1234 8910", "0138-1234-8910", "+86 13812348910", "008613812348910"])
@pytest.mark.parametrize("user", ["compliance", "supervisor"])
def test_a_whole_number_is_found_in_every_writing(reading: Office, user: str, number: str) -> None:
    browser = reading.known(user)
    assert HEARD in ids(browser.get(CALLS, params={"number": number, "limit": 200}))
    assert HEARD in ids(browser.get(CALLS, params={"q": f'from:"{number}"', "limit": 200}))


def test_the_international_form_is_for_those_who_see_whole_numbers(reading: Office) -> None:
    shown = reading.known("compliance").get(f"{CALLS}/{HEARD}").json()
    assert (shown["from_e164"], shown["to_e164"]) == (f"+86{CUSTOMER}", "")
    assert shown["legs"][0]["from_e164"] == f"+86{CUSTOMER}"
    hidden = reading.known("supervisor").get(f"{CALLS}/{HEARD}").json()
    assert (hidden["from_e164"], hidden["legs"][0]["from_e164"]) == ("", "")


def test_the_detail_has_legs_parties_events_gaps_and_measures(reading: Office) -> None:
    detail = reading.known("compliance").get(f"{CALLS}/{HEARD}").json()
    assert detail["legs"][0]["from"] == f"sip:{CUSTOMER}@pbx.example"
    assert detail["parties"][0]["packets"]["lost"] == 1
    assert detail["gaps"] == [{"side": "A", "start": 0.5, "seconds": 0.1, "cause": "lost"}]
    assert detail["measures"]["talk_a"] == 2.0
    assert detail["events"][0]["detail"] == {"digit": "4"}
    assert detail["recording"]["channels"] == 2
    assert "path" not in detail["recording"]


@pytest.mark.parametrize(
    ("user", "reached"),
    [("agent", []), ("supervisor", [UNRELEASED]), ("compliance", [UNRELEASED, MISSED])],
)
def test_related_calls_are_shown_as_far_as_the_viewer_may_open_them(
    reading: Office, user: str, reached: list[str]
) -> None:
    related = reading.known(user).get(f"{CALLS}/{HEARD}").json()["related"]
    assert [one["call"] for one in related] == reached
    assert {one["relation"] for one in related} <= {"consultation"}


def test_compliance_says_why_before_anything_is_shown_and_again_when_it_has_lapsed(office: Office) -> None:
    browser = office.user("compliance", reason=False)
    for path in (CALLS, f"{CALLS}/{HEARD}", f"{CALLS}/{HEARD}/audio", f"{CALLS}/{HEARD}/peaks"):
        answer = browser.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "reason-required"), path
    assert browser.put("/api/v1/session/reason", json={"reason": "    x    "}).status_code == 422
    stated = browser.put("/api/v1/session/reason", json={"reason": "Complaint 4711"}).json()
    assert stated["reason"] == {
        "required": True,
        "text": "Complaint 4711",
        "until": "2026-11-21T13:05:00.000Z",
    }
    assert browser.get(CALLS).status_code == 200
    office.clock.advance(minutes=29)
    browser.get(CALLS)
    office.clock.advance(minutes=29)
    assert browser.get(CALLS).status_code == 200
    office.clock.advance(minutes=2)
    assert browser.get(CALLS).json()["code"] == "reason-required"
    assert office.catalogue.audit.page(action="call.search")[0].reason == "Complaint 4711"


def test_a_supervisor_releases_a_call_to_its_agent(office: Office) -> None:
    supervisor = office.user("supervisor")
    assert supervisor.post(f"{CALLS}/{MISSED}/release").status_code == 404
    for _ in range(2):
        answer = supervisor.post(f"{CALLS}/{UNRELEASED}/release")
        assert (answer.status_code, answer.json()["released"]) == (200, True)
    events = office.catalogue.audit.page(action="call.release")
    assert [(event.actor, event.object_id) for event in events] == [("supervisor", UNRELEASED)]
    assert office.user("evaluator").post(f"{CALLS}/{UNRELEASED}/release").status_code == 403


def test_what_the_index_still_has_and_the_catalogue_does_not_is_left_out(office: Office) -> None:
    office.catalogue.calls.delete(UNRELEASED)
    assert UNRELEASED not in ids(office.user("supervisor").get(CALLS))


def test_agents_are_those_within_reach(reading: Office) -> None:
    def extensions(user: str) -> list[str]:
        return [row["extension"] for row in reading.known(user).get("/api/v1/agents").json()["items"]]

    assert extensions("agent") == ["8001"]
    assert extensions("supervisor") == ["8001", "8002"]
    assert extensions("auditor") == ["8001", "8002", "8101"]
    rows = reading.known("supervisor").get("/api/v1/agents").json()["items"]
    assert rows[0] == {"extension": "8001", "name": "Li Wei", "team": "Sales"}
