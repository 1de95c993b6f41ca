"""Ranges of telephone numbers, as an operator writes them."""

import re
from dataclasses import dataclass

from recorder.assembly.e164 import e164

_NUMBER = re.compile(r"\+?[0-9]+")


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Numbers from ``first`` to ``last``, both included and of one length, or all with a ``prefix``."""

    first: str = ""
    last: str = ""
    prefix: str = ""

    @classmethod
    def parse(cls, text: str) -> "NumberRange":
        """``02188880000-02188889999``, ``+862188*`` or a single number; raises ``ValueError``."""
        bare = re.sub(r"[\s()./]", "", text)
        if bare.endswith("*") and _NUMBER.fullmatch(bare[:-1]):
            return cls(prefix=bare[:-1])
        first, dash, last = bare.partition("-")
        last = last if dash else first
        if not _NUMBER.fullmatch(first) or not _NUMBER.fullmatch(last):
            raise ValueError(
                f"{text!r} is no range of numbers: write 02188880000-02188889999, +862188* or one number"
            )
        if len(first) != len(last) or first > last:
            raise ValueError(
                f"{text!r} is no range of numbers: both must have as many digits, the smaller one first"
            )
        return cls(first, last)

    def contains(self, number: str) -> bool:
        """Whether the number, in this very way of writing, is within."""
        if self.prefix:
            return number.startswith(self.prefix)
        return len(number) == len(self.first) and self.first <= number <= self.last

    def international(self, region: str) -> "NumberRange | None":
        """The same range in international form; None where its ends have none, as those of a prefix."""
        first, last = e164(self.first, region), e164(self.last, region)
        return NumberRange(first, last) if first and len(first) == len(last) else None
