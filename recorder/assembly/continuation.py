"""Which running legs a new dialog may carry on, as a PBX does; looked up, never searched."""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import TypeVar

from recorder.assembly.dialog import Dialog
from recorder.assembly.leg import Leg
from recorder.assembly.mediaend import Address
from recorder.assembly.written import alike, essence, is_withheld
from recorder.protocol.received import SCCP
from storage.model import Side

SOON = 10_000_000_000
"""A dialog to the same number follows within so long (ns)."""
AT_ONCE = 2_000_000_000
"""A border controller sends a call on within so long of its INVITE (ns)."""
MOST = 64
"""Legs alike that are looked at: among more of them numbers tell nothing any more."""

K = TypeVar("K", bound=Hashable)
_Numbers = tuple[tuple[Address, ...], str, str]
_Buckets = dict[K, dict[str, Leg]]


@dataclass(slots=True)
class Continuations:
    """Running legs by session, and by the host that they went to with the numbers that they carry."""

    _sessions: _Buckets[str] = field(default_factory=dict)
    _callers: _Buckets[tuple[Address, str]] = field(default_factory=dict)
    _called: _Buckets[tuple[Address, str]] = field(default_factory=dict)
    _both: _Buckets[tuple[Address, str, str]] = field(default_factory=dict)
    _numbers: dict[str, _Numbers] = field(default_factory=dict)
    """By leg: where it went, and what is the same in all writings of the numbers that it had then."""

    def __len__(self) -> int:
        """How many legs are kept."""
        return len(self._numbers)

    def add(self, leg: Leg) -> None:
        """The leg runs."""
        dialog = leg.dialog
        if dialog is not None:
            hosts, caller, called = self._numbers[leg.id] = _numbers(dialog)
            for host in hosts:
                self._callers.setdefault((host, caller), {})[leg.id] = leg
                self._called.setdefault((host, called), {})[leg.id] = leg
                self._both.setdefault((host, caller, called), {})[leg.id] = leg
            self.learn(leg, dialog.session)

    def learn(self, leg: Leg, sessions: Iterable[str]) -> None:
        """The leg's dialog turned out to be part of these sessions."""
        for session in sessions:
            self._sessions.setdefault(session, {})[leg.id] = leg

    def rename(self, leg: Leg) -> None:
        """The leg's numbers may have turned out to be others."""
        if leg.dialog is not None and self._numbers.get(leg.id, _numbers(leg.dialog)) != _numbers(leg.dialog):
            self.remove(leg)
            self.add(leg)

    def remove(self, leg: Leg) -> None:
        """The leg's call is done."""
        dialog = leg.dialog
        if dialog is not None:
            hosts, caller, called = self._numbers.pop(leg.id, _numbers(dialog))
            for host in hosts:
                _take(self._callers, (host, caller), leg)
                _take(self._called, (host, called), leg)
                _take(self._both, (host, caller, called), leg)
            for session in dialog.session:
                _take(self._sessions, session, leg)

    def before(self, dialog: Dialog) -> Iterator[Leg]:
        """Legs that the dialog may carry on: of the same session, or with the same numbers by one host."""
        for session in dialog.session:
            yield from islice(self._sessions.get(session, {}).values(), MOST)
        host, caller, called = dialog.source[0], essence(dialog.from_number), essence(dialog.to_number)
        found = _newest(self._called.get((host, called), {}), dialog)
        callers = self._callers.get((host, caller), {})
        for legs in (callers, self._both.get((host, caller, called), {})):
            if len(legs) <= MOST:
                found += legs.values()
        yield from (leg for leg in found if leg.dialog is not None and _continues(leg, leg.dialog, dialog))


def _numbers(dialog: Dialog) -> _Numbers:
    return (
        (dialog.destination[0], *dialog.route.onward),
        essence(dialog.from_number),
        essence(dialog.to_number),
    )


def _newest(legs: dict[str, Leg], dialog: Dialog) -> list[Leg]:
    """Those that began a moment before the dialog."""
    return list(islice(takewhile(lambda leg: dialog.start - leg.start < SOON, reversed(legs.values())), MOST))


def _take(buckets: _Buckets[K], key: K, leg: Leg) -> None:
    bucket = buckets.get(key)
    if bucket is not None:
        bucket.pop(leg.id, None)
        if not bucket:
            del buckets[key]


def is_followed(one: Dialog | None, another: Dialog | None) -> bool:
    """Whether one of two dialogs between other hosts follows from the other one at once, as far as numbers
    and times tell."""
    if one is None or another is None or abs(one.start - another.start) > AT_ONCE:
        return False
    if one.source[0] == another.source[0] or one.destination[0] == another.destination[0]:
        return False
    return alike(one.from_number, another.from_number) and alike(one.to_number, another.to_number)


def _continues(leg: Leg, before: Dialog, dialog: Dialog) -> bool:
    """Whether a PBX carries on ``before`` as ``dialog``: the same numbers, through the host it went to."""
    if leg.ended or before.start > dialog.start:
        return False
    # A caller who holds a call and is calling makes another one.
    if (Side.B if before.is_turned else Side.A) in before.held:
        return False
    if alike(before.from_number, dialog.from_number):
        return True
    if dialog.protocol == SCCP and not is_withheld(dialog.from_number):
        # Phones are shown who calls, whatever a trunk is told.
        return False
    if before.from_number != "" and before.from_number == dialog.from_number:
        return True
    return alike(before.to_number, dialog.to_number) and dialog.start - before.start < SOON


def is_telling(leg: Leg, dialog: Dialog) -> bool:
    """Whether what both have in common tells that they are of one call where no other one has it, too: of
    callers who are not told only those of a moment ago can be the same."""
    before = leg.dialog
    if before is None:
        return False
    is_same = alike(before.from_number, dialog.from_number) or not before.session.isdisjoint(dialog.session)
    return is_same or dialog.start - before.start < SOON
