"""Numbers in the many ways in which phones and trunks write them."""

import re
from itertools import takewhile

_BETWEEN = re.compile(r"[\s().\-/]")
_DIGITS = re.compile(r"\+?[0-9]{7,}")
_INTERNATIONAL = re.compile(r"\+[1-9]")
_TELLING = 7
"""Last digits that two writings of a number have in common; before them stand prefixes, areas, countries."""
_SUBSCRIBER = 9
"""As many that are the same leave room for prefixes only: trunk codes of Russia, carriers of Brazil."""
_MOST_COUNTRY, _MOST_ACCESS = 3, 2
"""Digits of a country (ITU-T E.164, 6.2.1), and of what a phone dials for a line outside."""
_NOBODY = frozenset(
    {"", "anonymous", "unknown", "unavailable", "restricted", "private", "withheld", "invalid"}
)
"""Users that stand for a caller who is not told (RFC 3323, 4.1; what gateways write besides)."""


def is_withheld(number: str) -> bool:
    """Whether it stands for a caller who is not told: it is no number, and two of them need not be one."""
    return number.lower() in _NOBODY or number.lower().endswith(".invalid")


def essence(number: str) -> str:
    """What is the same in all ways of writing a number: its last digits, or the whole of a short one."""
    bare = _BETWEEN.sub("", number)
    return bare[-_TELLING:] if _DIGITS.fullmatch(bare) else number


def alike(one: str, another: str) -> bool:
    """Whether both may be the same number, and it is one.

    A prefix before one of them, a trunk prefix in the place of a country, and what carriers write between may
    differ; two numbers in international form, or in the same form, are the same only where all digits are.
    """
    if is_withheld(one) or essence(one) != essence(another):
        return False
    first, second = (_BETWEEN.sub("", number) for number in (one, another))
    if first == second or not _DIGITS.fullmatch(first) or not _DIGITS.fullmatch(second):
        return first == second
    if _INTERNATIONAL.match(first) and _INTERNATIONAL.match(second):
        return False
    first_digits, second_digits = (number.lstrip("+0") for number in (first, second))
    if first_digits.endswith(second_digits) or second_digits.endswith(first_digits):
        return True
    if len(first) == len(second) and "+" not in first + second:
        return False
    pairs = zip(reversed(first_digits), reversed(second_digits), strict=False)
    known = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
    return known >= _SUBSCRIBER or _is_national(first, second) or _is_national(second, first)


def _is_national(one: str, another: str) -> bool:
    """Whether the one is what a phone dials for a line outside, and a trunk prefix, in the place of the
    country of the other one."""
    digits = another.lstrip("+")
    return any(
        one.endswith("0" + digits[country:]) and len(one) + country - len(digits) - 1 <= _MOST_ACCESS
        for country in range(1, min(_MOST_COUNTRY, len(digits) - _TELLING) + 1)
    )
