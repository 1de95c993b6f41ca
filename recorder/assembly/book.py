"""The book of running calls: which legs are one conversation, and which calls are over."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from recorder.assembly.call import RunningCall
from recorder.assembly.continuation import AT_ONCE, Continuations, is_telling
from recorder.assembly.dialog import Dialog
from recorder.assembly.leg import ALIVE, Leg
from recorder.assembly.limits import Limits, is_silent, is_unanswered
from recorder.assembly.mediaend import Address
from recorder.assembly.written import alike
from storage.model import Relation

SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in ns: for the last packets and legs of a call that ended (``linger``), while more
    come (``tail``), for a sign of life of a dialog that lost its BYE (``silence``), of one that is on hold,
    where nobody need send anything (``held``), of one whose media goes past the tap or is a fax (``unheard``,
    until its session would have to be refreshed by RFC 4028), of media without signalling (``orphan``), for
    the answer of a call that rings (``ringing``), and for a caller to try again who was refused
    (``retry``)."""

    linger: int = 7 * SECOND // 10
    tail: int = 10 * SECOND
    silence: int = 90 * SECOND
    held: int = 3600 * SECOND
    unheard: int = 1800 * SECOND
    orphan: int = 10 * SECOND
    ringing: int = 300 * SECOND
    retry: int = 10 * SECOND


def _is_nowhere(_: tuple[Address, int]) -> bool:
    return False


