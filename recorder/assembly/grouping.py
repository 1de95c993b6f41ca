"""Sort the rows of a flush by stream with one sort, whatever the number of streams."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recorder.assembly.rows import Rows

_INDEX_BITS = 20
MAX_ROWS = 1 << _INDEX_BITS
"""More rows than this do not fit one flush."""

_PRIMES = tuple(
    np.uint64(p) for p in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93)
)

StreamKey = tuple[int, int, int, int, int, int]
"""Source address (high, low), destination address (high, low), ports (source << 16 | destination), SSRC."""


@dataclass(slots=True)
class Groups:
    """Rows grouped by stream: group ``g`` is ``order[starts[g]:starts[g] + counts[g]]``, in arrival order."""

    order: NDArray[np.int64]
    starts: NDArray[np.int64]
    counts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts)

    def rows(self, which: NDArray[np.int64]) -> NDArray[np.int64]:
        """The places in ``order`` of the groups given, int64 of shape (rows,)."""
        counts = self.counts[which]
        shift = np.repeat(self.starts[which] - (np.cumsum(counts) - counts), counts)
        places: NDArray[np.int64] = np.arange(len(shift)) + shift
        return places

    def arranged(self, sequence: NDArray[np.int64]) -> "Groups":
        """The same groups in the order given (a permutation of their indices)."""
        counts = self.counts[sequence]
        return Groups(self.order[self.rows(sequence)], np.cumsum(counts) - counts, counts)


def group(rows: Rows) -> Groups:
    """Group the rows by stream, exactly: a clash of hashes is seen and sorted again with another seed.

    At most ``MAX_ROWS`` rows.
    """
    if len(rows) > MAX_ROWS:
        raise ValueError(f"{len(rows)} rows do not fit one flush of {MAX_ROWS}")
    seed = 0
    while True:
        groups = _group_by_hash(rows, seed)
        if _exact(rows, groups):
            return groups
        seed += 1


def keys(rows: Rows, groups: Groups) -> Iterator[StreamKey]:
    """The key of each group's stream."""
    first = groups.order[groups.starts]
    sources, destinations = rows.sources[first].tolist(), rows.destinations[first].tolist()
    ports, ssrcs = rows.ports[first].tolist(), rows.ssrcs[first].tolist()
    for (a, b), (c, d), port, ssrc in zip(sources, destinations, ports, ssrcs, strict=True):
        yield (a, b, c, d, port, ssrc)


def _group_by_hash(rows: Rows, seed: int) -> Groups:
    # The index rides in the low bits of the hash, so that one sort of plain integers orders the rows and
    # keeps arrival order inside a stream; it is several times faster than a stable argsort.
    mask = np.uint64(MAX_ROWS - 1)
    mixed = _hash(rows, seed)
    mixed &= ~mask
    mixed |= np.arange(len(rows), dtype=np.uint64)
    mixed.sort()
    order = (mixed & mask).astype(np.int64)
    mixed >>= np.uint64(_INDEX_BITS)
    is_first = np.ones(len(rows), np.bool_)
    np.not_equal(mixed[1:], mixed[:-1], out=is_first[1:])
    starts = np.flatnonzero(is_first)
    return Groups(order, starts, np.diff(starts, append=len(rows)))


def _hash(rows: Rows, seed: int) -> NDArray[np.uint64]:
    a, b, c, d = _PRIMES
    mixed = (rows.sources[:, 1] ^ (rows.sources[:, 0] << np.uint64(1))) + np.uint64(seed)
    mixed *= a
    mixed ^= mixed >> np.uint64(29)
    mixed += rows.destinations[:, 1] ^ (rows.destinations[:, 0] << np.uint64(1))
    mixed *= b
    mixed ^= mixed >> np.uint64(32)
    mixed += (rows.ports.astype(np.uint64) << np.uint64(32)) | rows.ssrcs
    mixed *= c
    mixed ^= mixed >> np.uint64(31)
    mixed *= d
    return mixed


def _exact(rows: Rows, groups: Groups) -> bool:
    first = np.repeat(groups.order[groups.starts], groups.counts)
    order = groups.order
    columns = (rows.ssrcs, rows.ports, rows.sources[:, 1], rows.destinations[:, 1])
    wide = (rows.sources[:, 0], rows.destinations[:, 0])
    return all(bool((column[order] == column[first]).all()) for column in (*columns, *wide))
