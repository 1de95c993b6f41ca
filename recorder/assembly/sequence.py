"""Extended sequence numbers of one stream whose packets came out of order (RFC 3550, A.1)."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

MAX_DROPOUT = 3000
"""A jump forward beyond this is a sender that started again, not loss (RFC 3550, A.1), unless its timestamps
went on as well."""
MAX_MISORDER = 100
"""A packet further behind than this is a sender that started again (RFC 3550, A.1)."""
SUDDEN = 100
"""A jump forward beyond this takes time, or its timestamps go with it; else the sender started again."""
OFF = 2
"""Packets by which sequence numbers and timestamps may go apart in a long loss."""
_LONG_AGO = 1 << 26
"""Timestamp units, 20 minutes at least, by which no packet can be late."""
_PAUSE = 8
"""Packets that may be missing behind one that is late; no packet is late by a longer pause."""
_ANEW = 8
"""Packets in a row, with none of the former sequence among them, by which it is another one."""
PAUSE = 1_000_000_000
"""Between two packets (ns): a longer one, as of a call on hold, tells nothing of how often they come."""
_LATEST = 1_000_000_000
"""How late (ns) a packet may be; of two in sequence that seem later their sender started again."""


def extend(
    sequences: NDArray[np.uint16] | NDArray[np.int64], highest: NDArray[np.int64] | int
) -> NDArray[np.int64]:
    """The 16-bit numbers as the extended numbers nearest to ``highest``."""
    numbers = sequences.astype(np.int64)
    return highest + ((numbers - highest + 0x8000) & 0xFFFF) - 0x8000


@dataclass(slots=True)
class Untangled:
    """``extended`` and ``fresh`` (not seen before) have shape (packets,)."""

    extended: NDArray[np.int64]
    fresh: NDArray[np.bool_]
    reordered: int
    skipped: int
    """Numbers passed over where the sender started again; they are not lost packets."""


@dataclass
class Stamps:
    """The timestamps that go with sequence numbers, by which a new start is told from loss and reordering.

    ``sequences``, ``stamps`` and ``times`` (ns of capture) are those of the packets to come; ``stamp`` and
    ``time`` are those of the last one before, ``newest`` is the timestamp of the one with the highest number.
    ``ticks`` is what a packet adds to the timestamp and ``pace`` how often one comes (ns), 0 where that is
    not known.
    """

    sequences: list[int]
    stamps: list[int]
    times: list[int]
    stamp: int
    time: int
    newest: int
    ticks: int = 0
    pace: float = 0.0
    digests: list[int] = field(default_factory=list)
    """Of the payloads, shape (packets,)."""
    heard: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Timestamp and digest (0: not known) of extended numbers that may come again."""

    def is_copy(self, index: int, delta: int, highest: int) -> bool:
        """Whether packet ``index`` is the same again as what came with its number, however late.

        Events carry the time of their beginning beside audio that goes on (RFC 4733, 2.2.1), so that a copy
        may have a newer timestamp than the packet with the highest number.
        """
        if delta > 0:
            return False
        stamp, digest = self.heard.get(highest + delta, (-1, 0))
        if stamp != self.stamps[index]:
            return False
        if digest:
            return digest == self.digests[index]
        if self._begins_anew(index):
            return False
        return -delta * self.pace <= _LATEST or self._goes_on(index, highest)

    def before(self, index: int) -> int | None:
        """The extended number of what packet ``index`` is a copy of, if that came before the sender started
        again; the first of a new start is followed by the next one."""
        same = self._on_the_wire.get((self.stamps[index], self.sequences[index]))
        if same is None or self._is_followed(index):
            return None
        digest = self.heard[same][1]
        if digest:
            return same if digest == self.digests[index] else None
        return same if index + 1 < len(self.stamps) else None

    def note(self, index: int, number: int, is_newest: bool) -> None:
        """Packet ``index`` has this extended number."""
        stamp = self.stamps[index]
        self.heard.setdefault(number, (stamp, self.digests[index] if self.digests else 0))
        # Few streams that come by here need it.
        if (on_the_wire := self.__dict__.get("_on_the_wire")) is not None:
            on_the_wire[stamp, number & 0xFFFF] = number
        if is_newest:
            self.newest = stamp

    def contradicts(self, index: int, delta: int, highest: int) -> bool:
        """Whether packet ``index``, whose number is ``delta`` beyond the highest one, cannot be where that
        says: its timestamp goes on although its number does not, is of long ago, or leaps in no time."""
        if delta <= 0 and self._is_another(index, highest + delta) and self._is_ahead(index, highest):
            return True
        # The usual first: where a mirror shows everything twice, every packet of every stream comes by here.
        if 0 < delta <= SUDDEN or (delta <= 0 and not self._is_followed(index)):
            return False
        passed, ticks = _signed(self.stamps[index] - self.newest), self._ticks
        if delta <= 0 and highest + delta in self.heard and self._begins_anew(index):
            return True
        if delta <= 0:
            beside = self._beside(highest)
            is_old = passed < (delta - _PAUSE) * ticks if ticks > 0 else passed < -_LONG_AGO
            ahead = max(beside)
            # Beside an event audio may be late that is newer than any that came.
            is_elsewhere = passed > (ahead + _PAUSE * max(ticks, 0) if ahead else 0)
            return is_elsewhere or (is_old and passed not in beside) or -delta * self.pace > _LATEST
        if ticks > 0 and abs(passed - delta * ticks) <= OFF * ticks:
            return False
        elapsed = self.times[index] - self._before(index)[1]
        return bool(self.pace) and elapsed < delta * self.pace / 4

    def lost(self, index: int, jump: int) -> int:
        """How many numbers the sender went on by before packet ``index``, where it only was not heard for
        long; 0 where it started again. The 16 bits of the sequence number have gone on by ``jump``.
        """
        stamp, time = self._before(index)
        ticks = self._ticks
        if ticks <= 0:
            return 0
        numbers = round(((self.stamps[index] - stamp) & 0xFFFFFFFF) / ticks)
        off = (numbers - jump + 0x8000) % 0x10000 - 0x8000
        passed = self.times[index] - time
        is_in_time = not self.pace or 0.5 < passed / (max(numbers, 1) * self.pace) < 2
        return numbers - off if abs(off) <= OFF and numbers - off > MAX_DROPOUT and is_in_time else 0

    def _before(self, index: int) -> tuple[int, int]:
        """Timestamp and time of the packet that came before this one."""
        return (self.stamps[index - 1], self.times[index - 1]) if index else (self.stamp, self.time)

    def _beside(self, highest: int) -> set[int]:
        """How far the timestamps near the highest number are ahead of its own: events stand beside audio."""
        near = (self.heard.get(highest - back) for back in range(2 * _PAUSE))
        return {0, *(_signed(one[0] - self.newest) for one in near if one is not None)}

    def _goes_on(self, index: int, highest: int) -> bool:
        """Whether the sender goes on where it was: what comes next, or came last, is near there."""
        near = self.sequences[index + 1 : index + 4]
        near = near or self.sequences[max(index - 3, 0) : index]
        return any(abs(((one - highest + 0x8000) & 0xFFFF) - 0x8000) <= _PAUSE for one in near)

    def _begins_anew(self, index: int) -> bool:
        """Whether so many packets go on from this one that it is no copy of one whose number and timestamp it
        has: a sender that plays one short piece after the other may begin each with the same ones."""
        following = self.sequences[index + 1 : index + 1 + _ANEW]
        return len(following) == _ANEW and all(
            number == (self.sequences[index] + 1 + at) & 0xFFFF for at, number in enumerate(following)
        )

    def _is_another(self, index: int, number: int) -> bool:
        """Whether packet ``index`` is surely not what came with this extended number."""
        digest = self.heard.get(number, (0, 0))[1]
        return digest != 0 and digest != self.digests[index]

    def _is_ahead(self, index: int, highest: int) -> bool:
        """Whether the sender goes on from packet ``index``, and no more from the highest number: late copies
        of what came before may stand between."""
        beside = self.sequences[index + 1 : index + 1 + _PAUSE]
        is_over = all((one - highest - 1) & 0xFFFF >= _PAUSE for one in beside)
        return is_over and (self.sequences[index] + 1) & 0xFFFF in beside

    def _is_followed(self, index: int) -> bool:
        """Whether the next packet goes on from this one (RFC 3550, A.1: two in sequence)."""
        if index + 1 >= len(self.stamps):
            return False
        step = (self.sequences[index + 1] - self.sequences[index]) & 0xFFFF
        return step == 1 or (step == 0 and self.stamps[index + 1] != self.stamps[index])

    @cached_property
    def _on_the_wire(self) -> dict[tuple[int, int], int]:
        """The extended numbers of ``heard`` by timestamp and number as sent, of several the newest."""
        return {(self.heard[number][0], number & 0xFFFF): number for number in sorted(self.heard)}

    @cached_property
    def _ticks(self) -> int:
        if self.ticks:
            return self.ticks
        steps = np.diff(np.array(self.stamps, np.int64))
        return int(np.median(steps)) if len(steps) else 0


