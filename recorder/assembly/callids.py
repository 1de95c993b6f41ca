"""Running legs by Call-ID, which should be the only one of its name and is not always."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from recorder.assembly.dialog import Dialog
from recorder.assembly.headers import identity, number_of
from recorder.assembly.leg import Leg
from recorder.assembly.mediaend import Address
from recorder.assembly.text import clean
from recorder.assembly.written import alike
from recorder.protocol.sip import SipMessage
from recorder.protocol.sip_values import Replaces

MOST = 8
"""Legs of one Call-ID that are told apart."""

Place = tuple[Address, int]


@dataclass(slots=True)
class CallIds:
    """Legs by the Call-ID of their dialog, the newest last.

    A dialog is a Call-ID and two tags (RFC 3261, 12), but a leg is more than that: the caller may try again
    under another tag, several phones may answer, and a back-to-back agent may pass a call on under the same
    Call-ID. Old phones, on the other hand, count their calls from 1 and put their own address behind it,
    which phones behind other translators of addresses have, too.
    """

    _legs: dict[str, list[Leg]] = field(default_factory=dict)

    def __contains__(self, call_id: str) -> bool:
        """Whether a leg of this Call-ID runs."""
        return call_id in self._legs

    def __len__(self) -> int:
        """How many Call-IDs there are."""
        return len(self._legs)

    def __iter__(self) -> Iterator[Leg]:
        """All of the legs."""
        return (leg for legs in self._legs.values() for leg in legs)

    def of(self, message: SipMessage, source: Place, destination: Place) -> Leg | None:
        """The leg of a message that goes between these places; None where it is of none that is known to
        run."""
        legs = self._legs.get(clean(message.call_id), [])
        is_first = message.is_request and message.method == "INVITE" and not message.to.tag
        known = (leg for leg in reversed(legs) if leg.dialog is not None and _is_of(leg.dialog, message))
        if (leg := next(known, None)) is not None:
            is_next = is_first and len(legs) < MOST and _is_next(leg.dialog, message)
            return None if is_next else leg
        if not is_first:
            return None
        same = (leg for leg in reversed(legs) if _is_same(leg.dialog, message, source[0], destination[0]))
        return next(same, legs[-1] if len(legs) >= MOST else None)

    def nearest(self, message: SipMessage, source: Place, destination: Place) -> Leg | None:
        """Of those of its Call-ID, the leg of a message inside a dialog whose tags nothing explains."""
        legs = self._legs.get(clean(message.call_id), [])
        if message.is_request and message.method == "INVITE" and not message.to.tag:
            return None
        hosts = {source[0], destination[0]}
        here = (leg for leg in reversed(legs) if leg.dialog is not None and hosts <= _path(leg.dialog))
        return next(here, legs[-1] if legs else None)

    def named(self, replaces: Replaces | None) -> Leg | None:
        """The leg that a Replaces names (RFC 3891, 3)."""
        legs = self._legs.get(clean(replaces.call_id), []) if replaces else []
        tags = {replaces.to_tag, replaces.from_tag} if replaces else set()
        known = (leg for leg in reversed(legs) if leg.dialog and any(map(leg.dialog.is_caller, tags)))
        return next(known, legs[-1] if legs else None)

    def put(self, leg: Leg) -> None:
        """The leg runs; it goes on for those of its Call-ID that were handed over."""
        if leg.dialog is not None:
            legs = self._legs.setdefault(leg.dialog.call_id, [])
            legs[:] = [*(one for one in legs if one is not leg and not one.is_handed_over), leg]

    def remove(self, leg: Leg) -> bool:
        """The leg is over; whether it was there."""
        legs = self._legs.get(leg.dialog.call_id, []) if leg.dialog is not None else []
        if leg.dialog is None or not any(one is leg for one in legs):
            return False
        legs[:] = [one for one in legs if one is not leg]
        if not legs:
            del self._legs[leg.dialog.call_id]
        return True


def _is_of(dialog: Dialog, message: SipMessage) -> bool:
    """Whether one of the tags is the caller's; whoever does not give one is known by nothing else."""
    tag = message.to.tag
    return dialog.is_caller(message.from_.tag) or (bool(tag) and dialog.is_caller(tag))


def _path(dialog: Dialog) -> frozenset[Address]:
    return frozenset((dialog.source[0], dialog.destination[0], *dialog.route.onward))


def _is_next(dialog: Dialog | None, message: SipMessage) -> bool:
    """Whether the message begins the next call of a caller who uses a Call-ID again."""
    if dialog is None or not dialog.answered or not dialog.ended:
        return False
    return message.branch not in dialog.branches.asked and message.cseq.number > dialog.branches.number


def _is_same(dialog: Dialog | None, message: SipMessage, source: Address, destination: Address) -> bool:
    """Whether an INVITE under a tag that is not known is of the dialog for all that: a host that it went to
    passes it on, or its caller tries again; border controllers have another address on their other side."""
    if dialog is None:
        return True
    if dialog.answered and dialog.ended:
        return False
    if source in (dialog.destination[0], *dialog.route.onward) or destination == dialog.source[0]:
        return True
    is_callers = _may_be(identity(message)[0], dialog.from_number)
    return is_callers and (source == dialog.source[0] or _may_be(number_of(message.to), dialog.to_number))


def _may_be(one: str, another: str) -> bool:
    return one == another or alike(one, another)
