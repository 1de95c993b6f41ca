"""The audit log on the page: who sees it, its pages, and whether its chain holds."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from storage.catalogue import AuditEntry
from tests.e2e.visitor import Visitor
from tests.qa_api.office import Office

pytestmark = pytest.mark.browser


def test_the_auditor_reads_the_log_and_verifies_it(visit: Callable[..., Visitor], own_office: Office) -> None:
    visit("supervisor", at=own_office).shows_calls()
    visitor = visit("auditor", at=own_office)
    page = visitor.page
    page.get_by_role("link", name="Audit log").click()
    expect(page.get_by_role("row").filter(has_text="supervisor").first).to_contain_text("Signed in")
    page.get_by_role("button", name="Verify the chain").click()
    expect(page.get_by_text("The chain is intact")).to_be_visible()
    visitor.shot("audit")
    _alter(own_office, 2)
    page.get_by_role("button", name="Verify the chain").click()
    expect(page.get_by_text("event 2 does not fit")).to_be_visible()
    visitor.shot("audit-altered")


def test_the_log_has_pages(visit: Callable[..., Visitor], own_office: Office) -> None:
    visitor = visit("auditor", at=own_office)
    page = visitor.page
    for number in range(60):
        entry = AuditEntry(at=datetime.now(UTC), actor=f"robot-{number}", action="robot.move")
        own_office.catalogue.audit.record(entry)
    page.get_by_role("link", name="Audit log").click()
    expect(page.get_by_text("robot-59")).to_be_visible()
    expect(page.get_by_role("button", name="Newer")).to_be_disabled()
    page.get_by_role("button", name="Older").click()
    expect(page.get_by_text("robot-0", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Older")).to_be_disabled()
    page.get_by_role("button", name="Newer").click()
    expect(page.get_by_text("robot-59")).to_be_visible()


def test_a_failing_log_says_so(visit: Callable[..., Visitor]) -> None:
    visitor = visit("compliance")
    page = visitor.page
    visitor.answers("**/api/v1/audit?*", lambda route: route.abort())
    page.get_by_role("link", name="Audit log").click()
    expect(page.get_by_text("The server cannot be reached")).to_be_visible()
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("columnheader", name="Reason")).to_be_visible()
    expect(page.get_by_role("button", name="Verify the chain")).to_have_count(0)


def test_a_supervisor_is_not_led_there(visit: Callable[..., Visitor]) -> None:
    visitor = visit("supervisor")
    visitor.shows_calls()
    expect(visitor.page.get_by_role("link", name="Audit log")).to_have_count(0)
    visitor.open("/audit")
    expect(visitor.page.get_by_role("heading", name="Audit log: not for your role")).to_be_visible()
    expect(visitor.page.get_by_text("Compliance officers and auditors read the audit log")).to_be_visible()


def _alter(office: Office, position: int) -> None:
    with closing(sqlite3.connect(office.folder / "catalogue.db")) as database:
        database.execute("UPDATE audit_events SET actor = 'somebody' WHERE position = ?", (position,))
        database.commit()
