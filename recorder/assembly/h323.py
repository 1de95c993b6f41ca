"""Calls of H.323 (ITU-T H.225.0 call signalling): one leg for each call on each way between two hosts."""

from collections.abc import Iterable
from dataclasses import replace

from recorder.assembly import h323_call
from recorder.assembly.book import CallBook
from recorder.assembly.endpoints import other
from recorder.assembly.following import Follower, Told
from recorder.assembly.leg import Leg
from recorder.assembly.recent import Recent
from recorder.protocol import address, h225, q931
from recorder.protocol.errors import PerError
from recorder.protocol.h225 import CallSignalling
from recorder.protocol.q931 import Q931Message
from recorder.protocol.received import Endpoint, Received

_BEGIN = frozenset({q931.SETUP, q931.CALL_PROCEEDING, q931.ALERTING, q931.PROGRESS, q931.CONNECT})
"""Messages that a call can be known by from then on."""


MOST = 1 << 14
"""Connections whose calls are remembered."""
Way = tuple[int, Endpoint, Endpoint]
"""A call reference and the connection that it is used on: its caller's end and the other one."""


class H323(Follower):
    """Follows call signalling between endpoints and gatekeepers.

    The call's identifier is the same on each way that it takes, so that its legs find each other as those
    of SIP do by their session. Where it cannot be read, caller, called and call reference name the call.
    """

    def __init__(self, book: CallBook) -> None:
        super().__init__(book)
        self._names: Recent[Way, str] = Recent(MOST)

    def take(self, received: Received) -> Iterable[Told]:
        """Follow a message; raises Q931Error for one that cannot be read."""
        message = q931.Q931Message.parse(received.content)
        if not message.reference:
            return []
        caller, called = received.source, received.destination
        if not message.is_from_caller:
            caller, called = called, caller
        said = _said(message)
        way = message.reference, caller, called
        name = self._names.get(way) or _name(message, caller, called)
        now = received.time
        leg = self._legs.get(name)
        if leg is None or _is_another(message, said, leg):
            if leg is not None and not leg.ended and _is_elsewhere(leg, way):
                # Hosts behind one address count their calls each for themselves.
                name = f"{name}/{caller[1]}"
            self._names[way] = name
            leg = self._begin(name, message, said, caller, called, now)
        if leg is None or leg.dialog is None:
            return []
        lives_on = leg.hears(now)
        tunnelled = h323_call.tunnelled(leg.dialog, message, said, now)
        happened = [*tunnelled.happened, *h323_call.follow(leg.dialog, message, said, now)]
        ends = [*h323_call.places(said), *tunnelled.ends]
        if not (happened or ends or lives_on):
            return []
        if leg.dialog.is_turned:
            happened = [replace(one, side=other(one.side)) if one.side else one for one in happened]
            ends = [replace(end, side=other(end.side)) for end in ends]
        return [Told(leg, self._legs.tell(leg, happened, ends))]

    def _begin(
        self,
        name: str,
        message: Q931Message,
        said: CallSignalling | None,
        caller: Endpoint,
        called: Endpoint,
        now: int,
    ) -> Leg | None:
        is_new = message.kind == q931.SETUP and self._legs.may_begin_again(name, now)
        if message.kind not in _BEGIN or (self._legs.is_gone(name) and not is_new):
            return None
        return self._legs.begin(h323_call.begun(name, message, said, caller, called, now))


def _is_another(message: Q931Message, said: CallSignalling | None, leg: Leg) -> bool:
    """Whether a setup begins another call than the one that had its reference before."""
    if message.kind != q931.SETUP or leg.dialog is None:
        return False
    is_known = said is None or not said.call or said.call in leg.dialog.session
    return bool(leg.ended) or not is_known


def _is_elsewhere(leg: Leg, way: Way) -> bool:
    """Whether the leg is of another connection."""
    return leg.dialog is not None and (leg.dialog.source, leg.dialog.destination) != way[1:]


def _said(message: Q931Message) -> CallSignalling | None:
    try:
        return h225.parse(message.user)
    except PerError:
        return None


def _name(message: Q931Message, caller: Endpoint, called: Endpoint) -> str:
    """The name of the dialog: a call reference is unique between two hosts and chosen by the caller."""
    ends = "-".join(address.text(*one[0]) for one in (caller, called))
    return f"{message.reference}@{ends}"
