"""Where each packet of a stream belongs on the recording: by capture time and RTP timestamp.

Positions are counted in ticks of the RTP clock from the start of the recording. The first packets tie
the two clocks together (the anchor); from then on the RTP timestamp alone says where a packet goes, so
that jitter does not move audio. Where the two disagree for good, the stream is anchored anew.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from recorder.finish.anchor import Anchor
from recorder.finish.segments import Spans
from recorder.media import MediaBlock

MAX_DROPOUT = 3000
"""A jump of the sequence number beyond this is a sender that started again (RFC 3550, A.1)."""

Ints = NDArray[np.int64]


@dataclass(slots=True)
class Rows:
    """Packets in order of sequence; arrays as in ``MediaBlock``, shape (packets,) but for ``payload``.

    ``durations`` and, once placed, ``positions`` are in ticks; ``offsets`` index ``payload``.
    """

    times: Ints
    sequences: Ints
    timestamps: Ints
    payload_types: NDArray[np.uint8]
    lengths: NDArray[np.int32]
    durations: Ints
    offsets: Ints
    payload: NDArray[np.uint8]
    positions: Ints

    def __len__(self) -> int:
        return len(self.times)

    def pick(self, which: slice | NDArray[np.bool_] | Ints) -> "Rows":
        """Those rows, over the same payload."""
        columns = {f.name: getattr(self, f.name)[which] for f in fields(self) if f.name != "payload"}
        return Rows(**columns, payload=self.payload)

    def joined_payload(self) -> NDArray[np.uint8]:
        """The payloads of the rows one after the other, uint8 of shape (lengths.sum(),)."""
        if not len(self):
            return self.payload[:0]
        starts = self.offsets
        ends = starts + self.lengths
        if (starts[1:] == ends[:-1]).all():
            return self.payload[starts[0] : ends[-1]]
        target = np.cumsum(self.lengths) - self.lengths
        index = np.arange(int(self.lengths.sum())) + np.repeat(starts - target, self.lengths)
        gathered: NDArray[np.uint8] = self.payload[index]
        return gathered


@dataclass(slots=True)
class Placed:
    """What became final: rows with positions, and the spans of ticks whose packets never came."""

    rows: Rows
    lost: Spans


class Timeline:
    """Places the packets of one stream.

    ``start`` is the recording's, in nanoseconds since the epoch; ``clock_rate`` is the RTP clock in Hz;
    ``drift`` and ``jump`` are in seconds (see ``ArchivePolicy``).
    """

    def __init__(self, start: int, clock_rate: int, drift: float, jump: float) -> None:
        self.late = 0
        self._start = start
        self._clock = clock_rate
        self._anchor = Anchor(drift * clock_rate, jump * clock_rate)
        self._pending: list[Rows] = []
        self._last_sequence: int | None = None
        self._last_end = 0

    def add(self, block: MediaBlock, durations: Ints) -> None:
        """Take packets in; ``durations`` are in ticks, 0 for a packet that is no audio."""
        if not len(block):
            return
        offsets = np.cumsum(block.lengths, dtype=np.int64) - block.lengths
        columns = (block.times, block.sequences, block.timestamps, block.payload_types, block.lengths)
        self._pending.append(
            Rows(*columns, durations, offsets, block.payload, np.zeros(len(block), np.int64))
        )

    def take(self, until: int) -> Placed:
        """Place, once and for all, what was captured before ``until`` (ns) or belongs there.

        A packet that comes when its place in the sequence has been taken is counted in ``late``.
        """
        rows = self._ordered()
        if not len(rows):
            return Placed(rows, [])
        clocks = np.multiply(rows.times - self._start, self._clock / 1e9, dtype=np.float64)
        rows.positions = rows.timestamps + self._anchor.bases(clocks, rows.timestamps)
        before = (rows.times < until) | (
            rows.positions < (until - self._start) * self._clock // 1_000_000_000
        )
        count = int(np.flatnonzero(before)[-1]) + 1 if before.any() else 0
        if count < len(rows):
            self._pending = [rows.pick(slice(count, None))]
        self._anchor.commit(count)
        taken = rows.pick(slice(count))
        lost = self._lost(taken)
        if count:
            self._last_sequence = int(taken.sequences[-1])
            self._last_end = int(taken.positions[-1] + taken.durations[-1])
        return Placed(taken, lost)

    def _ordered(self) -> Rows:
        rows = _concatenate(self._pending)
        self._pending = []
        if len(rows) and not (np.diff(rows.sequences) > 0).all():
            rows = rows.pick(np.argsort(rows.sequences, kind="stable"))
            rows = rows.pick(np.concatenate(([True], np.diff(rows.sequences) > 0)))
        if len(rows) and self._last_sequence is not None and rows.sequences[0] <= self._last_sequence:
            fresh = rows.sequences > self._last_sequence
            self.late += len(rows) - int(np.count_nonzero(fresh))
            rows = rows.pick(fresh)
        return rows

    def _lost(self, rows: Rows) -> Spans:
        """Spans between packets whose numbers are missing, no longer than the missing packets were."""
        if not len(rows):
            return []
        before = self._last_sequence
        if before is None:
            before = int(rows.sequences[0]) - 1
        missing = np.diff(np.concatenate(([before], rows.sequences))) - 1
        gaps = np.flatnonzero((missing > 0) & (missing < MAX_DROPOUT))
        if not len(gaps):
            return []
        typical = int(np.median(rows.durations[rows.durations > 0])) if rows.durations.any() else 0
        ends = np.concatenate(([self._last_end], rows.positions + rows.durations))
        spans = []
        for gap in gaps.tolist():
            end = int(rows.positions[gap])
            begin = max(int(ends[gap]), end - int(missing[gap]) * typical)
            if begin < end:
                spans.append((begin, end))
        return spans


def _concatenate(pieces: list[Rows]) -> Rows:
    """The rows of all pieces, in the order of arrival."""
    if len(pieces) == 1:
        return pieces[0]
    if not pieces:
        none = np.zeros(0, np.int64)
        return Rows(
            none,
            none,
            none,
            none.astype(np.uint8),
            none.astype(np.int32),
            none,
            none,
            none.astype(np.uint8),
            none,
        )
    columns = {
        f.name: np.concatenate([getattr(piece, f.name) for piece in pieces])
        for f in fields(Rows)
        if f.name not in ("offsets", "payload")
    }
    payload = np.concatenate([piece.joined_payload() for piece in pieces])
    lengths = columns["lengths"]
    return Rows(**columns, payload=payload, offsets=np.cumsum(lengths, dtype=np.int64) - lengths)
