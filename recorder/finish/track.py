"""One stream on the recording: from its packets to samples at their places, in the recording's rate."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from recorder.finish.decoders import Decoder, open_decoder, sample_rate
from recorder.finish.dtmf import EventReader
from recorder.finish.lane import Lane
from recorder.finish.policy import ArchivePolicy
from recorder.finish.segments import Spans
from recorder.finish.timeline import Rows, Timeline
from recorder.media import Format, MediaBlock, Source

EVENTS = "TELEPHONE-EVENT"
COMFORT_NOISE = "CN"
_TYPICAL_SECONDS = 0.02
"""Length of a packet whose codec is not known."""


class Track:
    """Decodes and places the packets of one source.

    ``lanes`` hold the audio, one for each sample rate that the stream has used, in order of appearance.
    ``undecodable`` counts packets by encoding; ``digits`` collects (time ns, key) pairs. ``lost`` and
    ``unreadable`` are spans of recording samples for which audio should exist.
    """

    def __init__(self, source: Source, start: int, rate: int, policy: ArchivePolicy) -> None:
        self.lanes: list[Lane] = []
        self.undecodable: Counter[str] = Counter()
        self.digits: list[tuple[int, str]] = []
        self.lost: Spans = []
        self.unreadable: Spans = []
        self.stream = source.stream
        self._formats = source.formats
        self._rate = rate
        self._clock = _clock_rate(source)
        self._timeline = Timeline(start, self._clock, policy.drift_seconds, policy.jump_seconds)
        self._decoders: dict[int, Decoder | None] = {}
        self._events = EventReader()
        self._trimmed = 0

    @property
    def late(self) -> int:
        """Packets that came after their place had been written, or lie before the start."""
        return self._timeline.late + self._trimmed

    def learn(self, source: Source) -> None:
        """More is known of the formats of this stream; those in use stay what they are."""
        self._formats = {**source.formats, **self._formats}

    def feed(self, block: MediaBlock) -> None:
        """Take packets in; nothing is decoded before ``settle``."""
        durations = np.zeros(len(block), np.int64)
        for payload_type in np.unique(block.payload_types).tolist():
            of_type = block.payload_types == payload_type
            durations[of_type] = self._ticks(payload_type, block.lengths[of_type])
        self._timeline.add(block, durations)

    def settle(self, until: int, position: int) -> None:
        """Decode and place all packets before ``until`` (ns); ``position`` is the sample written up to."""
        placed = self._timeline.take(until)
        scale = self._rate / self._clock
        self.lost += [(round(start * scale), round(end * scale)) for start, end in placed.lost]
        rows = placed.rows
        types = np.unique(rows.payload_types).tolist()
        for payload_type in types:
            of_type = rows if len(types) == 1 else rows.pick(rows.payload_types == payload_type)
            self._place(payload_type, of_type, position)

    def forget(self, before: int) -> None:
        """Drop what lies before this sample of the recording."""
        for lane in self.lanes:
            lane.drop(before)
        self.lost = [span for span in self.lost if span[1] > before]
        self.unreadable = [span for span in self.unreadable if span[1] > before]

    def _ticks(self, payload_type: int, lengths: NDArray[np.int32]) -> NDArray[np.int64] | int:
        encoding = self._format(payload_type).encoding
        if encoding in (EVENTS, COMFORT_NOISE):
            return 0
        decoder = self._decoder(payload_type)
        if decoder is None:
            return round(_TYPICAL_SECONDS * self._clock)
        return decoder.samples(lengths) * self._clock // decoder.rate

    def _place(self, payload_type: int, rows: Rows, position: int) -> None:
        format_ = self._format(payload_type)
        if format_.encoding == EVENTS:
            payloads = _payloads(rows)
            self.digits += self._events.read(rows.times, rows.timestamps, payloads)
        elif format_.encoding != COMFORT_NOISE:
            decoder = self._decoder(payload_type)
            if decoder is None:
                self._note_undecodable(format_, rows)
            else:
                self._decode(decoder, rows, position)

    def _decode(self, decoder: Decoder, rows: Rows, position: int) -> None:
        pcm = decoder.decode(rows.joined_payload())
        counts = decoder.samples(rows.lengths)
        starts = rows.positions * decoder.rate // self._clock
        lane = self._lane(decoder.rate, position)
        self._trimmed += int(np.count_nonzero(starts + counts <= lane.position))
        breaks = np.flatnonzero(starts[1:] != starts[:-1] + counts[:-1]) + 1
        ends = np.cumsum(counts)
        first = 0
        for last in [*breaks.tolist(), len(rows)]:
            begin = int(ends[first] - counts[first])
            lane.put(int(starts[first]), pcm[begin : int(ends[last - 1])])
            first = last

    def _note_undecodable(self, format_: Format, rows: Rows) -> None:
        self.undecodable[format_.encoding] += len(rows)
        scale = self._rate / self._clock
        self.unreadable += [
            (round(start * scale), round(end * scale))
            for start, end in zip(rows.positions, rows.positions + rows.durations, strict=True)
        ]

    def _lane(self, rate: int, position: int) -> Lane:
        for lane in self.lanes:
            if lane.rate == rate:
                return lane
        self.lanes.append(Lane(rate, self._rate, position))
        return self.lanes[-1]

    def _decoder(self, payload_type: int) -> Decoder | None:
        if payload_type not in self._decoders:
            self._decoders[payload_type] = open_decoder(self._format(payload_type))
        return self._decoders[payload_type]

    def _format(self, payload_type: int) -> Format:
        return self._formats.get(payload_type) or Format(f"PT{payload_type}")


def _clock_rate(source: Source) -> int:
    """The RTP clock of the first format that can be heard, else 8000 Hz."""
    return next((f.clock_rate for f in source.formats.values() if sample_rate(f)), 8000)


def _payloads(rows: Rows) -> list[bytes]:
    bounds = zip(rows.offsets.tolist(), (rows.offsets + rows.lengths).tolist(), strict=True)
    return [rows.payload[start:end].tobytes() for start, end in bounds]
