"""Which dialogs a phone has at the same time: one that asks a colleague has two, and one of them waits."""

from dataclasses import dataclass, field

from recorder.assembly.leg import Leg
from recorder.assembly.mediaend import Address
from storage.model import Side

MOST = 4
"""A number with more dialogs at one address is a trunk, not a phone."""


@dataclass(slots=True)
class PhoneLines:
    """Running legs by the address and the number at each of their ends."""

    _legs: dict[tuple[Address, str], dict[str, Leg]] = field(default_factory=dict)
    _of: dict[str, list[tuple[Address, str]]] = field(default_factory=dict)
    """Where each leg was added: its numbers may turn out to be others."""

    def add(self, leg: Leg) -> None:
        """The leg begins, or has other numbers than before."""
        self.remove(leg)
        self._of[leg.id] = _lines(leg)
        for line in self._of[leg.id]:
            self._legs.setdefault(line, {})[leg.id] = leg

    def remove(self, leg: Leg) -> None:
        """The leg's call is done, or goes on as another leg."""
        for line in self._of.pop(leg.id, ()):
            legs = self._legs.get(line, {})
            legs.pop(leg.id, None)
            if not legs:
                self._legs.pop(line, None)

    def beside(self, leg: Leg, side: Side) -> tuple[Leg, Side] | None:
        """The other dialog of the phone at ``side``, and its side there; None unless there is just one."""
        if leg.dialog is None:
            return None
        line = leg.dialog.host(side), leg.dialog.number(side)
        legs = self._legs.get(line, {})
        if len(legs) > MOST:
            return None
        others = [one for one in legs.values() if one is not leg and not one.ended]
        if len(others) != 1 or others[0].dialog is None:
            return None
        dialog = others[0].dialog
        ends = [end for end in Side if (dialog.host(end), dialog.number(end)) == line]
        return (others[0], ends[0]) if len(ends) == 1 else None


def _lines(leg: Leg) -> list[tuple[Address, str]]:
    dialog = leg.dialog
    return [(dialog.host(side), dialog.number(side)) for side in Side] if dialog else []
