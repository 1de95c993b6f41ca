import pytest

from qa_api.errors import OriginRefused
from qa_api.origins import check_origin


@pytest.mark.parametrize(
    ("headers", "scheme"),
    [
        ({}, "http"),
        ({"sec-fetch-site": "same-origin"}, "http"),
        ({"sec-fetch-site": "none"}, "http"),
        ({"origin": "http://qa.example:8080", "host": "qa.example:8080"}, "http"),
        ({"origin": "https://qa.example", "host": "qa.example"}, "http"),
        ({"origin": "https://QA.example", "host": "qa.example:443"}, "https"),
        ({"origin": "http://[::1]:8080", "host": "[::1]:8080"}, "http"),
        ({"origin": "https://known.example", "host": "inside:8080"}, "http"),
    ],
)
def test_the_page_of_this_server_passes(headers: dict[str, str], scheme: str) -> None:
    check_origin(headers, scheme, {"https://known.example"})


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "null", "host": "qa.example"},
        {"origin": "", "host": "qa.example"},
        {"origin": "http://qa.example"},
        {"origin": "http://qa.example:8081", "host": "qa.example:8080"},
        {"origin": "http://qa.example.evil", "host": "qa.example"},
        {"origin": "http://qa.example:port", "host": "qa.example"},
        {"origin": "http://[::1", "host": "qa.example"},
        {"origin": "file://qa.example", "host": "qa.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_any_other_page_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(OriginRefused):
        check_origin(headers, "http", frozenset())
