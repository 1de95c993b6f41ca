"""A running server on a copy of the small call centre, and browsers that talk to it."""

import io
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from indexer.tantivy_engine import TantivyReader
from qa_api.logs import new_log
from qa_api.schemas.system import Condition, Part
from qa_api.serve import Listener
from qa_api.services import Services
from storage.catalogue import Catalogue, sqlite_url
from storage.copies.choice import Nearness
from storage.targets import Target
from storage.targets.local import LocalTarget
from tests.qa_api import world
from tests.qa_api.keeping import PLAN
from tests.storage.sealers import a_sealer
from tests.waiting import PATIENCE


@dataclass
class Clock:
    """Time that stands until it is moved."""

    now: datetime = world.NOON + timedelta(minutes=5)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        """Move on by so many ``seconds``, ``minutes`` …"""
        self.now += timedelta(**by)


class Browser(httpx.Client):
    """Keeps the cookie, and sends the CSRF token of its session as the page does."""

    def sign_in(self, username: str, password: str = world.PASSWORD) -> httpx.Response:
        """Sign in; from then on unsafe requests carry the token."""
        answer = self.post("/api/v1/session", json={"username": username, "password": password})
        if answer.status_code == 201:
            self.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        return answer


@dataclass
class Office:
    """The call centre with its server."""

    folder: Path
    clock: Clock = field(default_factory=Clock)
    parts: Sequence[Part] = (Part(name="capture", condition=Condition.WELL, detail="all is well"),)
    log: io.StringIO = field(default_factory=io.StringIO)
    overrides: dict[str, Any] = field(default_factory=dict)
    copies: Mapping[str, Target] = field(default_factory=dict)
    """Targets that have a copy of every call, as good as that at home."""

    def __enter__(self) -> "Office":
        self.catalogue = Catalogue(sqlite_url(self.folder / "catalogue.db"))
        self.target = LocalTarget(self.folder / "archive")
        targets = {**self.copies, "local": self.target}
        for name, target in self.copies.items():
            world.copy(self.catalogue, self.target, target, name)
        given = {
            "catalogue": self.catalogue,
            "engine": TantivyReader(self.folder / "index"),
            "targets": targets,
            "stored": targets,
            "nearness": lambda: Nearness.of(
                "local", {"local"}, self.catalogue.target_states.all(), self.clock()
            ),
            "seal_keys": lambda: {a_sealer().chain: a_sealer().public},
            "now": self.clock,
            "health": lambda: self.parts,
            "log": new_log(self.log),
            "passwords": world.cheap_passwords(),
            "plan": PLAN,
            "static": self.folder / "static",
        }
        self.services = Services(**(given | self.overrides))
        self.listener = Listener(self.services, "127.0.0.1", 0)
        self._thread = threading.Thread(target=self.listener.run, name="server")
        self._thread.start()
        assert self.listener.wait_ready(PATIENCE)
        self._browsers: list[Browser] = []
        self._known: dict[str, Browser] = {}
        return self

    def __exit__(self, *_: object) -> None:
        self.whole_log()
        self.catalogue.close()

    def whole_log(self) -> str:
        """Stop the server and give everything that it logged; a line follows the answer it is about."""
        for browser in self._browsers:
            browser.close()
        self.listener.stop()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        return self.log.getvalue()

    @property
    def url(self) -> str:
        """Where the server is."""
        return f"http://127.0.0.1:{self.listener.port}"

    def browser(self) -> Browser:
        """A browser that nobody is signed in with."""
        # No TLS here: without verify=False each client would load the certificates of the system.
        made = Browser(base_url=self.url, timeout=PATIENCE, trust_env=False, verify=False)
        self._browsers.append(made)
        return made

    def user(self, username: str, *, reason: bool = True) -> Browser:
        """A browser of this user, with a reason stated where the role needs one."""
        browser = self.browser()
        answer = browser.sign_in(username)
        assert answer.status_code == 201, answer.text
        if reason and answer.json()["reason"]["required"]:
            stated = browser.put("/api/v1/session/reason", json={"reason": "Complaint 4711"})
            assert stated.status_code == 200, stated.text
        return browser

    def known(self, username: str) -> Browser:
        """The one browser of this user that the tests of a shared office have in common."""
        if username not in self._known:
            self._known[username] = self.user(username)
        return self._known[username]

    def reindex(self) -> None:
        """Bring the index up to the catalogue."""
        world.index(self.catalogue, self.folder / "index")

    def actions(self) -> list[str]:
        """The actions of the audit log, oldest first."""
        return [event.action for event in reversed(self.catalogue.audit.page(limit=1000))]
