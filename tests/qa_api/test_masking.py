import re
from datetime import datetime

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
        "alarm since 2026-11-22 03:04 UTC",
        "2026/11/22/01a20212-1234-7678-9532-012345678901.peaks.dat",
        "2026/11/22/01a20212-1234-7678-9532-012345678901-12345678.opus",
        "deleted/2026/11/22/01a20212-1234-7678-9532-012345678901.json",
        "could not list 2026/11/22: it does not answer",
        "browse/2026-11-22.js",
        "conn=3 Connected to host 127.0.0.1, port 46227.",
        "10.0.0.1 10.0.0.22 8001",
        "to [2001:db8::8a2e:370:7334]:5060 from fe80::1%eth0 and 2001:db8:1:2:3:4:5:6789",
        "sent 5000000 bytes of 1,234,567 bytes for 1,234,567 calls",
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
        ("138-2026-11-22-8910", "138-****-**-**-8910"),
        ("2026/11/22/13812348910.opus", "202*/**/**/*******8910.opus"),
        ("from 13812348910 2026-11-22", "from 138****8910 2026-11-22"),
        ("10.0.0.1 13812348910 5 bytes", "10.0.0.1 138****8910 5 bytes"),
        ("1381:2348:910::", "138*:***8:910::"),
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


MIN, MAX = datetime(1990, 1, 1), datetime(2099, 12, 31)  # noqa: DTZ001 - written out as UTC
FORMS = st.one_of(
    st.uuids().map(str),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(str).filter(re.compile("[a-f]").search),
    st.datetimes(MIN, MAX).map("{:%Y-%m-%dT%H:%M:%S.%fZ}".format),
    st.datetimes(MIN, MAX).map("{:%Y-%m-%d %H:%M} UTC".format),
    st.datetimes(MIN, MAX).map("snapshots/{:%Y%m%dT%H%M%SZ}.index.tar".format),
    st.datetimes(MIN, MAX).map("browse/{:%Y-%m-%d}.js".format),
    st.tuples(st.datetimes(MIN, MAX), st.uuids()).map(lambda both: "{:%Y/%m/%d}/{}.opus".format(*both)),
    st.integers(0, 10**12).map("{:,} bytes".format),
)
PARTED = st.from_regex(r"[0-9](?:(?:-| |\) )?[0-9]){6,14}", fullmatch=True).filter(
    lambda number: not re.search(r"(19|20)\d\d-\d\d-\d\d", number)
)


@given(st.lists(st.tuples(FORMS, PARTED), max_size=4), st.sampled_from([" from ", ", x ", " at ", "x"]))
def test_addresses_times_and_names_stay_beside_numbers_that_do_not(
    pairs: list[tuple[str, str]], between: str
) -> None:
    for form, number in pairs:
        masked = mask_text(f"{form} {between} {number}{between} {form}")
        assert masked.startswith(f"{form} ")
        assert masked.endswith(f" {form}")
        middle = masked[len(form) : -len(form)]
        assert sum(map(str.isdigit, middle)) <= 7
        assert middle.count("*") >= 4


@given(st.text(" -./:,_@+xTZ", max_size=6), st.text("0123456789", min_size=7, max_size=15))
def test_a_number_among_any_signs_is_masked(signs: str, number: str) -> None:
    for text in (f"{signs}{number}", f"{number}{signs}", f"{signs}{number}{signs}"):
        assert mask_text(text).count("*") >= 4
        assert number not in mask_text(text)
