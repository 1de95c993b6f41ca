"""Ranges of numbers as an operator writes them."""

import pytest

from recorder.assembly.ranges import NumberRange


@pytest.mark.parametrize(
    ("text", "number", "within"),
    [
        ("02188880000-02188889999", "02188880000", True),
        ("02188880000 - 02188889999", "02188889999", True),
        ("02188880000-02188889999", "02188890000", False),
        ("02188880000-02188889999", "0218888000", False),
        ("02188880000-02188889999", "+862188880000", False),
        ("+862188*", "+862188123", True),
        ("+862188*", "862188123", False),
        ("95588", "95588", True),
        ("95588", "955881", False),
        ("02188880000-02188889999", "", False),
    ],
)
def test_what_is_within(text: str, number: str, within: bool) -> None:
    assert NumberRange.parse(text).contains(number) is within


@pytest.mark.parametrize("text", ["", "*", "-", "sales", "1-2-3", "200-100", "10-100", "2*8", "+"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no range of numbers"):
        NumberRange.parse(text)


def test_a_range_has_an_international_form_where_its_numbers_have_one() -> None:
    written = NumberRange.parse("02188880000-02188889999")
    assert written.international("CN") == NumberRange("+862188880000", "+862188889999")
    assert written.international("") is None
    assert NumberRange.parse("02188*").international("CN") is None
