import pytest

from qa_api.schemas.system import Condition, Part
from tests.qa_api.office import Office


def test_health_names_the_unwell_part_and_keeps_the_detail_for_those_inside(office: Office) -> None:
    assert office.browser().get("/healthz").json()["condition"] == "well"
    office.parts = (
        Part(name="capture", condition=Condition.WELL, detail="The target nas is away since 12:00."),
        Part(name="archive", condition=Condition.UNWELL, detail="/srv/archive is full. Free some space."),
    )
    public = office.browser().get("/healthz")
    assert public.status_code == 200
    assert public.json() == {
        "condition": "unwell",
        "parts": [
            {"name": "capture", "condition": "well"},
            {"name": "archive", "condition": "unwell"},
        ],
    }
    inside = office.user("admin").get("/api/v1/system").json()
    assert inside["parts"][0] == {
        "name": "capture",
        "condition": "well",
        "detail": "The target nas is away since 12:00.",
    }
    assert inside["parts"][1]["detail"] == "/srv/archive is full. Free some space."


def test_metrics_count_requests_by_route_and_never_by_path(office: Office) -> None:
    browser = office.user("agent")
    browser.get("/api/v1/calls/made-up-id")
    browser.get("/some/page")
    office.browser().sign_in("agent", "wrong")
    text = browser.get("/metrics").text
    assert 'earwitness_http_requests_total{method="GET",route="get_call",status="404"} 1.0' in text
    assert 'earwitness_http_requests_total{method="GET",route="page",status="503"} 1.0' in text
    assert 'earwitness_sign_ins_total{outcome="refused"} 1.0' in text
    assert "made-up-id" not in text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_metrics_are_not_for_those_behind_a_proxy(office: Office, header: str) -> None:
    answer = office.browser().get("/metrics", headers={header: "203.0.113.9"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted")


def test_metrics_are_for_those_with_the_token(office: Office) -> None:
    object.__setattr__(office.services, "metrics_token", "s3cret")
    browser = office.browser()
    for token, status in (("Bearer s3cret", 200), ("Bearer other", 403), ("Basic s3cret", 403), ("", 403)):
        headers = {"X-Forwarded-For": "203.0.113.9", "Authorization": token}
        assert browser.get("/metrics", headers=headers).status_code == status


def test_no_token_is_set_means_no_token_fits(office: Office) -> None:
    headers = {"X-Forwarded-For": "203.0.113.9", "Authorization": "Bearer"}
    assert office.browser().get("/metrics", headers=headers).status_code == 403
