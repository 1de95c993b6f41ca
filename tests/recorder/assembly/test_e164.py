"""Numbers as the whole world writes them, from the ways in which phones and trunks write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.assembly.e164 import e164

MOBILE = "+8613800138000"


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("13800138000", MOBILE),
        ("013800138000", MOBILE),
        ("138 0013 8000", MOBILE),
        ("+86 138-0013-8000", MOBILE),
        ("8613800138000", MOBILE),
        ("008613800138000", MOBILE),
        ("9013800138000", MOBILE),
        ("90086 13800138000", MOBILE),
        ("9+8613800138000", MOBILE),
        ("02166668888", "+862166668888"),
        ("(021) 6666.8888", "+862166668888"),
        ("00442071838750", "+442071838750"),
        ("4008001234", "+864008001234"),
        ("8001", ""),
        ("95588", ""),
        ("110", ""),
        ("66668888", ""),
        ("00", ""),
        ("+", ""),
        ("+999123456789", ""),
        ("alice", ""),
        ("*97", ""),
        ("", ""),
    ],
)
def test_numbers_dialled_in_china_with_9_for_an_outside_line(number: str, found: str) -> None:
    assert e164(number, "CN", "9") == found


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("2025550100", "+12025550100"),
        ("12025550100", "+12025550100"),
        ("912025550100", "+12025550100"),
        ("917555010", ""),
        ("9172345678", "+19172345678"),
        ("011442071838750", "+442071838750"),
        ("9011442071838750", "+442071838750"),
        ("00442071838750", "+442071838750"),
    ],
)
def test_numbers_dialled_in_north_america(number: str, found: str) -> None:
    assert e164(number, "US", "9") == found


@pytest.mark.parametrize(
    ("number", "found"), [("+8613800138000", MOBILE), ("008613800138000", ""), ("13800138000", "")]
)
def test_without_a_country_only_a_plus_tells(number: str, found: str) -> None:
    assert e164(number) == found


@given(st.text(max_size=40) | st.text("+0123456789 -", max_size=30))
def test_whatever_is_dialled_gives_a_number_or_none(number: str) -> None:
    found = e164(number, "CN", "9")
    assert not found or (found.startswith("+") and found[1:].isdecimal() and len(found) <= 16)
    assert e164(found, "CN", "9") == found
