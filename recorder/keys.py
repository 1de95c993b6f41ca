"""Keys that parties press, whichever way they were sent."""

from typing import NamedTuple

KEYS = "0123456789*#ABCD"
"""In the order of their event codes (RFC 4733, 3.2)."""
_SAME_KEY_SECONDS = 2.0
"""How far apart two copies of a key may be: a PBX may hold one back until the keys before it are played."""


class Digit(NamedTuple):
    """A key pressed on channel ``side`` (0 is A) at ``time``, nanoseconds since the epoch."""

    time: int
    side: int
    digit: str


def distinct(heard: list[tuple[int, Digit]]) -> tuple[Digit, ...]:
    """In order of time, without those that a way of higher rank on the same side carried as well.

    Each digit comes with the rank of the way that it came; 0 is the preferred one. A digit of one way is a
    copy of at most one of another, in their order, so that a key pressed twice stays two.
    """
    kept: list[tuple[int, Digit]] = []
    matched: set[tuple[int, int]] = set()
    for rank, digit in sorted(heard, key=lambda pair: (pair[0], pair[1].time)):
        original = next(
            (
                number
                for number, (other_rank, other) in enumerate(kept)
                if other_rank != rank
                and (other.side, other.digit) == (digit.side, digit.digit)
                and abs(digit.time - other.time) < _SAME_KEY_SECONDS * 1e9
                and (rank, number) not in matched
            ),
            None,
        )
        if original is None:
            kept.append((rank, digit))
        else:
            matched.add((rank, original))
    return tuple(sorted((digit for _, digit in kept), key=lambda digit: (digit.time, digit.side)))
