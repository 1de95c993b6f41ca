"""Proof that two legs carry one conversation: the same payload bytes pass through both."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recorder.assembly.grouping import StreamKey
from recorder.assembly.pairs import Pairs

SAMPLE = 4
"""One packet in so many is looked at, chosen by its content, so that both copies show the same ones."""
PROOF = 10
"""Identical packets looked at, 0.8 s of sound at 20 ms, that prove it."""
SHARE = 0.6
"""Least share of the shorter stream's packets that must be among them: one phrase said twice is no proof."""
WINDOW = 1_000_000_000
"""How far apart the two copies may be seen, in ns; what a PBX holds back in its jitter buffer and more."""
MOST = 16
"""A payload that more streams carry is music or an announcement."""

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


class Seen(NamedTuple):
    """Payloads that were seen: ``digests`` is uint64, ``streams`` and ``times`` (ns) int64, of one shape."""

    digests: NDArray[np.uint64]
    streams: NDArray[np.int64]
    times: NDArray[np.int64]

    @classmethod
    def none(cls) -> "Seen":
        """Nothing."""
        return cls(np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, np.int64))

    def some(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> "Seen":
        """Those that are chosen."""
        return Seen(self.digests[chosen], self.streams[chosen], self.times[chosen])

    def and_then(self, other: "Seen") -> "Seen":
        """These, and others behind them."""
        return Seen(*(np.concatenate(both) for both in zip(self, other, strict=True)))


class Known(NamedTuple):
    """What a stream is part of: a name for its call, and where it goes; ``is_copy`` where it is on its way to
    somebody who only records it."""

    call: str
    key: StreamKey
    is_copy: bool = False


class _Copy(NamedTuple):
    stream: int
    time: int
    is_new: bool
    known: Known


@dataclass(slots=True)
class Correlator:
    """Remembers the payloads of the last second and counts how many of them two streams share.

    A payload counts once a stream for as long as it is repeated, as the frames of a codec that is fed
    silence, or of a tone, are the same everywhere. What one sender gives to several calls, such as music on
    hold and announcements, counts for nothing, nor do its copies further on.
    """

    _recent: Seen = field(default_factory=Seen.none)
    _looked: Counter[int] = field(default_factory=Counter)
    _shared: Counter[tuple[int, int]] = field(default_factory=Counter)
    _sole: Counter[tuple[int, int]] = field(default_factory=Counter)
    _pairs: Pairs = field(default_factory=Pairs)

    def is_sole(self, pair: tuple[int, int]) -> bool:
        """Whether what proves the pair had one origin, not several servers that play the same."""
        return self._sole[pair] >= PROOF

    def looked(self, stream: int) -> int:
        """Different payloads of a stream that were looked at and could have proved something."""
        return self._looked[stream]

    def sight(self, seen: Seen, know: Callable[[int], Known | None]) -> Iterator[tuple[int, int]]:
        """Note payloads; answer the pairs of streams that are proven to carry the same audio, perhaps again.

        ``know`` tells of a stream what it is part of. Whether nobody else said the same at that time tells
        ``is_sole``.
        """
        self._looked.update(_counts(seen.streams))
        both = self._recent.and_then(seen)
        at = _repeated(both.digests)
        if len(at):
            twice = both.some(at)
            for copies in self._copies(twice, at >= len(self._recent.digests), know):
                yield from self._count(copies)
        newest = int(both.times.max(initial=0))
        self._recent = both.some(both.times > newest - WINDOW)

    def expire(self, now: int) -> None:
        """Forget payloads that are too old to be passed on any more."""
        if len(self._recent.times) and int(self._recent.times.max()) < now - 2 * WINDOW:
            self._recent = Seen.none()

    def forget(self, stream: int) -> None:
        """The stream's number will be used for another one."""
        del self._looked[stream]
        for pair in self._pairs.forget(stream):
            del self._shared[pair], self._sole[pair]
        self._recent = self._recent.some(self._recent.streams != stream)

    def _copies(
        self, seen: Seen, is_new: NDArray[np.bool_], know: Callable[[int], Known | None]
    ) -> Iterator[list[_Copy]]:
        """Streams of several calls that carry the same payload, one of which is new there."""
        known = {stream: know(stream) for stream in np.unique(seen.streams).tolist()}
        numbers: dict[str, int] = {}
        calls = [numbers.setdefault(one.call, len(numbers)) if one else -1 for one in known.values()]
        order = np.lexsort((is_new, seen.streams, seen.digests))
        seen, is_new = seen.some(order), is_new[order]
        again = (seen.digests[1:] == seen.digests[:-1]) & (seen.streams[1:] == seen.streams[:-1])
        first = np.concatenate(([True], ~again))
        self._looked.subtract(_counts(seen.streams[is_new & ~first]))
        times = np.maximum.reduceat(seen.times, np.flatnonzero(first))
        seen, is_new = Seen(seen.digests[first], seen.streams[first], times), is_new[first]
        call = np.array(calls)[np.searchsorted(np.array(list(known)), seen.streams)]
        starts = np.flatnonzero(np.concatenate(([True], seen.digests[1:] != seen.digests[:-1])))
        mixed = np.minimum.reduceat(call, starts) != np.maximum.reduceat(call, starts)
        chosen = np.flatnonzero(mixed & np.logical_or.reduceat(is_new, starts))
        ends = np.append(starts[1:], len(call))
        for a, b in zip(starts[chosen].tolist(), ends[chosen].tolist(), strict=True):
            columns = (seen.streams[a:b].tolist(), seen.times[a:b].tolist(), is_new[a:b].tolist())
            yield [_Copy(*one, who) for one in zip(*columns, strict=True) if (who := known[one[0]])]

    def _count(self, copies: list[_Copy]) -> Iterator[tuple[int, int]]:
        if is_given_to_many([copy.known for copy in copies]):
            self._looked.subtract(copy.stream for copy in copies if copy.is_new)
            return
        going = {copy.known.key[2:4] for copy in copies}
        is_sole = sum(copy.known.key[0:2] not in going for copy in copies) <= 1
        for one, another in combinations(copies, 2):
            if not (one.is_new or another.is_new) or one.known.call == another.known.call:
                continue
            if abs(one.time - another.time) > WINDOW or _are_parallel(one.known.key, another.known.key):
                continue
            pair = (one.stream, another.stream)
            if pair not in self._shared:
                self._pairs.add(pair)
            self._shared[pair] += 1
            self._sole[pair] += is_sole
            shorter = min(self._looked[one.stream], self._looked[another.stream])
            if self._shared[pair] >= PROOF and self._shared[pair] >= SHARE * shorter:
                yield pair


def is_given_to_many(streams: Sequence[Known]) -> bool:
    """Whether some host gives the same audio to more calls than it can have it from.

    Where several streams go through the same border controller, each comes out as often as it goes in.
    """
    if len(streams) > MOST:
        return True
    given = Counter(host for host, _ in {(one.key[0:2], one.call) for one in streams if not one.is_copy})
    taken = Counter(one.key[2:4] for one in streams)
    return any(number > max(1, taken[host]) for host, number in given.items())


def _are_parallel(one: StreamKey, another: StreamKey) -> bool:
    """Whether both come from one host, or go to one: that is no way on from the one to the other."""
    return one[0:2] == another[0:2] or one[2:4] == another[2:4]


def passed_on(one: StreamKey, another: StreamKey) -> bool:
    """Whether one of the streams goes to the host that the other comes from, as through a PBX."""
    return one[2:4] == another[0:2] or another[2:4] == one[0:2]


def _counts(streams: NDArray[np.int64]) -> dict[int, int]:
    found, counts = np.unique(streams, return_counts=True)
    return dict(zip(found.tolist(), counts.tolist(), strict=True))


def _repeated(values: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The places of values that occur more than once."""
    ordered = np.sort(values)
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    return np.flatnonzero(np.isin(values, twice)) if len(twice) else np.empty(0, np.int64)
