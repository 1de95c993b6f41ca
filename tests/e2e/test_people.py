"""Who may do what on the page: roles, reasons, sessions, languages, and a server out of reach."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.visitor import Visitor
from tests.qa_api.office import Office

pytestmark = pytest.mark.browser


def test_wrong_password_and_locked_out(visit: Callable[..., Visitor], own_office: Office) -> None:
    visitor = visit(at=own_office)
    page = visitor.page
    visitor.open("/calls")
    expect(page.get_by_role("textbox", name="User name")).to_be_focused()
    page.keyboard.type("supervisor")
    for attempt in range(6):
        page.locator("input[type=password]").fill(f"guess {attempt}")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_be_visible()
        page.wait_for_load_state("networkidle")
        if attempt == 0:
            expect(page.get_by_role("alert")).to_contain_text("User name or password is wrong")
            expect(page.locator("input[type=password]")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("Too many attempts. Locked until")
    visitor.shot("locked-out")


def test_the_language_switches_at_once_and_is_remembered(visit: Callable[..., Visitor]) -> None:
    visitor = visit("supervisor")
    page = visitor.page
    visitor.shows_calls()
    page.get_by_role("radio", name="中文").locator("..").click()
    expect(page.get_by_role("columnheader", name="被叫")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    visitor.shot("chinese")
    page.reload()
    expect(page.get_by_role("columnheader", name="被叫")).to_be_visible()
    visitor.rows.first.click()
    expect(page.get_by_role("heading", name="通话双方")).to_be_visible()
    visitor.shows_player()
    visitor.shot("chinese-call")


def test_the_language_of_the_browser_comes_first(visit: Callable[..., Visitor]) -> None:
    visitor = visit(language="zh-CN")
    visitor.open("/")
    expect(visitor.page.get_by_role("button", name="登录")).to_be_visible()


def test_compliance_says_why(visit: Callable[..., Visitor], own_office: Office) -> None:
    visitor = visit("compliance", at=own_office)
    page = visitor.page
    expect(page.get_by_role("heading", name="Why do you look at calls?")).to_be_visible()
    page.keyboard.type("abc")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("At least 5 characters")).to_be_visible()
    visitor.shot("reason")
    page.keyboard.type(" complaint 4711")
    page.get_by_role("button", name="Go on").click()
    visitor.shows_calls()
    expect(visitor.rows.filter(has_text="13812348910").first).to_be_visible()
    assert any(event.reason == "abc complaint 4711" for event in own_office.catalogue.audit.page(limit=50))


def test_admin_is_told_why_there_are_no_calls(visit: Callable[..., Visitor]) -> None:
    visitor = visit("admin")
    expect(visitor.page.get_by_role("heading", name="Your role does not include calls")).to_be_visible()
    expect(visitor.page.get_by_role("cell", name="all is well")).to_be_visible()
    visitor.shot("admin")


def test_who_does_not_see_a_page_is_told_who_does(visit: Callable[..., Visitor]) -> None:
    visitor = visit("admin")
    page = visitor.page
    visitor.open("/compliance")
    expect(page.get_by_role("heading", name="Compliance: not for your role")).to_be_visible()
    expect(page.get_by_text("Compliance officers propose and approve retention rules")).to_be_visible()
    visitor.shot("denied")
    page.get_by_role("main").get_by_role("link", name="Storage").click()
    expect(page.get_by_role("heading", name="Storage", exact=True)).to_be_visible()
    evaluator = visit("evaluator", language="zh-CN")
    for path, title in (("/storage", "存储"), ("/compliance", "合规"), ("/audit", "审计日志")):
        evaluator.open(path)
        expect(evaluator.page.get_by_role("heading", name=f"{title}：不属于您的角色")).to_be_visible()
    evaluator.page.get_by_role("main").get_by_role("link", name="通话").click()
    evaluator.shows_calls()


def test_a_supervisor_releases_and_the_agent_hears(visit: Callable[..., Visitor], own_office: Office) -> None:
    agent = visit("agent", at=own_office)
    expect(agent.page.get_by_text("once your supervisor has released them")).to_be_visible()
    supervisor = visit("supervisor", at=own_office)
    page = supervisor.page
    supervisor.open("/calls?agent=8001&state=answered")
    supervisor.rows.first.click()
    page.get_by_role("button", name="Release to the agent").click()
    page.get_by_role("tooltip").get_by_role("button", name="Release to the agent").click()
    expect(page.locator(".released")).to_be_visible()
    supervisor.shot("released")
    call = page.url.rsplit("/", 1)[-1].split("?")[0]
    agent.open(f"/calls/{call}")
    agent.shows_player()
    expect(agent.page.get_by_role("button", name="Download")).to_have_count(0)


def test_an_ended_session_leads_back_to_where_one_was(visit: Callable[..., Visitor]) -> None:
    visitor = visit("supervisor")
    page = visitor.page
    visitor.open("/calls?agent=8003")
    visitor.shows_calls()
    page.context.clear_cookies()
    visitor.press("r")
    expect(page.get_by_text("Your session has ended")).to_be_visible()
    visitor.shot("session-ended")
    visitor.sign_in("supervisor")
    visitor.shows_calls()
    assert page.url.endswith("/calls?agent=8003")
    expect(visitor.rows.filter(has_not_text="8003 Anna Schmidt")).to_have_count(0)


def test_a_server_out_of_reach(visit: Callable[..., Visitor]) -> None:
    visitor = visit("supervisor")
    page = visitor.page
    visitor.shows_calls()
    visitor.answers("**/api/**", lambda route: route.abort())
    visitor.press("n")
    expect(page.get_by_text("The server cannot be reached")).to_be_visible()
    visitor.shot("unreachable")
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    visitor.shows_calls()


def test_no_such_page_and_no_such_call(visit: Callable[..., Visitor]) -> None:
    visitor = visit("supervisor")
    visitor.open("/nowhere")
    expect(visitor.page.get_by_text("There is no such page")).to_be_visible()
    visitor.open("/calls/none")
    expect(visitor.page.get_by_text("There is no such call, or it is not within your reach")).to_be_visible()


# Every control that can be operated, without a name that a screen reader could say.
NAMELESS = """() => {
  const controls = "button, a[href], input, [role=combobox], [role=slider], [role=switch]";
  const named = (element) =>
    element.getAttribute("aria-label") || element.getAttribute("aria-labelledby") ||
    element.textContent.trim() || element.labels?.length || element.querySelector("[aria-label]");
  return [...document.querySelectorAll(controls)]
    .filter((element) => element.checkVisibility() && element.type !== "hidden" && !named(element))
    .map((element) => element.outerHTML.slice(0, 200));
}"""


@pytest.mark.parametrize("path", ["/calls", "/calls?state=answered&open"])
def test_every_control_has_a_name(visit: Callable[..., Visitor], path: str) -> None:
    visitor = visit("supervisor")
    visitor.open(path)
    visitor.shows_calls()
    if path.endswith("open"):
        visitor.rows.first.click()
        visitor.shows_player()
    assert visitor.page.evaluate(NAMELESS) == []
