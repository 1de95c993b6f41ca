"""The packets of each stream that came last, by which their copies are told."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recorder.assembly.grouping import Groups
from recorder.assembly.heard import RECENT


@dataclass(slots=True)
class Tails:
    """By the stream: extended sequence numbers (int64) and timestamps (uint32) of its last packets, and
    digests of payloads, these only where packets came out of order."""

    _numbers: dict[int, NDArray[np.int64]] = field(default_factory=dict)
    _stamps: dict[int, NDArray[np.uint32]] = field(default_factory=dict)
    _digests: dict[int, dict[int, int]] = field(default_factory=dict)

    def numbers(self, stream: int) -> NDArray[np.int64]:
        """The last extended numbers, as they came."""
        return self._numbers.get(stream, np.empty(0, np.int64))

    def heard(self, stream: int) -> dict[int, tuple[int, int]]:
        """Timestamps and digests of the last extended numbers, as far as this engine knows them."""
        stamps = self._stamps.get(stream, np.empty(0, np.uint32)).tolist()
        numbers = self._numbers[stream].tolist()[-len(stamps) :] if stamps else []
        digests = self._digests.get(stream, {})
        # What came first with a number holds, so it is put in last.
        pairs = zip(reversed(numbers), reversed(stamps), strict=True)
        return {one: (stamp, digests.get(one, 0)) for one, stamp in pairs}

    def resume(self, stream: int, numbers: NDArray[np.int64]) -> None:
        """The stream goes on behind these numbers, of which nothing else is known."""
        self._numbers[stream] = numbers
        self._stamps.pop(stream, None)

    def note_digests(self, stream: int, heard: Mapping[int, tuple[int, int]], highest: int) -> None:
        """Keep the digests of ``heard`` as long as copies of packets up to ``highest`` may come."""
        self._digests[stream] = {one: known[1] for one, known in heard.items() if one > highest - RECENT}

    def note(
        self,
        streams: NDArray[np.int64],
        groups: Groups,
        extended: NDArray[np.int64],
        stamps: NDArray[np.uint32],
    ) -> None:
        """Packets came: ``extended`` numbers and ``stamps`` of shape (rows,), in the order of ``groups``."""
        bounds = zip(streams.tolist(), groups.starts.tolist(), groups.counts.tolist(), strict=True)
        for stream, start, count in bounds:
            tail = slice(max(start, start + count - RECENT), start + count)
            numbers, own = extended[tail], stamps[tail]
            before = self._numbers.get(stream)
            if before is not None and count < RECENT // 2:
                numbers = np.concatenate((before[-RECENT:], numbers))
                own = np.concatenate((self._stamps.get(stream, own[:0])[-RECENT:], own))
            self._numbers[stream], self._stamps[stream] = numbers, own

    def forget(self, stream: int) -> None:
        """The stream's number will be used for another one."""
        for known in (self._numbers, self._stamps, self._digests):
            known.pop(stream, None)
