"""Archive targets on the page: how they are, work that is begun, watched and stopped, and its reports."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import FloatRect, Locator, expect

from storage.catalogue import Condition, RunKind, RunState
from storage.catalogue.copy_tasks import NewTask
from tests.e2e.calls import call_id
from tests.e2e.visitor import Visitor
from tests.qa_api.office import Office

pytestmark = pytest.mark.browser
REFUSED = (
    "The SSH server nas.example:22 cannot be reached: Connection refused. Check that it is running, and the "
    "network and firewalls on the way."
)


def _at_work(office: Office) -> str:
    """A target with a backlog, and runs in several states; the id of the one that works."""
    now = datetime.now(UTC)
    catalogue = office.catalogue
    catalogue.target_states.looked("local", Condition.UP, now, free=90_000_000_000, total=1_000_000_000_000)
    catalogue.target_states.looked("nas", Condition.UP, now, free=3_100_000_000_000, total=4_000_000_000_000)
    catalogue.target_states.looked("nas", Condition.DOWN, now, REFUSED)
    catalogue.target_states.measured("nas", 8_400_000, now)
    catalogue.target_states.planned("nas", now + timedelta(hours=9), now)
    tasks = [NewTask(call_id(number), 40_000, now) for number in range(12)]
    catalogue.copy_tasks.ask("nas", tasks, now - timedelta(hours=2))
    verified = catalogue.runs.begin(RunKind.VERIFY, "nas", now - timedelta(hours=3), total=130)
    catalogue.runs.progress(verified.id, now - timedelta(hours=3), 130, 5_200_000)
    finding = {"code": "bytes", "file": f"2026/11/21/{call_id(7)}.opus", "seconds": [[15.0, 18.5]]}
    altered = {"call": call_id(7), "target": "nas", "state": "altered", "findings": [finding]}
    chain = {"chain": "5f3a", "state": "intact", "last": 130, "missing": []}
    report = {"intact": 129, "altered": 1, "unknown": 0, "calls": [altered], "chains": [chain]}
    catalogue.runs.end(verified.id, RunState.DONE, now - timedelta(hours=2), "129 intact, 1 altered.", report)
    run = catalogue.runs.begin(RunKind.BACKUP, "nas", now - timedelta(minutes=4), total=130)
    catalogue.runs.progress(run.id, now, 61, 2_440_000)
    return run.id


def test_what_is_good_again_is_no_alarm_and_keys_that_were_not_wrapped_are_not_done(
    visit: Callable[..., Visitor], own_office: Office
) -> None:
    runs, now = own_office.catalogue.runs, datetime.now(UTC)
    copy = {"call": call_id(3), "target": "nas", "file": "opus", "condition": "damaged", "repaired": True}
    scrub = runs.begin(RunKind.SCRUB, "nas", now, total=9)
    runs.progress(scrub.id, now, 9, 9000)
    runs.end(scrub.id, RunState.DONE, now, report={"bad": 1, "repaired": 1, "copies": [copy]})
    rewrap = runs.begin(RunKind.REWRAP, "", now, total=38)
    runs.progress(rewrap.id, now, 3, total=38)
    runs.end(rewrap.id, RunState.FAILED, now, "35 of 38 keys are still to be wrapped.")
    visitor = visit("admin", at=own_office)
    page = visitor.page
    page.goto("/storage")
    row = page.get_by_role("row").filter(has_text="9 of 9")
    expect(row).to_contain_text("Done, all restored")
    expect(row.locator(".bad, .run-grave")).to_have_count(0)
    # By keyboard: what is read meanwhile may move the page between the two halves of a click.
    row.get_by_role("button", name="1 bad copy restored").press("Enter")
    expect(page.get_by_role("cell", name="Restored", exact=True)).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Change of master key")).to_contain_text("3 of 38")
    page.get_by_role("radio", name="中文").locator("..").click()
    expect(page.get_by_text("完成，已全部恢复")).to_be_visible()


def test_the_admin_watches_begins_and_stops_work(visit: Callable[..., Visitor], own_office: Office) -> None:
    run = _at_work(own_office)
    visitor = visit("admin", at=own_office)
    page = visitor.page
    page.get_by_role("link", name="Storage").click()
    nas = page.get_by_role("row").filter(has_text="backup@nas.example")
    expect(page.get_by_role("cell", name=REFUSED)).to_be_visible()
    expect(nas).to_contain_text("12 calls, 480.0 KB")
    held = sum(1 for found in own_office.catalogue.calls.iterate() if found.copies)
    expect(page.get_by_role("row").filter(has_text="/data/archive")).to_contain_text(f"{held} calls")
    work = page.get_by_role("row").filter(has_text="61 of 130")
    expect(work).to_contain_text("Working")
    own_office.catalogue.runs.progress(run, datetime.now(UTC), 88, 3_520_000)
    expect(page.get_by_role("row").filter(has_text="88 of 130")).to_be_visible()
    verified = page.get_by_role("row").filter(has_text="Verification")
    expect(verified).to_contain_text("Done, with findings")
    # By keyboard here and below: what is read anew may move the page between the two halves of a click.
    verified.get_by_role("button", name="1 call altered").press("Enter")
    expect(page.get_by_text("It is not what was sealed (opus) 0:15–0:18")).to_be_visible()
    expect(page.get_by_text("The chains of seals hold")).to_be_visible()
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save as CSV").press("Enter")
    saved = saving.value.path().read_text(encoding="utf-8-sig")
    assert saving.value.suggested_filename.startswith("verify-nas-")
    assert "Altered,1" in saved.splitlines()
    assert f"{call_id(7)},nas,Altered,It is not what was sealed (opus) 0:15–0:18" in saved.splitlines()
    nas.get_by_role("button", name="Begin").click()
    page.get_by_role("menuitem", name="Read copies back").click()
    asked = page.get_by_role("row").filter(has_text="Waits to begin")
    expect(asked).to_contain_text("admin")
    visitor.shot("storage")
    asked.get_by_role("button", name="Stop").press("Enter")
    expect(asked).to_have_count(0)
    working = page.get_by_role("row").filter(has_text="88 of 130")
    working.get_by_role("button", name="Stop").press("Enter")
    expect(working).to_contain_text("Stopping")
    assert own_office.catalogue.runs.stop_asked(run)
    page.get_by_role("radio", name="中文").locator("..").click()
    expect(page.get_by_role("heading", name="存储目标")).to_be_visible()
    expect(
        page.get_by_text("无法连接 SSH 服务器 nas.example:22：连接被拒绝。请检查它是否在运行")
    ).to_be_visible()
    visitor.shot("storage-chinese")


def test_nothing_to_show_and_nothing_to_be_had(visit: Callable[..., Visitor]) -> None:
    visitor = visit("auditor")
    page = visitor.page
    visitor.open("/storage")
    expect(page.get_by_text("Nothing has been done yet.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="backup@nas.example")).to_contain_text("Not looked at")
    expect(page.get_by_role("button", name="Begin")).to_have_count(0)
    visitor.shot("storage-empty")
    visitor.answers("**/api/v1/storage/targets", lambda route: route.abort())
    visitor.press("r")
    expect(page.get_by_text("The server cannot be reached")).to_be_visible()
    # What was known stays to be read.
    expect(page.get_by_role("row").filter(has_text="backup@nas.example")).to_be_visible()
    visitor.shot("storage-failing")
    # As long as it fails: it is read every few seconds, and may be well again before somebody asks.
    page.get_by_role("button", name="Try again").click()
    page.unroute_all()
    expect(page.get_by_text("The server cannot be reached")).to_have_count(0)
    expect(page.get_by_role("row").filter(has_text="backup@nas.example")).to_be_visible()


def test_a_chosen_call_is_copied(visit: Callable[..., Visitor], own_office: Office) -> None:
    visitor = visit("compliance", at=own_office)
    page = visitor.page
    page.get_by_role("textbox").fill("Complaint 4711")
    page.get_by_role("button", name="Go on").click()
    visitor.shows_calls()
    visitor.open(f"/calls/{call_id(0)}")
    page.get_by_role("button", name="Verify the seal").click()
    expect(page.get_by_text("Its description cannot be read")).to_be_visible()
    page.get_by_role("heading", name="Kept").scroll_into_view_if_needed()
    visitor.shot("call-verified")
    page.get_by_role("button", name="Copy to…").click()
    page.get_by_role("menuitem", name="nas").click()
    visitor.is_told("The copy to nas will be made before others")
    assert own_office.catalogue.copy_tasks.open("nas", [call_id(0)])
    nas = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="nas"))
    expect(nas).to_contain_text("Waits to be copied")
    expect(page.get_by_role("button", name="Copy to…")).to_have_count(0)
    (found,) = own_office.catalogue.calls.get_many([call_id(0)])
    for copy in found.copies:
        own_office.catalogue.copy_checks.adopt(call_id(0), replace(copy, target="nas"))
    expect(nas).to_contain_text("Good")


def test_what_is_begun_by_keyboard_says_so_and_leaves_the_focus_where_it_was(
    visit: Callable[..., Visitor], own_office: Office
) -> None:
    visitor = visit("admin", at=own_office)
    page = visitor.page
    visitor.open("/storage")
    nas = page.get_by_role("row").filter(has_text="backup@nas.example")
    begin = nas.get_by_role("button", name="Begin")
    for said in ("Asked for at nas: Reading back", "There is a scrub at work already."):
        begin.focus()
        visitor.press("Enter")
        # However often the menu was open before: it begins at its first entry.
        expect(page.get_by_role("menuitem", name="Back up now")).to_be_focused()
        visitor.press("ArrowDown")
        expect(page.get_by_role("menuitem", name="Read copies back")).to_be_focused()
        visitor.press("Enter")
        expect(begin).to_be_focused()
        visitor.is_told(said)
    visitor.press("Enter")
    expect(page.get_by_role("menuitem", name="Back up now")).to_be_focused()
    visitor.press("Escape")
    expect(begin).to_be_focused()
    expect(page.get_by_role("menuitem")).to_have_count(0)


def test_work_of_one_target_that_failed_is_begun_again(
    visit: Callable[..., Visitor], own_office: Office
) -> None:
    runs, now = own_office.catalogue.runs, datetime.now(UTC)
    for minutes in (9, 6, 3):
        failed = runs.begin(RunKind.BACKUP, "nas", now - timedelta(minutes=minutes), total=4)
        runs.end(failed.id, RunState.FAILED, now - timedelta(minutes=minutes - 1), REFUSED)
    idle = runs.begin(RunKind.SCRUB, "local", now)
    runs.end(idle.id, RunState.DONE, now, "", {"bad": 0, "copies": []})
    visitor = visit("admin", at=own_office)
    page = visitor.page
    visitor.open("/storage")
    work = page.locator("table.runs [data-row]")
    expect(work).to_have_count(4)
    expect(work.filter(has_text="Reading back")).to_contain_text("Nothing lies there to be read back")
    page.get_by_role("combobox", name="Target").press("Enter")
    page.locator(".ant-select-item", has_text="nas").click()
    expect(work).to_have_count(3)
    expect(page.get_by_role("button", name="Again")).to_have_count(1)  # of the last one only
    work.first.focus()
    visitor.press("a")
    expect(work.first).to_contain_text("Waits to begin")
    expect(page.get_by_role("button", name="Again")).to_have_count(0)
    assert [run.target for run in runs.asked(RunKind.BACKUP)] == ["nas"]
    page.reload()
    expect(work).to_have_count(4)


@pytest.mark.parametrize("path", ["/storage", "/compliance", "/audit", f"/calls/{call_id(0)}"])
def test_no_page_is_wider_than_a_small_screen(
    visit: Callable[..., Visitor], own_office: Office, path: str
) -> None:
    _at_work(own_office)
    visitor = visit("compliance", at=own_office)
    page = visitor.page
    page.locator(".reason-text textarea").fill("Complaint 4711")
    page.locator(".reason-text + button").click()
    expect(page.locator(".reason-text")).to_have_count(0)
    page.set_viewport_size({"width": 1024, "height": 768})
    visitor.open(path)
    expect(page.locator("table, .none").first).to_be_visible()
    widths = [page.evaluate("document.documentElement.scrollWidth")]
    widths += [card["x"] + card["width"] for card in map(_box, page.locator(".card").all())]
    assert max(widths) <= 1024


def _box(card: Locator) -> FloatRect:
    found = card.bounding_box()
    assert found
    return found


def test_without_a_mouse_and_back_from_a_call(visit: Callable[..., Visitor], own_office: Office) -> None:
    _at_work(own_office)
    visitor = visit("compliance", at=own_office)
    page = visitor.page
    visitor.open("/storage")
    rows = page.locator("[data-row]")
    expect(rows).to_have_count(4)
    visitor.press("k", "Enter")
    expect(rows.nth(3)).to_contain_text("Verification")
    expect(page.get_by_text("It is not what was sealed (opus)")).to_be_visible()
    page.wait_for_url(lambda url: "run=" in url)
    page.get_by_role("link", name=call_id(7)).press("Enter")
    page.locator(".reason-text textarea").fill("Complaint 4711")
    page.locator(".reason-text + button").click()
    expect(page.get_by_role("button", name="Back to where you were")).to_be_visible()
    visitor.press("Escape")
    expect(page.get_by_text("It is not what was sealed (opus)")).to_be_visible()
    page.reload()
    expect(page.get_by_text("It is not what was sealed (opus)")).to_be_visible()
    page.get_by_role("combobox", name="Work").press("Enter")
    page.locator(".ant-select-item", has_text="Backup").click()
    expect(rows.filter(has_text="61 of 130")).to_contain_text("left")
    expect(rows.filter(has_text="Verification")).to_have_count(1)  # the one whose report is open
    page.get_by_role("heading", name="Storage").click()
    visitor.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Stop the work of the row")
    visitor.shot("keys")
