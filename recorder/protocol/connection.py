"""One TCP connection that carries signalling: its bytes put in order, opened where it is TLS, and cut."""

import contextlib
from dataclasses import dataclass, field

from recorder.protocol import hep, readers, tls_records, tls_session
from recorder.protocol.errors import HepError
from recorder.protocol.reassembly import Reassembly, Stretch
from recorder.protocol.received import HEP, SIP, Endpoint, Received
from recorder.protocol.sip_stream import SipStream, starts_message
from recorder.protocol.tls_handshake import CLIENT_HELLO
from recorder.protocol.tls_keys import TlsKeys
from recorder.protocol.tls_session import TlsSession

OTHER = "tls-other"
"""What is in TLS is no signalling, and the ports did not promise any."""
_RECORD_HEAD = 6
"""Bytes that tell a TLS handshake."""

_SEGMENT = 200
"""Bytes of memory that a segment takes besides its content."""


@dataclass(slots=True)
class Direction:
    """What one end sends to the other."""

    source: Endpoint
    destination: Endpoint
    order: Reassembly = field(default_factory=Reassembly)
    is_finished: bool = False
    opening: bytes = b""
    _reader: readers.Reader | None = None
    _protocol: str = SIP
    _time: int = 0

    @property
    def held(self) -> int:
        """Bytes that wait for what is missing, or for the rest of their message."""
        waiting = self.order.held + _SEGMENT * self.order.pieces
        return waiting + (len(self._reader) if self._reader is not None else 0)

    @property
    def is_begun(self) -> bool:
        """Whether anything was read."""
        return self._reader is not None

    def read(self, content: bytes, follows_gap: bool, frame: int, now: int) -> list[Received]:
        """The messages that the content completes."""
        self._time = now
        messages: list[bytes] = []
        if self._reader is None or (self.is_guess and readers.begins(content)):
            ports = self.source[1], self.destination[1]
            self._protocol, self._reader = readers.chosen(ports, content)
        elif follows_gap:
            messages += self._reader.gap()
        return self._received(messages + self._reader.feed(content), frame)

    def answered(self, frame: int) -> list[Received]:
        """The message that is whole as the other end speaks."""
        return self._received(self._reader.answered(), frame) if isinstance(self._reader, SipStream) else []

    def close(self, frame: int) -> list[Received]:
        """Nothing more comes: what can be given of the message whose end did not."""
        return self._received(self._reader.gap(), frame) if self._reader is not None else []

    def _received(self, messages: list[bytes], frame: int) -> list[Received]:
        if self._protocol == HEP:
            return _mirrored(messages, frame, self._time)
        return [
            Received(frame, self._time, self.source, self.destination, one, self._protocol)
            for one in messages
            if self._protocol != SIP or starts_message(one)
        ]

    @property
    def is_guess(self) -> bool:
        """Whether nothing told yet what is read.

        What is seen first of a connection may be the end of a message, a ping, a keep-alive, or a proxy that
        says whom it speaks for.
        """
        return isinstance(self._reader, SipStream) and not self._reader.has_begun

    def forget(self) -> None:
        """What follows is another connection's."""
        self._reader = None


def _mirrored(mirrors: list[bytes], frame: int, now: int) -> list[Received]:
    """The messages in mirrors, each with the way that it went itself; what cannot be read is left out."""
    found = []
    for one in mirrors:
        with contextlib.suppress(HepError):
            packet = hep.parse(one)
            source, destination = (
                (packet.source, packet.source_port),
                (packet.destination, packet.destination_port),
            )
            if starts_message(packet.payload):
                time = hep.sent(packet, now)
                found.append(Received(frame, time, source, destination, packet.payload))
    return found


def _is_client_hello(content: bytes) -> bool:
    return tls_records.hello(content) == CLIENT_HELLO


