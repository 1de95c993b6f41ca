"""The running server keeps what its OpenAPI document promises, whatever it is sent."""

import json
import subprocess
import sys
from pathlib import Path

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from qa_api.app import document
from tests.qa_api.office import Office

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
ENDS_THE_SESSION = ["end_session", "change_password"]
schema = schemathesis.openapi.from_dict(document())


@schema.exclude(operation_id=ENDS_THE_SESSION).parametrize()
@settings(max_examples=5, suppress_health_check=list(HealthCheck), database=None)
def test_any_request_is_answered_as_documented(case, reading: Office) -> None:
    browser = reading.known("supervisor" if case.path.endswith(("release", "download")) else "auditor")
    headers = {"X-CSRF-Token": browser.headers["X-CSRF-Token"]}
    answer = case.call(base_url=reading.url, cookies=dict(browser.cookies), headers=headers)
    case.validate_response(answer, checks=CHECKS)


def test_the_document_is_served_to_those_who_are_signed_in(reading: Office) -> None:
    assert reading.browser().get("/api/v1/openapi.json").status_code == 401
    answer = reading.known("admin").get("/api/v1/openapi.json")
    assert answer.json() == document()
    assert answer.headers["cache-control"] == "no-store"
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert "openapi" not in reading.known("admin").get(path).text


def test_the_document_is_printed_as_it_is_served_sorted_and_names_no_machine() -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "qa_api.openapi"]
    printed = subprocess.run(command, cwd=root, capture_output=True, check=True, text=True).stdout
    assert printed == json.dumps(document(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    assert str(root) not in printed
