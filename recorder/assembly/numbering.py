"""Which numbers are our own, and so which way a call went and whose agent it was."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from recorder.assembly.e164 import e164
from recorder.assembly.mediaend import Address
from recorder.assembly.ranges import NumberRange
from recorder.assembly.trunks import Trunk
from storage.model import Direction

Hop = tuple[tuple[Address, int], tuple[Address, int]]
"""Where the signalling of a leg comes from and where it goes to."""


@dataclass(frozen=True, slots=True)
class Numbering:
    """Ours are numbers of up to ``extension_digits`` digits, those that match one of ``own`` wholly, and
    those within ``ranges`` as they are signalled or in international form. The world outside is behind
    ``trunks``.

    ``region`` is the country that numbers without a country code belong to (ISO 3166), ``outside_prefix``
    what our phones dial before a number outside.
    """

    extension_digits: int = 5
    own: tuple[re.Pattern[str], ...] = field(default=())
    region: str = ""
    outside_prefix: str = ""
    ranges: tuple[NumberRange, ...] = ()
    trunks: tuple[Trunk, ...] = ()

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
        if self.ranges and any(
            one.contains(number) or one.contains(self.e164(number)) for one in self.ranges
        ):
            return True
        digits = number.lstrip("+")
        if not digits.isdigit():
            return not any(character.isdigit() for character in number)
        return not number.startswith("+") and len(digits) <= self.extension_digits

    def direction(self, caller: str, called: str, hops: Iterable[Hop] = ()) -> Direction:
        """Seen from the call centre. ``hops`` are those of the call's legs, the first one first.

        A leg from a trunk makes a call inbound and one to a trunk makes it outbound, whichever is first. The
        numbers tell where no leg touches a trunk; two that are not ours count as inbound.
        """
        for source, destination in hops:
            if any(trunk.contains(source) for trunk in self.trunks):
                return Direction.INBOUND
            if any(trunk.contains(destination) for trunk in self.trunks):
                return Direction.OUTBOUND
        if not caller and not called:
            return Direction.UNKNOWN
        if not self.is_internal(caller):
            return Direction.INBOUND
        return Direction.INTERNAL if self.is_internal(called) else Direction.OUTBOUND