@dataclass(slots=True)
class CallBook:
    """Running calls by id and by leg."""

    patience: Patience = field(default_factory=Patience)
    limits: Limits = field(default_factory=Limits)
    calls: dict[str, RunningCall] = field(default_factory=dict)
    is_outside: Callable[[tuple[Address, int]], bool] = _is_nowhere
    """Whether a signalling place is that of the world outside."""
    _of_leg: dict[str, RunningCall] = field(default_factory=dict)
    _unanswered: dict[str, RunningCall] = field(default_factory=dict)
    _answered: int = 0
    """Legs of other calls, as far as is known."""
    _continuations: Continuations = field(default_factory=Continuations)
    _unheard: int = 0
    _awaited: dict[str, int] = field(default_factory=dict)
    """When (ns) legs that were on hold as the recorder stopped last showed to be alive, as it is written."""

    def of(self, leg: str) -> RunningCall | None:
        """The call that a leg is part of."""
        return self._of_leg.get(leg)

    def open(self, leg: Leg) -> RunningCall:
        """The call of a new leg: one that it visibly continues through a PBX, else a new one."""
        call = self._continued(leg)
        if call is not None:
            return self.join(call, leg)
        call = RunningCall(leg.id, [leg])
        self.calls[call.id] = self._of_leg[leg.id] = call
        self._continuations.add(leg)
        if leg.dialog is not None:
            self._unanswered[call.id] = call
        return call

    def join(self, call: RunningCall, leg: Leg) -> RunningCall:
        """The leg is part of this call."""
        call.take(RunningCall(leg.id, [leg]))
        self._of_leg[leg.id] = call
        self._continuations.add(leg)
        return call

    def learn(self, leg: Leg, sessions: Iterable[str]) -> None:
        """The leg's dialog turned out to be part of these sessions."""
        self._continuations.learn(leg, sessions)

    def rename(self, leg: Leg) -> None:
        """The numbers of the leg's dialog may have turned out to be others."""
        self._continuations.rename(leg)

    def restore(self, call: RunningCall) -> None:
        """Take in a call that ran when the recorder stopped."""
        self.calls[call.id] = call
        for leg in call.legs:
            self._of_leg[leg.id] = call
            self._continuations.add(leg)
            if leg.dialog is None and leg.alive > leg.last_media + SECOND:
                self._awaited[leg.id] = leg.alive
        if is_unanswered(call):
            self._unanswered[call.id] = call

    def link(self, one: str, another: str) -> str | None:
        """Two legs are one conversation; answer the id of the call that is no more, None where none goes."""
        a, b = self._of_leg.get(one), self._of_leg.get(another)
        if a is None or b is None or a is b:
            return None
        keep, go = (a, b) if (a.first.start, a.id) <= (b.first.start, b.id) else (b, a)
        keep.take(go)
        keep.related.pop(go.id, None)
        for leg in go.legs:
            self._of_leg[leg.id] = keep
        for other in go.related:
            if (beside := self.calls.get(other)) is not None and beside is not keep:
                beside.related[keep.id] = beside.related.pop(go.id)
                beside.changed = True
        self._unanswered.pop(go.id, None)
        return self.calls.pop(go.id).id

    def relate(self, one: str, to_one: Relation, another: str, to_another: Relation) -> None:
        """Two legs are of calls that belong together: note what each call is to the other one."""
        a, b = self._of_leg.get(one), self._of_leg.get(another)
        if a is not None and b is not None and a is not b:
            a.related[b.id], b.related[a.id] = to_one, to_another
            a.changed = b.changed = True

    def are_related(self, one: str, another: str) -> bool:
        """Whether two legs are of calls that belong together."""
        a, b = self._of_leg.get(one), self._of_leg.get(another)
        return a is not None and b is not None and b.id in a.related

    def drop(self, call: RunningCall) -> None:
        """The call is over and done with."""
        del self.calls[call.id]
        self._unanswered.pop(call.id, None)
        for leg in call.legs:
            del self._of_leg[leg.id]
            self._awaited.pop(leg.id, None)
            self._continuations.remove(leg)

    def crowd(self) -> list[RunningCall]:
        """The oldest of the calls that nobody answered, where they have too many legs.

        Looked for at every fifth new one beyond the limit only, which is what makes a flood of them cheap.
        """
        most = self.limits.unanswered
        if len(self._of_leg) - self._answered <= most + most // 4:
            return []
        self._unanswered = {call.id: call for call in self._unanswered.values() if is_unanswered(call)}
        left = sum(len(call.legs) for call in self._unanswered.values())
        self._answered = len(self._of_leg) - left
        oldest = []
        for call in self._unanswered.values():
            if left <= most:
                break
            oldest.append(call)
            left -= len(call.legs)
        return oldest

    def silent(self) -> list[RunningCall]:
        """The oldest of the calls that were answered and are silent, where there are too many of them."""
        if len(self.calls) <= self.limits.silent:
            return []
        found = [call for call in self.calls.values() if is_silent(call)]
        return found[: max(0, len(found) - self.limits.silent)]

    def expire(self, now: int) -> None:
        """End the legs that nothing has been heard of for too long.

        What is heard on one leg of a call tells that the others live: their media may go past the tap.
        """
        # A flood of calls without media is not waited for.
        is_crowd, self._unheard = self._unheard > self.limits.unanswered, 0
        for call in self.calls.values():
            for leg in call.legs:
                if not leg.ended and self._given_up(leg, call, now, is_crowd=is_crowd):
                    leg.give_up()
                    call.changed = True

    def is_left(self, leg: Leg, now: int) -> bool:
        """Whether of media without signalling nothing more is waited for."""
        # What came behind the last that is written was not all written.
        is_awaited = leg.alive == self._awaited.get(leg.id)
        return now - leg.alive > self.patience.orphan + is_awaited * (ALIVE + self.patience.orphan)

    def due(self, now: int) -> list[RunningCall]:
        """Calls whose last leg ended long enough ago that nothing more will come."""
        return [call for call in self.calls.values() if call.ended and self._is_over(call, now)]

    def _is_over(self, call: RunningCall, now: int) -> bool:
        return now >= min(_last(call) + self.patience.linger, call.ended + self.patience.tail)

    def _given_up(self, leg: Leg, call: RunningCall, now: int, *, is_crowd: bool) -> bool:
        """Whether nothing more is waited for."""
        dialog, patience = leg.dialog, self.patience
        if dialog is None:
            return self.is_left(leg, now)
        silent = now - leg.alive
        if dialog.answered:
            return silent > patience.silence and self._is_silent(call, now, is_crowd=is_crowd)
        if dialog.cancelled:
            return now - dialog.cancelled > patience.orphan
        if dialog.refused:
            return now - dialog.refused > patience.retry
        return silent > patience.ringing

    def _is_silent(self, call: RunningCall, now: int, *, is_crowd: bool) -> bool:
        """Whether an answered call has been silent for too long."""
        silent = now - max(leg.alive for leg in call.legs)
        dialogs = [leg.dialog for leg in call.legs if leg.dialog is not None]
        if any(dialog.held for dialog in dialogs):
            return silent > self.patience.held
        # What was heard of who has hung up does not tell whether the others are heard.
        there = [leg for leg in call.legs if leg.streams and not _has_hung_up(leg)] or call.legs
        # A fax comes in packets of its own, which are no media here.
        is_heard = any(leg.is_heard for leg in there) and not any(one.fax.is_agreed for one in dialogs)
        if is_heard or not any(dialog.is_agreed for dialog in dialogs):
            return silent > self.patience.silence
        self._unheard += 1
        return silent > (self.patience.silence if is_crowd else self.patience.unheard)

    def _continued(self, leg: Leg) -> RunningCall | None:
        dialog = leg.dialog
        if dialog is None:
            return None
        before = self._continuations.before(dialog)
        found = [one for one in before if (call := self.of(one.id)) and self._may_go_on(call, one, dialog)]
        found = [one for one in found if _is_same_session(one, dialog)] or found
        calls = {call.id: call for one in found if (call := self.of(one.id))}
        both = {call.id: call for one in found if _is_alike(one, dialog) and (call := self.of(one.id))}
        called = {
            call.id: call
            for call in calls.values()
            if call.first.dialog and alike(call.first.dialog.to_number, dialog.to_number)
        }
        referred = {call.id: call for call in calls.values() if _is_referred(call, dialog.to_number)}
        waiting = [
            {call.id: call for call in some.values() if not _went_on(call, dialog.source[0])}
            for some in (both, calls)
        ]
        # Several calls of one caller at once: where the numbers do not, the audio will tell which.
        ways = (referred, calls, both, called, *waiting)
        fits = next((some for some in ways if len(some) == 1), {})
        call = next(iter(fits.values()), None)
        legs = [one for one in found if call is not None and self.of(one.id) is call]
        return call if any(is_telling(one, dialog) for one in legs) else None

    def _may_go_on(self, call: RunningCall, before: Leg, dialog: Dialog) -> bool:
        """Whether a call has room for the dialog, and this does not come in as a call of its own does, from
        the world outside above all. A session is one whatever comes how."""
        if len(call.legs) >= self.limits.legs:
            return False
        if _is_same_session(before, dialog):
            return True
        is_outside = self.is_outside(dialog.source)
        return not (is_outside or _is_there(call, before, dialog) or _comes_in(call, before, dialog))


