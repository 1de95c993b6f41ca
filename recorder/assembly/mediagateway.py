"""Calls of media gateways that a call agent controls by MGCP (RFC 3435): one leg a call identifier."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from recorder.assembly.book import SECOND, CallBook
from recorder.assembly.endpoints import EndpointBook, other
from recorder.assembly.following import Follower, Told, contradicted
from recorder.assembly.gateway_call import Connection, GatewayCall, Line
from recorder.assembly.gateway_line import LineState
from recorder.assembly.happening import Happening
from recorder.assembly.leg import Leg
from recorder.assembly.mediaend import Address, MediaEnd
from recorder.assembly.recent import Recent
from recorder.assembly.text import clean
from recorder.protocol import address, mgcp
from recorder.protocol.mgcp import Command, Event, Response
from recorder.protocol.received import Endpoint, Received
from storage.model import Side

MOST = 1 << 14
"""Lines and transactions that are remembered."""
REPEATED = 30 * SECOND
"""A transaction's number is not used again for so long (RFC 3435, 3.5.2: T-HIST, in ns)."""
_KEYS = frozenset("0123456789*#abcd")
_FAILURES = {"bz": (486, "Busy"), "ro": (503, "Reorder tone"), "cg": (503, "Congestion")}
"""Tones that the caller hears in place of the called party (RFC 3660, 2.1 and 2.2)."""


@dataclass(frozen=True, slots=True)
class _Way:
    """Between whom a command went, whichever way."""

    gateway: Endpoint
    agent: Endpoint
    now: int


