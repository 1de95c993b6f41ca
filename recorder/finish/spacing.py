"""How long packets are of which nothing but their numbers and times is known: those that nothing decodes."""

import numpy as np

from recorder.media import MediaBlock

_TYPICAL = 0.02
"""Seconds, while too few packets have come."""
_STEP = 0.01
"""Packets of speech are as long as a multiple of this, in seconds, up to the longest."""
_LONGEST = 0.12
_PAUSE = 150_000_000
"""Between packets that follow each other by more than this (ns) was a pause: in one, AMR and EVS send every
160 ms. A burst comes as late, but its timestamps say that nothing was left out, up to ``_STALL``."""
_STALL = 1_000_000_000
_ENOUGH = 5
_OFF = 0.3
"""Share by which timestamps may be off from when packets come, and still be in the clock that was told."""


class Spacing:
    """The mean time between packets of one payload type that follow each other; a burst shares its time."""

    def __init__(self, payload_type: int) -> None:
        self._payload_type = payload_type
        self._passed = 0
        self._packets = 0
        self._ticks = 0
        self._last = np.empty((3, 0), np.int64)

    def note(self, block: MediaBlock) -> None:
        """Take in when packets came."""
        here = np.flatnonzero(block.payload_types == self._payload_type)
        rows = np.stack((block.times[here], block.sequences[here], block.timestamps[here]))
        rows = np.concatenate((self._last, rows), axis=1)
        self._last = rows[:, -1:].copy()
        passed, numbers, ticks = np.diff(rows)
        follows = (numbers == 1) & (passed >= 0)
        is_near = follows & (passed < _PAUSE)
        if is_near.sum() >= _ENOUGH:
            self._ticks = int(np.median(ticks[is_near]))
        if self._ticks > 0:
            follows &= (abs(ticks - self._ticks) <= self._ticks // 4) & (passed < _STALL)
        else:
            follows = is_near
        self._passed += int(passed[follows].sum())
        self._packets += int(follows.sum())

    def measured(self, told: int, own: int) -> tuple[float, int]:
        """Seconds of a packet, and the clock (Hz) in which its timestamps count: the one ``told``, or
        the stream's ``own``, where they go with when packets come; else whole steps in the stream's own.

        Few packets among others tell nothing: what keeps a way open, or corrects errors, is in that one.
        """
        if self._packets < _ENOUGH:
            return _TYPICAL, own
        mean = self._passed / self._packets / 1e9
        for clock in (told, own):
            said = self._ticks / clock
            if abs(mean - said) <= _OFF * said <= _OFF * _LONGEST:
                return said, clock
        return min(max(round(mean / _STEP), 1) * _STEP, _LONGEST), own


class Lengths:
    """How long packets of one block are, by payload type; ``spacings`` are of all blocks of its stream."""

    def __init__(self, spacings: dict[int, Spacing], block: MediaBlock) -> None:
        self._spacings = spacings
        self._block = block
        self._known: dict[int, tuple[float, int]] = {}

    def measured(self, payload_type: int, told: int, own: int) -> tuple[float, int]:
        """Seconds of a packet of this type and its clock (Hz), as ``Spacing`` has it."""
        if payload_type not in self._known:
            spacing = self._spacings.setdefault(payload_type, Spacing(payload_type))
            spacing.note(self._block)
            self._known[payload_type] = spacing.measured(told, own)
        return self._known[payload_type]
