"""Calls that a PBX, or a controller of the kind of RFC 3725, makes to both parties: callback, click to dial.

Each party is the called one of its own dialog, so that one of the two has to change its sides to be one
conversation with the other.
"""

from collections.abc import Callable
from dataclasses import fields, replace

from recorder.assembly.call import RunningCall
from recorder.assembly.dialog import Dialog
from recorder.assembly.mediaend import Address
from recorder.protocol.received import SIP
from storage.model import Side

APART = 2_000_000_000
"""A PBX lets media go directly within so long of the answer (ns)."""
SWAP = {Side.A: Side.B, Side.B: Side.A}


def is_direct(one: Dialog, another: Dialog) -> bool:
    """Whether both dialogs tell of one flow of media, which goes from the one party to the other directly."""
    return len(_common(one, another)) > 1


def is_opposite(one: Dialog, another: Dialog) -> bool:
    """Whether the caller of one has the place of the called party of the other."""
    return bool(_common(one, another)) and all(a is not b for a, b in _common(one, another))


def were_apart(one: Dialog, another: Dialog, now: int) -> bool:
    """Whether both parties had talked to others for a while before their media went directly: that is no call
    manager that sets up a call, but a transfer."""
    if not one.protocol == another.protocol == SIP or not one.answered or not another.answered:
        return False
    return now - max(one.answered, another.answered) > APART


def is_made_to_both(first: RunningCall, second: RunningCall) -> bool:
    """Whether one host made both calls, as far as signalling tells: it may be the proxy of two callers."""
    one, another = first.first.dialog, second.first.dialog
    return one is not None and another is not None and one.source[0] == another.source[0]


def which(
    first: RunningCall, second: RunningCall, is_ours: Callable[[str], bool], *, is_made: bool
) -> RunningCall:
    """Which of two calls changes its sides; ``first`` began first.

    Where one host made both (``is_made``), that of our own party, who called; it is rung first where nothing
    tells. Else the later one: who dials in to somebody that waits, in a park or a conference, is the called
    party.
    """
    one, another = first.first.dialog, second.first.dialog
    if one is not None and one.is_recording:
        return first
    if another is not None and another.is_recording:
        return second
    if all(leg.dialog is None for leg in first.legs) and another is not None:
        # Who spoke first on it is all that tells its sides.
        return first
    if one is None or another is None or not is_made:
        return second
    one.is_rung = another.is_rung = True
    ours = [_is_called(call, is_ours) for call in (first, second)]
    return second if ours == [False, True] else first


def turn(call: RunningCall) -> None:
    """Let everybody in the call change sides, from its beginning on."""
    for leg in call.legs:
        if leg.dialog is not None:
            # The follower of its protocol goes on with the dialog that it knows.
            after = turned(leg.dialog)
            for one in fields(after):
                setattr(leg.dialog, one.name, getattr(after, one.name))
        leg.happenings = [replace(one, side=SWAP[one.side]) if one.side else one for one in leg.happenings]
        for stream in leg.streams.values():
            stream.speaker = SWAP[stream.speaker]
    call.changed = True


def turned(dialog: Dialog) -> Dialog:
    """The dialog with its sides changed."""
    after = dialog.carried_over(dialog.start, is_turned=True)
    referral = dialog.referral.turned(SWAP) if dialog.referral else None
    return replace(after, answered=dialog.answered, referral=referral)


def made_to_both(call: RunningCall) -> tuple[Dialog, Dialog] | None:
    """The dialogs of parties A and B where one host called both; None where A called."""
    first = call.first.dialog
    dialogs = [leg.dialog for leg in call.legs[1:] if leg.dialog is not None]
    if first is None:
        return None
    for dialog in dialogs:
        if dialog.is_turned is not first.is_turned and dialog.is_rung and first.is_rung:
            return (first, dialog) if first.is_turned else (dialog, first)
    return None


def _is_called(call: RunningCall, is_ours: Callable[[str], bool]) -> bool:
    dialog = call.first.dialog
    return dialog is not None and is_ours(dialog.to_number)


def _common(one: Dialog, another: Dialog) -> list[tuple[Side, Side]]:
    """The sides of the places for audio that both name, where these are of both sides."""
    mine, theirs = _places(one), _places(another)
    common = [(side, theirs[place]) for place, side in mine.items() if place in theirs]
    return common if {side for side, _ in common} == set(Side) == {side for _, side in common} else []


def _places(dialog: Dialog) -> dict[tuple[Address, int], Side]:
    return {(end.address, end.port): end.side for end in dialog.ends if end.kind == "audio"}
