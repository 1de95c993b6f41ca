"""The running RTP streams as one table, and their packets as one matrix of frames.

A *run* is a part of a stream in which a packet leaves every packet time; a stream that pauses has several.
The sound of a run is a ring of payload rows (see ``conversation``). The first bytes of each payload have
their lowest bits turned by the *mark* of the call, which nobody hears: so no two calls carry
the same bytes, while a relay of the same call does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recorder.simulate.bank import MARK_BYTES, PayloadBank
from recorder.simulate.chance import scramble
from recorder.simulate.codec import BYTES_PER_MS
from recorder.simulate.network import fate
from recorder.simulate.options import Network
from recorder.simulate.truth import StreamTruth
from recorder.simulate.wire import HEADERS, IP_OFFSET, VLAN_BYTES, checksums, pseudo_sum, word_sum

RTP_BYTES = 12
DUPLICATE_NS = 400_000
"""How long after its twin a duplicate comes."""

Table = NDArray[np.void]
Ints = NDArray[np.int64]


@dataclass(slots=True)
class Run:
    """``count`` packets from ``first_ns`` on; ``header`` is everything before the payload.

    The sound is entries ``ring_first`` to ``ring_first + ring_length`` of the rows table, a ring begun at
    ``ring_offset``, in the codec ``codec_index``. ``number`` is the number of the first packet in
    the call, from which the mark goes on; ``key`` tells the streams apart for the network.
    """

    header: bytes
    first_ns: int
    count: int
    sequence: int
    timestamp: int
    ring_first: int
    ring_length: int
    ring_offset: int
    codec_index: int
    mark: int
    number: int
    key: int
    marker: bool
    truth: StreamTruth


class Packets(NamedTuple):
    """Columns of shape (packets,): index of the run, number of the packet in it, time in ns."""

    runs: Ints
    numbers: Ints
    times: Ints

    def select(self, which: NDArray[np.bool_] | Ints) -> "Packets":
        """Some of them."""
        return Packets(self.runs[which], self.numbers[which], self.times[which])


@dataclass(slots=True)
class Frames:
    """``frames`` is uint8 of shape (packets, bytes); ``times`` int64, ascending."""

    frames: NDArray[np.uint8]
    times: Ints


class StreamTable:
    """All runs under way. ``rows`` holds every ring one after the other, as rows of the bank."""

    def __init__(
        self, bank: PayloadBank, rows: NDArray[np.int32], network: Network, vlan: int | None
    ) -> None:
        self._bank = bank
        self._rows = rows
        self._network = network
        self._packet_ns = bank.packet_ms * 1_000_000
        self._step = bank.packet_ms * BYTES_PER_MS
        self._ip = IP_OFFSET + (VLAN_BYTES if vlan is not None else 0)
        self._payload = HEADERS - IP_OFFSET + self._ip + RTP_BYTES
        self._runs: Table = np.zeros(0, self._row_type())
        self._truths: list[StreamTruth] = []
        self._arrived: list[Run] = []
        self._held = Packets(_NONE, _NONE, _NONE)

    def __len__(self) -> int:
        return len(self._runs) + len(self._arrived)

    @property
    def busy(self) -> bool:
        """Whether any packet is still to come."""
        return bool(len(self) or len(self._held.runs))

    def add(self, runs: Sequence[Run]) -> None:
        """Runs that begin now or later."""
        self._arrived += runs

    def emit(self, until_ns: int) -> Frames:
        """All packets before ``until_ns`` that were not emitted yet; counts them in the truth."""
        self._take_in()
        packets = self._due(until_ns)
        if not self._network.perfect:
            packets = self._through_network(packets)
        packets = self._hold_back(packets, until_ns)
        packets = packets.select(np.argsort(packets.times, kind="stable"))
        frames = self._fill(packets.runs, packets.numbers)
        self._retire()
        return Frames(frames, packets.times)

    def _row_type(self) -> np.dtype[np.void]:
        names = "first_ns count sent sequence timestamp ring_first ring_length ring_offset shift marker"
        fields = [(name, "i8") for name in f"{names} ip_sum udp_sum".split()]
        return np.dtype(
            [*fields, ("mark", "u8"), ("number", "u8"), ("key", "u8"), ("header", "u1", (self._payload,))]
        )

    def _take_in(self) -> None:
        if not self._arrived:
            return
        added = np.zeros(len(self._arrived), self._runs.dtype)
        for row, run in zip(added, self._arrived, strict=True):
            for name in ("first_ns", "count", "sequence", "timestamp", "ring_first", "ring_length"):
                row[name] = getattr(run, name)
            for name in ("ring_offset", "marker", "mark", "number", "key"):
                row[name] = getattr(run, name)
            row["shift"] = run.codec_index * self._bank.rows_per_codec
            row["header"] = np.frombuffer(run.header, np.uint8)
            row["ip_sum"] = word_sum(run.header[self._ip : self._ip + 20])
            row["udp_sum"] = pseudo_sum(run.header[self._ip :]) + word_sum(run.header[self._ip + 20 :])
        self._runs = np.concatenate([self._runs, added])
        self._truths += [run.truth for run in self._arrived]
        self._arrived = []

    def _due(self, until_ns: int) -> Packets:
        """Every packet that leaves its sender before ``until_ns``."""
        table = self._runs
        passed = (until_ns - table["first_ns"] + self._packet_ns - 1) // self._packet_ns
        upto = np.clip(passed, table["sent"], table["count"])
        due = upto - table["sent"]
        runs = np.repeat(np.arange(len(table)), due)
        starts = np.cumsum(due) - due
        numbers = np.arange(len(runs)) - np.repeat(starts - table["sent"], due)
        table["sent"] = upto
        for index in np.flatnonzero(due):
            self._truths[index].sent += int(due[index])
        return Packets(runs, numbers, table["first_ns"][runs] + numbers * self._packet_ns)

    def _through_network(self, packets: Packets) -> Packets:
        table, runs = self._runs, packets.runs
        overall = table["number"][runs] + packets.numbers.astype(np.uint64)
        fates = fate(self._network, self._packet_ns, table["key"][runs], overall)
        for name in ("lost", "duplicated", "reordered"):
            counts = np.bincount(runs[getattr(fates, name)], minlength=len(table))
            for index in np.flatnonzero(counts):
                truth = self._truths[index]
                setattr(truth, name, getattr(truth, name) + int(counts[index]))
        arrived = packets._replace(times=packets.times + fates.delay_ns)
        once, twin = arrived.select(~fates.lost), arrived.select(fates.duplicated)
        twin.times[:] += DUPLICATE_NS
        return Packets(*(np.concatenate(pair) for pair in zip(once, twin, strict=True)))

    def _hold_back(self, packets: Packets, until_ns: int) -> Packets:
        """Add what was held back before, and hold back what arrives at ``until_ns`` or later."""
        if len(self._held.runs):
            packets = Packets(*(np.concatenate(pair) for pair in zip(self._held, packets, strict=True)))
        late = packets.times >= until_ns
        self._held = packets.select(late)
        return packets.select(~late)

    def _fill(self, runs: Ints, numbers: Ints) -> NDArray[np.uint8]:
        table, bank, ip, payload = self._runs, self._bank, self._ip, self._payload
        sequence = (table["sequence"][runs] + numbers) & 0xFFFF
        timestamp = (table["timestamp"][runs] + numbers * self._step) & 0xFFFFFFFF
        marker = (numbers == 0) * table["marker"][runs] * 0x80
        ring = (table["ring_offset"][runs] + numbers) % table["ring_length"][runs]
        rows = self._rows[table["ring_first"][runs] + ring] + table["shift"][runs]
        mark = scramble(table["mark"][runs] + table["number"][runs] + numbers.astype(np.uint64))
        bits = (mark[:, None] >> _MARK_SHIFTS & _LOWEST_BITS).view(np.uint8)

        frames = np.empty((len(runs), payload + bank.rows.shape[1]), np.uint8)
        frames[:, :payload] = table["header"][runs]
        frames[:, payload:] = bank.rows[rows]
        frames[:, payload : payload + MARK_BYTES] ^= bits
        marked = np.ascontiguousarray(frames[:, payload : payload + MARK_BYTES]).view(">u2")
        udp_sum = table["udp_sum"][runs] + bank.sums[rows] + marked.sum(axis=1, dtype=np.int64)
        udp_sum += sequence + marker + (timestamp >> 16) + (timestamp & 0xFFFF)
        udp_checksum = checksums(udp_sum)
        udp_checksum[udp_checksum == 0] = 0xFFFF

        frames[:, ip + 4 : ip + 6] = _big_endian(sequence, 2)
        frames[:, ip + 10 : ip + 12] = _big_endian(checksums(table["ip_sum"][runs] + sequence), 2)
        frames[:, ip + 26 : ip + 28] = _big_endian(udp_checksum, 2)
        frames[:, ip + 29] |= marker.astype(np.uint8)
        frames[:, ip + 30 : ip + 32] = _big_endian(sequence, 2)
        frames[:, ip + 32 : ip + 36] = _big_endian(timestamp, 4)
        return frames

    def _retire(self) -> None:
        """Forget the runs of which every packet is out."""
        open_ = self._runs["sent"] < self._runs["count"]
        open_[self._held.runs] = True
        if open_.all():
            return
        moved = np.cumsum(open_) - 1
        self._held = self._held._replace(runs=moved[self._held.runs])
        self._truths = [truth for truth, stays in zip(self._truths, open_.tolist(), strict=True) if stays]
        self._runs = self._runs[open_]


_NONE: Ints = np.zeros(0, np.int64)
_MARK_SHIFTS = np.arange(MARK_BYTES // 8, dtype=np.uint64)
_LOWEST_BITS = np.uint64(0x0101010101010101)


def _big_endian(values: Ints, width: int) -> NDArray[np.uint8]:
    return values.astype(f">u{width}").view(np.uint8).reshape(-1, width)
