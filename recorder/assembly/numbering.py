"""Which numbers are our own, and so which way a call went and whose agent it was."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from phonenumbers.shortnumberinfo import is_emergency_number

from recorder.assembly.e164 import e164
from recorder.assembly.mediaend import Address
from recorder.assembly.ranges import NumberRange
from recorder.assembly.trunks import Trunk
from recorder.assembly.written import is_withheld
from storage.model import Direction

_AROUND = re.compile(r"[\s().\-]|^[*#][0-9*#]*[*#](?=[0-9])|^[*#]+")
"""Separators, and the code before a number (``#31#``)."""
_INSIDE = re.compile(r"(?P<digits>[0-9]+)([*#]*|[^0-9+]*[^\W\d_].*)|[^\W\d_].*", re.DOTALL)
"""What people dial inside a house: few digits, alone, in a code or before a name; or a name."""

Hop = tuple[tuple[Address, int], tuple[Address, int]]
"""Where the signalling of a leg comes from and where it goes to."""


@dataclass(frozen=True, slots=True)
class Numbering:
    """Ours are numbers of up to ``extension_digits`` digits, those that match one of ``own`` wholly, and
    those within ``ranges`` as they are signalled or in international form. The world outside is behind
    ``trunks``.

    ``region`` is the country that numbers without a country code belong to (ISO 3166), ``outside_prefix``
    what our phones dial before a number outside. ``services`` are what the PBX answers by itself (queues,
    menus, mailboxes), which is nobody's number.
    """

    extension_digits: int = 5
    own: tuple[re.Pattern[str], ...] = field(default=())
    region: str = ""
    outside_prefix: str = ""
    ranges: tuple[NumberRange, ...] = ()
    trunks: tuple[Trunk, ...] = ()
    services: tuple[re.Pattern[str], ...] = ()

    def e164(self, number: str) -> str:
        """The number as the whole world writes it; empty for extensions and what is no number."""
        if len(number) <= self.extension_digits:
            return ""
        return e164(number, self.region, self.outside_prefix)

    def is_internal(self, number: str) -> bool:
        """Whether the number is one of ours; SIP users that are names are, and codes for the PBX itself."""
        if self._is_named(number):
            return True
        if is_withheld(number):
            return False
        return self._may_be_dialled_inside(number)

    def is_agents(self, number: str) -> bool:
        """Whether the number may be that of an agent."""
        is_service = any(pattern.fullmatch(number) for pattern in self.services)
        return not is_service and self.is_internal(number)

    def direction(self, caller: str, called: str, hops: Iterable[Hop] = ()) -> Direction:
        """Seen from the call centre. ``hops`` are those of the call's legs, the first one first.

        A leg from a trunk makes a call inbound and one to a trunk makes it outbound, whichever is first. The
        numbers tell where no leg touches a trunk; two that are not ours count as inbound.
        """
        for source, destination in hops:
            if self.is_outside(source):
                return Direction.INBOUND
            if self.is_outside(destination):
                return Direction.OUTBOUND
        if not caller and not called:
            return Direction.UNKNOWN
        if not self.is_internal(caller):
            return Direction.INBOUND
        if self._is_emergency(called) and not self._is_named(called):
            return Direction.OUTBOUND
        return Direction.INTERNAL if self.is_internal(called) else Direction.OUTBOUND

    def is_outside(self, place: tuple[Address, int]) -> bool:
        """Whether signalling at this place is that of the world outside."""
        return any(trunk.contains(place) for trunk in self.trunks)

    def _is_named(self, number: str) -> bool:
        """Whether we were told that it is ours."""
        return any(pattern.fullmatch(number) for pattern in self.own) or any(
            one.contains(number) or one.contains(self.e164(number)) for one in self.ranges
        )

    def _may_be_dialled_inside(self, number: str) -> bool:
        """Extensions (``8001``, ``8001-desk``), names (``alice``, ``agent7``), codes (``*97``)."""
        found = _INSIDE.fullmatch(_AROUND.sub("", number))
        return found is not None and len(found["digits"] or "") <= self.extension_digits

    def _is_emergency(self, number: str) -> bool:
        ways = {number, number.removeprefix(self.outside_prefix)} if self.region else set()
        return any(is_emergency_number(way, self.region) for way in ways if way.isdecimal())
