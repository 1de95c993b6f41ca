"""What RTCP said of one stream, summed up (RFC 3550, 6.4)."""

from dataclasses import dataclass, field

from storage.model import PacketCounts

REMEMBERED = 8
"""Sender reports that a receiver may still answer."""
_SHORTEST_TRIP, _LONGEST_TRIP = -5_000_000, 30_000_000_000
"""Bounds in ns of what can be a turn-around; receivers' clocks are coarse, so it may seem negative."""


@dataclass(slots=True)
class Reported:
    """Reports of the sender and of the receiver of a stream.

    ``reports`` of the sender said at last, at ``time`` (ns, as captured), that it had ``sent`` so many
    packets; ``unseen`` is the smallest number of packets sent before a report and outside of what was seen
    until then. ``lost`` is the receiver's cumulative loss, None where it never reported. ``jitter`` is the
    sum of ``receptions`` values in timestamp units; ``turnaround`` the sum of ``turnarounds`` times in ns
    from here to the receiver and back. ``round_trip`` is what the receiver says itself, in ms (RFC 3611,
    4.7.3), 0 where it does not. ``stamps`` are the last sender reports: capture time by NTP time.
    """

    reports: int = 0
    sent: int = 0
    unseen: int = 0
    time: int = 0
    lost: int | None = None
    jitter: int = 0
    receptions: int = 0
    turnaround: int = 0
    turnarounds: int = 0
    round_trip: int = 0
    stamps: dict[int, int] = field(default_factory=dict)

    def note_sent(self, packets: int, expected: int, time: int, stamp: int) -> None:
        """A sender report came at ``time``, when ``expected`` packets should have been seen."""
        unseen = max(packets - expected, 0)
        self.unseen = min(self.unseen, unseen) if self.reports else unseen
        self.reports += 1
        self.sent, self.time = packets, time
        if stamp:
            self.stamps.pop(stamp, None)
            self.stamps[stamp] = time
            while len(self.stamps) > REMEMBERED:
                del self.stamps[next(iter(self.stamps))]

    def note_received(self, lost: int, jitter: int) -> None:
        """A reception report came; ``jitter`` is in timestamp units."""
        self.lost = max(lost, 0)
        self.jitter += jitter
        self.receptions += 1

    def note_answer(self, stamp: int, delay: int, time: int) -> None:
        """The receiver answered at ``time`` the report ``stamp``, ``delay`` (1/65536 s) after it had it."""
        asked = self.stamps.get(stamp)
        if asked is None:
            return
        trip = time - asked - delay * 1_000_000_000 // 65536
        if _SHORTEST_TRIP <= trip <= _LONGEST_TRIP:
            self.turnaround += max(trip, 0)
            self.turnarounds += 1

    def completed(self, counts: PacketCounts, first: int, last: int, elsewhere: int = 0) -> PacketCounts:
        """The ledger of a stream seen from ``first`` to ``last`` (ns), with what was lost behind its last.

        So many packets of its sequence were sent ``elsewhere`` meanwhile.
        """
        missing = self._missing_at_end(counts.expected + elsewhere, first, last)
        if not missing:
            return counts
        return counts.model_copy(
            update={"expected": counts.expected + missing, "lost": counts.lost + missing}
        )

    def _missing_at_end(self, expected: int, first: int, last: int) -> int:
        """Packets sent after the last one seen and before the last sender report.

        What is unseen at every report was sent before capture began; there can be no more of the rest than
        the stream's pace has room for between its last packet and the report. A single report does not
        tell the two apart unless there is room for all of it.
        """
        if not self.reports or expected < 2 or not first < last < self.time:
            return 0
        room = (self.time - last) * (expected - 1) // (last - first)
        if self.reports == 1:
            missing = self.sent - expected
            return missing if 0 < missing <= room else 0
        return max(min(self.sent - expected - self.unseen, room), 0)
