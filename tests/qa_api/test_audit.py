from sqlalchemy import create_engine, text

from storage.catalogue import sqlite_url
from tests.qa_api.office import Office
from tests.qa_api.world import HEARD

AUDIT = "/api/v1/audit"


def test_the_newest_events_come_first_in_pages(office: Office) -> None:
    browser = office.user("compliance")
    for _ in range(5):
        office.user("agent")
    found: list[int] = []
    cursor = ""
    while cursor is not None:
        page = browser.get(AUDIT, params={"limit": 4, "cursor": cursor}).json()
        found += [event["id"] for event in page["items"]]
        cursor = page["next_cursor"]
    assert found == list(range(len(office.actions()), 0, -1))


def test_an_agent_reads_the_own_events_only(office: Office) -> None:
    agent = office.user("agent")
    office.user("supervisor")
    agent.get(f"/api/v1/calls/{HEARD}/audio")
    items = agent.get(AUDIT).json()["items"]
    assert {event["actor"] for event in items} == {"agent"}
    assert [event["action"] for event in items] == ["audit.read", "call.play", "session.begin"]
    assert items[1]["target"] == HEARD
    assert items[1]["target_kind"] == "call"
    assert agent.get(AUDIT, params={"actor": "supervisor"}).status_code == 403
    assert agent.get(AUDIT, params={"actor": "agent", "action": "call.play"}).json()["items"] == items[1:2]


def test_filters(office: Office) -> None:
    auditor = office.user("auditor")
    auditor.get(f"/api/v1/calls/{HEARD}")
    (event,) = auditor.get(AUDIT, params={"target": HEARD}).json()["items"]
    assert (event["action"], event["reason"]) == ("call.view", "Complaint 4711")
    assert auditor.get(AUDIT, params={"cursor": "x!"}).json()["code"] == "cursor"


def test_reading_and_verifying_leave_a_trail_once_for_all_pages(office: Office) -> None:
    auditor = office.user("auditor")
    for _ in range(3):
        auditor.get(AUDIT, params={"action": "call.view"})
    auditor.get(AUDIT)
    auditor.get(f"{AUDIT}/verify")
    events = office.catalogue.audit.page(limit=3)
    assert [event.action for event in events] == ["audit.verify", "audit.read", "audit.read"]
    assert [event.after for event in events] == [None, {}, {"action": "call.view"}]
    assert {(event.actor, event.reason) for event in events} == {("auditor", "Complaint 4711")}
    office.user("supervisor").get(AUDIT)
    assert office.actions()[-1] == "session.begin"


def test_verification_finds_what_was_changed(office: Office) -> None:
    auditor = office.user("auditor")
    before = auditor.get(f"{AUDIT}/verify").json()
    assert before == {"intact": True, "checked": len(office.actions()), "first_altered": None}
    engine = create_engine(sqlite_url(office.folder / "catalogue.db"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE audit_events SET actor = 'somebody' WHERE position = 3"))
    engine.dispose()
    after = auditor.get(f"{AUDIT}/verify").json()
    assert (after["intact"], after["first_altered"]) == (False, 3)
