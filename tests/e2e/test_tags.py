"""Tags on the page of a call: put on, searched for, taken off."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from storage.criteria import Criteria
from storage.retention.holds import Holds
from tests.e2e import centre
from tests.e2e.visitor import Visitor
from tests.qa_api.office import Office

pytestmark = pytest.mark.browser


def test_a_tag_is_put_on_found_and_taken_off(visit: Callable[..., Visitor], own_office: Office) -> None:
    visitor = visit("supervisor", at=own_office)
    page = visitor.page
    visitor.shows_calls()
    visitor.rows.first.click()
    visitor.shows_player()
    visitor.press("t")
    expect(page.get_by_role("combobox", name="New tag")).to_be_focused()
    page.keyboard.type("13812348910")
    visitor.press("Enter")
    visitor.is_told("That is no tag")
    visitor.press("t")
    page.keyboard.type("for review")
    visitor.press("Enter")
    tag = page.get_by_role("link", name="for review")
    expect(tag).to_be_visible()
    visitor.shot("tags")
    centre.index(own_office.catalogue, own_office.folder / "index")
    tag.click()
    expect(visitor.rows).to_have_count(1)
    chosen = page.locator(".filter-tag")
    expect(chosen).to_contain_text("for review")
    page.get_by_role("button", name="Clear filters").click()
    expect(chosen).to_contain_text("Any tag")
    expect(visitor.rows.nth(1)).to_be_visible()
    page.get_by_role("combobox", name="Tag").click()
    page.keyboard.type("REV")
    expect(page.locator(".ant-select-item")).to_have_text(["for review"])
    visitor.press("Enter")
    expect(visitor.rows).to_have_count(1)
    visitor.shot("tag-filter")
    visitor.rows.first.click()
    page.get_by_role("button", name="Take off for review").click()
    expect(tag).to_have_count(0)
    assert own_office.catalogue.tags.all() == []


def test_a_tag_that_a_legal_hold_needs_says_why_it_stays(
    visit: Callable[..., Visitor], own_office: Office
) -> None:
    now = datetime.now(UTC)
    (call, *_) = own_office.catalogue.calls.page(limit=1)
    own_office.catalogue.tags.put(call.call.id, "complaint", "qa", now)
    met = Criteria(tags=("complaint",))
    Holds(own_office.catalogue).place("Case 4711", "Letter of the court", by="x", now=now, criteria=met)
    supervisor = visit("supervisor", at=own_office)
    supervisor.open(f"/calls/{call.call.id}")
    supervisor.page.get_by_role("button", name="Take off complaint").click()
    why = supervisor.page.get_by_role("region", name="Tags").get_by_role("alert")
    expect(why).to_contain_text("The tag complaint stays: by it this call is under legal hold")
    expect(why).to_contain_text("ask them if the tag is wrong")
    expect(why).not_to_contain_text("Case 4711")
    expect(supervisor.page.get_by_role("link", name="complaint")).to_be_visible()
    supervisor.shot("tag-held")
    why.get_by_role("button", name="Close").click()
    expect(why).to_have_count(0)

    officer = visit(at=own_office, language="zh-CN")
    officer.sign_in("compliance", path=f"/calls/{call.call.id}")
    officer.page.locator(".reason-text textarea").fill("核查客户投诉")
    officer.page.locator(".reason-text + button").click()
    officer.page.get_by_role("button", name="去掉 complaint").click()
    why = officer.page.get_by_role("region", name="标签").get_by_role("alert")
    expect(why).to_contain_text("标签 complaint 不能去掉：这通电话因此标签受法律保全")
    expect(why).to_contain_text("保全：Case 4711。须由两名合规人员在“合规”页面解除")
    officer.shot("tag-held-zh")
