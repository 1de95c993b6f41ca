"""One direction of a TCP connection as the bytes that were sent, in their order (RFC 9293, 3.4 and 3.10).

A listener cannot ask for a segment again: what the capture missed is waited for, then given up.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

PATIENCE = 2_000_000_000
"""Nanoseconds to wait for a missing segment: a few retransmissions (RFC 6298)."""
ROOM = 1 << 17
"""Bytes kept behind a gap; more of them and it is given up at once."""
MOST = 512
"""Segments kept behind a gap."""
_FARTHEST = 1 << 24
"""Bytes: a jump farther than that is another connection between the same ports."""
_WINDOW = 1 << 20
"""Bytes that a receiver may take at once."""
_OVERTAKEN = 1 << 16
"""Bytes that may have overtaken the SYN before them."""


class Stretch(NamedTuple):
    """Bytes that follow each other; ``follows_gap`` where some before them are missing.

    ``time`` (ns) is when they came, or what was waited for before them: what never came delays nothing.
    """

    content: bytes
    follows_gap: bool
    time: int = 0


@dataclass(slots=True)
class Reassembly:
    """Puts segments in order. It may begin anywhere in a connection."""

    _next: int | None = None
    _first: int = 0
    _pieces: dict[int, tuple[bytes, int, int]] = field(default_factory=dict)
    _held: int = 0
    _since: int = 0
    _is_broken: bool = False

    @property
    def held(self) -> int:
        """Bytes that wait for what is missing before them."""
        return self._held

    @property
    def pieces(self) -> int:
        """Segments that wait."""
        return len(self._pieces)

    def is_elsewhere(self, sequence: int) -> bool:
        """Whether a SYN with this number is of another connection than the one that was read so far.

        Numbers of the next one between the same ports may be near: senders take them from a clock
        (RFC 9293, 3.4.1). A repeated SYN has the very same number.
        """
        return self._next is not None and not 0 <= _ahead(self._first, sequence + 1) <= _OVERTAKEN

    def is_believed(self, sequence: int) -> bool:
        """Whether a receiver would believe a RST with this number (RFC 9293, 3.5.3)."""
        return self._next is None or abs(_ahead(sequence, self._next)) <= _WINDOW

    def begin(self, sequence: int) -> None:
        """A SYN: the first byte will have the number after ``sequence``; a repeated SYN changes nothing."""
        if self._next is None or self.is_elsewhere(sequence):
            self._restart((sequence + 1) & 0xFFFFFFFF)

    def add(self, sequence: int, content: bytes, size: int, now: int) -> list[Stretch]:
        """Take a segment of ``size`` bytes of which ``content`` was captured; what can now be read.

        Where two segments differ in the same bytes, those that came first hold.
        """
        if self._next is None:
            self._restart(sequence)
        assert self._next is not None
        found = self.expire(now)
        ahead = _ahead(sequence, self._next)
        if abs(ahead) > _FARTHEST:
            found += self.give_up()
            self._restart(sequence)
            self._is_broken = True
            return found + self._deliver(content, size, now)
        if ahead <= 0:
            if size + ahead <= 0:
                return found
            found += self._deliver(content[-ahead:] if ahead else content, size + ahead, now)
            return found + self._drain(now)
        self._keep(sequence, content, size, now)
        return found + (self.give_up() if self._held > ROOM or len(self._pieces) > MOST else [])

    def expire(self, now: int) -> list[Stretch]:
        """Give up what has been missing for too long."""
        return self.give_up() if self._pieces and now - self._since > PATIENCE else []

    def give_up(self) -> list[Stretch]:
        """What waits, without what is missing."""
        found: list[Stretch] = []
        base = self._next or 0
        for at in sorted(self._pieces, key=lambda one: _ahead(one, base)):
            assert self._next is not None
            content, size, time = self._pieces.pop(at)
            self._held -= len(content)
            ahead = _ahead(at, self._next)
            if ahead > 0:
                self._next, ahead, self._is_broken = at, 0, True
            if size + ahead > 0:
                found += self._deliver(content[-ahead:] if ahead else content, size + ahead, time)
        return found

    def _restart(self, sequence: int) -> None:
        self._next = self._first = sequence
        self._pieces.clear()
        self._held = 0

    def _keep(self, sequence: int, content: bytes, size: int, now: int) -> None:
        known = self._pieces.get(sequence)
        if known is not None and known[1] >= size:
            return
        if not self._pieces:
            self._since = now
        if known is not None:
            # The same start, but longer: what came first holds for its bytes.
            content = known[0] + content[len(known[0]) :]
            self._held -= len(known[0])
        self._pieces[sequence] = (content, size, now)
        self._held += len(content)

    def _deliver(self, content: bytes, size: int, time: int) -> list[Stretch]:
        """Go on by ``size`` bytes of which only ``content`` is known."""
        assert self._next is not None
        self._next = (self._next + size) & 0xFFFFFFFF
        found = [Stretch(content, self._is_broken, time)] if content else []
        self._is_broken = (self._is_broken and not content) or len(content) < size
        return found

    def _drain(self, now: int) -> list[Stretch]:
        """Pieces that nothing is missing before any more."""
        found: list[Stretch] = []
        assert self._next is not None
        base = self._next
        for at in sorted(self._pieces, key=lambda one: _ahead(one, base)):
            ahead = _ahead(at, self._next)
            if ahead > 0:
                break
            content, size, _ = self._pieces.pop(at)
            self._held -= len(content)
            if size + ahead > 0:
                found += self._deliver(content[-ahead:] if ahead else content, size + ahead, now)
        return found


def _ahead(sequence: int, base: int) -> int:
    """How far ``sequence`` is behind (negative) or ahead of ``base``, around the end of 32 bits."""
    return ((sequence - base + 0x80000000) & 0xFFFFFFFF) - 0x80000000
