"""Proof that two legs carry one conversation: the same payload bytes pass through both."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recorder.assembly.grouping import StreamKey

SAMPLE = 4
"""One packet in so many is looked at, chosen by its content, so that both copies show the same ones."""
PROOF = 10
"""Identical packets looked at, 0.8 s of sound at 20 ms, that prove it."""
SHARE = 0.6
"""Least share of the shorter stream's packets that must be among them: one phrase said twice is no proof."""
WINDOW = 1_000_000_000
"""How far apart the two copies may be seen, in ns; what a PBX holds back in its jitter buffer and more."""

_WORDS = 20
_FACTORS = (np.arange(1, _WORDS + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)) | np.uint64(1)


def digests(payload: NDArray[np.uint8], starts: NDArray[np.int64], length: int) -> NDArray[np.uint64]:
    """A digest of each payload of ``length`` bytes (at least 16) that begins at ``starts`` in ``payload``.

    0 stands for silence, which is the same everywhere. At most the first 160 bytes count.
    """
    words = min(length // 8, _WORDS)
    window = np.lib.stride_tricks.sliding_window_view(payload, words * 8)
    values = window[starts].view(np.uint64)
    mixed: NDArray[np.uint64] = (values * _FACTORS[:words]).sum(axis=1, dtype=np.uint64)
    mixed ^= mixed >> np.uint64(32)
    mixed[(values == values[:, :1]).all(axis=1)] = 0
    return mixed


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where a payload was seen first."""

    stream: int
    key: StreamKey
    at: int


@dataclass(slots=True)
class Correlator:
    """Remembers recent payloads by their digest and counts how often two streams share one."""

    _seen: dict[int, Sighting] = field(default_factory=dict)
    _looked: Counter[int] = field(default_factory=Counter)
    _shared: Counter[tuple[int, int]] = field(default_factory=Counter)

    def sight(self, stream: int, key: StreamKey, at: int, digest: int) -> int | None:
        """Note a packet; answer the stream that this one is proven to share its audio with, at each proof.

        A payload that one sender gives to several listeners, such as music on hold, proves nothing.
        """
        self._looked[stream] += 1
        first = self._seen.setdefault(digest, Sighting(stream, key, at))
        if first.stream == stream or abs(at - first.at) > WINDOW or first.key[0:2] == key[0:2]:
            return None
        pair = (min(first.stream, stream), max(first.stream, stream))
        self._shared[pair] += 1
        shorter = min(self._looked[first.stream], self._looked[stream])
        proven = self._shared[pair] >= PROOF and self._shared[pair] >= SHARE * shorter
        return first.stream if proven else None

    def expire(self, now: int) -> None:
        """Forget payloads that are too old to be passed on any more. Call about once a flush."""
        oldest = now - WINDOW
        old = []
        # Insertion order is about time order, so the old ones stand in front.
        for digest, sighting in self._seen.items():
            if sighting.at > oldest:
                break
            old.append(digest)
        for digest in old:
            del self._seen[digest]

    def forget(self, stream: int) -> None:
        """The stream's number will be used for another one."""
        del self._looked[stream]
        for pair in [pair for pair in self._shared if stream in pair]:
            del self._shared[pair]


def passed_on(one: StreamKey, another: StreamKey) -> bool:
    """Whether one of the streams goes to the host that the other comes from, as through a PBX."""
    return one[2:4] == another[0:2] or another[2:4] == one[0:2]