def _signed(difference: int) -> int:
    return ((difference + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)


def untangle(
    sequences: NDArray[np.uint16], highest: int, recent: NDArray[np.int64], stamps: Stamps | None = None
) -> Untangled:
    """Extend, find duplicates and count reordering, packet by packet: the slow and exact way.

    ``recent`` are extended numbers seen before that may come again, int64 of shape (any,).
    """
    seen = set(recent.tolist())
    extended = np.empty(len(sequences), np.int64)
    fresh = np.ones(len(sequences), np.bool_)
    reordered = skipped = 0
    for index, sequence in enumerate(sequences.tolist()):
        delta = ((sequence - highest + 0x8000) & 0xFFFF) - 0x8000
        is_far = delta > MAX_DROPOUT or delta < -MAX_MISORDER
        is_copy = stamps is not None and stamps.is_copy(index, delta, highest)
        if not is_copy and delta != 1 and stamps is not None and (same := stamps.before(index)) is not None:
            fresh[index], extended[index] = False, same
            continue
        if not is_copy and (is_far or (stamps is not None and stamps.contradicts(index, delta, highest))):
            jump = delta & 0xFFFF
            lost = stamps.lost(index, jump) if stamps is not None else 0
            # One turn further where the step is small, so that every new start can be told by its step.
            delta = lost or (jump if jump > MAX_DROPOUT else jump + 0x10000)
            skipped += 0 if lost else delta - 1
        number = highest + delta
        if number in seen:
            fresh[index] = False
        elif delta < 0:
            reordered += 1
        seen.add(number)
        extended[index] = number
        if stamps is not None:
            stamps.note(index, number, number > highest)
        highest = max(highest, number)
    return Untangled(extended, fresh, reordered, skipped)
