"""Phones that do not speak SIP: each message goes to the follower of its protocol."""

from collections.abc import Iterable, Mapping

from recorder.assembly.book import CallBook
from recorder.assembly.endpoints import EndpointBook
from recorder.assembly.following import Follower, Told
from recorder.assembly.h323 import H323
from recorder.assembly.leg import Leg
from recorder.assembly.mediagateway import MediaGateway
from recorder.assembly.skinny import Skinny
from recorder.protocol.received import H225, MGCP, SCCP, Received


class Phones:
    """The followers of all protocols but SIP, by the name of the protocol."""

    def __init__(self, book: CallBook, endpoints: EndpointBook) -> None:
        self._followers: Mapping[str, Follower] = {
            SCCP: Skinny(book, endpoints),
            MGCP: MediaGateway(book, endpoints),
            H225: H323(book),
        }

    def take(self, received: Received) -> Iterable[Told]:
        """Follow a message; raises ProtocolError for one that cannot be read."""
        follower = self._followers.get(received.protocol)
        return follower.take(received) if follower is not None else ()

    def restore(self, leg: Leg) -> None:
        """Take in a leg that ran when the recorder stopped; those of SIP are none of ours."""
        follower = self._of(leg)
        if follower is not None:
            follower.restore(leg)

    def forget(self, leg: Leg, now: int) -> None:
        """The leg's call is done."""
        follower = self._of(leg)
        if follower is not None:
            follower.forget(leg, now)

    def lose(self, leg: Leg) -> None:
        """The leg was given up for want of room."""
        follower = self._of(leg)
        if follower is not None:
            follower.lose(leg)

    def ignore(self, call_id: str, now: int) -> None:
        """What comes for the dialog of this name means nothing any more."""
        for follower in self._followers.values():
            follower.ignore(call_id, now)

    def expire(self, now: int) -> None:
        """Forget what nothing can come for any more."""
        for follower in self._followers.values():
            follower.expire(now)

    def _of(self, leg: Leg) -> Follower | None:
        return self._followers.get(leg.dialog.protocol) if leg.dialog is not None else None
