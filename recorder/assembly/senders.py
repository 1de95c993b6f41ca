"""Senders of RTP that send to several places in turn, as where media goes directly for a while.

A sender numbers its packets through, wherever they go (RFC 3550, 5.1): what one place had is not missing at
the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recorder.assembly.grouping import StreamKey

TURN = 200_000_000
"""How long (ns) another place alone has to be heard of for it to have what was numbered meanwhile."""
MOST = 8
"""Places that one sender may send to in turn."""

Sender = tuple[int, int, int, int]
"""Address, port and SSRC."""


class Resumed(NamedTuple):
    """Streams that go on with the extended numbers ``firsts``, so many ``ahead`` of those that they had at
    ``last`` (ns); each has shape (streams,)."""

    streams: NDArray[np.int64]
    firsts: NDArray[np.int64]
    ahead: NDArray[np.int64]
    last: NDArray[np.int64]


@dataclass(slots=True)
class Senders:
    """The streams of each sender, by their numbers."""

    _streams: dict[Sender, dict[int, None]] = field(default_factory=dict)
    _senders: dict[int, Sender] = field(default_factory=dict)

    def add(self, number: int, key: StreamKey) -> None:
        """A stream begins."""
        a, b, _, _, ports, ssrc = key
        sender = self._senders[number] = a, b, ports >> 16, ssrc
        self._streams.setdefault(sender, {})[number] = None

    def forget(self, number: int) -> None:
        """The stream's number will be used for another one."""
        sender = self._senders.pop(number)
        del self._streams[sender][number]
        if not self._streams[sender]:
            del self._streams[sender]

    def take_turns(self, columns: Mapping[str, NDArray[np.int64]], resumed: Resumed) -> None:
        """Of the numbers between, those that another stream of the sender had are ``skipped``, as they were
        sent ``elsewhere``. The streams are counted already in ``columns``, those of the table."""
        for at in np.flatnonzero(resumed.ahead > 1).tolist():
            number = int(resumed.streams[at])
            beside = self._streams[self._senders[number]]
            if not 1 < len(beside) <= MOST:
                continue
            last = columns["last"]
            others = [one for one in beside if one != number and last[one] - resumed.last[at] > TURN]
            left = {int(resumed.firsts[at] - columns["highest"][one] - 1) & 0xFFFF: one for one in others}
            passed = int(resumed.ahead[at]) - 1 - min(left, default=1 << 16)
            if passed > 0:
                columns["skipped"][number] += passed
                columns["elsewhere"][number] += passed
                columns["turns"][[number, left[min(left)]]] += 1
