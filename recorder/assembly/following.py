"""What followers of all protocols but SIP share: their running legs by the name of the dialog."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from recorder.assembly.book import SECOND, CallBook
from recorder.assembly.dialog import Dialog
from recorder.assembly.endpoints import EndpointBook
from recorder.assembly.happening import Happening
from recorder.assembly.identity import identifier
from recorder.assembly.leg import Leg
from recorder.assembly.mediaend import MediaEnd
from recorder.assembly.transfers import Handover
from recorder.protocol.received import Received
from storage.model import Side

GONE = 32 * SECOND
"""How long a dialog is remembered after its end, so that late messages do not begin it again (ns)."""
MOST_GONE = 20_000
MOST_PLACES = 256
MOST_HAPPENINGS = 5_000
"""On one leg; beyond it only what happens once is noted."""
_ACROSS = {Side.A: Side.B, Side.B: Side.A}
_ENDINGS = frozenset({"cancelled", "rejected", "bye"})
_ONCE = _ENDINGS | {"ringing", "answered"}


class Told(NamedTuple):
    """What a message told of: a leg, media places that are its own now, legs of the same conversation, and a
    dialog that goes on in another call."""

    leg: Leg
    ends: Sequence[MediaEnd] = ()
    twins: Sequence[Leg] = ()
    handover: Handover | None = None


@dataclass(slots=True)
class LegBook:
    """Running legs by the name of their dialog (``Dialog.call_id``), and names that are over."""

    book: CallBook
    legs: dict[str, Leg] = field(default_factory=dict)
    _gone: dict[str, int] = field(default_factory=dict)
    _ignored: set[str] = field(default_factory=set)

    def get(self, call_id: str) -> Leg | None:
        """The running leg of a dialog."""
        return self.legs.get(call_id)

    def is_gone(self, call_id: str) -> bool:
        """Whether the dialog was over a moment ago."""
        return call_id in self._gone

    def may_begin_again(self, call_id: str, now: int) -> bool:
        """Whether what begins now is another dialog of a name that was used before.

        What an engine before this one had ended does not begin again, as its messages may be read twice.
        """
        return call_id not in self._ignored and now > self._gone.get(call_id, now - 1)

    def begin(self, dialog: Dialog) -> Leg:
        """A leg for a new dialog, and its call."""
        leg = Leg(identifier(dialog.start, dialog.protocol, dialog.call_id), dialog.start, dialog)
        self.legs[dialog.call_id] = leg
        self.book.open(leg)
        return leg

    def reopen(self, leg: Leg) -> None:
        """The leg goes on, for all that its end was told."""
        leg.ended = 0
        leg.happenings[:] = [one for one in leg.happenings if one.kind not in _ENDINGS]

    def tell(self, leg: Leg, happened: Iterable[Happening], ends: Iterable[MediaEnd] = ()) -> list[MediaEnd]:
        """Note what happened to the leg and where its media goes; answer the places, those told last behind.

        A place that is told again is in use again: another call of the phone may have had it meanwhile.
        """
        dialog = leg.dialog
        if dialog is None:
            return []
        told = list(ends)
        before = [end for end in dialog.ends if end not in told]
        told = told[: max(0, MOST_PLACES - len(before))]
        dialog.ends[:] = [*before, *told]
        more = list(happened)
        if len(leg.happenings) + len(more) > MOST_HAPPENINGS:
            more = [one for one in more if one.kind in _ONCE]
        leg.happenings.extend(more)
        leg.ended = dialog.ended
        self.book.rename(leg)
        call = self.book.of(leg.id)
        if call is not None:
            call.changed = True
        return told

    def turned(self, leg: Leg) -> list[MediaEnd]:
        """The leg's dialog goes the other way round: so do its streams, and what its sides did. Answer the
        places, to be told again."""
        for stream in leg.streams.values():
            stream.speaker = _ACROSS[stream.speaker]
        leg.happenings[:] = [
            replace(one, side=_ACROSS[one.side]) if one.side and one.kind not in _ONCE else one
            for one in leg.happenings
        ]
        return list(leg.dialog.ends) if leg.dialog is not None else []

    def restore(self, leg: Leg) -> None:
        """Take in a leg that ran when the recorder stopped."""
        if leg.dialog is not None and not leg.is_handed_over:
            self.legs[leg.dialog.call_id] = leg

    def forget(self, leg: Leg, now: int) -> None:
        """The leg's call is done."""
        self.lose(leg)
        if leg.dialog is not None and not leg.is_handed_over:
            self._remember(leg.dialog.call_id, now)

    def lose(self, leg: Leg) -> None:
        """The leg was given up; what still comes for it may begin it again."""
        if leg.dialog is not None and self.legs.get(leg.dialog.call_id) is leg:
            del self.legs[leg.dialog.call_id]

    def ignore(self, call_id: str, now: int) -> None:
        """What comes for this dialog means nothing any more."""
        self._remember(call_id, now)
        self._ignored.add(call_id)

    def expire(self, now: int) -> None:
        """Forget names that nothing can come for any more."""
        while self._gone and now - self._gone[first := next(iter(self._gone))] >= GONE:
            self._drop(first)

    def _remember(self, call_id: str, now: int) -> None:
        self._gone.pop(call_id, None)
        self._gone[call_id] = now
        if len(self._gone) > MOST_GONE:
            self._drop(next(iter(self._gone)))

    def _drop(self, call_id: str) -> None:
        del self._gone[call_id]
        self._ignored.discard(call_id)


class Follower(ABC):
    """Turns the messages of one protocol into legs, which it keeps in ``_legs``."""

    def __init__(self, book: CallBook) -> None:
        self._legs = LegBook(book)

    @abstractmethod
    def take(self, received: Received) -> Iterable[Told]:
        """Follow a message. Raises ProtocolError for one that cannot be read."""

    def restore(self, leg: Leg) -> None:
        """Take in a leg of this protocol that ran when the recorder stopped."""
        self._legs.restore(leg)

    def forget(self, leg: Leg, now: int) -> None:
        """The leg's call is done; what still comes for it is ignored."""
        self.lose(leg)
        self._legs.forget(leg, now)

    def lose(self, leg: Leg) -> None:
        """The leg was given up for want of room; what still comes for it may begin it again."""
        self._legs.lose(leg)

    def ignore(self, call_id: str, now: int) -> None:
        """What comes for the dialog of this name means nothing any more."""
        self._legs.ignore(call_id, now)

    def expire(self, now: int) -> None:
        """Forget what nothing can come for any more."""
        self._legs.expire(now)


def turn(dialog: Dialog) -> None:
    """It goes the other way round than it was taken to."""
    dialog.source, dialog.destination = dialog.destination, dialog.source
    dialog.holding = dialog.holding.turned(_ACROSS)
    dialog.ends = [replace(end, side=_ACROSS[end.side]) for end in dialog.ends]
    dialog.meanings = dialog.meanings.turned(_ACROSS)


def contradicted(endpoints: EndpointBook, leg: str, ends: Iterable[MediaEnd]) -> bool | None:
    """Whether another leg says that these places are of the other side; None where none says anything."""
    claims = [(end, endpoints.claimant((end.address, end.port))) for end in ends]
    told = [
        claim.side is not end.side
        for end, claim in claims
        if claim is not None and claim.is_open and claim.leg != leg
    ]
    return told[0] if told else None
