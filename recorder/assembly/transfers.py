"""Attended transfers (RFC 5589, 7): who talks to whom changes, and the conversation goes on."""

from dataclasses import dataclass, field

from recorder.assembly.book import CallBook
from recorder.assembly.call import RunningCall
from recorder.assembly.dialog import Dialog
from recorder.assembly.endpoints import other
from recorder.assembly.happening import Happening
from recorder.assembly.identity import identifier
from recorder.assembly.leg import HANDED_OVER, Leg
from recorder.assembly.mediaend import Address
from recorder.protocol.received import SIP
from recorder.protocol.sip_values import Replaces
from storage.model import Relation, Side


@dataclass(frozen=True, slots=True)
class Handover:
    """A dialog that goes on in another call: ``before`` ends with the moment in which ``after`` begins."""

    before: Leg
    after: Leg


@dataclass(slots=True)
class Transfers:
    """Transfers that were asked for and have not happened yet, by the Call-ID that is to be replaced.

    The call that began first is the conversation that goes on; the other one was a consultation.
    """

    book: CallBook
    _asked: dict[str, Leg] = field(default_factory=dict)
    _what: dict[str, str] = field(default_factory=dict)
    """The Call-ID that a leg asks to replace, by its id."""

    def note(self, leg: Leg) -> None:
        """Remember what the leg's dialog asks for, as long as it does."""
        referral = leg.dialog.referral if leg.dialog is not None else None
        what = referral.replaces if referral is not None else ""
        if what != self._what.get(leg.id, ""):
            self.forget(leg)
            if what:
                self._asked[what], self._what[leg.id] = leg, what

    def forget(self, leg: Leg) -> None:
        """The leg's call is done."""
        before = self._what.pop(leg.id, "")
        if self._asked.get(before) is leg:
            del self._asked[before]

    def target(self, replaced: Leg | None, call_id: str) -> RunningCall | None:
        """The call that an INVITE goes on with which replaces the dialog ``call_id`` (RFC 3891)."""
        legs = (self._asked.get(call_id), replaced)
        calls = [call for leg in legs if leg is not None and (call := self.book.of(leg.id)) is not None]
        return min(calls, key=_age, default=None)

    def complete(self, replaced: Leg, now: int) -> list[Handover]:
        """A leg has ended: where a transfer waited for that, those who are left behind go on together."""
        asker = self._asked.pop(replaced.dialog.call_id, None) if replaced.dialog else None
        referral = asker.dialog.referral if asker is not None and asker.dialog is not None else None
        if asker is None or asker.dialog is None or referral is None:
            return []
        calls = [(leg, self.book.of(leg.id)) for leg in (asker, replaced)]
        both = sorted(((call, leg) for leg, call in calls if call is not None), key=lambda one: _age(one[0]))
        if len(both) < 2 or both[0][0] is both[1][0] or both[0][0].ended:
            return []
        (stays, leaving), (goes, consulting) = both
        host = asker.dialog.host(referral.asker)
        here, there = _side(leaving, host, Side.B), _side(consulting, host, Side.A)
        left = [leg for leg in goes.legs if leg is not consulting and leg.dialog and not leg.ended]
        return [self.carry(leg, goes, stays, now, here, is_turned=here is there) for leg in left]

    def reconnect(
        self, one: Leg, another: Leg, now: int, *, is_turned: bool, is_direct: bool = False
    ) -> list[Handover]:
        """A PBX has connected legs of two calls, as was heard: somebody was asked in the later one.

        ``is_direct`` where it told each of the two phones the other one's address: no other leg goes along.
        """
        calls = [call for leg in (one, another) if (call := self.book.of(leg.id)) is not None]
        if len(calls) < 2 or calls[0] is calls[1]:
            return []
        first, second = sorted(calls, key=_age)
        stays, goes = (one, another) if calls[0] is first else (another, one)
        side = (
            Side.A if any(0 < leg.ended < now and leg.start < stays.start for leg in first.legs) else Side.B
        )
        left = [leg for leg in ([goes] if is_direct else second.legs) if _runs(leg, now)]
        self.book.relate(second.first.id, Relation.CONSULTED_ABOUT, first.first.id, Relation.CONSULTATION)
        return [self.carry(leg, second, first, now, side, is_turned=is_turned) for leg in left]

    def carry(
        self, leg: Leg, goes: RunningCall, stays: RunningCall, now: int, side: Side, *, is_turned: bool
    ) -> Handover:
        """A leg of ``goes`` goes on in the call ``stays``, at ``side``, perhaps with its sides changed."""
        before = leg.dialog
        assert before is not None
        after = Leg(identifier(now, "handover", before.call_id), now, before.carried_over(now, is_turned))
        number = before.number(other(side) if is_turned else side)
        after.happenings.append(Happening(now, "joined", side, {"number": number}))
        # Signalling may have been read ahead of the packets beside it.
        after.happenings += [one for one in leg.happenings if one.at > now]
        after.ended = after.dialog.ended if after.dialog else 0
        leg.happenings = [one for one in leg.happenings if one.at <= now]
        leg.happenings.append(Happening(now, HANDED_OVER))
        before.ended = leg.ended = now
        goes.changed = True
        known = next((one for one in stays.legs if one.id == after.id), None)
        if known is None:
            self.book.join(stays, after)
        # After a crash the call that goes on may know of it already, and the other one not yet.
        return Handover(leg, known or after)


def _runs(leg: Leg, now: int) -> bool:
    return leg.dialog is not None and leg.dialog.protocol == SIP and (not leg.ended or leg.ended > now)


def _age(call: RunningCall) -> tuple[int, str]:
    return call.first.start, call.id


def _side(leg: Leg, host: Address, likely: Side) -> Side:
    """The side of the phone at ``host``; ``likely`` where the leg shows neither end there, or both."""
    ends = [side for side in Side if leg.dialog is not None and leg.dialog.host(side) == host]
    return ends[0] if len(ends) == 1 else likely


def is_turned(
    dialog: Dialog, call: RunningCall, replaced: Leg | None = None, replaces: Replaces | None = None
) -> bool:
    """Whether a dialog that goes on with a call has its two sides the other way round.

    ``replaced`` is the leg whose other end the caller takes the place of (RFC 3891), as who picks up a call
    that rings elsewhere. Of the tags in ``replaces`` that after "to" is the one of who stays (RFC 3891, 3).
    """
    before = replaced.dialog if replaced is not None and any(leg is replaced for leg in call.legs) else None
    if before is not None:
        if replaces is not None and before.from_tag in (replaces.to_tag, replaces.from_tag):
            return (replaces.to_tag == before.from_tag) is not before.is_turned
        stays = [side for side in Side if before.host(side) == dialog.destination[0]]
        if len(stays) == 1:
            return stays[0] is Side.A
    first = call.first.dialog
    if first is None or first.host(Side.A) == first.host(Side.B):
        return False
    return dialog.host(Side.A) == first.host(Side.B) or dialog.host(Side.B) == first.host(Side.A)
