"""When two ways of writing may mean the same number."""

import pytest

from recorder.assembly.written import alike, is_withheld


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ("+49301234567", "0301234567"),
        ("+49301234567", "0049301234567"),
        ("+1 (202) 555-0100", "912025550100"),
        ("1234567", "+49301234567"),
        ("+442079460000", "902079460000"),
        ("+6491234567", "1091234567"),
        ("+74951234567", "84951234567"),
        ("+5511987654321", "02111987654321"),
        ("00301234567", "+49301234567"),
        ("201", "201"),
        ("alice", "alice"),
    ],
)
def test_prefixes_and_separators_make_no_other_number(one: str, another: str) -> None:
    assert alike(one, another)


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ("+49301234567", "+49301234568"),
        ("+49301234567", "+49401234567"),
        ("+49401234567", "+43911234567"),
        ("+49891234567", "0301234567"),
        ("0301234567", "0401234567"),
        ("02111234567", "07111234567"),
        ("49895551234", "+12025551234"),
        ("201", "1201"),
        ("123456", "0123456"),
        ("anonymous", "anonymous"),
        ("", ""),
        ("anonymous.invalid", "anonymous.invalid"),
        ("Restricted", "Restricted"),
    ],
)
def test_other_numbers_and_callers_who_are_not_told_are_not_the_same(one: str, another: str) -> None:
    assert not alike(one, another)


@pytest.mark.parametrize("user", ["Anonymous", "unknown", "", "anonymous.invalid"])
def test_callers_who_are_not_told(user: str) -> None:
    assert is_withheld(user)
    assert not is_withheld("201")
