"""Packets of streams that nothing explains yet, kept until they prove to be media."""

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recorder.assembly.endpoints import places
from recorder.assembly.grouping import Groups, StreamKey, group, keys
from recorder.assembly.media import FEW, MediaDesk, Welcome
from recorder.assembly.plausible import can_be_speech
from recorder.assembly.rows import Rows
from recorder.assembly.sequence import extend

PROOF = 10
"""Media without signalling and with fewer packets in sequence than this is none (0.2 s at 20 ms)."""
HOPELESS = 8 * PROOF
"""What is not in sequence after so many packets is no media."""


@dataclass(slots=True)
class Strangers:
    """Looks at every flush before its packets are given to streams, and holds back those of streams that
    are neither known nor announced: anything may look like a packet of RTP, but not ten in sequence.

    ``known`` are the keys of running streams. What is left out is counted in ``rejected``: ``stray-media``
    went stale, ``stray-flood`` was too much, ``stream-flood`` were too many streams of one call.
    """

    known: Container[StreamKey]
    desk: MediaDesk
    rejected: Counter[str] = field(default_factory=Counter)
    _held: list[Rows] = field(default_factory=list)
    _grouped: tuple[Rows, Groups, list[StreamKey]] | None = None

    def __len__(self) -> int:
        """Packets that are held."""
        return sum(map(len, self._held))

    def pass_on(self, fresh: Sequence[Rows], now: int) -> Rows | None:
        """The packets that go on now: of ``fresh``, with those held before that have proven to be media."""
        parts = [*self._held, *fresh]
        if not fresh or not any(map(len, parts)):
            return None
        rows = Rows.joined(parts)
        self._held = []
        groups = group(rows)
        found = list(keys(rows, groups))
        self._grouped = rows, groups, found
        odd = [index for index, key in enumerate(found) if key not in self.known]
        firsts = rows.times[groups.order[groups.starts]]
        welcome = [self.desk.expects(found[index], int(firsts[index])) for index in odd]
        needed = _need_proof(rows, groups, found, odd, welcome)
        unproven = np.array([i for i, one in zip(odd, needed, strict=True) if one], np.int64)
        lonely = {i for i, one in zip(odd, welcome, strict=True) if one is Welcome.OWN}
        refused = [i for i, one in zip(odd, welcome, strict=True) if one is Welcome.NONE]
        if not len(unproven) and not refused:
            return rows
        held = self._unproven(rows, groups, found, unproven, lonely)
        self._keep(rows, groups, held, now)
        going = np.ones(len(rows), np.bool_)
        going[groups.order[groups.rows(held)]] = False
        out = groups.rows(np.array(refused, np.int64))
        going[groups.order[out]] = False
        self.rejected["stream-flood"] += len(out)
        return rows.some(going) if going.any() else None

    def grouped(self, rows: Rows) -> tuple[Groups, list[StreamKey]]:
        """The rows by stream, and the key of each group; not done twice for what was just passed on."""
        known, self._grouped = self._grouped, None
        if known is not None and known[0] is rows:
            return known[1:]
        groups = group(rows)
        return groups, list(keys(rows, groups))

    def _unproven(
        self,
        rows: Rows,
        groups: Groups,
        found: list[StreamKey],
        strange: NDArray[np.int64],
        lonely: set[int],
    ) -> NDArray[np.int64]:
        """The strange groups that are still not proven; a stream proves the few of the other way, too, but
        none of the ``lonely`` ones."""
        if not len(strange):
            return strange
        counts = groups.counts[strange]
        starts = np.cumsum(counts) - counts
        numbers = rows.sequences[groups.order[groups.rows(strange)]].astype(np.int64)
        numbers = extend(numbers, np.repeat(numbers[starts], counts))
        span = np.maximum.reduceat(numbers, starts) - np.minimum.reduceat(numbers, starts) + 1
        is_speech = can_be_speech(rows, groups, strange)
        is_media = (span >= PROOF) & (counts >= PROOF) & (span <= 2 * counts) & is_speech
        is_media &= np.cumsum(is_media) <= self.desk.room
        if not is_media.any():
            return strange
        pairs = {frozenset(places(found[index])) for index in strange[is_media].tolist()}
        rest, is_speech = strange[~is_media], is_speech[~is_media]
        ways = Counter(found[index][:5] for index in rest.tolist())
        apart = [
            not can_be
            or index in lonely
            or frozenset(places(found[index])) not in pairs
            or ways[found[index][:5]] > FEW
            for index, can_be in zip(rest.tolist(), is_speech.tolist(), strict=True)
        ]
        return rest[np.array(apart, np.bool_)]

    def _keep(self, rows: Rows, groups: Groups, held: NDArray[np.int64], now: int) -> None:
        """Hold the packets of these groups, but for streams that fell silent, and for the oldest of too many.

        Of too many, streams of one packet go first: most of a flood is that.
        """
        if not len(held):
            return
        newest = rows.times[groups.order[groups.starts[held] + groups.counts[held] - 1]]
        is_stale = newest < now - self.desk.book.patience.orphan
        is_stale |= groups.counts[held] >= HOPELESS
        self.rejected["stray-media"] += int(groups.counts[held[is_stale]].sum())
        alive, newest = held[~is_stale], newest[~is_stale]
        best_last = alive[np.lexsort((newest, groups.counts[alive] > 1))]
        behind = np.cumsum(groups.counts[best_last][::-1])[::-1]
        kept = best_last[behind <= self.desk.book.limits.strangers]
        self.rejected["stray-flood"] += int(groups.counts[alive].sum() - groups.counts[kept].sum())
        if len(kept):
            chosen = np.zeros(len(rows), np.bool_)
            chosen[groups.order[groups.rows(kept)]] = True
            self._held = [rows.some(chosen).packed()]


def _need_proof(
    rows: Rows, groups: Groups, found: list[StreamKey], odd: list[int], welcome: list[Welcome]
) -> list[bool]:
    """Which of the ``odd`` groups have to prove themselves; of those that are welcome as few, what is many
    and what looks like pictures."""
    ways = Counter(
        found[i][:5] for i, one in zip(odd, welcome, strict=True) if one in (Welcome.FEW, Welcome.PROOF)
    )
    needed = [
        one in (Welcome.PROOF, Welcome.OWN) or (one is Welcome.FEW and ways[found[i][:5]] > FEW)
        for i, one in zip(odd, welcome, strict=True)
    ]
    few = [at for at, one in enumerate(welcome) if one is Welcome.FEW and not needed[at]]
    if few:
        can_be = can_be_speech(rows, groups, np.array([odd[at] for at in few], np.int64))
        for at, is_speech in zip(few, can_be.tolist(), strict=True):
            needed[at] = not is_speech
    return needed
