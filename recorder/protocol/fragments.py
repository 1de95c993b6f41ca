"""Putting fragmented packets together again (RFC 791, 3.2; RFC 8200, 4.5).

Long SIP messages over UDP arrive in fragments; media never does. So fragments are handled one by one.

A busy sender uses an identification again within seconds (RFC 6864, 4.2), so that what a mirror shows twice,
and what waits in vain, must not become part of the next datagram.

Filters and mirrors that go by ports pass only the first fragment, as the others have no ports. Where it is
text it is given alone then, cut: it holds the head of the message at least.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recorder.protocol.carried import CARRIED, UDP, Carried, Piece, merge
from recorder.protocol.ipv6 import behind_extensions
from recorder.protocol.link import Packets
from recorder.protocol.repeats import WINDOW

_PATIENCE = 3_000_000_000
"""Nanoseconds after which the missing rest is not waited for. RFC 791, 3.2, lets a receiver wait for 15 s, in
which a trunk of a few hundred calls goes through all identifications several times (RFC 4963, 3)."""
_MOST_WAITING = 1024
"""Datagrams."""
_LONGEST = 1 << 16
"""Bytes of one datagram; who sends more of it sends overlapping pieces."""
_MOST_PIECES = 256
"""Of one datagram: the longest in pieces for links of 300 bytes."""
_BUDGET = 16 << 20
"""Bytes of all that wait."""
_PIECE = 200
"""Bytes that each piece takes besides its content."""

_Key = tuple[int, ...]


@dataclass(slots=True)
class _Waiting:
    """The pieces of a datagram by their places, in the order of their arrival; ``size`` is -1 before its end
    was seen."""

    since: int
    size: int = -1
    have: int = 0
    is_given: bool = False
    pieces: dict[int, bytes] = field(default_factory=dict)

    @property
    def held(self) -> int:
        return self.have + _PIECE * len(self.pieces)

    def make_way(self, piece: Piece, content: bytes) -> None:
        """Leave out what cannot be of the same datagram as the piece, and what came before that."""
        end = piece.at + len(content)
        for at, known in list(self.pieces.items()):
            is_end = at + len(known) == self.size
            differs = at == piece.at and not known.startswith(content[: len(known)])
            if differs or (at + len(known) > end and not piece.is_followed) or (is_end and end > self.size):
                self._leave_out(at)

    def add(self, piece: Piece, content: bytes) -> None:
        known = self.pieces.get(piece.at)
        if known is None or len(content) > len(known):
            self.pieces[piece.at] = content
            self.have += len(content) - len(known or b"")
        if not piece.is_followed:
            self.size = piece.at + len(content)

    def without_oldest(self) -> None:
        """Leave out what came first."""
        at = next(iter(self.pieces))
        content = self.pieces.pop(at)
        self.have -= len(content)
        if at + len(content) == self.size:
            self.size = -1

    def _leave_out(self, place: int) -> None:
        while place in self.pieces:
            self.without_oldest()


class Whole(NamedTuple):
    """What a packet carries, put together, and the row of the frame that completed it.

    ``size`` is longer than the content where only the first piece of it came.
    """

    frame: int
    size: int
    source: tuple[int, int]
    destination: tuple[int, int]
    protocol: int
    content: bytes


class Fragments:
    """The fragments of one tap that wait for the rest of their datagram."""

    def __init__(self) -> None:
        self._waiting: dict[_Key, _Waiting] = {}
        self._done: OrderedDict[_Key, tuple[int, frozenset[int]]] = OrderedDict()
        self._held = 0

    def __len__(self) -> int:
        """How many datagrams are waited for."""
        return len(self._waiting)

    def take(self, data: NDArray[np.uint8], times: NDArray[np.int64], pieces: list[Piece]) -> list[Whole]:
        """The datagrams that ``pieces`` of a batch complete; ``times`` are those of its frames."""
        found = []
        for piece in sorted(pieces):
            now = int(times[piece.frame])
            whole = self._add(piece, data[piece.start : piece.end].tobytes(), now)
            if whole is not None:
                content, protocol = behind_extensions(whole, piece.protocol)
                if protocol in CARRIED:
                    ends = piece.source, piece.destination
                    found.append(Whole(piece.frame, len(content), *ends, protocol, content))
        return found + self._lone(times) if self._waiting else found

    def _lone(self, times: NDArray[np.int64]) -> list[Whole]:
        """The first pieces of texts for whose rest was waited long enough."""
        latest = int(times.max(initial=0)) - WINDOW
        late = [(key, one) for key, one in self._waiting.items() if one.since <= latest and not one.is_given]
        return [found for key, waiting in late if (found := _alone(key, waiting, times))]

    def _add(self, piece: Piece, content: bytes, now: int) -> bytes | None:
        """The whole datagram if ``piece`` is the last that it lacked."""
        key = (*piece.source, *piece.destination, piece.protocol, piece.ident)
        if self._is_copy(key, piece.at, content, now):
            return None
        waiting = self._those_of(key, piece, content, now)
        self._held -= waiting.held
        waiting.add(piece, content)
        whole = _whole(waiting, piece.protocol)
        self._held += waiting.held
        if whole is not None:
            self._remember(key, waiting, now)
        if whole is not None or waiting.have > _LONGEST or len(waiting.pieces) > _MOST_PIECES:
            self._drop(key)
        return whole

    def _those_of(self, key: _Key, piece: Piece, content: bytes, now: int) -> _Waiting:
        """What waits of the same datagram as the piece."""
        waiting = self._waiting.get(key)
        if waiting is not None and now - waiting.since <= _PATIENCE:
            self._held -= waiting.held
            waiting.make_way(piece, content)
            self._held += waiting.held
            if waiting.pieces:
                return waiting
        if waiting is not None:
            self._drop(key)
        self._make_room(now)
        waiting = self._waiting[key] = _Waiting(now)
        return waiting

    def _is_copy(self, key: _Key, at: int, content: bytes, now: int) -> bool:
        """Whether the piece is one more of a datagram that was whole a moment ago."""
        time, pieces = self._done.get(key, (0, frozenset()))
        return abs(now - time) <= WINDOW and hash((at, content)) in pieces

    def _remember(self, key: _Key, waiting: _Waiting, now: int) -> None:
        self._done.pop(key, None)
        self._done[key] = now, frozenset(map(hash, waiting.pieces.items()))
        if len(self._done) > _MOST_WAITING:
            self._done.popitem(last=False)

    def _make_room(self, now: int) -> None:
        """Forget what has waited too long, and the oldest where there are too many."""
        while self._waiting:
            oldest = next(iter(self._waiting))
            is_room = len(self._waiting) < _MOST_WAITING and self._held < _BUDGET
            if is_room and now - self._waiting[oldest].since <= _PATIENCE:
                break
            self._drop(oldest)

    def _drop(self, key: _Key) -> None:
        self._held -= self._waiting.pop(key).held


def _whole(waiting: _Waiting, protocol: int) -> bytes | None:
    """The datagram, where nothing of it is missing and, of UDP, it is as long as it says itself."""
    while 0 <= waiting.size <= waiting.have:
        whole = _joined(waiting)
        if whole is None or protocol != UDP or len(whole) < 8:
            return whole
        if int.from_bytes(whole[4:6], "big") in (0, len(whole)):
            return whole
        waiting.without_oldest()
    return None


def _alone(key: _Key, waiting: _Waiting, times: NDArray[np.int64]) -> Whole | None:
    """The first piece of a datagram of text, at the place of the first frame that is late enough."""
    first = waiting.pieces.get(0, b"")
    if key[4] != UDP or len(first) <= 8 or first[8] >= 0x80:
        return None
    waiting.is_given = True
    frame = int((times >= waiting.since + WINDOW).argmax())
    size = max(int.from_bytes(first[4:6], "big"), len(first))
    return Whole(frame, size, (key[0], key[1]), (key[2], key[3]), UDP, first)


def _joined(waiting: _Waiting) -> bytes | None:
    """The pieces in their order; None where they leave a gap. Later ones yield where they overlap."""
    whole = bytearray()
    for at, content in sorted(waiting.pieces.items()):
        if at > len(whole):
            return None
        whole += content[len(whole) - at :]
    return bytes(whole[: waiting.size])


def appended(
    data: NDArray[np.uint8], carried: Carried, found: list[Whole]
) -> tuple[NDArray[np.uint8], Carried]:
    """The buffer with the contents of ``found`` behind it, and ``carried`` with them in their places."""
    lengths = np.array([len(one.content) for one in found], np.int64)
    ends = len(data) + np.cumsum(lengths)
    sizes = np.array([one.size for one in found], np.int64)
    frames = np.array([one.frame for one in found], np.int64)
    packets = Packets(frames, ends - lengths, ends, ends - lengths + sizes)
    more = Carried(
        packets,
        np.array([one.source for one in found], np.uint64),
        np.array([one.destination for one in found], np.uint64),
        np.array([one.protocol for one in found], np.uint8),
    )
    tail = np.frombuffer(b"".join(one.content for one in found), np.uint8)
    return np.concatenate([data, tail]), merge(carried, more)
