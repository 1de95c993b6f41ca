"""Telephone events: the digits that parties pressed (RFC 4733)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

DIGITS = "0123456789*#ABCD"
_END = 0x80
_SAME_EVENT_SECONDS = 0.3


class Digit(NamedTuple):
    """A key pressed on channel ``side`` (0 is A) at ``time``, nanoseconds since the epoch."""

    time: int
    side: int
    digit: str


class EventReader:
    """Reads the event packets of one stream. All packets of one event share its RTP timestamp (2.5.1.1)."""

    def __init__(self) -> None:
        self._last: tuple[int, int] | None = None
        self._ended = True
        self._reach = 0

    def read(
        self, times: NDArray[np.int64], timestamps: NDArray[np.int64], payloads: list[bytes]
    ) -> list[tuple[int, str]]:
        """Digits that begin in these packets, each with the time of its first packet.

        ``payloads`` are in the order of the arrays. Events that are no keys (flash, tones) and payloads
        too short to hold an event are passed over.
        """
        found = []
        for time, timestamp, payload in zip(times.tolist(), timestamps.tolist(), payloads, strict=True):
            if len(payload) < 4 or payload[0] >= len(DIGITS):
                continue
            if self._begins(timestamp, payload):
                found.append((time, DIGITS[payload[0]]))
        return found

    def _begins(self, timestamp: int, payload: bytes) -> bool:
        event, duration = payload[0], int.from_bytes(payload[2:4], "big")
        known = self._last == (timestamp, event)
        # An event longer than 0xFFFF goes on in a segment with a new timestamp (2.5.1.3).
        same_key = self._last is not None and self._last[1] == event and not self._ended
        goes_on = not known and same_key and 0 <= timestamp - self._reach <= 1
        self._ended = bool(payload[1] & _END) or (known and self._ended)
        self._last = (timestamp, event)
        self._reach = max(self._reach if known else 0, timestamp + duration)
        return not known and not goes_on


def distinct(heard: list[tuple[int, Digit]]) -> tuple[Digit, ...]:
    """In order of time, without those that a stream of higher rank on the same side carried as well.

    Each digit comes with the rank of its stream on its channel; 0 is the preferred one.
    """
    kept: list[tuple[int, Digit]] = []
    for rank, digit in sorted(heard, key=lambda pair: (pair[0], pair[1].time)):
        echo = any(
            other_rank != rank
            and (other.side, other.digit) == (digit.side, digit.digit)
            and abs(digit.time - other.time) < _SAME_EVENT_SECONDS * 1e9
            for other_rank, other in kept
        )
        if not echo:
            kept.append((rank, digit))
    return tuple(sorted((digit for _, digit in kept), key=lambda digit: (digit.time, digit.side)))
