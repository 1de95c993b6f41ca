"""Hiding telephone numbers: ``138****8910``. Pure.

At least four digits of every number of six digits and more are hidden, and never more than the first three
and the last four are shown. Shorter numbers are extensions and are shown. Keys pressed during a call may be
card numbers and PINs: every one of them is hidden.
"""

import re
from collections.abc import Container, Iterable
from typing import Any

EXTENSION_DIGITS = 5
HIDDEN_KEY = "•"
_SHOWN_FIRST, _SHOWN_LAST, _HIDDEN = 3, 4, 4

_IPV4 = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}(?![\d.])"
_UUID = r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"
_SHA256 = r"\b[0-9a-f]{64}\b"
_TIME = r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?"
_NUMBER = r"\d(?:[ \-().]{0,3}\d)*"
_TEXT = re.compile(f"(?P<kept>(?<![\\d.]){_IPV4}|{_UUID}|{_SHA256}|{_TIME})|(?P<number>{_NUMBER})")
_KEYS = frozenset({"digit", "digits", "dtmf", "key", "keys", "signal"})


def shown_digits(count: int) -> tuple[int, int]:
    """How many first and last digits of a number of ``count`` digits may be shown."""
    if count <= EXTENSION_DIGITS:
        return count, 0
    shown = min(count - _HIDDEN, _SHOWN_FIRST + _SHOWN_LAST)
    last = min((shown + 1) // 2, _SHOWN_LAST)
    return shown - last, last


def mask_number(number: str) -> str:
    """The number (or SIP address) with the middle digits as ``*``; separators and a leading ``+`` stay."""
    return re.sub(_NUMBER, lambda found: _mask_digits(found[0]), number)


def mask_text(text: str) -> str:
    """Free text with the numbers in it masked; addresses, UUIDs, SHA-256 digests and times stay."""
    return _TEXT.sub(lambda found: found["kept"] or _mask_digits(found["number"]), text)


def mask_keys(keys: str) -> str:
    """Pressed keys: their count remains, nothing else."""
    return HIDDEN_KEY * len(keys)


def _mask_digits(run: str) -> str:
    count = sum(character.isdigit() for character in run)
    first, last = shown_digits(count)
    seen = 0
    masked = []
    for character in run:
        if character.isdigit():
            seen += 1
            masked.append(character if seen <= first or seen > count - last else "*")
        else:
            masked.append(character)
    return "".join(masked)


class Veil:
    """Masks one document: numbers wherever they stand, and the document's own numbers inside other words.

    ``numbers`` are those of the document. ``known`` are extensions of staff, which stay as they are.
    """

    def __init__(self, numbers: Iterable[str] = (), known: Container[str] = ()) -> None:
        digits = {re.sub(r"\D", "", number) for number in numbers if number not in known}
        self._own = tuple(run for run in digits if len(run) > EXTENSION_DIGITS)
        self._known = known

    def number(self, text: str) -> str:
        """A number or SIP address."""
        return text if text in self._known else mask_number(text)

    def text(self, text: str) -> str:
        """A name or other free text."""
        return text if text in self._known else mask_text(self.identifier(text))

    def identifier(self, text: str) -> str:
        """An identifier (Call-ID, address): a run of digits is hidden where it shares a number's digits."""
        return re.sub(rf"\d{{{EXTENSION_DIGITS + 1},}}", self._foreign_or_masked, text)

    def _foreign_or_masked(self, found: re.Match[str]) -> str:
        run = found[0]
        own = any(run in number or number in run for number in self._own)
        return _mask_digits(run) if own else run

    def detail(self, value: Any, key: str = "") -> Any:
        """Nested JSON, with keys pressed hidden under whatever name they come."""
        if isinstance(value, dict):
            return {name: self.detail(inner, name) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.detail(inner, key) for inner in value]
        if isinstance(value, bool) or value is None:
            return value
        if key.lower() in _KEYS:
            return mask_keys(str(value))
        if isinstance(value, str):
            return self.text(value)
        masked = self.identifier(str(value))
        return value if masked == str(value) else masked
