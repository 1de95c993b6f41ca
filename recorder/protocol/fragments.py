"""Putting fragmented packets together again (RFC 791, 3.2; RFC 8200, 4.5).

Long SIP messages over UDP arrive in fragments; media never does. So fragments are handled one by one.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recorder.protocol.carried import Carried, Piece, merge
from recorder.protocol.link import Packets

_PATIENCE = 30_000_000_000
"""Nanoseconds after which the missing rest is not waited for; RFC 791 says 15 s or more."""
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


@dataclass(slots=True)
class _Waiting:
    since: int
    size: int = -1
    have: int = 0
    pieces: dict[int, bytes] = field(default_factory=dict)


class Whole(NamedTuple):
    """What a packet carries, put together, and the row of the frame that completed it."""

    frame: int
    source: tuple[int, int]
    destination: tuple[int, int]
    protocol: int
    content: bytes


class Fragments:
    """The fragments of one tap that wait for the rest of their datagram."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[int, ...], _Waiting] = {}
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
                found.append(Whole(piece.frame, piece.source, piece.destination, piece.protocol, whole))
        return found

    def _add(self, piece: Piece, content: bytes, now: int) -> bytes | None:
        """The whole datagram if ``piece`` is the last that it lacked."""
        key = (*piece.source, *piece.destination, piece.protocol, piece.ident)
        waiting = self._waiting.get(key)
        if waiting is None or now - waiting.since > _PATIENCE:
            self._make_room(now)
            waiting = self._waiting[key] = _Waiting(now)
        if piece.at not in waiting.pieces:
            waiting.pieces[piece.at] = content
            waiting.have += len(content)
            self._held += len(content) + _PIECE
        if not piece.is_followed:
            waiting.size = piece.at + len(content)
        is_hopeless = waiting.have > _LONGEST or len(waiting.pieces) > _MOST_PIECES
        whole = _joined(waiting) if 0 <= waiting.size <= waiting.have else None
        if whole is not None or is_hopeless:
            self._drop(key)
        return whole

    def _make_room(self, now: int) -> None:
        """Forget what has waited too long, and the oldest where there are too many."""
        while self._waiting:
            oldest = next(iter(self._waiting))
            is_room = len(self._waiting) < _MOST_WAITING and self._held < _BUDGET
            if is_room and now - self._waiting[oldest].since <= _PATIENCE:
                break
            self._drop(oldest)

    def _drop(self, key: tuple[int, ...]) -> None:
        waiting = self._waiting.pop(key)
        self._held -= waiting.have + _PIECE * len(waiting.pieces)


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
    packets = Packets(np.array([one.frame for one in found], np.int64), ends - lengths, ends, ends)
    more = Carried(
        packets,
        np.array([one.source for one in found], np.uint64),
        np.array([one.destination for one in found], np.uint64),
        np.array([one.protocol for one in found], np.uint8),
    )
    tail = np.frombuffer(b"".join(one.content for one in found), np.uint8)
    return np.concatenate([data, tail]), merge(carried, more)
