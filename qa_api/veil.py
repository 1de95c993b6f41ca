"""Hides the numbers of one call, whose texts were written by strangers. Pure."""

import ipaddress
import re
from collections.abc import Container, Iterable, Iterator
from typing import Any

from qa_api.masking import EXTENSION_DIGITS, digits_of, hide_digits, mask_json
from storage.model import Call, CallState

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SUITE = re.compile(r"AE(?:S|AD)_[A-Z0-9_]+")
_OPENED = "suite"
"""The name of a cipher in an event, which the recorder takes from its own table."""
_RUN = EXTENSION_DIGITS + 1
_NO_IDENTIFIER = "…"


class Veil:
    """Masks what was said about one call.

    All digits of a text count as one number, so that nothing between them matters. ``known`` are extensions
    of staff, which stay as they are. Network addresses stay where the recorder itself has seen them; what a
    stranger wrote may be a number with dots in it.
    """

    def __init__(self, call: Call, known: Container[str] = ()) -> None:
        self._known = known
        self._runs = frozenset(run for number in _numbers(call) for run in _runs(digits_of(number)))
        self._media_only = call.state is CallState.MEDIA_ONLY
        seen = {place for leg in call.legs for place in (leg.source, leg.destination) if _is_place(place)}
        seen |= {place.rpartition(":")[0] for place in seen}
        longest_first = sorted(map(re.escape, seen), key=len, reverse=True)
        self._places = re.compile(rf"(?<![\w.:])(?:{'|'.join(longest_first)})(?![\w.:])") if seen else None

    def number(self, text: str) -> str:
        """A number or SIP address; in a call without signalling, the place that its media come from."""
        if text in self._known or (self._media_only and _is_place(text)):
            return text
        return self.text(text)

    def place(self, text: str) -> str:
        """Where a message came from, ``ip:port``, as the recorder saw it."""
        return text if _is_place(text) else self.text(text)

    def text(self, text: str) -> str:
        """A name or other text."""
        if text in self._known:
            return text
        if self._places is None:
            return hide_digits(text)
        return _hide_between(self._places, text)

    def leg_id(self, text: str) -> str:
        """The recorder's own id of a leg; one that is no UUID is a text."""
        return text if _UUID.fullmatch(text) else self.text(text)

    def call_id(self, text: str) -> str:
        """The host of a Call-ID. What stands before it may carry a number in any form: it is left out.

        A digest would not do: four hidden digits are found in it by trying ten thousand numbers.
        """
        _, at, host = text.rpartition("@")
        return _NO_IDENTIFIER + at + self.text(host) if at else text and _NO_IDENTIFIER

    def detail(self, value: dict[str, Any]) -> dict[str, Any]:
        """The details of an event."""
        suite = value.get(_OPENED)
        masked: dict[str, Any] = mask_json(value, self.text, self._numeral)
        if isinstance(suite, str) and _SUITE.fullmatch(suite) and not self._shares(suite):
            masked[_OPENED] = suite
        return masked

    def _numeral(self, text: str) -> str:
        # Counts and stream identifiers are long numbers too; only those of this call are hidden.
        return hide_digits(text) if self._shares(text) else text

    def _shares(self, text: str) -> bool:
        return not self._runs.isdisjoint(_runs(digits_of(text)))


def _hide_between(kept: re.Pattern[str], text: str) -> str:
    """Hide the digits of the text without those of what is kept, which count for nothing."""
    hidden = iter(hide_digits(kept.sub("", text)))
    parts: list[str] = []
    end = 0
    for found in kept.finditer(text):
        parts += (next(hidden) for _ in range(found.start() - end))
        parts.append(found[0])
        end = found.end()
    return "".join((*parts, *hidden))


def _runs(digits: str) -> Iterator[str]:
    return (digits[start : start + _RUN] for start in range(len(digits) - _RUN + 1))


def _is_place(text: str) -> bool:
    """Whether the text is ``ip:port`` and nothing else."""
    host, colon, port = text.rpartition(":")
    try:
        ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return bool(colon) and port.isascii() and port.isdigit() and len(port) <= _RUN - 1


def _numbers(call: Call) -> Iterable[str]:
    yield from (call.from_, call.to, call.from_e164, call.to_e164)
    for leg in call.legs:
        yield from (leg.from_, leg.to, leg.from_e164, leg.to_e164)
    for party in call.parties:
        yield party.number
