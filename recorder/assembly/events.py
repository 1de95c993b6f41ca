"""The timeline of a call: what happened on its legs, each thing once."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from recorder.assembly.book import SECOND
from recorder.assembly.call import RunningCall
from recorder.assembly.happening import Happening
from recorder.assembly.leg import Leg
from recorder.assembly.times import instant
from recorder.protocol.readers import SCCP_PORTS
from recorder.protocol.received import SCCP
from storage.model import Event, Side

ECHO = SECOND
"""A PBX repeats on one leg what it hears on the other, in less than this (ns)."""
HANG_UP = 2 * SECOND
"""Legs that end within so long of the last one end with it; those before were left behind."""

_REPEATED = frozenset({"hold", "resume"})
"""What a leg tells only when it changes."""
NO_ANSWER = "no-answer"
"""Somebody was rung for a while in vain, and the caller did not give up."""


@dataclass(frozen=True, slots=True)
class _Told:
    """A happening as the call sees it."""

    happening: Happening
    kind: str
    leg: str


@dataclass(slots=True)
class _Echoes:
    """Which legs told the newest event of a kind, and when the last of them did (ns)."""

    at: int
    legs: set[str]

    def take(self, told: _Told) -> bool:
        """Whether it is the same once more: a leg that holds again, however soon, does so."""
        is_again = told.kind in _REPEATED and told.leg in self.legs
        is_same = not is_again and told.happening.at - self.at < ECHO
        self.at = told.happening.at
        self.legs = self.legs | {told.leg} if is_same else {told.leg}
        return is_same


def timeline(call: RunningCall) -> Iterator[Event]:
    """The events of all legs in time order, without keys pressed, which have a reader of their own."""
    latest: dict[tuple[str, Side | None], _Echoes] = {}
    for told in sorted(_told(call), key=lambda told: told.happening.at):
        at = told.happening.at
        # Who holds is on the same side of every leg; who hangs up, or asks for a transfer, need not be.
        key = told.kind, told.happening.side if told.kind in _REPEATED else None
        if not latest.setdefault(key, _Echoes(at - ECHO, set())).take(told):
            detail = dict(told.happening.detail)
            yield Event(at=instant(at), kind=told.kind, side=told.happening.side, detail=detail)


def _told(call: RunningCall) -> Iterator[_Told]:
    last = max(leg.ended for leg in call.legs)
    for leg in call.legs:
        for happening in leg.happenings:
            kind = _kind(happening, leg, call, last)
            if kind == NO_ANSWER and leg.dialog is not None:
                detail = {"number": leg.dialog.to_number}
                yield _Told(replace(happening, side=Side.B, detail=detail), kind, leg.id)
            elif kind == "left" and (side := _at_phone(leg)) is not None:
                yield _Told(replace(happening, side=side), kind, leg.id)
            elif kind:
                yield _Told(happening, kind, leg.id)


def _at_phone(leg: Leg) -> Side | None:
    """The side at which the leg of a phone of SCCP has that phone, which is who leaves where others go on."""
    dialog = leg.dialog
    if dialog is None or dialog.protocol != SCCP:
        return None
    return Side.A if (dialog.destination[1] in SCCP_PORTS) is not dialog.is_turned else Side.B


def _kind(happening: Happening, leg: Leg, call: RunningCall, last: int) -> str:
    """What a happening of a leg means for the call; empty where it means nothing of its own."""
    is_unheard = happening.kind == "bye" and leg.dialog is not None and not leg.dialog.answered
    if (happening.kind == "cancelled" or is_unheard) and _is_sent_on(call, leg):
        return "" if _is_answered_at(call, happening.at) else NO_ANSWER
    if happening.kind == "bye":
        return "end" if last - happening.at < HANG_UP else "left"
    if happening.kind == "rejected" and leg.dialog is not None and leg.dialog.cancelled:
        return ""
    return "" if happening.kind == "dtmf" else happening.kind


def _is_sent_on(call: RunningCall, leg: Leg) -> bool:
    """Whether the leg was rung on behalf of a caller who did not give up."""
    first = call.leading.dialog
    return leg is not call.leading and first is not None and not first.cancelled


def _is_answered_at(call: RunningCall, at: int) -> bool:
    """Whether somebody answered then: the others need not ring any more."""
    dialogs = (leg.dialog for leg in call.legs if leg.dialog is not None)
    return any(dialog.answered and abs(dialog.answered - at) < ECHO for dialog in dialogs)
