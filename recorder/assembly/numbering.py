"""Which numbers are our own, and so which way a call went and whose agent it was."""

import re
from dataclasses import dataclass, field

from recorder.assembly.e164 import e164
from storage.model import Direction


@dataclass(frozen=True, slots=True)
class Numbering:
    """Ours are numbers of up to ``extension_digits`` digits, and those that match one of ``own`` wholly.

    ``region`` is the country that numbers without a country code belong to (ISO 3166), ``outside_prefix``
    what our phones dial before a number outside.
    """

    extension_digits: int = 5
    own: tuple[re.Pattern[str], ...] = field(default=())
    region: str = ""
    outside_prefix: str = ""

    def e164(self, number: str) -> str:
        """The number as the whole world writes it; empty for extensions and what is no number."""
        if len(number) <= self.extension_digits:
            return ""
        return e164(number, self.region, self.outside_prefix)

    def is_internal(self, number: str) -> bool:
        """Whether the number is one of ours; SIP users that are no numbers are."""
        if any(pattern.fullmatch(number) for pattern in self.own):
            return True
        if not number:
            return False
        digits = number.lstrip("+")
        if not digits.isdigit():
            return not any(character.isdigit() for character in number)
        return not number.startswith("+") and len(digits) <= self.extension_digits

    def direction(self, caller: str, called: str) -> Direction:
        """Seen from the call centre; two numbers that are not ours count as inbound."""
        if not caller and not called:
            return Direction.UNKNOWN
        if not self.is_internal(caller):
            return Direction.INBOUND
        return Direction.INTERNAL if self.is_internal(called) else Direction.OUTBOUND
