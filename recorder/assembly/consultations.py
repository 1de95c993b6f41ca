"""Calls that belong together: somebody is put on hold while a colleague is asked, or all three talk."""

from dataclasses import dataclass, field

from recorder.assembly.book import CallBook
from recorder.assembly.happening import Happening
from recorder.assembly.leg import Leg
from recorder.assembly.phonelines import PhoneLines
from storage.model import Relation, Side


@dataclass(slots=True)
class Consultations:
    """Notices a call that a phone makes while another one of its calls waits (3GPP calls it a consultation),
    and a phone that then talks on both at once, which mixes a conference of three by itself."""

    book: CallBook
    _lines: PhoneLines = field(default_factory=PhoneLines)

    def begin(self, leg: Leg) -> None:
        """A leg has begun."""
        self._lines.add(leg)
        # Who is called while another call waits does not ask anybody.
        caller = Side.B if leg.dialog is not None and leg.dialog.is_turned else Side.A
        beside = self._lines.beside(leg, caller)
        if beside is not None and _holds(*beside):
            self.book.relate(leg.id, Relation.CONSULTED_ABOUT, beside[0].id, Relation.CONSULTATION)

    def restore(self, leg: Leg) -> None:
        """A leg ran when the recorder stopped: whether it was a consultation was seen when it began."""
        self._lines.add(leg)

    def rename(self, leg: Leg) -> None:
        """The leg turned out to go to another host."""
        self._lines.add(leg)

    def end(self, leg: Leg) -> None:
        """A leg is over and done with."""
        self._lines.remove(leg)

    def note(self, leg: Leg, happened: list[Happening]) -> None:
        """Something happened on a leg."""
        for one in happened:
            if one.kind == "resume" and one.side:
                beside = self._lines.beside(leg, one.side)
                if beside is not None and _talks(*beside) and self._is_phone(leg, one.side):
                    self._confer(leg, one.side, beside, one.at)

    def join(self, leg: Leg, side: Side, now: int) -> None:
        """The phone at ``side`` joins the leg and the one that waits beside it in a conference."""
        beside = self._lines.beside(leg, side)
        if beside is not None:
            self._confer(leg, side, beside, now)

    def _is_phone(self, leg: Leg, side: Side) -> bool:
        """Whether the call ends at this side of the leg: a PBX has other legs of it."""
        call = self.book.of(leg.id)
        host = leg.dialog.host(side) if leg.dialog is not None else None
        others = (other.dialog for other in (call.legs if call else ()) if other is not leg)
        return not any(host in (one.source[0], one.destination[0]) for one in others if one is not None)

    def _confer(self, leg: Leg, side: Side, beside: tuple[Leg, Side], now: int) -> None:
        if not self.book.are_related(leg.id, beside[0].id):
            return
        self.book.relate(leg.id, Relation.CONFERENCE, beside[0].id, Relation.CONFERENCE)
        for each, own in ((leg, side), beside):
            each.happenings.append(Happening(now, "conference", own))


def _holds(leg: Leg, side: Side) -> bool:
    return leg.dialog is not None and side in leg.dialog.held


def _talks(leg: Leg, side: Side) -> bool:
    return leg.dialog is not None and bool(leg.dialog.answered) and side not in leg.dialog.held
