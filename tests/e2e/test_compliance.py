"""Retention rules, legal holds and erasures on the page: asked for by one person, agreed to by another."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from storage.retention.holds import Holds
from tests.e2e.calls import call_id
from tests.e2e.visitor import Visitor
from tests.qa_api.office import Office
from tests.qa_api.world import NOON

pytestmark = pytest.mark.browser


def _come(visit: Callable[..., Visitor], office: Office, user: str, language: str = "en-GB") -> Visitor:
    """A user on the page; why is not asked before calls are looked at."""
    visitor = visit(user, at=office, language=language)
    visitor.open("/compliance")
    expect(visitor.page.locator(".compliance")).to_be_visible()
    # What one list is read into moves those below it, also between the two halves of a click.
    expect(visitor.page.locator(".compliance .ant-skeleton")).to_have_count(0)
    return visitor


def _say_why(visitor: Visitor) -> None:
    visitor.page.locator(".reason-text textarea").fill("Review of November")
    visitor.page.locator(".reason-text + button").click()


def _begins(page: Page, name: str) -> Locator:
    """The first field of the dialog that opens, once it has the focus: till then others lose theirs to it."""
    field = page.get_by_role("dialog").get_by_role("textbox", name=name)
    expect(field).to_be_focused()
    return field


def _confirm(visitor: Visitor, button: Locator, name: str) -> None:
    # By keyboard: what is read anew meanwhile may move the page between the two halves of a click.
    button.press("Enter")
    visitor.page.get_by_role("tooltip").get_by_role("button", name=name, exact=True).press("Enter")


def test_a_rule_takes_two_people_and_shows_what_would_go(
    visit: Callable[..., Visitor], own_office: Office
) -> None:
    first = _come(visit, own_office, "compliance")
    page = first.page
    expect(page.get_by_text("No rules: every call is kept.")).to_be_visible()
    first.shot("compliance-empty")
    first.press("u")
    _begins(page, "Name").fill("Missed calls")
    page.get_by_role("spinbutton", name="Keep for days").fill("1")
    page.get_by_role("combobox", name="Outcome").click()
    page.locator(".ant-select-item", has_text="Missed").click()
    first.press("Escape")
    first.shot("compliance-propose")
    page.get_by_role("textbox", name="Name").press("Enter")
    row = page.get_by_role("row").filter(has_text="Missed calls")
    expect(row).to_contain_text("Outcome Missed")
    expect(row.get_by_role("button", name="Approve")).to_be_disabled()

    second = _come(visit, own_office, "officer")
    page = second.page
    page.get_by_role("checkbox", name="With the proposed rules").check()
    page.get_by_role("button", name="Show what would go").click()
    second.shot("compliance-why")
    _say_why(second)
    expect(page.get_by_text("calls would go")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="Missed calls").filter(has_text="Outcome")
    row.focus()
    second.press("s")
    approve = page.get_by_role("tooltip").get_by_role("button", name="Approve", exact=True)
    expect(approve).to_be_focused()
    second.press("Enter")
    expect(row).to_contain_text("In force")
    row.get_by_role("button", name="Ask to retire").click()
    expect(page.get_by_text("It stays in force until a second person retires it.")).to_be_visible()
    second.shot("compliance-rules")
    assert "retention.approve" in own_office.actions()


def test_a_held_call_is_not_erased(visit: Callable[..., Visitor], own_office: Office) -> None:
    visitor = visit("compliance", at=own_office)
    page = visitor.page
    visitor.open(f"/calls/{call_id(0)}")
    _say_why(visitor)
    page.get_by_role("link", name="Place a hold").click()
    _begins(page, "Name").fill("Case 4711")
    page.get_by_role("textbox", name="Reason").fill("Letter of the court")
    page.get_by_role("dialog").get_by_role("button", name="Place a hold").click()
    row = page.get_by_role("row").filter(has_text="Case 4711")
    expect(row).to_contain_text("In force")
    row.get_by_role("button", name="1 call").click()
    expect(row.get_by_role("link")).to_be_visible()
    visitor.press("e")
    _begins(page, "Calls").fill(f"{own_office.url}/calls/{call_id(0)}")
    page.get_by_role("textbox", name="Reason").fill("The customer asks")
    page.get_by_role("dialog").get_by_role("button", name="Ask for an erasure").click()
    expect(page.get_by_text("A legal hold keeps these calls: Case 4711")).to_be_visible()
    visitor.shot("compliance-held")
    page.get_by_role("textbox", name="Calls").fill(call_id(3))
    page.get_by_role("dialog").get_by_role("button", name="Ask for an erasure").click()
    expect(page.get_by_text("Waits for approval")).to_be_visible()
    row.get_by_role("button", name="Ask for release").click()
    _begins(page, "Reason").fill("The case is closed")
    page.get_by_role("dialog").get_by_role("button", name="Ask for release").click()
    expect(row).to_contain_text("to be released")
    visitor.open(f"/calls/{call_id(0)}")
    expect(page.get_by_text("Under legal hold: Case 4711")).to_be_visible()
    page.get_by_role("heading", name="Kept").scroll_into_view_if_needed()
    visitor.shot("call-kept")

    second = _come(visit, own_office, "officer", language="zh-CN")
    second.shot("compliance-chinese")
    erasure = second.page.get_by_role("row").filter(has_text="The customer asks")
    _confirm(second, erasure.get_by_role("button", name="批准"), "批准")
    expect(erasure).to_contain_text("已批准")
    hold = second.page.get_by_role("row").filter(has_text="Case 4711")
    _confirm(second, hold.get_by_role("button", name="解除", exact=True), "解除")
    expect(hold).to_have_count(0)
    second.page.get_by_role("heading", name="合规").click()
    second.press("o")
    expect(second.page.get_by_role("checkbox", name="显示已结束的")).to_be_checked()
    expect(hold).to_contain_text("已解除")


def test_the_auditor_looks_and_changes_nothing(visit: Callable[..., Visitor], own_office: Office) -> None:
    visitor = _come(visit, own_office, "auditor")
    page = visitor.page
    expect(page.get_by_text("No holds.")).to_be_visible()
    expect(page.get_by_role("button", name="Place a hold")).to_have_count(0)
    visitor.answers("**/api/v1/holds", lambda route: route.abort())
    visitor.press("r")
    expect(page.get_by_text("The server cannot be reached")).to_be_visible()
    visitor.shot("compliance-failing")
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("No holds.")).to_be_visible()


def test_a_list_of_hundreds_is_drawn_piece_by_piece_and_searched(
    visit: Callable[..., Visitor], own_office: Office
) -> None:
    holds = Holds(own_office.catalogue)
    for number in range(120):
        names, now = (call_id(3),), NOON + timedelta(minutes=number)
        holds.place(f"Case {number}", f"Court order {number}", by="officer", now=now, call_ids=names)
    visitor = _come(visit, own_office, "compliance")
    page = visitor.page
    rows = page.get_by_role("row").filter(has_text="Court order")
    expect(page.get_by_text("50 of 120")).to_be_visible()
    expect(rows).to_have_count(50)
    page.get_by_role("button", name="Show more").click()
    expect(rows).to_have_count(100)
    find = page.get_by_role("searchbox", name="Legal holds: Find")
    find.fill("order 117")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Case 117")
    visitor.shot("compliance-found")
    find.fill("nothing like that")
    expect(rows).to_have_count(0)
    expect(page.get_by_text("0 of 0")).to_be_visible()


def test_calls_are_added_to_a_hold(visit: Callable[..., Visitor], own_office: Office) -> None:
    holds = Holds(own_office.catalogue)
    hold = holds.place("Case 12", "Court order 12", by="officer", now=NOON, call_ids=[call_id(3)])
    visitor = _come(visit, own_office, "compliance")
    page = visitor.page
    row = page.get_by_role("row").filter(has_text="Case 12")
    row.get_by_role("button", name="Add calls").click()
    calls = _begins(page, "Calls")
    calls.fill("no-such-call")
    page.get_by_role("dialog").get_by_role("button", name="Add calls").click()
    expect(page.get_by_text("The catalogue has no call no-such-call.")).to_be_visible()
    calls.fill(f"{own_office.url}/calls/{call_id(0)}\n{call_id(3)}")
    page.get_by_role("dialog").get_by_role("button", name="Add calls").press("Enter")
    expect(row).to_contain_text("2 calls")
    assert holds.get(hold.id).named == 2
    assert "hold.add" in own_office.actions()
