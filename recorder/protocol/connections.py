"""TCP connections that carry signalling; all others cost one vectorised look a segment."""

from collections import Counter, OrderedDict
from collections.abc import Sequence
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from recorder.protocol import classify, gather, hep, readers, tls_records
from recorder.protocol.connection import Connection, Direction
from recorder.protocol.keyset import KeySet
from recorder.protocol.received import Received
from recorder.protocol.sip_stream import LONGEST_LINE
from recorder.protocol.tcp import FIN, RST, SYN, Segments
from recorder.protocol.tls_keys import TlsKeys

PORTS = (5060, 5061, readers.SCCP_PORT, readers.H225_PORT)
"""Where a connection is followed from its first segment; elsewhere from one that begins like signalling."""
MOST = 1 << 14
"""Connections. One of TLS takes 7 KB, and is lost for good when it is forgotten."""
_BUDGET = 32 << 20
"""Bytes that all of them may hold."""
_LOOK = 100_000_000
"""Nanoseconds between two looks at what waits."""
_BEHIND = 1 << 62
"""The place of a message that no frame of its batch completed."""
_CONTROL = SYN | FIN | RST
_HEAD = 20
_ODD = np.uint64(0x9E3779B97F4A7C15)


class Connections:
    """The connections of one tap. Memory is bounded: those unused for longest are forgotten first, and before
    any that carried a message those that carried none, such as half-open ones.

    Connections of TLS are read with ``keys``; those that cannot be are counted in ``rejected``, by reason
    (see ``tls_session``).
    """

    def __init__(
        self,
        ports: Sequence[int] = PORTS,
        keys: TlsKeys | None = None,
        rejected: Counter[str] | None = None,
        most: int = MOST,
    ) -> None:
        self._rejected: Counter[str] = Counter() if rejected is None else rejected
        self._is_port = np.zeros(1 << 16, np.bool_)
        self._is_port[list(ports)] = True
        self._secrets = keys
        self._known: OrderedDict[int, Connection] = OrderedDict()
        self._strange: OrderedDict[int, None] = OrderedDict()
        self._most = most
        self._elsewhere = KeySet(most)
        self._refused = KeySet(most)
        self._waiting: dict[int, None] = {}
        self._held = 0
        self._looked = 0

    def __len__(self) -> int:
        """How many connections are followed."""
        return len(self._known)

    @property
    def held(self) -> int:
        """Bytes that wait for anything, in all of them."""
        return self._held

    def take(self, segments: Segments, now: int) -> list[Received]:
        """The messages that these segments complete, in order of their frames; those that time does first.

        ``now`` is when the batch ends, in ns: what is missing is waited for although no segment comes.
        """
        found: list[Received] = []
        if len(segments):
            keys = _keys(segments)
            for row in self._of_interest(segments, keys).tolist():
                found += self._expire(int(segments.times[row]), int(segments.frames[row]))
                found += self._segment(segments, row, int(keys[row]))
        return found + self._expire(now, _BEHIND)

    def finish(self) -> list[Received]:
        """Nothing comes any more: what still waits, without what is missing."""
        held = [key for key, connection in self._known.items() if connection.held]
        found = [one for key in held for one in self._close(key, -1)]
        return sorted(found, key=attrgetter("time"))

    def _of_interest(self, segments: Segments, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Rows of connections that are followed, or that may be worth it."""
        is_marked = (segments.flags & _CONTROL) != 0
        used = np.flatnonzero((segments.lengths > 0) | is_marked)
        wanted = self._is_port[segments.source_ports[used]]
        wanted |= self._is_port[segments.destination_ports[used]]
        maybe = np.flatnonzero(~wanted & (segments.lengths[used] >= _HEAD))
        for one in maybe[_looks(segments, used[maybe])].tolist():
            wanted[one] = self._begins(segments.payload(int(used[one]))[:LONGEST_LINE])
        # Segments of a batch may follow one that only now opens their connection.
        if len(begun := maybe[wanted[maybe]]):
            wanted |= np.isin(keys[used], keys[used[begun]])
        if len(self._elsewhere):
            wanted |= self._elsewhere.among(keys[used])
        rows: NDArray[np.int64] = used[wanted]
        if len(self._refused):
            anew = keys[rows[(segments.flags[rows] & SYN) != 0]]
            rows = rows[~self._refused.among(keys[rows]) | np.isin(keys[rows], anew)]
        return rows

    def _segment(self, segments: Segments, row: int, key: int) -> list[Received]:
        flags, content = int(segments.flags[row]), segments.payload(row)
        connection = self._followed(segments, row, key)
        if connection is None:
            return []
        frame, now = int(segments.frames[row]), int(segments.times[row])
        direction = _direction(segments, row, connection)
        sequence = int(segments.sequences[row])
        if flags & SYN:
            if direction.order.is_elsewhere(sequence):
                return self._close(key, frame) + self._segment(segments, row, key)
            direction.order.begin(sequence)
            sequence = (sequence + 1) & 0xFFFFFFFF
            direction.is_finished = False
        before, found = connection.held, []
        if content:
            stretches = direction.order.add(sequence, content, int(segments.wire_lengths[row]), now)
            found = connection.read(direction, stretches, frame)
        if connection.is_waiting:
            self._waiting[key] = None
        self._held += connection.held - before
        direction.is_finished |= bool(flags & FIN)
        if found:
            self._strange.pop(key, None)
        if (flags & RST and direction.order.is_believed(sequence)) or connection.is_finished:
            found += self._close(key, frame)
        elif connection.trouble:
            self._refuse(key)
        self._make_room()
        return found

    def _followed(self, segments: Segments, row: int, key: int) -> Connection | None:
        """The connection of a segment; None where it is not worth following, or refused."""
        flags = int(segments.flags[row])
        if key in self._refused:
            if not flags & SYN:
                return None
            self._refused.discard(key)
        connection = self._known.get(key)
        if connection is None:
            ports = segments.source_ports[row], segments.destination_ports[row]
            is_worth = bool(self._is_port[list(ports)].any()) and not flags & (FIN | RST)
            if not (is_worth or self._begins(segments.payload(row))):
                return None
            connection = self._known[key] = Connection(self._secrets, is_sure=is_worth)
            self._strange[key] = None
            if not is_worth:
                self._elsewhere.add(key)
        self._known.move_to_end(key)
        if key in self._strange:
            self._strange.move_to_end(key)
        return connection

    def _begins(self, content: bytes) -> bool:
        """Whether a connection that begins so is worth following, whatever its ports."""
        if readers.begins(content):
            return True
        return self._secrets is not None and self._secrets.open(tls_records.client_random(content))

    def _expire(self, now: int, frame: int) -> list[Received]:
        """Go on behind what has been missing for too long, and with keys that came."""
        found: list[Received] = []
        if 0 <= now - self._looked < _LOOK:
            return found
        self._looked = now
        for key in list(self._waiting):
            connection = self._known[key]
            before = connection.held
            if more := connection.expire(now, frame):
                self._strange.pop(key, None)
            found += more
            self._held += connection.held - before
            if connection.trouble:
                self._refuse(key)
            elif not connection.is_waiting:
                del self._waiting[key]
        return found

    def _close(self, key: int, frame: int) -> list[Received]:
        connection = self._forget(key)
        found = connection.close(frame)
        if connection.trouble:
            self._rejected[connection.trouble] += 1
        return found

    def _refuse(self, key: int) -> None:
        """It cannot be read: look at it no more."""
        self._rejected[self._forget(key).trouble] += 1
        self._refused.add(key)

    def _forget(self, key: int) -> Connection:
        connection = self._known.pop(key)
        self._held -= connection.held
        self._waiting.pop(key, None)
        self._strange.pop(key, None)
        self._elsewhere.discard(key)
        return connection

    def _make_room(self) -> None:
        while self._known and (len(self._known) > self._most or self._held > _BUDGET):
            self._forget(next(iter(self._strange or self._known)))


def _looks(segments: Segments, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which segments may begin like signalling."""
    offsets = segments.offsets[rows]
    first = gather.headers(segments.data, offsets, ">u2").view(">u2")
    kinds = first >> 8
    looks = classify.looks_like_sip(segments.data, offsets)
    # Frames of text or bytes, the last of their message (RFC 6455, 5.2).
    looks |= (kinds == 0x81) | (kinds == 0x82)
    # Version and reserved byte of a TPKT (RFC 1006, 6).
    looks |= first == 0x0300
    looks |= first == int.from_bytes(hep.MAGIC[:2], "big")
    # A handshake record of TLS.
    looks |= first == 0x1603
    return looks


def _direction(segments: Segments, row: int, connection: Connection) -> Direction:
    a, b = segments.sources[row].tolist()
    source = ((a, b), int(segments.source_ports[row]))
    direction = connection.directions.get(source)
    if direction is None:
        c, d = segments.destinations[row].tolist()
        direction = Direction(source, ((c, d), int(segments.destination_ports[row])))
        connection.directions[source] = direction
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
