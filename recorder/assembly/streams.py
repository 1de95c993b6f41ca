"""The table of RTP streams: sequence numbers, duplicates and the loss ledger, in columns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recorder.assembly.grouping import Groups, StreamKey
from recorder.assembly.heard import Heard
from recorder.assembly.rows import Rows
from recorder.assembly.senders import Resumed, Senders
from recorder.assembly.sequence import PAUSE, SUDDEN, Stamps, extend, untangle
from recorder.assembly.tails import Tails
from recorder.protocol.address import endpoint
from storage.model import PacketCounts

Address = tuple[int, int]
"""An IP address as two 64-bit words, IPv4 mapped into IPv6."""

_COLUMNS = {
    "highest": np.int64,
    "lowest": np.int64,
    "timestamp": np.int64,
    "newest": np.int64,
    "ticks": np.int64,
    "received": np.int64,
    "duplicate": np.int64,
    "reordered": np.int64,
    "skipped": np.int64,
    "written": np.int64,
    "missed": np.int64,
    "dropped": np.int64,
    "turns": np.int64,
    "elsewhere": np.int64,
    "paused": np.int64,
    "first": np.int64,
    "last": np.int64,
}


@dataclass(slots=True)
class Arranged:
    """The rows of a flush in the order of ``groups``, without duplicates, ready for the spool.

    ``extended`` and ``timestamps`` are int64 of shape (rows,), extended over wrap-around;
    group ``g`` belongs to stream ``streams[g]``.
    """

    streams: NDArray[np.int64]
    groups: Groups
    extended: NDArray[np.int64]
    timestamps: NDArray[np.int64]


class StreamState(NamedTuple):
    """What the table knows of a stream: a value of each column, and sequence numbers seen last (int64)."""

    columns: Mapping[str, int]
    recent: NDArray[np.int64]


@dataclass(slots=True)
class StreamTable:
    """Every stream seen, by number; numbers of forgotten streams are used again.

    Columns hold one value a stream: ``highest`` and ``lowest`` extended sequence number, ``timestamp`` the
    last extended RTP timestamp, ``first`` and ``last`` capture times, ``paused`` the time of all pauses (ns),
    and the counters of the ledger.
    """

    ids: dict[StreamKey, int] = field(default_factory=dict)
    _by_hosts: dict[tuple[int, int, int, int, int], int] = field(default_factory=dict)
    _senders: Senders = field(default_factory=Senders)
    keys: list[StreamKey | None] = field(default_factory=list)
    _free: list[int] = field(default_factory=list)
    _tails: Tails = field(default_factory=Tails)
    columns: dict[str, NDArray[np.int64]] = field(
        default_factory=lambda: {name: np.zeros(256, dtype) for name, dtype in _COLUMNS.items()}
    )

    def __len__(self) -> int:
        return len(self.ids)

    def identify(
        self, keys: Iterable[StreamKey], rows: Rows, groups: Groups
    ) -> tuple[NDArray[np.int64], list[int]]:
        """The stream of each group, and which groups are streams never seen before."""
        first = groups.order[groups.starts]
        numbers = np.empty(len(groups), np.int64)
        new: list[int] = []
        for index, key in enumerate(keys):
            number = self.ids.get(key)
            if number is None:
                row = first[index]
                number = self.open(
                    key, int(rows.sequences[row]), int(rows.timestamps[row]), int(rows.times[row])
                )
                new.append(index)
            numbers[index] = number
        return numbers, new

    def open(self, key: StreamKey, sequence: int, timestamp: int, time: int) -> int:
        """A row for a stream whose first packet has these numbers."""
        number = self._free.pop() if self._free else self._grow()
        self.ids[key] = self._by_hosts[_hosts(key)] = number
        self._senders.add(number, key)
        self.keys[number] = key
        for column in self.columns.values():
            column[number] = 0
        # One turn ahead, so that a packet older than the first still has a number above zero.
        self.columns["highest"][number] = sequence + 0xFFFF
        self.columns["lowest"][number] = sequence + 0x10000
        self.columns["timestamp"][number] = timestamp + (1 << 32)
        self.columns["first"][number] = self.columns["last"][number] = time
        return number

    def restore(self, key: StreamKey, heard: Heard | None, first: int) -> int:
        """A row for a stream that ran when the recorder stopped and of which ``heard`` is in the spool.

        The ledger begins with what the spool holds; what was lost while nothing recorded shows as lost.
        """
        number = self.open(key, 0, 0, first)
        if heard is None or not heard.received:
            return number
        for name in ("highest", "lowest", "timestamp", "received", "skipped", "paused", "last"):
            self.columns[name][number] = getattr(heard, name)
        self.columns["newest"][number] = heard.timestamp
        self.columns["written"][number] = heard.received
        self.columns["missed"][number] = self._missing(np.array([number]))[0]
        self._tails.resume(number, heard.recent)
        return number

    def share(self, number: int, elsewhere: int, *, takes_turns: bool) -> None:
        """A stream that was restored shares its numbers: others had so many of them (see ``Senders``)."""
        columns = self.columns
        columns["turns"][number] = int(takes_turns)
        if columns["received"][number]:
            columns["elsewhere"][number] = elsewhere
            columns["skipped"][number] += elsewhere
            columns["missed"][number] = self._missing(np.array([number]))[0]

    def superseded(self, one: int, another: int) -> int:
        """Of two rows of one stream that which was heard before the other, which goes on."""
        older, newer = sorted((one, another), key=lambda number: int(self.columns["last"][number]))
        key = self.keys[newer]
        assert key is not None
        self.ids[key] = self._by_hosts[_hosts(key)] = newer
        return older

    def state(self, number: int) -> StreamState:
        """What is known of the stream, for ``resume``."""
        columns = {name: int(column[number]) for name, column in self.columns.items()}
        return StreamState(columns, self._tails.numbers(number))

    def resume(self, number: int, state: StreamState) -> None:
        """The stream, which has a row again, goes on where it was when ``state`` was taken."""
        for name, value in state.columns.items():
            self.columns[name][number] = value
        self._tails.resume(number, state.recent)

    def follow(self, number: int, state: StreamState) -> None:
        """The stream, which has a row again, was somebody else's until ``state`` was taken: its extended
        numbers are beyond those, and what the other one had is not missing here."""
        columns, turn, era = self.columns, 1 << 16, 1 << 32
        highest, stamp = int(columns["highest"][number]), int(columns["timestamp"][number])
        if columns["received"][number]:
            passed = max(state.columns["highest"] - highest, 0)
            columns["skipped"][number] += passed
            columns["elsewhere"][number] += passed
        else:
            passed = max(-(-(state.columns["highest"] - highest) // turn), 0) * turn
            columns["lowest"][number] += passed
        columns["highest"][number] += passed
        columns["timestamp"][number] += round((state.columns["timestamp"] - stamp) / era) * era

    def forget(self, number: int) -> None:
        """Free the stream's row."""
        key = self.keys[number]
        if key is not None:
            if self.ids.get(key) == number:
                del self.ids[key]
            if self._by_hosts.get(_hosts(key)) == number:
                del self._by_hosts[_hosts(key)]
            self._senders.forget(number)
            self.keys[number] = None
            self._tails.forget(number)
            self._free.append(number)

    def absorb(self, rows: Rows, groups: Groups, streams: NDArray[np.int64]) -> Arranged:
        """Count the rows, extend their numbers and leave out the duplicates.

        Streams whose packets only go up take the fast path, which is arithmetic over all rows at once.
        """
        order, starts, counts = groups.order, groups.starts, groups.counts
        highest = self.columns["highest"][streams]
        skipped = self.columns["skipped"][streams]
        extended = extend(rows.sequences[order], np.repeat(highest, counts))
        step = np.diff(extended, prepend=0)
        step[starts] = extended[starts] - highest
        tangled = np.minimum.reduceat(step, starts) < 1
        tangled |= np.maximum.reduceat(step, starts) > SUDDEN
        newest = rows.timestamps[order[starts + counts - 1]].astype(np.int64)
        fresh = self._untangle(rows, groups, streams, extended, newest, np.flatnonzero(tangled))
        self.columns["newest"][streams] = newest
        timestamps = self._timestamps(rows, groups, streams)
        last = self.columns["last"][streams]
        gaps = rows.times[order[starts]] - last
        self.columns["paused"][streams] += np.where(gaps > PAUSE, gaps, 0)
        self._count(rows, groups, streams, extended)
        ahead = extended[starts] - highest
        ahead[self.columns["skipped"][streams] > skipped] = 0
        self._senders.take_turns(self.columns, Resumed(streams, extended[starts], ahead, last))
        if fresh is not None:
            order, extended, timestamps = order[fresh], extended[fresh], timestamps[fresh]
            counts = np.add.reduceat(fresh, starts, dtype=np.int64)
            groups = Groups(order, np.cumsum(counts) - counts, counts)
        return Arranged(streams, groups, extended, timestamps)

    def blame(self, streams: NDArray[np.int64], dropped: int) -> int:
        """Of what these streams, each named once, miss since the last time, at most ``dropped`` were lost by
        the tap; answer how many. Where they miss more than that, each is given its share."""
        missing = self._missing(streams)
        fresh = np.maximum(missing - self.columns["missed"][streams], 0)
        self.columns["missed"][streams] = missing
        total = int(fresh.sum())
        if not dropped or not total:
            return 0
        shares = fresh * min(dropped, total) // total
        self.columns["dropped"][streams] += shares
        return int(shares.sum())

    def _missing(self, streams: NDArray[np.int64]) -> NDArray[np.int64]:
        get = {name: column[streams] for name, column in self.columns.items()}
        expected = get["highest"] - get["lowest"] - get["skipped"] + 1
        missing: NDArray[np.int64] = np.maximum(expected - get["received"] + get["duplicate"], 0)
        return missing

    def counts(self, number: int) -> PacketCounts:
        """The ledger of the stream; its sums balance as ``PacketCounts`` says."""
        get = {name: int(column[number]) for name, column in self.columns.items()}
        expected = self.expected(number)
        unique = get["received"] - get["duplicate"]
        missing = expected - unique
        # What seemed to be missing may have come later.
        dropped = min(get["dropped"], missing)
        return PacketCounts(
            expected=expected,
            received=get["received"],
            lost=missing - dropped,
            dropped=dropped,
            duplicate=get["duplicate"],
            reordered=get["reordered"],
            written=get["written"],
            unwritten=unique - get["written"],
        )

    def expected(self, number: int) -> int:
        """Packets that should have been seen of the stream.

        One that was overtaken where the sender started again lies among the numbers that this passed over.
        """
        columns = self.columns
        passed = columns["highest"][number] - columns["lowest"][number] - columns["skipped"][number]
        return max(int(passed) + 1, int(columns["received"][number] - columns["duplicate"][number]))

    def spoken_of(self, source: Address, destination: Address, ports: int, ssrc: int) -> int | None:
        """The stream with this SSRC that RTCP sent so belongs to; ``ports`` as in a stream's key.

        RTCP uses the ports above those of RTP (RFC 3550, 11), the same ones (RFC 5761), or any others of the
        same hosts (RFC 3605).
        """
        for below in (0x10001, 0):
            number = self.ids.get((*source, *destination, max(ports - below, 0), ssrc))
            if number is not None:
                return number
        return self._by_hosts.get((*source, *destination, ssrc))

    def name(self, number: int) -> str:
        """``source>destination/ssrc``, unique among the streams of one leg."""
        key = self.keys[number]
        assert key is not None
        return stream_name(key)

    def _untangle(
        self,
        rows: Rows,
        groups: Groups,
        streams: NDArray[np.int64],
        extended: NDArray[np.int64],
        newest: NDArray[np.int64],
        which: NDArray[np.int64],
    ) -> NDArray[np.bool_] | None:
        fresh: NDArray[np.bool_] | None = None
        for index in which.tolist():
            number = int(streams[index])
            a = int(groups.starts[index])
            b = a + int(groups.counts[index])
            these = groups.order[a:b]
            highest = int(self.columns["highest"][number])
            stamps = self._stamps(number, rows, these)
            done = untangle(rows.sequences[these], highest, self._tails.numbers(number), stamps)
            newest[index] = stamps.newest
            self._tails.note_digests(number, stamps.heard, int(done.extended.max()))
            extended[a:b] = done.extended
            self.columns["reordered"][number] += done.reordered
            self.columns["skipped"][number] += done.skipped
            self.columns["duplicate"][number] += len(done.fresh) - int(done.fresh.sum())
            if not done.fresh.all():
                fresh = np.ones(len(extended), np.bool_) if fresh is None else fresh
                fresh[a:b] = done.fresh
        return fresh

    def _stamps(self, number: int, rows: Rows, these: NDArray[np.int64]) -> Stamps:
        """The timestamps of these rows, and what is known of those before them."""
        get = {name: int(column[number]) for name, column in self.columns.items()}
        before = get["received"] - get["duplicate"]
        return Stamps(
            rows.sequences[these].tolist(),
            rows.timestamps[these].tolist(),
            rows.times[these].tolist(),
            get["timestamp"] & 0xFFFFFFFF,
            get["last"],
            get["newest"],
            get["ticks"],
            (get["last"] - get["first"] - get["paused"]) / before if before else _pace(rows.times[these]),
            rows.digests(these),
            self._tails.heard(number),
        )

    def _timestamps(self, rows: Rows, groups: Groups, streams: NDArray[np.int64]) -> NDArray[np.int64]:
        reference = np.repeat(self.columns["timestamp"][streams], groups.counts)
        return _nearest(rows.timestamps[groups.order], reference)

    def _count(
        self, rows: Rows, groups: Groups, streams: NDArray[np.int64], extended: NDArray[np.int64]
    ) -> None:
        columns, starts = self.columns, groups.starts
        lasts = starts + groups.counts - 1
        columns["received"][streams] += groups.counts
        highest = np.maximum.reduceat(extended, starts)
        columns["highest"][streams] = np.maximum(columns["highest"][streams], highest)
        columns["lowest"][streams] = np.minimum(
            columns["lowest"][streams], np.minimum.reduceat(extended, starts)
        )
        columns["last"][streams] = rows.times[groups.order[lasts]]
        self._note_ticks(rows, streams, extended, groups, lasts)
        stamps = rows.timestamps[groups.order]
        columns["timestamp"][streams] = _nearest(stamps[lasts], columns["timestamp"][streams])
        self._tails.note(streams, groups, extended, stamps)

    def _note_ticks(
        self,
        rows: Rows,
        streams: NDArray[np.int64],
        extended: NDArray[np.int64],
        groups: Groups,
        lasts: NDArray[np.int64],
    ) -> None:
        """Remember what a packet adds to the timestamp, by the last two of each stream."""
        some = np.flatnonzero(groups.counts > 1)
        ends = lasts[some]
        some = some[extended[ends] - extended[ends - 1] == 1]
        stamps = rows.timestamps[groups.order[lasts[some]]].astype(np.int64)
        steps = stamps - rows.timestamps[groups.order[lasts[some] - 1]]
        self.columns["ticks"][streams[some[steps > 0]]] = steps[steps > 0]

    def _grow(self) -> int:
        number = len(self.keys)
        self.keys.append(None)
        if number >= len(self.columns["highest"]):
            for name, column in self.columns.items():
                self.columns[name] = np.concatenate((column, np.zeros_like(column)))
        return number


def _nearest(stamps: NDArray[np.uint32], reference: NDArray[np.int64]) -> NDArray[np.int64]:
    """The timestamps extended over their wrap-around, each next to a reference."""
    return reference + ((stamps.astype(np.int64) - reference + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)


def _pace(times: NDArray[np.int64]) -> float:
    """How often (ns) packets that were captured at these times come; 0 for one alone."""
    return float(np.median(np.diff(times))) if len(times) > 1 else 0.0


def _hosts(key: StreamKey) -> tuple[int, int, int, int, int]:
    a, b, c, d, _, ssrc = key
    return a, b, c, d, ssrc


def stream_name(key: StreamKey) -> str:
    """``source>destination/ssrc`` of a stream key."""
    a, b, c, d, ports, ssrc = key
    return f"{endpoint(a, b, ports >> 16)}>{endpoint(c, d, ports & 0xFFFF)}/{ssrc:08x}"
