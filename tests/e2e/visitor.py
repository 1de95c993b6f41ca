"""Somebody in front of the page: a browser context with the few gestures that every test needs."""

import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Locator, Route, expect

from tests.e2e.centre import PASSWORD

ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
ZONE = "Asia/Shanghai"
PATIENCE = 60_000
"""Milliseconds; generous, as it is a guard against waiting for ever."""
_CUT = "/nothing-answers-here"
# Whatever is said in passing.
_KEEP_TOLD = """
  window.told = [];
  new MutationObserver(() => {
    const told = document.querySelector(".ant-message")?.textContent;
    if (told && told !== window.told.at(-1)) window.told.push(told);
  }).observe(document, { childList: true, characterData: true, subtree: true });
"""
# What is to be seen listens to keys a moment later, before the browser has nothing to do.
_AT_REST = "() => new Promise((rest) => requestIdleCallback(() => rest(), { timeout: 1000 }))"


class Visitor:
    """A user at the page of ``url``. ``page`` is Playwright's, for everything that has no gesture here."""

    def __init__(self, browser: Browser, url: str, shots: Path, language: str) -> None:
        # A click on what is being moved is lost: pressed and released at two places.
        self._context = browser.new_context(
            base_url=url,
            locale=language,
            timezone_id=ZONE,
            viewport={"width": 1440, "height": 900},
            reduced_motion="reduce",
        )
        self._context.set_default_timeout(PATIENCE)
        self._shots = shots
        self.faults: list[str] = []
        self.page = self._context.new_page()
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._listen)
        self.page.add_init_script(_KEEP_TOLD)

    def _listen(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.faults.append(message.text)

    def sign_in(self, username: str, password: str = PASSWORD, path: str = "/calls") -> None:
        """Open ``path`` and sign in with the form that stands in its place."""
        if not self.page.url.startswith("http"):
            self.page.goto(path)
        self.page.get_by_role("textbox").first.fill(username)
        self.page.locator("input[type=password]").fill(password)
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_role("banner")).to_be_visible()

    def open(self, path: str) -> None:
        """Go to an address of the page."""
        self.page.goto(path)

    def answers(self, pattern: str, answer: Callable[[Route], None]) -> None:
        """Let ``answer`` see to the page's requests of ``pattern`` in place of the server, from now on."""
        self.page.route(pattern, answer)
        self.page.route(f"**{_CUT}", lambda route: route.abort())
        # The browser says that it stops requests a moment before it does; what one of them meets, all do.
        self.until(lambda: bool(self.page.evaluate(f"fetch('{_CUT}').then(() => false, () => true)")))

    def press(self, *keys: str) -> None:
        """Press keys one right after the other, once the page listens that is to be seen."""
        self.page.evaluate(_AT_REST)
        for key in keys:
            self.page.keyboard.press(key)

    @property
    def rows(self) -> Locator:
        """The calls in the list."""
        return self.page.locator("tr[data-call]")

    @property
    def here(self) -> str:
        """The id of the call whose row has the focus, or "" where none has."""
        found: str = self.page.evaluate("document.activeElement?.dataset?.call ?? ''")
        return found

    def shows_calls(self) -> None:
        """Wait until the list has calls."""
        expect(self.rows.first).to_be_visible()

    def shows_player(self) -> None:
        """Wait until a call's waveform is drawn."""
        expect(self.page.locator(".wave[aria-busy=false]")).to_be_visible()

    @property
    def seconds(self) -> float:
        """Where the player says that it is."""
        minutes, seconds = self.page.get_by_test_id("time").inner_text().split(":")
        return int(minutes) * 60 + float(seconds)

    @property
    def stands_still(self) -> bool:
        """Whether the player is where it was some moments before."""
        before = self.seconds
        self.page.wait_for_timeout(500)
        return self.seconds == before

    def is_told(self, text: str) -> None:
        """Wait until the page has said it in passing: that goes away by itself, on a busy machine unseen."""
        self.until(lambda: any(text in told for told in self.page.evaluate("window.told")))

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until it holds. Playwright's own way evaluates text, which the security policy forbids."""
        last = time.monotonic() + PATIENCE / 1000
        while not holds():
            assert time.monotonic() < last, "it did not come about"
            self.page.wait_for_timeout(30)

    def shot(self, name: str) -> None:
        """Keep what is to be seen as ``test-results/<name>.png``."""
        self._shots.mkdir(exist_ok=True)
        self.page.screenshot(path=self._shots / f"{name}.png")

    def leave(self) -> None:
        """Close the page; fails where it had faults."""
        self._context.close()
        assert not self.faults, self.faults
