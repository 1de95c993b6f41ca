"""Walking the records of a capture file held in memory, and saying what was wrong with them."""

import struct
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from recorder.batch import Batch

_FIRST_WINDOW, _LAST_WINDOW = 64, 4096
_WORTHWHILE_RUN = 16
_FEWEST_SINGLES, _MOST_SINGLES = 256, 8192


class Part(NamedTuple):
    """What a reader made of a stretch of a file: batches, and how many bytes it is done with."""

    batches: list[Batch]
    consumed: int


class CaptureReader(Protocol):
    """A parser of one capture file format that is fed stretches of the file in order."""

    damage: "Damage"

    @property
    def header_bytes(self) -> int:
        """How many bytes at the start of the file are no records."""

    def read(self, data: NDArray[np.uint8], size: int, is_last: bool) -> Part:
        """The frames of the records in ``data[:size]``.

        The next stretch begins with the bytes that were not consumed. Batches keep ``data``.
        """


@dataclass(slots=True)
class Damage:
    """What is wrong with a file, in words, with the places."""

    findings: list[str] = field(default_factory=list)
    more: int = 0

    def add(self, finding: str) -> None:
        """Note one more finding; only the first few are kept in words."""
        if len(self.findings) < 5:
            self.findings.append(finding)
        else:
            self.more += 1

    def __str__(self) -> str:
        more = [f"and {self.more} more places"] if self.more else []
        return "; ".join(self.findings + more)


class Layout(NamedTuple):
    """How records chain: each is ``fixed`` bytes longer than the number at ``length_at`` in it."""

    order: str
    """``<`` or ``>``."""
    length_at: int
    fixed: int
    shortest: int
    longest: int
    """Bounds of a believable number."""


def walk(data: NDArray[np.uint8], start: int, size: int, layout: Layout) -> tuple[NDArray[np.int64], int]:
    """Where the complete records between ``start`` and ``size`` begin, and where the walk ended.

    It ends at the first record that is not complete or whose length is not believable.
    Runs of records of one length, the usual case of media, are found in one comparison.
    """
    pieces: list[NDArray[np.int64]] = []
    at, window, singles = start, _FIRST_WINDOW, _FEWEST_SINGLES
    while True:
        found, stride = _run(data, at, size, layout, window)
        if found:
            pieces.append(at + stride * np.arange(found, dtype=np.int64))
            at += found * stride
        if found >= _WORTHWHILE_RUN:
            window = min(_LAST_WINDOW, 2 * found)
            singles = _FEWEST_SINGLES
            continue
        window = _FIRST_WINDOW
        starts, at = _one_by_one(data, at, size, layout, singles)
        pieces.append(np.array(starts, np.int64))
        if len(starts) < singles:
            return np.concatenate(pieces), at
        singles = min(_MOST_SINGLES, 2 * singles)


def _run(data: NDArray[np.uint8], at: int, size: int, layout: Layout, window: int) -> tuple[int, int]:
    """How many complete records of one length begin at ``at``, at most ``window``, and their distance."""
    length_at = at + layout.length_at
    if length_at + 4 > size:
        return 0, 0
    first = int.from_bytes(
        data[length_at : length_at + 4].tobytes(), "little" if layout.order == "<" else "big"
    )
    if not layout.shortest <= first <= layout.longest:
        return 0, 0
    stride = layout.fixed + first
    room = min(window, (size - at) // stride)
    if room <= 0:
        return 0, 0
    lengths = np.ndarray((room,), layout.order + "u4", data, offset=length_at, strides=(stride,))
    differs = lengths != first
    return (int(differs.argmax()) if differs.any() else room), stride


def _one_by_one(
    data: NDArray[np.uint8], at: int, size: int, layout: Layout, limit: int
) -> tuple[list[int], int]:
    """At most ``limit`` records, each found through the length of the one before."""
    starts: list[int] = []
    order, length_at, fixed, shortest, longest = layout
    unpack = struct.Struct(order + "I").unpack_from
    view = data.data
    last = size - length_at - 4
    while len(starts) < limit and at <= last:
        (length,) = unpack(view, at + length_at)
        after = at + fixed + length
        if after > size or not shortest <= length <= longest:
            break
        starts.append(at)
        at = after
    return starts, at
