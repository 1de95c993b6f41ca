"""Tags on the page of a call: put on, searched for, taken off."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

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
    expect(page.get_by_text("That is no tag")).to_be_visible()
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
    visitor.press("Enter")
    expect(visitor.rows).to_have_count(1)
    visitor.shot("tag-filter")
    visitor.rows.first.click()
    page.get_by_role("button", name="Take off for review").click()
    expect(tag).to_have_count(0)
    assert own_office.catalogue.tags.all() == []
