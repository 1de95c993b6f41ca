"""Every route has its right, and every role gets exactly what the table gives it."""

from collections.abc import Iterator

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from qa_api.app import PREFIX, bare, document
from qa_api.guard import COOKIE
from qa_api.permissions import GRANTS, PUBLIC, ROUTES, Action, Role
from tests.qa_api.keeping import UNHELD, keeping
from tests.qa_api.office import Office
from tests.qa_api.world import HEARD, PASSWORD, UNRELEASED

A, C, E, S, AU, AD = "agent", "compliance", "evaluator", "supervisor", "auditor", "admin"
EVERYBODY = {A, C, E, S, AU, AD}
LISTENERS = EVERYBODY - {AD}

ENDPOINTS = [
    ("GET", "/session", None, EVERYBODY),
    ("PUT", "/session/password", {"current": PASSWORD, "new": "another long secret"}, EVERYBODY),
    ("PUT", "/session/reason", {"reason": "Complaint 4711"}, {C, AU}),
    ("GET", "/calls", None, LISTENERS),
    ("GET", f"/calls/{HEARD}", None, LISTENERS),
    ("GET", f"/calls/{HEARD}/audio", None, LISTENERS),
    ("HEAD", f"/calls/{HEARD}/audio", None, LISTENERS),
    ("GET", f"/calls/{HEARD}/peaks", None, LISTENERS),
    ("GET", f"/calls/{HEARD}/download", None, {S, C}),
    ("POST", f"/calls/{UNRELEASED}/release", None, {S}),
    ("PUT", f"/calls/{HEARD}/tags/complaint", None, {E, S, C}),
    ("DELETE", f"/calls/{HEARD}/tags/complaint", None, {E, S, C}),
    ("GET", "/tags", None, {E, S, C, AU}),
    ("POST", f"/calls/{HEARD}/verify", None, {C, AU}),
    ("POST", f"/calls/{HEARD}/copies", {"target": "nas"}, {C}),
    ("GET", "/storage/targets", None, {C, AU, AD}),
    ("GET", "/storage/plan", None, {C, AU, AD}),
    ("GET", "/storage/runs", None, {C, AU, AD}),
    ("GET", "/storage/runs/{run}", None, {C, AU, AD}),
    ("POST", "/storage/runs", {"kind": "scrub", "target": "nas"}, {AD}),
    ("POST", "/storage/runs/{run}/stop", None, {AD}),
    ("GET", "/retention/rules", None, {C, AU}),
    ("POST", "/retention/rules", {"name": "Short ones", "keep_days": 30}, {C}),
    ("POST", "/retention/rules/{proposed}/approve", None, {C}),
    ("POST", "/retention/rules/{unwanted}/refuse", None, {C}),
    ("POST", "/retention/rules/{in_force}/ask-retirement", None, {C}),
    ("POST", "/retention/rules/{retiring}/retire", None, {C}),
    ("POST", "/retention/rules/{staying}/keep", None, {C}),
    ("GET", "/retention/preview", None, {C, AU}),
    ("GET", "/holds", None, {C, AU}),
    ("POST", "/holds", {"name": "Case 9", "reason": "Letter of the court", "calls": [HEARD]}, {C}),
    ("GET", "/holds/{hold}/calls", None, {C, AU}),
    ("POST", "/holds/{hold}/calls", {"calls": [HEARD]}, {C}),
    ("POST", "/holds/{hold}/ask-release", {"reason": "The case is closed"}, {C}),
    ("POST", "/holds/{ending}/release", None, {C}),
    ("POST", "/holds/{standing}/keep", None, {C}),
    ("GET", "/erasures", None, {C, AU}),
    ("POST", "/erasures", {"reason": "The customer asks", "calls": [UNHELD]}, {C}),
    ("POST", "/erasures/{erasure}/decide", {"approve": True}, {C}),
    ("GET", "/teams", None, LISTENERS),
    ("GET", "/agents", None, LISTENERS),
    ("GET", "/audit", None, {A, C, AU}),
    ("GET", "/audit/verify", None, {AU}),
    ("GET", "/system", None, {AD, AU}),
    ("GET", "/openapi.json", None, EVERYBODY),
    ("DELETE", "/session", None, EVERYBODY),
]


def routes(router: FastAPI | APIRouter) -> Iterator[APIRoute]:
    """Every route, however deep the routers lie in each other."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        else:
            yield from routes(route.original_router)


def test_every_route_has_its_right() -> None:
    names = [route.name for route in routes(bare())]
    assert len(names) == len(set(names)) > 15
    assert set(names) == set(ROUTES) | PUBLIC
    assert not set(ROUTES) & PUBLIC
    assert set(GRANTS) == set(Action)


def test_the_document_has_every_route() -> None:
    operations = {
        operation["operationId"] for path in document()["paths"].values() for operation in path.values()
    }
    assert operations == set(ROUTES) | PUBLIC


def test_a_route_without_a_right_is_refused(office: Office) -> None:
    app = office.listener.app
    app.get("/api/v1/forgotten")(lambda: {"secret": True})
    answer = office.user("compliance").get("/api/v1/forgotten")
    assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted")


def test_a_refusal_names_the_roles_that_may(office: Office) -> None:
    said = "The role {} may not do this; the {} may."
    place = {"name": "Case 12", "reason": "court order", "calls": [HEARD]}
    for user, method, path, body, able in (
        ("admin", "GET", "/retention/rules", None, ["compliance", "auditor"]),
        ("supervisor", "POST", "/holds", place, ["compliance"]),
    ):
        problem = office.user(user).request(method, PREFIX + path, json=body).json()
        those = "roles compliance and auditor" if len(able) > 1 else "role compliance"
        assert (problem["code"], problem["detail"]) == ("not-permitted", said.format(user, those))
        assert problem["parameters"]["roles"] == able


@pytest.mark.parametrize("user", sorted(EVERYBODY))
def test_each_role_may_do_what_the_table_says_and_nothing_else(office: Office, user: str) -> None:
    browser = office.user(user)
    ids = keeping(office.catalogue)
    for method, template, body, allowed in ENDPOINTS:
        path = template.format_map(ids)
        answer = browser.request(method, PREFIX + path, json=body)
        if user in allowed:
            assert answer.is_success, (method, path, answer.text)
        else:
            assert answer.status_code == 403, (method, path)
        if method == "PUT" and path == "/session/password" and user in allowed:
            browser.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
            browser.put(f"{PREFIX}/session/reason", json={"reason": "Complaint 4711"})


def test_without_a_session_there_is_nothing(reading: Office) -> None:
    browser = reading.browser()
    browser.cookies.set(COOKIE, "made-up")
    for method, path, body, _ in ENDPOINTS:
        assert browser.request(method, PREFIX + path, json=body).status_code == 401, path


def test_the_matrix_covers_every_route() -> None:
    covered = {
        (method, path.replace(HEARD, "{id}").replace(UNRELEASED, "{id}")) for method, path, *_ in ENDPOINTS
    }
    inside = [route for route in routes(bare()) if route.name in ROUTES]
    assert len(covered) == sum(len(route.methods) for route in inside)
    assert {role.value for role in Role} == EVERYBODY
