"""Whatever goes wrong, the answer is problem+json with a stable code."""

import inspect
import json
import socket

import httpx
import pytest

from qa_api import errors, problems
from qa_api.schemas.problem import Problem
from storage.errors import CatalogueError, DiskFull, NotStored
from tests.qa_api.office import Office
from tests.qa_api.world import CUSTOMER, HEARD


def problem_of(answer: httpx.Response) -> Problem:
    assert answer.headers["content-type"] == "application/problem+json"
    problem = Problem.model_validate(answer.json())
    assert problem.status == answer.status_code
    assert problem.type == f"urn:earwitness:problem:{problem.code}"
    return problem


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not-found"),
        ("POST", "/api/v1/nothing", 404, "not-found"),
        ("GET", "/api/", 404, "not-found"),
        ("POST", "/", 404, "not-found"),
        ("PATCH", "/api/v1/calls", 405, "method-not-allowed"),
        ("POST", "/healthz", 405, "method-not-allowed"),
        ("GET", "/assets/missing.js", 404, "not-found"),
        ("GET", "/api/v1/calls", 401, "not-signed-in"),
    ],
)
def test_errors_before_any_route(reading: Office, method: str, path: str, status: int, code: str) -> None:
    problem = problem_of(reading.browser().request(method, path))
    assert (problem.status, problem.code) == (status, code)


def test_wrong_bodies_say_what_is_wrong_and_not_what_was_sent(reading: Office) -> None:
    browser = reading.browser()
    for body in ("{", "[]", '{"username": 1}', '{"username":"agent","password":"secret-guess","x":1}'):
        answer = browser.post("/api/v1/session", content=body, headers={"Content-Type": "application/json"})
        problem = problem_of(answer)
        assert (problem.status, problem.code) == (422, "validation")
        assert problem.parameters["errors"]
        assert "secret-guess" not in answer.text


def test_large_bodies_are_refused_announced_or_not(reading: Office) -> None:
    browser = reading.browser()
    announced = browser.post("/api/v1/session", content=b"x" * 100_000)
    assert problem_of(announced).parameters == {"limit": 65536}
    chunked = browser.post("/api/v1/session", content=(b"x" * 50_000 for _ in range(3)))
    assert problem_of(chunked).code == "too-large"


def test_an_error_that_nobody_foresaw_is_logged_and_not_shown(office: Office) -> None:
    def broken() -> None:
        raise RuntimeError(f"the secret is {CUSTOMER}")

    object.__setattr__(office.services, "health", broken)
    answer = office.browser().get("/healthz")
    assert problem_of(answer).code == "internal"
    assert "secret" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    log = office.whole_log()
    assert "the secret is 138****8910" in log
    assert CUSTOMER not in log
    assert {json.loads(line)["event"] for line in log.splitlines()} == {"request failed", "request"}


def test_a_catalogue_that_fails_is_unavailable_and_says_no_more(office: Office) -> None:
    browser = office.user("supervisor")

    def failing(*_: object) -> None:
        raise CatalogueError("/srv/secret/catalogue.db cannot be used")

    object.__setattr__(office.catalogue.calls, "get", failing)
    answer = browser.get(f"/api/v1/calls/{HEARD}")
    problem = problem_of(answer)
    assert (problem.status, problem.code) == (503, "catalogue-unavailable")
    assert "secret" not in answer.text
    assert "/srv/secret/catalogue.db" in office.whole_log()


def test_the_log_warns_of_faults_and_attacks_and_not_of_daily_business(office: Office) -> None:
    browser = office.browser()
    browser.get("/api/v1/session")
    auditor = office.user("auditor", reason=False)
    auditor.get(f"/api/v1/calls/{HEARD}")
    supervisor = office.user("supervisor")
    supervisor.get(f"/api/v1/calls/{HEARD}/audio", headers={"Range": "bytes=999999999-"})
    supervisor.get("/api/v1/calls?number=1*2*3")
    supervisor.get("/api/v1/audit")
    supervisor.delete("/api/v1/session", headers={"Origin": "https://evil.example"})
    browser.sign_in("agent", "a wrong guess")
    object.__setattr__(office.services, "health", lambda: 1 / 0)
    browser.get("/healthz")
    lines = [json.loads(line) for line in office.whole_log().splitlines()]
    levels = [(line["status"], line["level"]) for line in lines if line["event"] == "request"]
    refused = [(status, level) for status, level in levels if status >= 400]
    assert refused == [
        *((status, "info") for status in (401, 403, 416, 422, 403)),
        *((status, "warning") for status in (403, 401, 500)),
    ]
    assert all(line["failure"] for line in lines if line["event"] == "request" and 400 < line["status"] < 500)


@pytest.mark.parametrize(
    ("error", "status"),
    [(NotStored("x"), 503), (DiskFull("x"), 503), (errors.RangeUnsatisfiable("x", length=1), 416)],
)
def test_errors_of_other_rooms_have_a_status(error: Exception, status: int) -> None:
    assert problems.of_error(error).status == status


def test_every_error_of_this_room_has_a_status_of_its_own() -> None:
    ours = {
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.ApiError) and kind is not errors.ApiError
    }
    assert ours == {kind for kind in problems.TABLE if issubclass(kind, errors.ApiError)}
    codes = [code for kind, (_, code, _) in problems.TABLE.items() if kind in ours]
    assert len(codes) == len(set(codes))
    assert all(kind.__name__ in (errors.__doc__ or "") for kind in ours)


def test_an_unknown_error_is_not_guessed_at() -> None:
    with pytest.raises(KeyError):
        problems.of_error(ValueError())


@pytest.mark.parametrize(
    "request_line", [b"GET /%00 HTTP/1.1", b"GET /%ff%fe HTTP/1.1", b"GET //etc/passwd HTTP/1.1"]
)
def test_odd_paths_are_answered(reading: Office, request_line: bytes) -> None:
    with socket.create_connection(("127.0.0.1", reading.listener.port)) as connection:
        connection.sendall(request_line + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.split()[1] == b"503"
    assert b"make web" in answer
