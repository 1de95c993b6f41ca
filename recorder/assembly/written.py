"""Numbers in the many ways in which phones and trunks write them."""

import re

_BETWEEN = re.compile(r"[\s().\-/]")
_DIGITS = re.compile(r"\+?[0-9]{7,}")
_TELLING = 7
"""Last digits that tell subscribers apart; what stands before is a prefix, an area or a country."""
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
    """Whether both may be the same number, and it is one."""
    return not is_withheld(one) and essence(one) == essence(another)
