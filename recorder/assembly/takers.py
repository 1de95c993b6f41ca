"""Who took a call of those whom it rang, and who of them is left (RFC 3261, 13.2.2.4 and 15)."""

from collections.abc import Sequence
from dataclasses import dataclass

from recorder.assembly.mediaend import Address, MediaEnd

MOST = 64


@dataclass(slots=True)
class Takers:
    """By tag: ``ever`` are all who answered, ``here`` those who did not hang up, ``away`` those who were sent
    away again, as somebody else has the call."""

    ever: frozenset[str] = frozenset()
    here: frozenset[str] = frozenset()
    away: frozenset[str] = frozenset()

    def take(self, tag: str) -> None:
        """Somebody answered; some answer again and again."""
        if len(self.ever | {tag}) <= MOST:
            self.ever |= {tag}
            self.here |= {tag}

    def leave(self, tag: str) -> bool:
        """A BYE between the caller and this one; whether nobody is left.

        That one of two is sent away is seen several times where it is sent again, or on the next hop; and
        its answer may not have been seen.
        """
        left = self.here - {tag}
        if left or tag in self.away:
            self.away = self.away | {tag} if len(self.away) < MOST else self.away
            self.here = left
            return False
        self.here = left
        return True

    def lost(self, ends: Sequence[MediaEnd]) -> frozenset[tuple[Address, int]]:
        """Places of those alone who rang, and perhaps sent something, until somebody else answered."""
        if not self.ever or not any(end.tag for end in ends):
            return frozenset()
        won = self.ever - self.away
        lost = {(end.address, end.port) for end in ends if end.tag and end.tag not in won}
        return frozenset(lost - {(end.address, end.port) for end in ends if end.tag in won})
