"""Whether packets that look like RTP in sequence can be somebody's speech, where no signalling says so."""

import numpy as np
from numpy.typing import NDArray

from recorder.assembly.grouping import Groups
from recorder.assembly.rows import Rows

MOST_KINDS = 8
"""Payload types of one sender: a codec or two, comfort noise, keys pressed, each perhaps under two numbers.
What has more has another field at their place."""
_VIDEO = np.isin(np.arange(128), (26, 28, 31, 32, 33, 34))
"""Payload types of video (RFC 3551, 6)."""
_DYNAMIC = 96
_CLOCK = 90_000
"""Hz of the timestamps of all video whose payload type is given by signalling, and of no codec for speech
(RFC 3551, 5)."""
_CLOCK_OFF = 0.04
_CLOCK_SEEN = 200_000_000
"""For how long (ns) a stream has to be seen for its clock to be known that well."""
_PICTURE = 400
"""Bytes of a payload: pictures come in packets as large as the network takes, speech hardly ever."""


def can_be_speech(rows: Rows, groups: Groups, which: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Of the groups ``which`` (none of them empty) whether they may be, bool of shape (groups,)."""
    counts = groups.counts[which]
    starts = np.cumsum(counts) - counts
    chosen = groups.order[groups.rows(which)]
    types = rows.payload_types[chosen].astype(np.int64)
    own = np.repeat(np.arange(len(which)), counts)
    kinds = np.bincount(np.unique(own * 128 + types) // 128, minlength=len(which))
    found: NDArray[np.bool_] = kinds <= MOST_KINDS
    found &= ~np.logical_and.reduceat(_VIDEO[types], starts)
    found &= ~_have_clock_of_video(rows, chosen, types, starts, counts)
    found &= ~_are_pictures(rows.timestamps[chosen], rows.lengths[chosen], starts, counts)
    return found


def _have_clock_of_video(
    rows: Rows,
    chosen: NDArray[np.int64],
    types: NDArray[np.int64],
    starts: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Whether timestamps run as those of video do, in packets whose type could be that: small pictures have
    one packet each."""
    first, last = chosen[starts], chosen[starts + counts - 1]
    seen = rows.times[last] - rows.times[first]
    ticks = (rows.timestamps[last] - rows.timestamps[first]).astype(np.int64)
    expected = seen * (_CLOCK / 1e9)
    is_alike = (seen >= _CLOCK_SEEN) & (abs(ticks - expected) < _CLOCK_OFF * expected)
    found: NDArray[np.bool_] = is_alike & (np.minimum.reduceat(types, starts) >= _DYNAMIC)
    return found


def _are_pictures(
    timestamps: NDArray[np.uint32],
    lengths: NDArray[np.int32],
    starts: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Whether most packets are large and carry on the picture of the one before, at the same time."""
    goes_on = np.zeros(len(timestamps), np.int64)
    goes_on[1:] = timestamps[1:] == timestamps[:-1]
    goes_on[starts] = 0
    large = np.add.reduceat(lengths, starts, dtype=np.int64) > _PICTURE * counts
    pictures: NDArray[np.bool_] = large & (2 * np.add.reduceat(goes_on, starts) > counts)
    return pictures
