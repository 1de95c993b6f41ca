"""One call between lines of media gateways, as MGCP tells of it (RFC 3435)."""

from dataclasses import dataclass, field

from recorder.assembly.dialog import Dialog
from recorder.assembly.endpoints import other
from recorder.assembly.following import turn
from recorder.assembly.happening import Happening
from recorder.assembly.mediaend import Address, MediaEnd, is_fax_alone, media_end
from recorder.protocol.errors import SdpError
from recorder.protocol.sdp import MediaDescription, SessionDescription
from storage.model import Side

Line = tuple[Address, str]
"""A gateway and its name for the line."""
_HOLDS = {"sendonly": True, "inactive": True, "recvonly": False}
"""Modes of a connection that is on hold, and whether its own side holds."""
_BOTH_WAYS = ("sendrecv", "confrnce")
MOST_IDS = 64
"""Connections of one line in one call; no bridge of a gateway has more."""


@dataclass(slots=True)
class Connection:
    """A line's part in a call; ``is_guess`` where nothing but its order tells its side.

    ``ids`` are the connections that it consists of, as far as they are known: a line may have several
    (RFC 3435, 2.1.3).
    """

    line: Line
    side: Side
    is_guess: bool
    mode: str = ""
    has_far_end: bool = False
    rings: bool = False
    ids: set[str] = field(default_factory=set)

    def know(self, which: str) -> None:
        """A message is about the connection of this identifier, empty where it does not say."""
        if which and len(self.ids) < MOST_IDS:
            self.ids.add(which.lower())


@dataclass(slots=True)
class GatewayCall:
    """A call and its connections, at most one a line."""

    dialog: Dialog
    connections: dict[Line, Connection] = field(default_factory=dict)
    ender: Side | None = None
    """Who hung up first, where that was seen."""
    is_turned: bool = False
    """Whether the sides of its connections are those of a dialog that has changed its sides."""

    def connect(self, line: Line, side: Side | None) -> Connection:
        """The line's connection, a new one on the given side where it has none yet."""
        known = self.connections.get(line)
        if known is None:
            others = [one.side for one in self.connections.values()]
            guess = other(others[0]) if others else self._side_of(line)
            known = Connection(line, side or guess, side is None and not others)
            self.connections[line] = known
        return known

    def follow(self) -> None:
        """Change sides as the dialog did, which turned out to be one conversation with another one."""
        if self.is_turned is self.dialog.is_turned:
            return
        self.is_turned = self.dialog.is_turned
        self.ender = other(self.ender) if self.ender is not None else None
        for one in self.connections.values():
            one.side, one.is_guess = other(one.side), False

    def settle(self, connection: Connection, side: Side) -> bool:
        """The connection's side turned out; whether that turns the call round."""
        if not connection.is_guess:
            return False
        connection.is_guess = False
        if connection.side is side:
            return False
        for one in self.connections.values():
            one.side = other(one.side)
        turn(self.dialog)
        return True

    def receives(self, connection: Connection, sdp: bytes) -> list[MediaEnd]:
        """Where the line itself receives."""
        return _ends(sdp, connection.side)

    def sends(self, connection: Connection, sdp: bytes) -> list[MediaEnd]:
        """Where the line sends to, which is where the other side receives."""
        connection.has_far_end |= bool(sdp)
        return _ends(sdp, other(connection.side))

    def describe(self, connection: Connection, sdp: bytes, now: int) -> list[Happening]:
        """What is said of the line's media: with a fax in packets of its own alone the call is a fax's."""
        is_wanted = is_fax_alone(_media(sdp))
        return [] if is_wanted is None else self.dialog.fax.settle(connection.side, now, is_wanted=is_wanted)

    def set_mode(self, connection: Connection, mode: str, now: int) -> list[Happening]:
        """A new mode: both ways means that the call stands, one way after that means hold."""
        connection.mode = mode
        dialog = self.dialog
        if not dialog.answered:
            return self.answer(now) if self._stands(connection) else []
        if mode in _HOLDS and not dialog.held:
            holder = connection.side if _HOLDS[mode] else other(connection.side)
            dialog.holding.hold(holder)
            return [Happening(now, "hold", holder)]
        if mode == "sendrecv" and dialog.held and not self._is_held():
            (holder,) = dialog.held
            dialog.holding.resume(holder)
            return [Happening(now, "resume", holder)]
        return []

    def ring(self, connection: Connection | None, now: int) -> list[Happening]:
        """The called line rings, or the caller hears that it does."""
        if connection is not None:
            connection.rings = True
        if self.dialog.ringing or self.dialog.answered:
            return []
        self.dialog.ringing = now
        return [Happening(now, "ringing", Side.B)]

    def answer(self, now: int) -> list[Happening]:
        """The called party is there."""
        for one in self.connections.values():
            one.rings = False
        if self.dialog.answered or self.dialog.ended:
            return []
        self.dialog.answered = now
        return [Happening(now, "answered", Side.B)]

    def refuse(self, status: int, reason: str, now: int) -> list[Happening]:
        """The call cannot be had; ``status`` as SIP says the same."""
        if self.dialog.answered or self.dialog.ended:
            return []
        self.dialog.cause, self.dialog.ended = status, now
        return [Happening(now, "rejected", Side.B, {"status": status, "reason": reason})]

    def reopen(self) -> None:
        """A connection is made after the last one was gone, or refused: the call goes on."""
        self.dialog.ended = self.dialog.cancelled = self.dialog.cause = 0
        self.ender = None

    def delete(self, line: Line | None, now: int, which: str = "") -> list[Happening]:
        """A connection of a line is gone, those of the whole line where ``which`` is empty, with no line all;
        with the last one the call ends."""
        if line is not None:
            known = self.connections.get(line)
            if known is not None and which:
                known.ids.discard(which)
            if known is not None and (not which or not known.ids):
                del self.connections[line]
            if self.connections:
                return []
        dialog, ender = self.dialog, self.ender
        if dialog.ended:
            return []
        dialog.ended = now
        if not dialog.answered and ender is Side.A:
            dialog.cancelled = now
            return [Happening(now, "cancelled", Side.A)]
        return [Happening(now, "bye", ender)]

    def _side_of(self, line: Line) -> Side:
        return Side.B if (self.dialog.destination[0] == line[0]) is not self.is_turned else Side.A

    def _stands(self, connection: Connection) -> bool:
        """Whether sound goes both ways on all of it, as it does when nobody rings any more."""
        far = other(connection.side)
        is_joined = connection.has_far_end or any(end.side is far for end in self.dialog.ends)
        parts = self.connections.values()
        return is_joined and all(one.mode in _BOTH_WAYS and not one.rings for one in parts)

    def _is_held(self) -> bool:
        return any(one.mode in _HOLDS for one in self.connections.values())


def _ends(sdp: bytes, side: Side) -> list[MediaEnd]:
    return [end for medium in _media(sdp) if (end := media_end(medium, side)) is not None]


def _media(sdp: bytes) -> list[MediaDescription]:
    """The media that are wanted."""
    if not sdp:
        return []
    try:
        session = SessionDescription.parse(sdp)
    except SdpError:
        return []
    return [medium for medium in session.media if not medium.is_rejected]
