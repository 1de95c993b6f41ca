"""TCP connections that carry signalling; all others cost one vectorised look a segment."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recorder.protocol import classify, gather, readers
from recorder.protocol.reassembly import Reassembly, Stretch
from recorder.protocol.received import SIP, Endpoint, Received
from recorder.protocol.sip_stream import LONGEST_LINE, starts_message
from recorder.protocol.tcp import FIN, RST, SYN, Segments

PORTS = (5060, 5061, readers.SCCP_PORT, readers.H225_PORT)
"""Where a connection is followed from its first segment; elsewhere from one that begins like signalling."""
_MOST = 4096
"""Connections."""
_BUDGET = 32 << 20
"""Bytes that all of them may hold."""
_CONTROL = SYN | FIN | RST
_HEAD = 20
_ODD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(slots=True)
class _Direction:
    source: Endpoint
    destination: Endpoint
    order: Reassembly = field(default_factory=Reassembly)
    reader: readers.Reader | None = None
    protocol: str = SIP
    is_finished: bool = False

    @property
    def held(self) -> int:
        return self.order.held + (len(self.reader) if self.reader is not None else 0)

    def read(self, stretches: list[Stretch], frame: int, now: int) -> list[Received]:
        """The messages that the stretches complete."""
        messages: list[bytes] = []
        for content, follows_gap in stretches:
            if self.reader is None:
                ports = self.source[1], self.destination[1]
                self.protocol, self.reader = readers.chosen(ports, content)
            elif follows_gap:
                messages += self.reader.gap()
            messages += self.reader.feed(content)
        return [
            Received(frame, now, self.source, self.destination, one, self.protocol)
            for one in messages
            if self.protocol != SIP or starts_message(one)
        ]


class Connections:
    """The connections of one tap. Memory is bounded: those unused for longest are forgotten first."""

    def __init__(self, ports: Sequence[int] = PORTS) -> None:
        self._ports = np.array(ports, np.uint16)
        self._known: OrderedDict[int, dict[Endpoint, _Direction]] = OrderedDict()
        self._waiting: dict[int, None] = {}
        self._held = 0

    def __len__(self) -> int:
        """How many connections are followed."""
        return len(self._known)

    def take(self, segments: Segments) -> list[Received]:
        """The messages that these segments complete, in order of their frames."""
        if not len(segments):
            return []
        now = int(segments.times[-1])
        found = self._expire(now)
        keys = _keys(segments)
        for row in self._of_interest(segments, keys).tolist():
            found += self._segment(segments, row, int(keys[row]))
        return found

    def _of_interest(self, segments: Segments, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Rows of connections that are followed, or that may be worth it."""
        is_marked = (segments.flags & _CONTROL) != 0
        used = np.flatnonzero((segments.lengths > 0) | is_marked)
        first = gather.headers(segments.data, segments.offsets[used], ">u2").view(">u2")
        has_payload = segments.lengths[used] > 0
        on_port = np.isin(segments.source_ports[used], self._ports)
        on_port |= np.isin(segments.destination_ports[used], self._ports)
        # TLS records (RFC 8446, 5.1): content types 20 to 23, major version 3.
        is_secret = has_payload & ((first & 0xFCFF) == 0x1403)
        wanted = on_port & ~is_secret
        maybe = np.flatnonzero(~wanted & (segments.lengths[used] >= _HEAD))
        kinds = first[maybe] >> 8
        looks = classify.looks_like_sip(segments.data, segments.offsets[used[maybe]])
        # Frames of text or bytes, the last of their message (RFC 6455, 5.2).
        looks |= (kinds == 0x81) | (kinds == 0x82)
        # Version and reserved byte of a TPKT (RFC 1006, 6).
        looks |= first[maybe] == 0x0300
        for one in maybe[looks].tolist():
            wanted[one] = readers.begins(segments.payload(int(used[one]))[:LONGEST_LINE])
        if self._known:
            # Segments of a batch may follow one that only now opens their connection.
            opened = np.concatenate((np.array(list(self._known), np.uint64), keys[used[wanted]]))
            wanted |= np.isin(keys[used], opened)
        elif wanted.any():
            wanted |= np.isin(keys[used], keys[used[wanted]])
        rows: NDArray[np.int64] = used[wanted]
        return rows

    def _segment(self, segments: Segments, row: int, key: int) -> list[Received]:
        flags, content = int(segments.flags[row]), segments.payload(row)
        connection = self._known.get(key)
        if connection is None:
            ports = segments.source_ports[row], segments.destination_ports[row]
            is_worth = bool(np.isin(ports, self._ports).any()) and not flags & (FIN | RST)
            if not (is_worth or readers.begins(content)):
                return []
            connection = self._known[key] = {}
        self._known.move_to_end(key)
        frame, now = int(segments.frames[row]), int(segments.times[row])
        direction = _direction(segments, row, connection)
        before = direction.held
        sequence = int(segments.sequences[row])
        if flags & SYN:
            direction.order.begin(sequence)
            sequence = (sequence + 1) & 0xFFFFFFFF
            direction.is_finished = False
        found = []
        if content:
            stretches = direction.order.add(sequence, content, int(segments.wire_lengths[row]), now)
            found = direction.read(stretches, frame, now)
        if direction.order.held:
            self._waiting[key] = None
        self._held += direction.held - before
        direction.is_finished |= bool(flags & FIN)
        if flags & RST or all(one.is_finished for one in connection.values()):
            found += self._close(key, frame, now)
        self._make_room()
        return found

    def _expire(self, now: int) -> list[Received]:
        """Go on behind what has been missing for too long."""
        found: list[Received] = []
        for key in list(self._waiting):
            for direction in self._known.get(key, {}).values():
                before = direction.held
                found += direction.read(direction.order.expire(now), -1, now)
                self._held += direction.held - before
            if not any(one.order.held for one in self._known.get(key, {}).values()):
                del self._waiting[key]
        return found

    def _close(self, key: int, frame: int, now: int) -> list[Received]:
        found: list[Received] = []
        for direction in self._known.pop(key).values():
            self._held -= direction.held
            found += direction.read(direction.order.give_up(), frame, now)
        self._waiting.pop(key, None)
        return found

    def _make_room(self) -> None:
        while self._known and (len(self._known) > _MOST or self._held > _BUDGET):
            key, connection = self._known.popitem(last=False)
            self._held -= sum(direction.held for direction in connection.values())
            self._waiting.pop(key, None)


def _direction(segments: Segments, row: int, connection: dict[Endpoint, _Direction]) -> _Direction:
    a, b = segments.sources[row].tolist()
    source = ((a, b), int(segments.source_ports[row]))
    direction = connection.get(source)
    if direction is None:
        c, d = segments.destinations[row].tolist()
        direction = _Direction(source, ((c, d), int(segments.destination_ports[row])))
        connection[source] = direction
    return direction


def _keys(segments: Segments) -> NDArray[np.uint64]:
    """One number a connection, the same in both directions."""
    return _mixed(segments.sources, segments.source_ports) ^ _mixed(
        segments.destinations, segments.destination_ports
    )


def _mixed(addresses: NDArray[np.uint64], ports: NDArray[np.uint16]) -> NDArray[np.uint64]:
    words = (addresses[:, 0] * _ODD) ^ addresses[:, 1]
    words = (words * _ODD) ^ ports
    words ^= words >> np.uint64(31)
    mixed: NDArray[np.uint64] = words * _ODD
    return mixed
