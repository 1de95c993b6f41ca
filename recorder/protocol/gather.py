"""Reading structures and payloads at many places of one buffer at once."""

import numpy as np
from numpy.typing import DTypeLike, NDArray

_CHUNK = 1 << 17
"""Bytes copied at once: what lies between reading and writing stays in the cache, 2.5 times as fast."""


def headers(data: NDArray[np.uint8], offsets: NDArray[np.int64], layout: DTypeLike) -> NDArray[np.void]:
    """The structure ``layout`` read at every offset, as a structured array of shape (offsets,).

    ``data`` is contiguous; offsets are not negative; bytes past the end of ``data`` read as zero.
    The result is a copy and may be kept.
    """
    kind = np.dtype(layout)
    width = kind.itemsize
    if not len(offsets):
        return np.zeros(0, kind)
    last = len(data) - width
    if last < 0 or int(offsets.max()) > last:
        return _padded(data, offsets, kind)
    # Overlapping items, one at every byte: indexing then copies whole structures, not single bytes.
    everywhere = np.ndarray((last + 1,), f"V{width}", data, strides=(1,))
    return everywhere[offsets].view(kind)


def _padded(data: NDArray[np.uint8], offsets: NDArray[np.int64], kind: np.dtype[np.void]) -> NDArray[np.void]:
    width = kind.itemsize
    tail_start = max(0, len(data) - width)
    tail = np.concatenate([data[tail_start:], np.zeros(2 * width, np.uint8)])
    found = np.zeros(len(offsets), kind)
    beyond = offsets > len(data) - width
    inside = ~beyond
    if inside.any():
        found[inside] = headers(data, offsets[inside], kind)
    within_tail = np.minimum(offsets[beyond], len(data)) - tail_start
    found[beyond] = headers(tail, within_tail, kind)
    return found


def payloads(
    data: NDArray[np.uint8], offsets: NDArray[np.int64], lengths: NDArray[np.int32]
) -> NDArray[np.uint8]:
    """The stretches ``data[offset : offset + length]`` one after the other, uint8 of shape (lengths.sum(),).

    Every stretch lies inside ``data``, which is contiguous.
    """
    ends = np.cumsum(lengths, dtype=np.int64)
    out = np.empty(int(ends[-1]) if len(ends) else 0, np.uint8)
    copy(data, offsets, out, ends - lengths, lengths)
    return out


def copy(
    source: NDArray[np.uint8],
    source_offsets: NDArray[np.int64],
    target: NDArray[np.uint8],
    target_offsets: NDArray[np.int64],
    lengths: NDArray[np.int32],
) -> None:
    """Copy stretches of ``source`` to places in ``target``; both contiguous, all stretches inside them.

    Stretches of one length are copied together, because media packets have few sizes.
    """
    for length in np.unique(lengths).tolist():
        if not length:
            continue
        alike = np.flatnonzero(lengths == length)
        read = np.ndarray((len(source) - length + 1,), f"V{length}", source, strides=(1,))
        written = np.ndarray((len(target) - length + 1,), f"V{length}", target, strides=(1,))
        step = max(1, _CHUNK // length)
        for first in range(0, len(alike), step):
            some = alike[first : first + step]
            written[target_offsets[some]] = read[source_offsets[some]]