class Connection:
    """Both directions. ``trouble`` says why it cannot be read, if so (see ``tls_session``).

    It ``is_sure`` that it carries signalling where its ports say so; else what is in TLS must look like it.
    """

    def __init__(self, keys: TlsKeys | None, is_sure: bool = True) -> None:
        self.trouble = ""
        self._is_sure = is_sure
        self.directions: dict[Endpoint, Direction] = {}
        self._keys = keys
        self._session: TlsSession | None = None
        self._client: Endpoint | None = None

    @property
    def held(self) -> int:
        """Bytes that wait for anything."""
        waiting = 0 if self._session is None else len(self._session)
        return waiting + sum(direction.held for direction in self.directions.values())

    @property
    def is_waiting(self) -> bool:
        """Whether something waits for a missing segment or for a key."""
        is_closed = self._session is not None and self._session.is_waiting
        return is_closed or any(direction.order.held for direction in self.directions.values())

    @property
    def is_finished(self) -> bool:
        """Whether every end that was seen said that this was all."""
        return all(direction.is_finished for direction in self.directions.values())

    def read(self, direction: Direction, stretches: list[Stretch], frame: int) -> list[Received]:
        """The messages that the stretches complete, in either direction."""
        found: list[Received] = []
        for content, follows_gap, time in stretches:
            found += self._read(direction, content, follows_gap, frame, time)
        return found

    def expire(self, now: int, frame: int) -> list[Received]:
        """Go on behind what has been missing for too long, and with keys that came; seen at this frame."""
        found: list[Received] = []
        for direction in list(self.directions.values()):
            found += self.read(direction, direction.order.expire(now), frame)
        if self._session is not None and self._session.is_waiting:
            found += self._opened(self._session.go_on(now), frame)
        return found

    def close(self, frame: int) -> list[Received]:
        """It is over: what waits, as far as it can be read."""
        found: list[Received] = []
        for direction in list(self.directions.values()):
            found += self.read(direction, direction.order.give_up(), frame)
        for direction in self.directions.values():
            found += direction.close(frame)
        if self._session is not None:
            self._session.close()
            self.trouble = self._session.trouble
        return found

    def _read(
        self, direction: Direction, content: bytes, follows_gap: bool, frame: int, now: int
    ) -> list[Received]:
        is_begun = direction.is_begun and not (direction.is_guess and _is_client_hello(content))
        is_first = self._session is None and not is_begun
        if is_first:
            content, direction.opening = direction.opening + content, b""
            if content[0] == tls_records.HANDSHAKE and len(content) < _RECORD_HEAD:
                direction.opening = content
                return []
        if (is_first or follows_gap) and tls_records.starts_record(content):
            follows_gap &= not self._begin(direction, content, now)
        if self._session is None:
            return [] if self.trouble else self._said(direction, content, follows_gap, frame, now)
        is_client = direction.source == self._client
        return self._opened(self._session.feed(is_client, content, follows_gap, now), frame)

    def _said(
        self, direction: Direction, content: bytes, follows_gap: bool, frame: int, now: int
    ) -> list[Received]:
        """The messages that the content completes, and that it answers."""
        found: list[Received] = []
        for other in self.directions.values():
            if other is not direction:
                found += other.answered(frame)
        return found + direction.read(content, follows_gap, frame, now)

    def _begin(self, direction: Direction, content: bytes, now: int) -> bool:
        """Whether a record begins the connection, or another one between the same ports."""
        hello = tls_records.hello(content)
        if self._session is not None and hello != CLIENT_HELLO:
            return False
        if hello is None or self._keys is None:
            self.trouble = tls_session.MIDDLE if hello is None else tls_session.NO_KEY
            return False
        self._client = direction.source if hello == CLIENT_HELLO else direction.destination
        for one in self.directions.values():
            one.forget()
        self._session = TlsSession(self._keys, now)
        return True

    def _opened(self, plains: list[tls_session.Plain], frame: int) -> list[Received]:
        """The messages in what was opened, each with the time at which it came."""
        found: list[Received] = []
        for is_client, content, follows_gap, time in plains:
            if not self._is_sure and not readers.begins(content):
                self.trouble = OTHER
                return found
            self._is_sure = True
            for direction in self.directions.values():
                if (direction.source == self._client) == is_client:
                    found += self._said(direction, content, follows_gap, frame, time)
        if self._session is not None:
            self.trouble = self._session.trouble
        return found
