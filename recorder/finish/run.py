"""Runs of packets: the unit in which a stream is placed and decoded."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from recorder.media import MediaBlock

_INDEX = np.arange(1 << 14)


@dataclass(slots=True)
class Run:
    """Packets of one payload type and size that follow each other without a hole.

    ``times`` is int64 of shape (packets,), nanoseconds. The sequence numbers go up by one from
    ``sequence``, the timestamps by ``ticks`` from ``timestamp``; each payload has ``size`` bytes.
    ``position`` is where the run belongs, in ticks since the start of the recording, once that is known.
    """

    payload_type: int
    size: int
    ticks: int
    sequence: int
    timestamp: int
    times: NDArray[np.int64]
    payload: NDArray[np.uint8]
    position: int = 0

    def __len__(self) -> int:
        return len(self.times)

    @property
    def next_sequence(self) -> int:
        """The number of the packet behind the run."""
        return self.sequence + len(self.times)

    @property
    def end(self) -> int:
        """Position of the first tick behind the run."""
        return self.position + len(self.times) * self.ticks

    @property
    def timestamps(self) -> NDArray[np.int64]:
        """RTP timestamps, int64 of shape (packets,)."""
        return self.timestamp + self.ticks * index(len(self.times))

    def until(self, clock: int) -> int:
        """When (ns) its last packet ends, heard from its capture on, in a clock of so many Hz."""
        return int(self.times.max()) + self.ticks * 1_000_000_000 // clock

    def at(self, position: int) -> "Run":
        """The same at a place on the recording."""
        return Run(
            self.payload_type,
            self.size,
            self.ticks,
            self.sequence,
            self.timestamp,
            self.times,
            self.payload,
            position,
        )

    def stamped(self, timestamp: int) -> "Run":
        """The same with another timestamp of its first packet."""
        return replace(self, timestamp=timestamp)

    def copied(self) -> "Run":
        """The same with arrays of its own, not views of what it was read from."""
        return replace(self, times=self.times.copy(), payload=self.payload.copy())

    def part(self, start: int, end: int) -> "Run":
        """Its packets from start to end."""
        return Run(
            self.payload_type,
            self.size,
            self.ticks,
            self.sequence + start,
            self.timestamp + start * self.ticks,
            self.times[start:end],
            self.payload[start * self.size : end * self.size],
            self.position + start * self.ticks,
        )


def index(count: int) -> NDArray[np.int64]:
    """0, 1, 2, … of shape (count,); not to be written to."""
    return _INDEX[:count] if count <= len(_INDEX) else np.arange(count)


Payload = NDArray[np.uint8]


def runs(block: MediaBlock, ticks: Callable[[int, Payload], tuple[int, int]], clock: int) -> list[Run]:
    """The packets of a block as runs at ``clock`` Hz, in the order of arrival, not yet placed.

    ``ticks`` says of a payload type and payload how long the packet is, 0 where it is no audio, and in which
    RTP clock (Hz): a stream that changes its codec may change it (RFC 7160).
    """
    found: list[Run] = []
    offset = 0
    same = block.payload_types[1:] == block.payload_types[:-1]
    same &= block.lengths[1:] == block.lengths[:-1]
    same &= block.sequences[1:] - block.sequences[:-1] == 1
    for start, end in _stretches(same):
        payload_type, size = int(block.payload_types[start]), int(block.lengths[start])
        duration, own = ticks(payload_type, block.payload[offset : offset + size])
        timestamps = block.timestamps[start:end]
        for low, high in _stretches(timestamps[1:] - timestamps[:-1] == duration):
            length = (high - low) * size
            timestamp = int(timestamps[low])
            found.append(
                Run(
                    payload_type,
                    size,
                    duration if own == clock else duration * clock // own,
                    int(block.sequences[start + low]),
                    timestamp if own == clock else timestamp * clock // own,
                    block.times[start + low : start + high],
                    block.payload[offset : offset + length],
                )
            )
            offset += length
    return found


def _stretches(same: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Bounds of the stretches of ``len(same) + 1`` things of which each is like the one before it, or not."""
    if same.all():
        return [(0, len(same) + 1)]
    bounds = [0, *(np.flatnonzero(~same) + 1).tolist(), len(same) + 1]
    return list(pairwise(bounds))
