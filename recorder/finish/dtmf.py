"""Telephone events: the digits that parties pressed (RFC 4733)."""

import numpy as np
from numpy.typing import NDArray

from recorder.keys import KEYS

_END = 0x80
_LONGEST = 0xFFFF
"""The longest duration that a packet can tell of."""


class EventReader:
    """Reads the event packets of one stream. All packets of one event share its RTP timestamp (2.5.1.1)."""

    def __init__(self) -> None:
        self._last: tuple[int, int] | None = None
        self._ended = True
        self._reach = self._duration = 0

    def read(
        self, times: NDArray[np.int64], timestamps: NDArray[np.int64], payloads: list[bytes]
    ) -> list[tuple[int, str]]:
        """Digits that begin in these packets, each with the time of its first packet.

        ``payloads`` are in the order of the arrays. Events that are no keys (flash, tones) and payloads
        too short to hold an event are passed over.
        """
        found = []
        for time, timestamp, payload in zip(times.tolist(), timestamps.tolist(), payloads, strict=True):
            if len(payload) < 4 or payload[0] >= len(KEYS):
                continue
            if self._begins(timestamp, payload):
                found.append((time, KEYS[payload[0]]))
        return found

    def _begins(self, timestamp: int, payload: bytes) -> bool:
        event, duration = payload[0], int.from_bytes(payload[2:4], "big")
        is_end = bool(payload[1] & _END)
        known = self._last == (timestamp, event)
        goes_on = not known and self._goes_on(event, timestamp, duration)
        self._ended = is_end or (known and self._ended)
        self._last = (timestamp, event)
        self._reach = max(self._reach if known else 0, timestamp + duration)
        self._duration = duration
        return not known and not goes_on

    def _goes_on(self, event: int, timestamp: int, duration: int) -> bool:
        """Whether an event with a new timestamp is the last one still."""
        if self._last is None or self._last[1] != event:
            return False
        since = timestamp - self._last[0]
        # One longer than 0xFFFF goes on in a segment with a new timestamp (2.5.1.3); the packet that reaches
        # that far may be lost.
        if not self._ended and (0 <= timestamp - self._reach <= 1 or _LONGEST - 1 <= since <= _LONGEST + 1):
            return True
        # Some senders count the timestamp on in every packet. No event begins before the last one is over.
        return since > 0 and timestamp < self._reach and (not self._ended or duration >= self._duration)
