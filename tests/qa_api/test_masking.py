import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_api.masking import hide_digits, mask_json, mask_text, shown_digits

DIGITS = st.text("0123456789", min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("13812348910", "138****8910"),
        ("+8613812348910", "+861******8910"),
        ("+86 138-1234-8910", "+86 1**-****-8910"),
        ("(021) 6666 8888", "(021) **** 8888"),
        ("tel:02166668888", "tel:021****8888"),
        ("138/1234/8910", "138/****/8910"),
        ("138_1234·8910", "138_****·8910"),
        ("１３８‐１２３４‐８９１０", "１３８‐****‐８９１０"),
        ("١٣٨١٢٣٤٨٩١٠", "١٣٨****٨٩١٠"),
        ("一三八①②③④8910", "一三八****8910"),
        ("138x1234y8910", "138x****y8910"),
        ("张三", "张三"),
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
    assert hide_digits(number) == masked


@pytest.mark.parametrize(
    "text",
    [
        "from 192.168.100.200:5060",
        "call 3f2b1c00-1234-4678-9abc-0123456789ab",
        "at 2026-11-21T19:25:46.323Z",
        "snapshots/20261122T030405Z.catalogue.gz",
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
        ("q 138/1234_8910 at", "q 138/****_8910 at"),
    ],
)
def test_numbers_in_text(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@given(DIGITS)
def test_four_digits_or_more_are_hidden_and_seven_or_less_shown(number: str) -> None:
    masked = hide_digits(number)
    hidden, shown = masked.count("*"), sum(map(str.isdigit, masked))
    assert hidden + shown == len(number)
    assert (hidden == 0) if len(number) <= 5 else (hidden >= 4 and shown <= 7)
    assert sum(shown_digits(len(number))) == shown


@given(st.text(max_size=100))
def test_masking_text_twice_changes_nothing_more(text: str) -> None:
    once = mask_text(text)
    assert re.sub(r"\d", "*", once) == re.sub(r"\d", "*", text)


def test_json_is_masked_however_deep_and_numerals_are_for_the_caller_to_judge() -> None:
    value = {
        "n": 13812348910,
        "deep": [{"Digits": {"first": 42, "rest": ["7"]}}, "138/1234/8910"],
        "on": True,
    }
    masked = {
        "n": 13812348910,
        "deep": [{"Digits": {"first": "••", "rest": ["•"]}}, "138/****/8910"],
        "on": True,
    }
    assert mask_json(value) == masked
    assert mask_json(value, numeral=hide_digits) == masked | {"n": "138****8910"}
