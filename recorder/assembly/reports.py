"""RTCP packets to the streams that they speak of. RTCP never opens a stream, a leg or a call."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recorder.assembly.book import SECOND
from recorder.assembly.leg import ALIVE, Leg, LegStream
from recorder.assembly.mediaend import Address
from recorder.assembly.rows import Rows
from recorder.assembly.streamlegs import StreamLegs
from recorder.assembly.streams import Arranged, StreamTable
from recorder.protocol import rtcp
from recorder.protocol.datagrams import Datagrams
from recorder.protocol.errors import RtcpError
from recorder.protocol.rtcp import Compound, ReceiverReport, Reception, SenderReport, VoipMetrics
from storage.model import Side

MOST_WAITING = 16_384
"""Packets that wait for one flush: ten times what 2,000 calls send in five seconds."""
_LONGEST = 1500


class _Waiting(NamedTuple):
    time: int
    source: Address
    destination: Address
    ports: int
    content: bytes


@dataclass(slots=True)
class Reports:
    """Keeps RTCP packets until the flush has counted the media that they speak of.

    ``rejected`` counts by reason: ``rtcp-flood`` were too many for one flush, ``not-rtcp`` not readable.
    """

    rejected: Counter[str] = field(default_factory=Counter)
    _waiting: list[_Waiting] = field(default_factory=list)

    def take(self, datagrams: Datagrams, rows: NDArray[np.int64]) -> None:
        """Keep the RTCP packets ``rows`` of a batch."""
        room = MOST_WAITING - len(self._waiting)
        if len(rows) > room:
            self.rejected["rtcp-flood"] += len(rows) - room
        rows = rows[:room]
        times = datagrams.times[rows].tolist()
        sources, destinations = datagrams.sources[rows].tolist(), datagrams.destinations[rows].tolist()
        ports = datagrams.source_ports[rows].astype(np.uint32) << np.uint32(16)
        ports |= datagrams.destination_ports[rows]
        for index, row in enumerate(rows.tolist()):
            (a, b), (c, d) = sources[index], destinations[index]
            content = datagrams.payload(row)[:_LONGEST]
            self._waiting.append(_Waiting(times[index], (a, b), (c, d), int(ports[index]), content))

    def read(
        self, table: StreamTable, legs: StreamLegs, flushed: Sequence[tuple[Rows, Arranged]]
    ) -> list[Leg]:
        """Tell the streams what was reported; ``flushed`` is the media that the table has just counted.
        Answer legs that only reports show to be alive, now and then."""
        waiting, self._waiting = self._waiting, []
        alive: list[Leg] = []
        seen = _Seen(table, flushed) if waiting else None
        for packet in waiting:
            try:
                compound = rtcp.parse(packet.content)
            except RtcpError:
                self.rejected["not-rtcp"] += 1
                continue
            if seen is not None:
                alive += _Reading(packet, compound, seen, legs).tell()
        return alive


class _Seen:
    """How much of a stream had been seen at a time within the last flush."""

    def __init__(self, table: StreamTable, flushed: Sequence[tuple[Rows, Arranged]]) -> None:
        self.table = table
        self._flushed = flushed
        self._groups = [
            {number: group for group, number in enumerate(arranged.streams.tolist())}
            for _, arranged in flushed
        ]

    def expected(self, number: int, time: int) -> int:
        """Packets that should have been seen of the stream at ``time``."""
        expected = self.table.expected(number)
        highest: int | None = None
        for (rows, arranged), groups in zip(self._flushed, self._groups, strict=True):
            group = groups.get(number)
            if group is None or not arranged.groups.counts[group]:
                continue
            a = int(arranged.groups.starts[group])
            b = a + int(arranged.groups.counts[group])
            before = int(rows.times[arranged.groups.order[a:b]].searchsorted(time, side="right"))
            if before or highest is None:
                highest = int(arranged.extended[a + before - 1]) if before else int(arranged.extended[a]) - 1
        if highest is None:
            return expected
        return expected - int(self.table.columns["highest"][number]) + highest


class _Reading:
    """One datagram of reports.

    Reports of encrypted streams are left alone: all but their first eight bytes is cipher text, and the
    SSRC in those is right (RFC 3711, 3.4). Where nothing tells whether a stream is encrypted, the trailer of
    SRTCP does: it makes the packets not add up to the datagram.
    """

    def __init__(self, packet: _Waiting, compound: Compound, seen: _Seen, legs: StreamLegs) -> None:
        self._packet = packet
        self._compound = compound
        self._seen = seen
        self._legs = legs

    def tell(self) -> list[Leg]:
        alive: list[Leg] = []
        for part in self._compound.packets:
            if isinstance(part, SenderReport | ReceiverReport):
                alive += self._alive(part.ssrc)
            if isinstance(part, SenderReport):
                self._sent(part)
            if isinstance(part, SenderReport | ReceiverReport):
                for reception in part.receptions:
                    self._received(reception)
            elif isinstance(part, VoipMetrics):
                self._measured(part)
        return alive

    def _alive(self, ssrc: int) -> list[Leg]:
        """Who holds a call, or says nothing in it, goes on to report (RFC 3264, 8.4). Answer the leg where
        that is all that is seen of it, and it is time to write that."""
        packet = self._packet
        number = self._seen.table.spoken_of(packet.source, packet.destination, packet.ports, ssrc)
        entry = None if number is None else self._legs.get(number)
        # Who reports on though they were hung up on would hold the other legs of the call.
        if entry is None or entry[0].ended:
            return []
        leg = entry[0]
        is_silent = leg.last_media < packet.time - SECOND
        is_due = leg.reported < leg.last_media + SECOND or packet.time // ALIVE > leg.reported // ALIVE
        leg.reported = max(leg.reported, packet.time)
        return [leg] if is_silent and is_due else []

    def _sent(self, report: SenderReport) -> None:
        packet = self._packet
        number = self._seen.table.spoken_of(packet.source, packet.destination, packet.ports, report.ssrc)
        stream = self._clear(number)
        if number is not None and stream is not None:
            # What it says it sent is all of its sequence, wherever that went.
            elsewhere = int(self._seen.table.columns["elsewhere"][number])
            expected = self._seen.expected(number, packet.time) + elsewhere
            stream.reported.note_sent(report.packets, expected, packet.time, report.stamp)

    def _received(self, reception: Reception) -> None:
        stream = self._clear(self._backwards(reception.ssrc))
        if stream is not None:
            stream.reported.note_received(reception.lost, reception.jitter)
            stream.reported.note_answer(reception.last_report, reception.delay, self._packet.time)

    def _measured(self, metrics: VoipMetrics) -> None:
        stream = self._clear(self._backwards(metrics.ssrc))
        if stream is not None and metrics.round_trip:
            stream.reported.round_trip = metrics.round_trip

    def _backwards(self, ssrc: int) -> int | None:
        """The stream that comes towards the sender of this packet."""
        packet = self._packet
        ports = (packet.ports & 0xFFFF) << 16 | packet.ports >> 16
        return self._seen.table.spoken_of(packet.destination, packet.source, ports, ssrc)

    def _clear(self, number: int | None) -> LegStream | None:
        entry = None if number is None else self._legs.get(number)
        if entry is None:
            return None
        leg, stream = entry
        return stream if self._readable(leg) else None

    def _readable(self, leg: Leg) -> bool:
        if leg.is_secure:
            return False
        is_told = leg.dialog is not None and not any(map(leg.exchange, Side))
        return is_told or not self._compound.damaged
