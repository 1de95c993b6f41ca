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
from typing import Any

EXTENSION_DIGITS = 5
HIDDEN_KEY = "•"
_SHOWN_FIRST, _SHOWN_LAST, _HIDDEN = 3, 4, 4

_IPV4 = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}(?![\d.])"
_UUID = r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"
_SHA256 = r"\b[0-9a-f]{64}\b"
_TIME = r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?|\b\d{8}T\d{6}Z\b"
_NUMBER = r"\d(?:[\W_]{0,3}\d)*"
_TEXT = re.compile(f"(?P<kept>(?<![\\d.]){_IPV4}|{_UUID}|{_SHA256}|{_TIME})|(?P<number>{_NUMBER})")
_KEYS = frozenset({"digit", "digits", "dtmf", "key", "keys", "signal"})

Mask = Callable[[str], str]


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
    """A text of our own with the numbers in it masked; addresses, UUIDs, SHA-256 digests and times stay."""
    return _TEXT.sub(lambda found: found["kept"] or hide_digits(found["number"]), text)


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
