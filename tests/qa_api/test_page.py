"""The built web page, and nothing but it, comes from the static folder."""

import os
from pathlib import Path

import pytest

from tests.qa_api.office import Office


@pytest.fixture
def page(office: Office) -> Office:
    """An office whose page was built."""
    static = office.folder / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("<!doctype html><title>Earwitness</title>")
    (static / "assets" / "index-Ab12.js").write_text("export {}")
    (static / "favicon.svg").write_text("<svg/>")
    (static / ".secret").write_text("secret")
    (office.folder / "outside.txt").write_text("secret")
    (static / "link.txt").symlink_to(office.folder / "outside.txt")
    return office


@pytest.mark.parametrize("path", ["/", "/calls", "/calls/00-11", "/index.html", "/login?next=/calls"])
def test_addresses_of_the_page_get_the_page(page: Office, path: str) -> None:
    answer = page.browser().get(path)
    assert answer.status_code == 200
    assert "<title>Earwitness" in answer.text
    assert answer.headers["cache-control"] == "no-cache"
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy


def test_hashed_files_are_kept_for_a_year_and_others_are_asked_for_again(page: Office) -> None:
    browser = page.browser()
    script = browser.get("/assets/index-Ab12.js")
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert script.headers["content-type"].startswith("text/javascript")
    assert browser.get("/favicon.svg").headers["cache-control"] == "no-cache"
    assert browser.head("/favicon.svg").headers["content-length"] == "6"


@pytest.mark.parametrize(
    "path",
    [
        "/../outside.txt",
        "/%2e%2e/outside.txt",
        "/..%2foutside.txt",
        "/assets/../../outside.txt",
        "/assets/..%5c..%5coutside.txt",
        "//outside.txt",
        "/.secret",
        "/link.txt",
        "/" + "x" * 3000,
    ],
)
def test_no_address_leads_out_of_the_folder(page: Office, path: str) -> None:
    answer = page.browser().get(page.url + path)
    assert "secret" not in answer.text
    assert answer.status_code in (200, 404)


def test_the_page_can_be_built_while_the_server_runs(office: Office) -> None:
    browser = office.browser()
    missing = browser.get("/")
    assert missing.status_code == 503
    assert "make web" in missing.text
    static: Path = office.folder / "static"
    static.mkdir()
    (static / "index.html").write_text("built")
    assert browser.get("/").text == "built"
    (static / "assets").mkdir()
    (static / "assets" / "new.js").write_text("new")
    (static / "index.html").write_text("built again")
    os.utime(static / "index.html", ns=(1, 1))
    assert browser.get("/assets/new.js").text == "new"
    assert browser.get("/").text == "built again"


@pytest.mark.parametrize("path", ["/", "/api/v1/session", "/healthz", "/assets/none.js"])
def test_every_answer_has_the_security_headers(page: Office, path: str) -> None:
    headers = page.browser().get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "server" not in headers
    assert "strict-transport-security" not in headers


def test_answers_of_the_api_are_not_kept(reading: Office) -> None:
    assert reading.known("agent").get("/api/v1/calls").headers["cache-control"] == "no-store"
