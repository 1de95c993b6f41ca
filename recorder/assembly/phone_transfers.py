"""Transfers between phones whose manager connects them anew, without a word of a transfer itself."""

from dataclasses import replace

from recorder.assembly.book import SECOND, CallBook
from recorder.assembly.call import RunningCall
from recorder.assembly.dialog import Dialog
from recorder.assembly.endpoints import other
from recorder.assembly.happening import Happening
from recorder.assembly.leg import Leg
from recorder.assembly.transfers import Handover, Transfers
from recorder.assembly.written import alike
from storage.model import Relation, Side

SOON = 2 * SECOND
"""A manager connects the others so soon after the one who gave the call away has left (ns)."""


def given_away(book: CallBook, leg: Leg, own: Side, party: str, now: int) -> Handover | None:
    """The colleague's leg goes on in the call that they were asked about, once its other party is the one of
    that call. ``own`` is the colleague's side of the leg, ``party`` the number that it now shows."""
    goes = book.of(leg.id)
    found = _asked_about(book, goes, party) if goes is not None else None
    if goes is None or found is None or leg.dialog is None or leg.ended:
        return None
    if alike(leg.dialog.number(other(own)), party):
        return None
    stays, asker, waiting = found
    if stays.first.start >= goes.first.start:
        return None
    for one, side in ((asker, other(waiting)), *((one, other(own)) for one in goes.legs)):
        _hung_up(one, side, now)
    number = leg.dialog.number(own)
    asker.happenings.append(
        Happening(now, "transfer", other(waiting), {"to": number, "attended": bool(leg.dialog.answered)})
    )
    return Transfers(book).carry(leg, goes, stays, now, other(waiting), is_turned=own is waiting)


def _hung_up(leg: Leg, side: Side, now: int) -> None:
    """It ended a moment ago because this side gave the call away."""
    leg.happenings[:] = [
        replace(one, side=side) if one.kind == "bye" and now - one.at < SOON else one
        for one in leg.happenings
    ]


def _asked_about(book: CallBook, goes: RunningCall, party: str) -> tuple[RunningCall, Leg, Side] | None:
    """The call that ``goes`` is a consultation about, its leg with this party, and the party's side."""
    for name, relation in goes.related.items():
        stays = book.calls.get(name) if relation is Relation.CONSULTED_ABOUT else None
        for leg in stays.legs if stays is not None else ():
            side = _side_of(leg.dialog, party) if leg.dialog is not None else None
            if stays is not None and side is not None:
                return stays, leg, side
    return None


def _side_of(dialog: Dialog, party: str) -> Side | None:
    return next((side for side in Side if alike(dialog.number(side), party)), None)
