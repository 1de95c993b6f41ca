"""Who of a call has put it on hold (RFC 3264, 8.4), in whatever protocol that was said."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from recorder.assembly.happening import Happening
from recorder.protocol.sdp import MediaDescription
from storage.model import Side


@dataclass(slots=True)
class Holding:
    """``by`` are those who hold: their sides, and under which tags they do. A back-to-back agent that keeps
    the Call-ID need not pass a hold on, and goes on as before under its own tag.

    ``is_mute`` of a caller who offered to send nothing, to begin with. ``wanted`` is who asked last to hold
    or to go on, with the tag and the CSeq of that, while it may be refused; ``refused`` are those of the
    newest one that was.
    """

    by: frozenset[tuple[Side, str]] = frozenset()
    is_mute: bool = False
    wanted: tuple[Side, str, int] | None = None
    refused: tuple[Side, str, int] | None = None

    @property
    def sides(self) -> frozenset[Side]:
        """Who holds."""
        return frozenset(side for side, _ in self.by)

    def hold(self, side: Side) -> None:
        """The side holds."""
        self.by |= {(side, "")}

    def resume(self, side: Side) -> None:
        """The side goes on."""
        self.by = frozenset(one for one in self.by if one[0] is not side)

    def begin(self, audio: MediaDescription) -> None:
        """The caller offers this, before anybody answers."""
        self.is_mute = audio.direction in ("recvonly", "inactive") or audio.is_nowhere

    def ask(self, side: Side, tag: str, number: int, now: int, *, holds: bool) -> list[Happening]:
        """An offer of CSeq ``number`` that holds, or does not; one that was refused says no more when it is
        sent again."""
        wanted = (side, tag, number)
        return self._told(wanted, now, holds=holds) if wanted != self.refused else []

    def answer(self, side: Side, tag: str, now: int, *, holds: bool, is_first: bool) -> list[Happening]:
        """What answers an offer holds, or does not. Who answers a caller that sends nothing from the
        beginning does not hold."""
        if self.wanted is not None and self.wanted[0] is not side:
            self.wanted = None
        is_silence = holds and is_first and self.is_mute
        return [] if is_silence else self._told((side, tag, 0), now, holds=holds)

    def refuse(self, tag: str, number: int, now: int) -> list[Happening]:
        """A hold, or its end, that is refused has not come about (RFC 3264, 8)."""
        if self.wanted is None or self.wanted[1:] != (tag, number):
            return []
        (side, *_), self.refused, self.wanted = self.wanted, self.wanted, None
        return [self._put(side, tag, now, holds=(side, tag) not in self.by)]

    def challenge(self, tag: str, number: int) -> None:
        """Who asked is asked for credentials, and asks again under the next CSeq."""
        if self.wanted is not None and self.wanted[1:] == (tag, number):
            self.wanted = (*self.wanted[:2], 0)

    def turned(self, swap: Mapping[Side, Side]) -> "Holding":
        """The same with the sides named anew."""
        return replace(
            self,
            by=frozenset((swap[side], tag) for side, tag in self.by),
            wanted=(swap[self.wanted[0]], *self.wanted[1:]) if self.wanted else None,
            refused=(swap[self.refused[0]], *self.refused[1:]) if self.refused else None,
        )

    def _told(self, wanted: tuple[Side, str, int], now: int, *, holds: bool) -> list[Happening]:
        side, tag, number = wanted
        # The other side answers a hold with recvonly or inactive; only who asked holds.
        if holds == ((side, tag) in self.by) or (holds and self.by):
            if self.wanted == (side, tag, 0) and number:
                self.wanted = wanted
            return []
        self.wanted = wanted if number else None
        return [self._put(side, tag, now, holds=holds)]

    def _put(self, side: Side, tag: str, now: int, *, holds: bool) -> Happening:
        self.by = self.by | {(side, tag)} if holds else self.by - {(side, tag)}
        return Happening(now, "hold" if holds else "resume", side)