class MediaGateway(Follower):
    """Follows what call agents and gateways tell each other."""

    def __init__(self, book: CallBook, endpoints: EndpointBook) -> None:
        super().__init__(book)
        self._endpoints = endpoints
        self._calls: dict[str, GatewayCall] = {}
        self._lines: Recent[Line, LineState] = Recent(MOST)
        self._asked: Recent[tuple[Address, Address, int], tuple[int, Command]] = Recent(MOST)
        self._verbs: Mapping[str, Callable[[Command, _Way], list[Told]]] = {
            "CRCX": self._connect,
            "MDCX": self._connect,
            "DLCX": self._delete,
            "NTFY": self._notified,
            "RQNT": self._signals,
        }

    def take(self, received: Received) -> Iterable[Told]:
        """Follow a datagram; raises MgcpError for one without a message."""
        told: list[Told] = []
        for message in mgcp.parse(received.content):
            if isinstance(message, Response):
                told += self._answered(message, received)
            elif message.verb in self._verbs and not self._is_repeat(message, received):
                told += self._verbs[message.verb](message, self._way(message, received))
        return told

    def restore(self, leg: Leg) -> None:
        """See ``Follower``."""
        super().restore(leg)
        if leg.dialog is not None:
            self._calls[leg.dialog.call_id] = GatewayCall(leg.dialog, is_turned=leg.dialog.is_turned)

    def lose(self, leg: Leg) -> None:
        """See ``Follower``."""
        super().lose(leg)
        if leg.dialog is not None:
            self._calls.pop(leg.dialog.call_id, None)

    def _is_repeat(self, command: Command, received: Received) -> bool:
        key = (received.source[0], received.destination[0], command.transaction)
        before = self._asked.get(key)
        if before is not None and received.time - before[0] < REPEATED and before[1] == command:
            return True
        self._asked[key] = (received.time, command)
        return False

    def _way(self, command: Command, received: Received) -> _Way:
        """Gateways notify, call agents command; either may delete a connection."""
        source, destination, now = received.source, received.destination, received.time
        is_gateway = command.verb == "NTFY" or (
            command.verb == "DLCX"
            and _name(command, source) not in self._calls
            and (source[0], command.endpoint) in self._lines
        )
        return _Way(source, destination, now) if is_gateway else _Way(destination, source, now)

    def _connect(self, command: Command, way: _Way) -> list[Told]:
        """A connection is made or changed."""
        line = way.gateway[0], command.endpoint
        name = self._named(command, way.agent, line)
        is_new = command.verb == "CRCX" and self._legs.may_begin_again(name, way.now)
        if not command.get("C") or (self._legs.is_gone(name) and not is_new):
            return []
        state = self._line(line)
        signals = mgcp.events(command.get("S"))
        state.hear(signals)
        call, leg = self._known(name)
        if call is None or leg is None:
            call = self._calls[name] = GatewayCall(state.dialog(name, way.gateway, way.agent, way.now))
            leg = self._legs.begin(call.dialog)
        elif command.verb == "CRCX" and call.dialog.ended:
            # The identifier names the call, however often its connections are made anew (RFC 3435, 2.1.4).
            call.reopen()
            self._legs.reopen(leg)
        state.call = name
        connection = call.connect(line, state.role)
        connection.know(command.get("I"))
        state.identify(call.dialog, connection)
        ends = call.sends(connection, command.sdp)
        happened = _played(signals, call, connection, way.now)
        if mode := command.get("M").lower():
            happened += call.set_mode(connection, mode, way.now)
        return [self._told(leg, call, connection, happened, ends)]

    def _answered(self, response: Response, received: Received) -> list[Told]:
        """A gateway says where a new connection receives, or that there is none."""
        asked = self._asked.get((received.destination[0], received.source[0], response.transaction))
        if asked is None or response.code < 100 or asked[1].verb not in ("CRCX", "MDCX"):
            return []
        command = asked[1]
        line = received.source[0], command.endpoint
        name = self._named(command, received.destination, line)
        call, leg = self._known(name)
        if call is None or leg is None:
            return []
        connection = call.connections.get(line) or call.connect(line, None)
        if response.code >= 300:
            happened = self._refused(call, line, command, received.time)
            return [Told(leg, self._legs.tell(leg, happened))]
        connection.know(response.get("I"))
        if specific := response.get("Z").lower():
            connection = self._renamed(call, connection, specific)
        happened = call.describe(connection, response.sdp, received.time)
        return [self._told(leg, call, connection, happened, call.receives(connection, response.sdp))]

    def _delete(self, command: Command, way: _Way) -> list[Told]:
        """A connection is deleted, or all of a line."""
        line = (way.gateway[0], command.endpoint)
        state = self._line(line)
        name = self._named(command, way.agent, line) if command.get("C") else state.call
        call, leg = self._known(name)
        if call is None or leg is None:
            return []
        is_known = line in call.connections or not call.connections
        happened = call.delete(line if is_known else None, way.now, command.get("I").lower())
        if state.call == name and line not in call.connections:
            self._lines[line] = LineState(since=state.since)
        self._borrow(leg)
        return [Told(leg, self._legs.tell(leg, happened))]

    def _notified(self, command: Command, way: _Way) -> list[Told]:
        """A line's receiver is lifted or put down, or keys are pressed."""
        line = (way.gateway[0], command.endpoint)
        state = self._line(line)
        call, leg = self._known(state.call)
        connection = call.connections.get(line) if call is not None else None
        happened: list[Happening] = []
        for event in mgcp.events(command.get("O")):
            happened += self._observed(event, state, call, connection, way.now)
        if call is None or leg is None or connection is None:
            return []
        state.identify(call.dialog, connection)
        return [self._told(leg, call, connection, happened, [])]

    def _observed(
        self,
        event: Event,
        state: LineState,
        call: GatewayCall | None,
        connection: Connection | None,
        now: int,
    ) -> list[Happening]:
        if event.name == "hd":
            state.since = now
            if call is not None and connection is not None and connection.side is Side.B and state.rings:
                return call.answer(now)
            state.dialled = ""
        elif event.name == "hu":
            state.since = 0
            if call is not None and connection is not None:
                call.ender = call.ender or connection.side
        elif event.package in ("d", "") and _KEYS.issuperset(event.name):
            if call is not None and connection is not None and call.dialog.answered:
                keys = event.name.upper()
                return [Happening(now, "dtmf", connection.side, {"digit": key}) for key in keys]
            state.dialled = (state.dialled + event.name.upper())[:64]
        return []

    def _signals(self, command: Command, way: _Way) -> list[Told]:
        """A line is to ring or to hear a tone."""
        line = (way.gateway[0], command.endpoint)
        state = self._line(line)
        call, leg = self._known(state.call)
        connection = call.connections.get(line) if call is not None else None
        signals = mgcp.events(command.get("S"))
        state.hear(signals)
        if call is None or leg is None or connection is None:
            return []
        state.identify(call.dialog, connection)
        return [self._told(leg, call, connection, _played(signals, call, connection, way.now), [])]

    def _told(
        self,
        leg: Leg,
        call: GatewayCall,
        connection: Connection,
        happened: list[Happening],
        ends: list[MediaEnd],
    ) -> Told:
        """Note it all, and turn the call where what is known by now says so."""
        self._borrow(leg)
        fresh = self._legs.tell(leg, happened, ends)
        role = self._line(connection.line).role
        if role is None and (against := contradicted(self._endpoints, leg.id, fresh)) is not None:
            role = other(connection.side) if against else connection.side
        if role is not None and call.settle(connection, role):
            fresh = self._legs.turned(leg)
        return Told(leg, fresh)

    def _borrow(self, leg: Leg) -> None:
        """Trunks are told no numbers: those of the phone that talks on this one are the call's."""
        dialog, call = leg.dialog, self._legs.book.of(leg.id)
        if dialog is None or call is None or dialog.from_number or dialog.to_number:
            return
        others = (one.dialog for one in call.legs if one.dialog is not None)
        known = next((one for one in others if one.from_number and one.to_number), None)
        if known is not None:
            dialog.from_number, dialog.to_number = known.from_number, known.to_number

    def _refused(self, call: GatewayCall, line: Line, command: Command, now: int) -> list[Happening]:
        if command.verb != "CRCX":
            return []
        call.connections.pop(line, None)
        return call.refuse(503, "No connection", now) if not call.connections else []

    def _renamed(self, call: GatewayCall, connection: Connection, specific: str) -> Connection:
        """The gateway chose one of its lines (RFC 3435, 3.2.1.3)."""
        line = (connection.line[0], specific)
        if line != connection.line and "$" in connection.line[1]:
            call.connections.pop(connection.line, None)
            connection.line = line
            call.connections[line] = connection
            self._line(line).call = call.dialog.call_id
        return connection

    def _known(self, name: str) -> tuple[GatewayCall | None, Leg | None]:
        """The call of this name, and its leg, as far as it runs."""
        call = self._calls.get(name)
        if call is not None:
            call.follow()
        return call, self._legs.get(name)

    def _named(self, command: Command, agent: Endpoint, line: Line) -> str:
        """The name of the command's call; the agent that takes over from another one goes on with the calls
        of that one (RFC 3435, 4)."""
        name, state = _name(command, agent), self._lines.get(line)
        if name not in self._calls and state is not None and state.call in self._calls:
            return state.call if state.call.partition("@")[0] == name.partition("@")[0] else name
        return name

    def _line(self, line: Line) -> LineState:
        state = self._lines.get(line)
        if state is None:
            state = self._lines[line] = LineState()
        return state


def _name(command: Command, agent: Endpoint) -> str:
    """The name of the dialog: identifiers of calls are unique among the gateways of one agent."""
    return f"{clean(command.get('C').lower())}@{address.text(*agent[0])}"


def _played(signals: list[Event], call: GatewayCall, connection: Connection, now: int) -> list[Happening]:
    """What it means for the call that a line rings or hears a tone."""
    happened: list[Happening] = []
    for signal in signals:
        if signal.name in ("rg", "rt"):
            happened += call.ring(connection if signal.name == "rg" else None, now)
        elif signal.name in _FAILURES:
            happened += call.refuse(*_FAILURES[signal.name], now)
    return happened
