"""How long the packets of a stream are, by when they come: all that tells it of a codec without a decoder."""

import numpy as np

from recorder.media import MediaBlock

_TYPICAL = 0.02
"""Seconds, while too few packets have come."""
_STEP = 0.01
"""Packets of speech are as long as a multiple of this, in seconds, up to the longest."""
_LONGEST = 0.12
_PAUSE = 150_000_000
"""Between packets that follow each other by more than this (ns) was a pause: in one, AMR and EVS send every
160 ms."""
_ENOUGH = 5


class Spacing:
    """The mean time between packets of one stream that follow each other; those of a burst share theirs."""

    def __init__(self) -> None:
        self._passed = 0
        self._packets = 0

    def note(self, block: MediaBlock) -> None:
        """Take in when packets came."""
        passed = np.diff(block.times)
        follows = (np.diff(block.sequences) == 1) & (passed >= 0) & (passed < _PAUSE)
        follows &= block.payload_types[1:] == block.payload_types[:-1]
        self._passed += int(passed[follows].sum())
        self._packets += int(follows.sum())

    @property
    def seconds(self) -> float:
        """Of a packet, in whole steps."""
        if self._packets < _ENOUGH:
            return _TYPICAL
        steps = round(self._passed / self._packets / (_STEP * 1e9))
        return min(max(steps, 1) * _STEP, _LONGEST)
