"""The list of calls: keys, pages, addresses, queries that are wrong, new calls."""

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.e2e import centre
from tests.e2e.calls import tell
from tests.e2e.visitor import Visitor
from tests.qa_api.office import Office

pytestmark = pytest.mark.browser


def test_keys(visit: Callable[..., Visitor]) -> None:
    visitor = visit("supervisor")
    page = visitor.page
    visitor.shows_calls()
    ids = [row.get_attribute("data-call") for row in visitor.rows.all()]
    visitor.press("j", "j", "ArrowDown", "k")
    assert visitor.here == ids[1]
    visitor.press("Enter")
    page.wait_for_url(lambda url: url.endswith(f"/calls/{ids[1]}"))
    expect(page.get_by_role("button", name="Next call")).to_be_enabled()
    visitor.press("j")
    page.wait_for_url(lambda url: url.endswith(f"/calls/{ids[2]}"))
    visitor.press("Escape")
    visitor.shows_calls()
    visitor.until(lambda: visitor.here == ids[2])
    visitor.press("/")
    expect(page.get_by_role("textbox", name="Search")).to_be_focused()
    page.keyboard.type("jk")
    expect(page.get_by_role("textbox", name="Search")).to_have_value("jk")
    visitor.press("Escape", "?")
    expect(page.get_by_role("dialog")).to_contain_text("Next row")
    visitor.shot("keys")
    visitor.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_pages_forth_and_back(visit: Callable[..., Visitor]) -> None:
    visitor = visit("supervisor")
    page = visitor.page
    visitor.shows_calls()
    first = visitor.rows.first.get_attribute("data-call") or ""
    visitor.press("n")
    expect(page.locator(f"tr[data-call='{first}']")).to_have_count(0)
    visitor.shows_calls()
    second = visitor.rows.first.get_attribute("data-call") or ""
    visitor.press("p")
    expect(page.locator(f"tr[data-call='{first}']")).to_be_visible()
    page.go_back()
    expect(page.locator(f"tr[data-call='{second}']")).to_be_visible()
    page.reload()
    expect(page.locator(f"tr[data-call='{second}']")).to_be_visible()
    visitor.press("p")
    expect(page.locator(f"tr[data-call='{first}']")).to_be_visible()


def test_the_next_call_at_the_end_of_a_page_is_on_the_next_page(visit: Callable[..., Visitor]) -> None:
    visitor = visit("supervisor")
    page = visitor.page
    visitor.shows_calls()
    visitor.press("End", "Enter")
    expect(page.get_by_role("button", name="Next call")).to_be_enabled()
    last = page.url
    visitor.press("j")
    page.wait_for_url(lambda url: "cursor=" in url and url != last)
    expect(page.get_by_role("button", name="Previous call")).to_be_enabled()
    visitor.press("k")
    expect(page).to_have_url(last)
    visitor.press("j", "k", "k", "j")
    expect(page).to_have_url(last)
    expect(page.get_by_role("button", name="Next call")).to_be_enabled()


def test_filters_are_the_address(visit: Callable[..., Visitor]) -> None:
    visitor = visit("supervisor")
    page = visitor.page
    visitor.open("/calls?period=week&direction=outbound&min=10&state=answered&agent=8002")
    visitor.shows_calls()
    expect(visitor.rows.filter(has_not_text="Outbound")).to_have_count(0)
    expect(page.get_by_role("textbox", name="Shortest")).to_have_value("10s")
    expect(page.locator(".filter-time")).to_contain_text("Last 7 days")
    longest = page.get_by_role("textbox", name="Longest")
    longest.fill("1:30")
    longest.press("Enter")
    page.wait_for_url(lambda url: parse_qs(urlsplit(url).query).get("max") == ["90"])
    page.get_by_role("button", name="Clear filters").click()
    page.wait_for_url(lambda url: url.endswith("/calls"))
    page.go_back()
    expect(longest).to_have_value("1m30s")


def test_nothing_found(visit: Callable[..., Visitor]) -> None:
    visitor = visit("supervisor")
    visitor.open("/calls?q=nobodyhasthisname")
    expect(visitor.page.get_by_text("No calls match")).to_be_visible()
    visitor.shot("nothing-found")
    visitor.page.get_by_role("status").get_by_role("button", name="Clear filters").click()
    visitor.shows_calls()


def test_a_wrong_query_shows_where_and_what_was_meant(visit: Callable[..., Visitor]) -> None:
    visitor = visit("supervisor")
    page = visitor.page
    visitor.shows_calls()
    visitor.press("/")
    page.keyboard.type("agnt:8001 state:answered")
    visitor.press("Enter")
    fault = page.get_by_role("alert")
    expect(fault).to_contain_text("There is no field “agnt”")
    expect(fault.locator("mark")).to_have_text("agnt")
    visitor.shot("wrong-query")
    fault.get_by_role("button", name="agent:8001 state:answered").click()
    visitor.shows_calls()
    expect(fault).to_have_count(0)
    expect(visitor.rows.filter(has_not_text="8001 Li Wei")).to_have_count(0)


def test_chosen_columns_are_remembered(visit: Callable[..., Visitor]) -> None:
    visitor = visit("supervisor")
    page = visitor.page
    expect(page.get_by_role("columnheader", name="Codec")).to_be_visible()
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("checkbox", name="Codec").uncheck()
    page.get_by_role("checkbox", name="Waited").check()
    page.reload()
    expect(page.get_by_role("columnheader", name="Waited")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Codec")).to_have_count(0)


def test_new_calls_are_announced_and_do_not_jump(visit: Callable[..., Visitor], own_office: Office) -> None:
    visitor = visit(at=own_office)
    page = visitor.page
    page.clock.install()
    visitor.sign_in("supervisor")
    visitor.shows_calls()
    first = visitor.rows.first.get_attribute("data-call")
    for number in (9000, 9001):
        story = tell(number, datetime.now(UTC), centre.SECONDS, minutes_ago=0)
        own_office.catalogue.calls.add(story.call)
    centre.index(own_office.catalogue, own_office.folder / "index")
    page.clock.run_for(10_000)
    pill = page.get_by_role("button", name="2 new calls")
    expect(pill).to_be_visible()
    assert visitor.rows.first.get_attribute("data-call") == first
    visitor.shot("new-calls")
    pill.click()
    expect(pill).to_have_count(0)
    expect(visitor.rows.nth(2)).to_have_attribute("data-call", first or "")
