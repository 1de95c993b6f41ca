"""Walking the records of a capture file held in memory, and saying what was wrong with them."""

import struct
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from recorder.batch import Batch

_FIRST_WINDOW, _LAST_WINDOW = 64, 4096
_WORTHWHILE_RUN = 32
_LEAST_PATIENCE, _MOST_PATIENCE = 8, 512


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
    at, patience = start, _LEAST_PATIENCE
    while True:
        starts, at, stride = _one_by_one(data, at, size, layout, patience)
        pieces.append(np.array(starts, np.int64))
        if not stride:
            return np.concatenate(pieces), at
        found = _run(data, at, size, layout, stride)
        pieces.append(at + stride * np.arange(found, dtype=np.int64))
        at += found * stride
        # Where runs are short, looking for them costs more than it saves.
        patience = _LEAST_PATIENCE if found >= _WORTHWHILE_RUN else min(_MOST_PATIENCE, 2 * patience)


def _run(data: NDArray[np.uint8], at: int, size: int, layout: Layout, stride: int) -> int:
    """How many complete records of ``stride`` bytes follow one another from ``at``."""
    found, window = 0, _FIRST_WINDOW
    while True:
        room = min(window, (size - at) // stride)
        if not room:
            return found
        lengths = np.ndarray(room, layout.order + "u4", data, at + layout.length_at, stride)
        differs = lengths != stride - layout.fixed
        end = int(differs.argmax())
        if differs[end]:
            return found + end
        found += room
        at += room * stride
        window = min(_LAST_WINDOW, 4 * window)


def _one_by_one(
    data: NDArray[np.uint8], at: int, size: int, layout: Layout, patience: int
) -> tuple[list[int], int, int]:
    """Records, each found through the length of the one before, until a run of one size shows.

    The last number is how many bytes each record of the run has, or 0 where the walk ends.
    """
    starts: list[int] = []
    order, length_at, fixed, shortest, longest = layout
    unpack = struct.Struct(order + "I").unpack_from
    view = data.data
    last = size - length_at - 4
    before, alike = -1, 0
    while at <= last:
        (length,) = unpack(view, at + length_at)
        after = at + fixed + length
        if after > size or not shortest <= length <= longest:
            break
        starts.append(at)
        at = after
        if length != before:
            before, alike = length, 0
        elif (alike := alike + 1) == patience:
            return starts, at, fixed + length
    return starts, at, 0
