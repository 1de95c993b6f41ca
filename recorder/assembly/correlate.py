"""Proof that two legs carry one conversation: the same payload bytes pass through both."""

from collections import defaultdict
from dataclasses import dataclass, field

from recorder.assembly.grouping import StreamKey

PROOF = 3
"""Identical packets that prove it; speech never repeats 20 ms to the bit by chance."""
WINDOW = 2_000_000_000
"""How far apart the two copies may be seen, in ns; what a PBX holds back in its jitter buffer and more."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where a payload was seen first."""

    stream: int
    key: StreamKey
    at: int


@dataclass(slots=True)
class Correlator:
    """Remembers recent payloads by value and counts how often two streams share one."""

    _seen: dict[bytes, Sighting] = field(default_factory=dict)
    _shared: defaultdict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))

    def sight(self, stream: int, key: StreamKey, at: int, payload: bytes) -> int | None:
        """Note a packet; answer the stream that this one is proven to share its audio with, once.

        Silence proves nothing, neither does a payload that one sender gives to several listeners, such as
        music on hold: a copy leaves the host that the original went to.
        """
        if len(payload) < 16 or len(set(payload)) < 5:
            return None
        first = self._seen.setdefault(payload, Sighting(stream, key, at))
        if first.stream == stream or abs(at - first.at) > WINDOW or not _passed_on(first.key, key):
            return None
        pair = (min(first.stream, stream), max(first.stream, stream))
        self._shared[pair] += 1
        return first.stream if self._shared[pair] == PROOF else None

    def expire(self, now: int) -> None:
        """Forget payloads that are too old to be passed on any more. Call about once a flush."""
        oldest = now - WINDOW
        # Insertion order is time order, so the old ones stand in front.
        for payload, sighting in list(self._seen.items()):
            if sighting.at > oldest:
                break
            del self._seen[payload]

    def forget(self, stream: int) -> None:
        """The stream's number will be used for another one."""
        for pair in [pair for pair in self._shared if stream in pair]:
            del self._shared[pair]


def _passed_on(original: StreamKey, copy: StreamKey) -> bool:
    """Whether the copy may be the original passed on: it does not come from the same sender.

    A sender with several addresses passes this test for its own copies too; the sides of the two streams are
    compared by the caller.
    """
    return original[0:2] != copy[0:2]
