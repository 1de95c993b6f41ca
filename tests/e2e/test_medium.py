"""The page on a medium, opened from the disk in a real browser, without any server."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from storage.media.names import MANIFEST
from tests.e2e import media
from tests.e2e.conftest import SHOTS
from tests.e2e.visitor import PATIENCE, ZONE

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return media.fill(tmp_path_factory.mktemp("medium"), datetime.now(UTC))


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return media.closed(tmp_path_factory.mktemp("closed") / "medium", datetime.now(UTC))


@pytest.fixture
def page_of(chromium: Browser) -> Iterator[Open]:
    """Opens the page of a disk; the test fails where the page threw an error."""
    faults: list[str] = []
    with ExitStack() as leaving:

        def open_page(folder: Path, language: str = "en-GB") -> Page:
            context = chromium.new_context(
                locale=language, timezone_id=ZONE, viewport={"width": 1440, "height": 900}
            )
            context.set_default_timeout(PATIENCE)
            leaving.callback(context.close)
            page = context.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.goto((folder / "index.html").as_uri())
            return page

        yield open_page
    assert faults == []


def shot(page: Page, name: str) -> None:
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


def sound(page: Page) -> tuple[float, float]:
    """Length of the recording that is open and where it is; 0 as long as there is none."""
    found = "const a = document.querySelector('audio')"
    length, at = page.evaluate(f"(() => {{ {found}; return [a?.duration || 0, a?.currentTime || 0] }})()")
    return length, at


def plays(page: Page) -> None:
    for _ in range(1200):
        length, at = sound(page)
        if length and at:
            assert abs(length - media.SECONDS) < 0.2
            return
        page.wait_for_timeout(50)
    raise AssertionError("it does not play")


def test_calls_are_listed_newest_first_and_heard_with_the_keyboard_alone(page_of, disk):
    page = page_of(disk)
    expect(page.locator("#status")).to_have_text(f"{media.CALLS} calls")
    first, second = page.locator(".row .time").nth(0), page.locator(".row .time").nth(1)
    assert first.inner_text() > second.inner_text()
    assert page.locator(".row").count() < media.CALLS
    page.keyboard.press("End")
    expect(page.locator(".row[aria-selected=true]")).to_have_attribute("aria-posinset", str(media.CALLS))
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    plays(page)
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    assert sound(page)[1] > 10
    expect(page.locator("#call")).to_contain_text("Li Wei")
    shot(page, "medium-en")
    page.keyboard.press("Escape")
    expect(page.locator("#call")).to_be_hidden()


def test_lengths_are_those_of_the_list_of_calls(page_of, disk):
    page = page_of(disk)
    lengths = {"0": "0:00", "8.9994": "0:08", "8.9996": "0:09", "59.98": "0:59", "3723.4": "1:02:03"}
    shown = {text: page.evaluate(f"window.earwitness.format.length({text})") for text in lengths}
    assert shown == lengths
    expect(page.locator(".row .length").filter(has_text=":").first).to_have_text("0:24")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("8910", 22),
        ("agent:8003", 26),
        ("tag:投诉", 1),
        ("anna schmidt", 26),
        ("-agent:8003 number:138*", 18),
        ("none", 0),
    ],
)
def test_calls_are_found(page_of, disk, text, found):
    page = page_of(disk)
    expect(page.locator(".row").first).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type(text)
    expect(page.locator("#status")).to_have_text(f"{found} call{'' if found == 1 else 's'} found")
    expect(page.locator("#none")).to_be_visible(visible=found == 0)


def test_by_day_and_state(page_of, disk):
    page = page_of(disk)
    today = page.locator(".row .time").first.inner_text()[:10]
    page.locator("#since").fill(today)
    # Right after midnight it is one.
    expect(page.locator("#status")).to_have_text(re.compile("^[0-9]+ calls? found$"))
    assert {text[:10] for text in page.locator(".row .time").all_inner_texts()} == {today}
    page.locator("#since").fill("")
    page.locator("#state").select_option("missed")
    expect(page.locator("#status")).to_have_text("13 calls found")


def test_numbers_are_masked_until_asked_for(page_of, disk):
    page = page_of(disk)
    expect(page.locator(".row .from").first).to_have_text("138****8910")
    page.get_by_label("Whole numbers").check()
    expect(page.locator(".row .from").first).to_have_text("13812348910")


def test_in_chinese_at_once(page_of, disk):
    page = page_of(disk, "zh-CN")
    expect(page.locator("#status")).to_have_text(f"{media.CALLS} 通电话")
    page.locator(".row").first.click()
    plays(page)
    expect(page.locator("#call")).to_contain_text("振铃, 接听, 按键")
    shot(page, "medium-zh")
    page.get_by_role("button", name="English").click()
    expect(page.locator("#status")).to_have_text(f"{media.CALLS} calls")
    assert sound(page)[1] > 0


def test_a_medium_without_calls_says_so(page_of, tmp_path):
    page = page_of(media.fill(tmp_path / "empty", datetime.now(UTC), 0), "zh-CN")
    expect(page.locator("#none")).to_have_text("此介质上还没有通话。")
    shot(page, "medium-empty-zh")


def test_what_is_missing_is_said(page_of, disk, tmp_path):
    shutil.copytree(disk, tmp_path / "disk")
    (lost, *_) = sorted((tmp_path / "disk" / "browse").glob("2*.js"))
    lost.unlink()
    for audio in (tmp_path / "disk").rglob("*.opus"):
        audio.write_bytes(b"")
    page = page_of(tmp_path / "disk")
    expect(page.locator("#status")).to_contain_text("Days that could not be read: 1.")
    page.locator(".row").first.click()
    expect(page.locator("#call .fault")).to_have_text(
        "This recording cannot be played here: the file is missing or damaged, "
        "or in a format that no browser plays (ADPCM, GSM)."
    )
    (tmp_path / "disk" / MANIFEST).unlink()
    page.reload()
    expect(page.locator("#none")).to_contain_text("earwitness browse")


@pytest.mark.parametrize("key", ["passphrase", "master", "rsa.pem", "x25519.pem"])
def test_an_encrypted_medium_opens_with_each_of_its_keys(page_of, closed, key):
    page = page_of(closed)
    page.get_by_label("or key file").set_input_files(closed.parent / "wrong")
    page.get_by_role("button", name="Open").click()
    expect(page.locator("#unlock-fault")).to_have_text("This does not open the medium.")
    if key == "passphrase":
        shot(page, "medium-locked-en")
        page.get_by_label("Passphrase").fill(media.PASSPHRASE)
    else:
        page.get_by_label("or key file").set_input_files(closed.parent / key)
    page.get_by_role("button", name="Open").click()
    expect(page.locator("#status")).to_have_text("30 calls")
    page.locator(".row").first.click()
    page.locator("input[webkitdirectory]").set_input_files(closed)
    plays(page)


@pytest.mark.parametrize("spoilt", ["the recording of another call", "a key that is cut off"])
def test_an_encrypted_recording_that_is_not_as_it_was_is_said(page_of, closed, tmp_path, spoilt):
    disk = shutil.copytree(closed, tmp_path / "disk")
    audio, other, *_ = sorted(disk.rglob("*.opus"))
    if spoilt == "a key that is cut off":
        key = audio.with_suffix(".key")
        key.write_bytes(key.read_bytes()[:60])
    else:
        audio.write_bytes(other.read_bytes())
    page = page_of(disk)
    page.get_by_label("Passphrase").fill(media.PASSPHRASE)
    page.get_by_role("button", name="Open").click()
    expect(page.locator("#status")).to_have_text("30 calls")
    page.get_by_label("Search").fill(audio.stem)
    expect(page.locator(".row")).to_have_count(1)
    page.locator(".row").first.click()
    page.locator("input[webkitdirectory]").set_input_files(disk)
    expect(page.locator("#call .fault")).to_contain_text("is damaged or not the one that was archived here")


def test_nothing_of_the_calls_of_an_encrypted_medium_lies_in_clear(disk, closed):
    # Long enough not to stand in what is encrypted by chance, which four digits do once in 200 media.
    words = {b"13812348910", b"Li Wei", b'"8001"', "投诉".encode()}
    assert _told(disk, words) == words
    assert _told(closed, words) == set()


def _told(folder: Path, words: set[bytes]) -> set[bytes]:
    """Those of ``words`` that somebody reads who looks at the files of a medium without its page."""
    files = [path for path in folder.rglob("*") if path.is_file() and "page" not in path.parts]
    return {word for path in files for word in words if word in path.read_bytes()}
