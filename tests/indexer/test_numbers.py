import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.numbers import forms, is_pattern, matches, normal, pattern, writings


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+86 138-1234-5678", ("8613812345678",)),
        ("(010) 8888.6666", ("01088886666",)),
        ("008613812345678", ("008613812345678", "8613812345678")),
        ("00123", ("00123",)),
        ("sip:8001@pbx.example.com", ("8001",)),
        ("tel:+49 30 1234;phone-context=x", ("49301234",)),
        ("１２３", ("123",)),
        ("*97", ("*97",)),
        ("Alice  B", ("alice b",)),
        ("  ", ()),
        ("", ()),
    ],
)
def test_forms(number, expected):
    assert forms(number) == expected


@pytest.mark.parametrize(
    ("wanted", "number", "fits"),
    [
        ("13812345678", "138-1234-5678", True),
        ("+8613812345678", "008613812345678", True),
        ("*5678", "13812345678", True),
        ("138*", "13812345678", True),
        ("*1234*", "13812345678", True),
        ("138****5678", "13812345678", True),
        ("138*", "8613812345678", False),
        ("1381", "13812345678", False),
        ("*97", "*97", True),
        ("ALICE*", "alice b", True),
    ],
)
def test_patterns(wanted, number, fits):
    assert any(matches(pattern(wanted), form) for form in forms(number)) is fits


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (
            "+8613800138000",
            ("8613800138000", "13800138000", "013800138000", "008613800138000", "0118613800138000"),
        ),
        ("+862166668888", ("862166668888", "2166668888", "02166668888", "00862166668888", "011862166668888")),
        ("+3902123456", ("3902123456", "02123456", "003902123456", "0113902123456")),
        ("+18005550100", ("18005550100", "8005550100", "18005550100", "0018005550100", "01118005550100")),
        ("8001", ()),
        ("", ()),
    ],
)
def test_writings(number, expected):
    assert writings(number) == expected


@pytest.mark.parametrize("text", ["", "*", "***", " * ", "+"])
def test_a_pattern_needs_something_to_find(text):
    with pytest.raises(ValueError, match=r"^"):
        pattern(text)


def test_a_word_is_a_number_pattern_only_with_digits_and_a_star():
    assert is_pattern("138*5678")
    assert not any(map(is_pattern, ("138", "abc*", "*", "a1*")))


@given(st.text(max_size=20))
def test_every_number_finds_itself(number: str):
    form = normal(number)
    assert normal(form) == form or not form.isdigit()
    if "*" not in form and any(map(str.isalnum, form)):
        assert matches(pattern(form), form)
        assert pattern(pattern(form)) == pattern(form)
