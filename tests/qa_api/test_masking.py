import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.masking import Veil, mask_number, mask_text, shown_digits

DIGITS = st.text("0123456789", min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("13812348910", "138****8910"),
        ("+8613812348910", "+861******8910"),
        ("+86 138-1234-8910", "+86 1**-****-8910"),
        ("(021) 6666 8888", "(021) **** 8888"),
        ("tel:02166668888", "tel:021****8888"),
        ("sip:13812348910@10.0.0.1", "sip:138****8910@10.0.0.1"),
        ("8001", "8001"),
        ("95588", "95588"),
        ("123456", "1****6"),
        ("1234567", "1****67"),
        ("66668888", "66****88"),
        ("anonymous", "anonymous"),
        ("", ""),
    ],
)
def test_numbers(number: str, masked: str) -> None:
    assert mask_number(number) == masked


@pytest.mark.parametrize(
    "text",
    [
        "from 192.168.100.200:5060",
        "call 3f2b1c00-1234-4678-9abc-0123456789ab",
        "at 2026-11-21T19:25:46.323Z",
        "0" * 64,
        "extension 8001, 3 times",
    ],
)
def test_what_is_no_number_stays(text: str) -> None:
    assert mask_text(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Mr 13812348910 (home)", "Mr 138****8910 (home)"),
        ("call 138.1234.8910 now", "call 138.****.8910 now"),
        ("客户13812348910来电", "客户138****8910来电"),
        ("a13812348910b", "a138****8910b"),
        ("1.2.3.45678", "1.2.*.***78"),
    ],
)
def test_numbers_in_text(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@given(DIGITS)
def test_four_digits_or_more_are_hidden_and_seven_or_less_shown(number: str) -> None:
    masked = mask_number(number)
    hidden, shown = masked.count("*"), sum(map(str.isdigit, masked))
    assert hidden + shown == len(number)
    assert (hidden == 0) if len(number) <= 5 else (hidden >= 4 and shown <= 7)
    assert sum(shown_digits(len(number))) == shown


@given(st.text(), DIGITS.filter(lambda digits: len(digits) > 5))
def test_no_number_survives_in_any_text(around: str, number: str) -> None:
    assert number not in Veil([number]).text(f"{around} {number} {around}")


@given(st.text(max_size=100))
def test_masking_text_twice_changes_nothing_more(text: str) -> None:
    once = mask_text(text)
    assert re.sub(r"\d", "*", once) == re.sub(r"\d", "*", text)


def test_an_identifier_hides_the_documents_own_number_and_no_other() -> None:
    veil = Veil(["+8613812348910"])
    assert veil.identifier("x13812348910y@h") == "x138****8910y@h"
    assert veil.identifier("x99912345678y@h") == "x99912345678y@h"


def test_extensions_of_staff_stay_even_when_they_are_long() -> None:
    veil = Veil(["80010001", "13812348910"], known={"80010001": "Li Wei"})
    assert veil.number("80010001") == "80010001"
    assert veil.identifier("leg-80010001") == "leg-80010001"


def test_numbers_that_are_no_text() -> None:
    veil = Veil(["13812348910"])
    detail = {"n": 13812348910, "ssrc": 3735928559, "deep": [{"Digits": 42}], "on": True, "none": None}
    assert veil.detail(detail) == {
        "n": "138****8910",
        "ssrc": 3735928559,
        "deep": [{"Digits": "••"}],
        "on": True,
        "none": None,
    }
