"""The book of running calls: which legs are one conversation, and which calls are over."""

from dataclasses import dataclass, field

from recorder.assembly.call import RunningCall
from recorder.assembly.dialog import Dialog
from recorder.assembly.leg import Leg

SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in ns: for the last packets and legs of a call that ended (``linger``), for the
    packets of a dialog that lost its BYE (``silence``), of media without signalling (``orphan``), and for the
    answer of a call that rings (``ringing``)."""

    linger: int = 7 * SECOND // 10
    silence: int = 90 * SECOND
    orphan: int = 10 * SECOND
    ringing: int = 300 * SECOND


@dataclass(slots=True)
class CallBook:
    """Running calls by id and by leg."""

    patience: Patience = field(default_factory=Patience)
    calls: dict[str, RunningCall] = field(default_factory=dict)
    _of_leg: dict[str, RunningCall] = field(default_factory=dict)

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
        return call

    def join(self, call: RunningCall, leg: Leg) -> RunningCall:
        """The leg is part of this call."""
        call.take(RunningCall(leg.id, [leg]))
        self._of_leg[leg.id] = call
        return call

    def restore(self, call: RunningCall) -> None:
        """Take in a call that ran when the recorder stopped."""
        self.calls[call.id] = call
        for leg in call.legs:
            self._of_leg[leg.id] = call

    def link(self, one: str, another: str) -> str | None:
        """Two legs are one conversation; answer the id of the call that is no more, None where none goes."""
        a, b = self._of_leg.get(one), self._of_leg.get(another)
        if a is None or b is None or a is b:
            return None
        keep, go = (a, b) if (a.first.start, a.id) <= (b.first.start, b.id) else (b, a)
        keep.take(go)
        for leg in go.legs:
            self._of_leg[leg.id] = keep
        return self.calls.pop(go.id).id

    def drop(self, call: RunningCall) -> None:
        """The call is over and done with."""
        del self.calls[call.id]
        for leg in call.legs:
            del self._of_leg[leg.id]

    def expire(self, now: int) -> None:
        """End the legs that nothing has been heard of for too long."""
        for call in self.calls.values():
            for leg in call.legs:
                if not leg.ended and self._given_up(leg, now):
                    leg.give_up()
                    call.changed = True

    def due(self, now: int) -> list[RunningCall]:
        """Calls whose last leg ended long enough ago that nothing more will come."""
        linger = self.patience.linger
        return [call for call in self.calls.values() if call.ended and _last(call) + linger <= now]

    def _given_up(self, leg: Leg, now: int) -> bool:
        heard = max(leg.last_media, leg.start)
        if leg.dialog is None:
            return now - heard > self.patience.orphan
        if leg.dialog.answered:
            return now - max(heard, leg.dialog.answered) > self.patience.silence
        if leg.dialog.cancelled:
            return now - leg.dialog.cancelled > self.patience.orphan
        return now - heard > self.patience.ringing

    def _continued(self, leg: Leg) -> RunningCall | None:
        dialog = leg.dialog
        if dialog is None:
            return None
        fits = [
            call
            for call in self.calls.values()
            if any(one.dialog is not None and _continues(one, one.dialog, dialog) for one in call.legs)
        ]
        if len(fits) > 1:
            called = [
                call for call in fits if call.first.dialog and call.first.dialog.to_number == dialog.to_number
            ]
            fits = called or fits
        # Several calls of one caller at once: the audio will tell which.
        return fits[0] if len(fits) == 1 else None


def _last(call: RunningCall) -> int:
    return max(call.ended, *(leg.last_media for leg in call.legs))


def _continues(leg: Leg, before: Dialog, dialog: Dialog) -> bool:
    """Whether a PBX carries on ``before`` as ``dialog``: same session, or same numbers through one host."""
    if before.session & dialog.session:
        return True
    if leg.ended or before.destination[0] != dialog.source[0] or before.start > dialog.start:
        return False
    if before.from_number == dialog.from_number:
        return bool(before.from_number) and before.from_number.lower() != "anonymous"
    return before.to_number == dialog.to_number and dialog.start - before.start < 10 * SECOND
