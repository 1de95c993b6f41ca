"""Hiding telephone numbers: ``138****8910``. Pure.

At least four digits of every number of six digits and more are hidden, and never more than the first three
and the last four are shown. Shorter numbers are extensions and are shown. Keys pressed during a call may be
card numbers and PINs: every one of them is hidden.

What comes from a call is written by strangers, who part the digits of a number with anything and write them
in any script: all digits of such a text are taken together for one number (``hide_digits``; ``qa_api.veil``
for a whole call). Texts of our own, of logs and problems, hold counts and times beside each other: there a
number ends at a letter (``mask_text``).
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any

EXTENSION_DIGITS = 5
HIDDEN_KEY = "•"
_SHOWN_FIRST, _SHOWN_LAST, _HIDDEN = 3, 4, 4

# What looks like one of these and goes on with digits, parted by a sign, is a number that somebody wrote so.
_FREE = r"(?<!\d)(?<!\d[-./:_])"
_ENDS = r"(?!\d)(?![-./:_]\d)"
_BYTE = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_IPV4 = rf"(?<![\d.]){_BYTE}(?:\.{_BYTE}){{3}}(?!\.?\d)"
_HEX = r"[0-9a-fA-F]{1,4}"
_SOME_HEX = rf"(?:{_HEX}(?::{_HEX}){{0,5}})?"
_IPV6 = rf"(?<![\w:.])(?=[\d:]*[a-fA-F])(?:(?:{_HEX}:){{7}}{_HEX}|{_SOME_HEX}::{_SOME_HEX})(?![\w:])"
_UUID = r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"
_SHA256 = r"\b[0-9a-f]{64}\b"
_YEAR, _MONTH, _DAY = r"(?:19|20)\d\d", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-6]\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?"
_TIME = rf"{_FREE}{_YEAR}-{_MONTH}-{_DAY}(?:[T ]{_CLOCK})?{_ENDS}|\b{_YEAR}{_MONTH}{_DAY}T\d{{6}}Z\b"
_BLOB = rf"{_FREE}{_YEAR}/{_MONTH}/{_DAY}(?:/{_UUID}(?:-[0-9a-f]{{8}}\b)?)?{_ENDS}"
_SIZE = rf"{_FREE}(?:\d{{1,3}}(?:,\d{{3}})+|\d{{1,15}})(?= (?:bytes|calls|copies|blobs|files)\b)"
_KEPT = f"{_IPV4}|{_IPV6}|{_UUID}|{_SHA256}|{_TIME}|{_BLOB}|{_SIZE}"
_NUMBER = rf"\d(?:[\W_]{{0,3}}(?!{_KEPT})\d)*"
_KEYS = frozenset({"digit", "digits", "dtmf", "key", "keys", "signal"})

Mask = Callable[[str], str]


@cache
def _text() -> re.Pattern[str]:
    """What of a text stays, and what is a number. Compiling it takes longer than importing this module."""
    return re.compile(f"(?P<kept>{_KEPT})|(?P<number>{_NUMBER})")


def shown_digits(count: int) -> tuple[int, int]:
    """How many first and last digits of a number of ``count`` digits may be shown."""
    if count <= EXTENSION_DIGITS:
        return count, 0
    shown = min(count - _HIDDEN, _SHOWN_FIRST + _SHOWN_LAST)
    last = min((shown + 1) // 2, _SHOWN_LAST)
    return shown - last, last


def digits_of(text: str) -> str:
    """The digits of a text in ASCII, whatever their script and whatever stands between them."""
    return "".join(filter(None, map(_digit, text)))


def hide_digits(text: str) -> str:
    """The text with its digits hidden as those of one number; everything else of it stays."""
    count = len(digits_of(text))
    first, last = shown_digits(count)
    seen = 0
    masked = []
    for character in text:
        if _digit(character):
            seen += 1
            masked.append(character if seen <= first or seen > count - last else "*")
        else:
            masked.append(character)
    return "".join(masked)


def mask_text(text: str) -> str:
    """A text of our own with the numbers in it masked; addresses, UUIDs, SHA-256 digests, times, sizes
    and the names of blobs in the archive stay."""
    if sum(map(str.isdecimal, text)) <= EXTENSION_DIGITS:
        return text  # Most texts hold no number that is to be masked; looking for one takes 20 times as long.
    return _text().sub(lambda found: found["kept"] or hide_digits(found["number"]), text)


def mask_keys(keys: str) -> str:
    """Pressed keys: their count remains, nothing else."""
    return HIDDEN_KEY * len(keys)


def mask_json(value: Any, text: Mask = mask_text, numeral: Mask = str, key: str = "") -> Any:
    """Nested JSON with its strings masked by ``text`` and its numbers, as digits, by ``numeral``.

    Keys pressed are hidden under whatever name they come, with all that lies below it.
    """
    if isinstance(value, dict):
        return {
            text(str(name)): mask_json(inner, text, numeral, key if _pressed(key) else str(name))
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [mask_json(inner, text, numeral, key) for inner in value]
    if isinstance(value, bool) or value is None:
        return value
    if _pressed(key):
        return mask_keys(str(value))
    if isinstance(value, str):
        return text(value)
    masked = numeral(str(value))
    return value if masked == str(value) else masked


def _pressed(key: str) -> bool:
    return key.lower() in _KEYS


def _digit(character: str) -> str:
    """The digit in ASCII that a character stands for (``8``, ``８``, ``٨``, ``⑧``, ``八``), or nothing."""
    if character.isascii():
        return character if character.isdigit() else ""
    value = unicodedata.numeric(character, -1)
    return str(int(value)) if value in range(10) else ""