def _has_hung_up(leg: Leg) -> bool:
    return leg.dialog is not None and bool(leg.dialog.ended)


def _is_same_session(leg: Leg, dialog: Dialog) -> bool:
    return leg.dialog is not None and not leg.dialog.session.isdisjoint(dialog.session)


def _is_there(call: RunningCall, before: Leg, dialog: Dialog) -> bool:
    """Whether the call was sent on to the same number in the same way, and is there."""
    later = (leg for leg in call.legs if leg is not before and leg.start >= before.start)
    return any(_goes_there(leg, dialog) for leg in later)


def _comes_in(call: RunningCall, before: Leg, dialog: Dialog) -> bool:
    """Whether the dialog takes the way by which the call came in, or came to where ``before`` begins, and for
    another number than that."""
    first = call.first.dialog
    if first is not None and _hosts(first) == _hosts(dialog):
        return True
    if before.dialog is None or alike(before.dialog.to_number, dialog.to_number):
        return False
    came = (leg.dialog for leg in call.legs if leg.start < before.start and not leg.ended)
    return any(one is not None and _hosts(one) == _hosts(dialog) for one in came)


def _hosts(dialog: Dialog) -> tuple[Address, Address]:
    return dialog.source[0], dialog.destination[0]


def _is_alike(leg: Leg, dialog: Dialog) -> bool:
    """Whether the leg carries both numbers of the dialog."""
    before = leg.dialog
    numbers = (dialog.from_number, dialog.to_number)
    if before is None:
        return False
    return all(map(alike, (before.from_number, before.to_number), numbers))


def _goes_there(leg: Leg, dialog: Dialog) -> bool:
    """Whether the leg has reached the number of the dialog on the same way, and goes on."""
    before = leg.dialog
    if before is None or leg.ended or before.refused:
        return False
    # Where nothing answers a host may try again.
    if not (before.ringing or before.answered or dialog.start - before.start < AT_ONCE):
        return False
    is_same_way = (before.source, before.destination) == (dialog.source, dialog.destination)
    return is_same_way and alike(before.to_number, dialog.to_number)


def _is_referred(call: RunningCall, number: str) -> bool:
    """Whether somebody in the call asked for a transfer to this number, and nobody answered there since."""
    asked = [
        _asked(leg)
        for leg in call.legs
        if leg.dialog is not None and leg.dialog.referral and alike(leg.dialog.referral.to, number)
    ]
    return bool(asked) and not any(
        leg.dialog is not None and leg.dialog.answered > max(asked) and alike(leg.dialog.to_number, number)
        for leg in call.legs
    )


def _asked(leg: Leg) -> int:
    """When the leg asked for a transfer last."""
    return max((one.at for one in leg.happenings if one.kind == "transfer"), default=leg.start)


def _went_on(call: RunningCall, host: Address) -> bool:
    """Whether somebody answered to whom the host sent the call on, and is there."""
    dialogs = (leg.dialog for leg in call.legs[1:] if not leg.ended)
    return any(one is not None and one.answered and one.source[0] == host for one in dialogs)


def _last(call: RunningCall) -> int:
    return max(call.ended, *(leg.last_media for leg in call.legs))
