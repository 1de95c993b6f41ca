"""Which numbers are our own, and so which way a call went and whose agent it was."""

import re
from dataclasses import dataclass, field

from storage.model import Direction


@dataclass(frozen=True, slots=True)
class Numbering:
    """Ours are numbers of up to ``extension_digits`` digits, and those that match one of ``own`` wholly."""

    extension_digits: int = 5
    own: tuple[re.Pattern[str], ...] = field(default=())

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
