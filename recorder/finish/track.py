"""One stream on the recording: from its packets to samples at their places, in the recording's rate."""

from collections import Counter
from collections.abc import Iterable
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from recorder.codecs import REDUNDANT, plausible, sample_rate
from recorder.finish.conceal import Concealer
from recorder.finish.decoders import Decoder, open_decoder
from recorder.finish.decrypt import LOCKED, PREFIX, Encryption
from recorder.finish.dtmf import EventReader
from recorder.finish.eras import Eras
from recorder.finish.lane import Lane
from recorder.finish.pace import Pace
from recorder.finish.policy import ArchivePolicy
from recorder.finish.redundancy import primary
from recorder.finish.run import Run, runs
from recorder.finish.segments import Spans
from recorder.finish.sequel import Sequel
from recorder.finish.spacing import Lengths, Spacing
from recorder.finish.timeline import Timeline
from recorder.media import Format, MediaBlock, Source, unknown

EVENTS = "TELEPHONE-EVENT"
COMFORT_NOISE = "CN"
CAUSES = ("lost", "encrypted", "codec", "unreadable", "concealed")
"""Why audio that should exist does not."""
_DYNAMIC = 96
"""The first payload type that means nothing by itself (RFC 3551, 3)."""
_EVENT_BYTES, _FLASH = 4, 16
"""Bytes of a telephone event, and the last of those that phones send."""


class Track:
    """Decodes and places the packets of one source.

    ``lanes`` hold the audio, one for each sample rate that the stream has used, in order of appearance.
    ``undecodable`` counts packets by encoding; ``digits`` collects (time ns, key) pairs. ``missing``
    holds spans of recording samples for which audio should exist, by cause: ``lost``, ``concealed`` where
    a loss was filled, ``codec`` where there is no decoder, ``unreadable`` where it made nothing of a packet.
    ``until`` is when (ns) the packets fed end, if each is heard from its capture on. ``carried`` are the
    codecs of a stream that may have packets with copies.
    """

    def __init__(self, source: Source, start: int, rate: int, policy: ArchivePolicy) -> None:
        self.lanes: list[Lane] = []
        self.undecodable: Counter[str] = Counter()
        self.digits: list[tuple[int, str]] = []
        self.missing: dict[str, Spans] = {cause: [] for cause in CAUSES}
        self.stream = source.stream
        self.is_beside = source.is_beside
        self.until = 0
        self.carried: set[str] = set()
        self._eras = Eras(source)
        self._formats = self._eras.formats
        self._start = start
        self._rate = rate
        self._clock = _clock_rate(self._formats.values())
        self._timeline = Timeline(start, self._clock, policy.drift_seconds, policy.jump_seconds)
        self._sequel = Sequel(start, self._clock, policy.drift_seconds)
        self._pace = Pace(self._clock)
        self._spacings: dict[int, Spacing] = {}
        self._decoders: dict[int, Decoder | None] = {}
        self._concealer = Concealer(self._clock, policy.conceal_seconds)
        self._events = EventReader()
        self._trimmed = 0

    @property
    def late(self) -> int:
        """Packets that came after their place had been written, or lie before the start."""
        return self._timeline.late + self._trimmed

    @property
    def held_until(self) -> int:
        """When (ns) the last that was placed ends, if it could not be where it belongs; else 0."""
        end = self._sequel.end * 1_000_000_000 // self._clock
        return self._start + end if self._sequel.late else 0

    @property
    def encryption(self) -> Encryption:
        """What was encrypted on the wire."""
        return self._eras.found

    def learn(self, source: Source) -> None:
        """More is known of the formats of this stream; those in use stay what they are."""
        self._eras.learn(source)
        self._formats = self._eras.formats

    def feed(self, block: MediaBlock) -> None:
        """Take packets in; nothing is decoded before ``settle``."""
        if len(block):
            redundant = {number for number, one in self._formats.items() if one.encoding == REDUNDANT}
            for opened in self._eras.open(block):
                part = self._unwrapped(opened, redundant) if redundant else opened
                ticks = partial(self._ticks, Lengths(self._spacings, part))
                found = runs(part, ticks, self._clock)
                self.until = max([self.until, *(one.until(self._clock) for one in found)])
                self._timeline.add(self._pace.mended(found))

    def _unwrapped(self, block: MediaBlock, redundant: set[int]) -> MediaBlock:
        part = primary(block, redundant)
        # While the call runs, packets with copies may turn up behind plain ones, which have their decoders.
        met = {*self._decoders, *np.unique(part.payload_types).tolist()}
        self.carried |= {self._format(one).encoding.removeprefix(PREFIX) for one in met}
        return part

    def settle(self, until: int, position: int) -> None:
        """Decode and place all packets before ``until`` (ns); ``position`` is the sample written up to."""
        placed = self._timeline.take(until)
        lost = {end: start for start, end in placed.lost}
        written = max([position, *(lane.taken for lane in self.lanes)])
        for due in placed.runs:
            end, start = self._sequel.end, lost.pop(due.position, None)
            is_heard = self._decoder(due.payload_type) is not None
            run = self._sequel.placed(due, -(-written * self._clock // self._rate), is_heard=is_heard)
            if start is not None:
                self._lack(max(start + self._sequel.late, end), position, run)
            self._place(run, position)
        if placed.ahead and placed.following:
            # Its beginning may be written before the packet behind it is final.
            start, end = (tick + self._sequel.late for tick in placed.ahead)
            self._fill(start, end, position, placed.following)

    def _lack(self, start: int, position: int, run: Run) -> None:
        """Packets were lost from ``start`` on, up to this run."""
        span = start, run.position
        if start < run.position:
            filled = self._fill(*span, position, run)
            self.missing["concealed" if filled else "lost"].append(self._samples(span))

    def forget(self, before: int) -> None:
        """Drop the audio before this sample of the recording."""
        for lane in self.lanes:
            lane.drop(before)

    def _ticks(self, lengths: Lengths, payload_type: int, payload: NDArray[np.uint8]) -> tuple[int, int]:
        format_ = self._format(payload_type)
        if format_.encoding == COMFORT_NOISE or not len(payload) or self._is_event(payload_type, payload):
            return 0, self._clock
        decoder = self._decoder(payload_type)
        if decoder is None:
            is_told = not format_.encoding.endswith(unknown(payload_type).encoding)
            told = format_.clock_rate if is_told else self._clock
            seconds, clock = lengths.measured(payload_type, told, self._clock)
            return round(seconds * clock), clock
        return decoder.samples(payload) * format_.clock_rate // decoder.rate, format_.clock_rate

    def _is_event(self, payload_type: int, payload: NDArray[np.uint8]) -> bool:
        """Whether it is said to be a telephone event, or looks like one (RFC 4733, 2.3) and nothing is said:
        some senders never announce them, and of media without signalling nothing is known."""
        encoding = self._format(payload_type).encoding
        is_unknown = encoding == unknown(payload_type).encoding and payload_type & 0x7F >= _DYNAMIC
        is_like_one = len(payload) == _EVENT_BYTES and payload[0] <= _FLASH and not payload[1] & 0x40
        return encoding == EVENTS or (is_unknown and bool(is_like_one))

    def _fill(self, start: int, end: int, position: int, following: Run) -> bool:
        is_same = self._decoders.get(following.payload_type) is self._concealer.decoder
        payload = following.payload[: following.size].tobytes() if is_same else b""
        filling = self._concealer.fill(start, end, payload)
        if filling:
            rate, pcm = filling
            self._lane(rate, position).put(start * rate // self._clock, pcm, filling=True)
        return filling is not None

    def _place(self, run: Run, position: int) -> None:
        if not run.size:
            return  # it only keeps a way through a NAT open (RFC 6263, 4.6)
        format_ = self._format(run.payload_type)
        if self._is_event(run.payload_type, run.payload[: run.size]):
            payloads = [run.payload[i : i + run.size].tobytes() for i in range(0, len(run.payload), run.size)]
            self.digits += self._events.read(run.times, run.timestamps, payloads)
        elif format_.encoding != COMFORT_NOISE:
            decoder = self._decoder(run.payload_type)
            if decoder is None:
                self.undecodable[format_.encoding] += len(run)
                cause = "encrypted" if run.payload_type & LOCKED else "codec"
                self.missing[cause].append(self._samples((run.position, run.end)))
            else:
                self._decode(run, decoder, position)

    def _decode(self, run: Run, decoder: Decoder, position: int) -> None:
        pcm = decoder.decode(run.payload, len(run))
        lane = self._lane(decoder.rate, position)
        start = run.position * decoder.rate // self._clock
        length = max(len(pcm) // len(run), 1)
        bad = decoder.unreadable
        if not bad:
            for at, piece in self._sequel.caught_up(pcm, decoder.rate) if self._sequel.late else [(0, pcm)]:
                self._trimmed += lane.put(start + at, piece) // length
            self._concealer.note(decoder, pcm, self._sequel.end)
            return
        self._concealer.note(decoder, pcm, run.end)
        self.undecodable[self._format(run.payload_type).encoding] += len(bad)
        for number in bad:
            span = run.position + number * run.ticks, run.position + (number + 1) * run.ticks
            self.missing["unreadable"].append(self._samples(span))
        for before, after in pairwise([-1, *bad, len(run)]):
            part = pcm[(before + 1) * length : after * length]
            self._trimmed += lane.put(start + (before + 1) * length, part) // length

    def _samples(self, ticks: tuple[int, int]) -> tuple[int, int]:
        scale = self._rate / self._clock
        return round(ticks[0] * scale), round(ticks[1] * scale)

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
        return plausible(self._formats.get(payload_type) or unknown(payload_type))


def _clock_rate(formats: Iterable[Format]) -> int:
    """The RTP clock of the first format that can be heard, else 8000 Hz."""
    return next((f.clock_rate for f in map(plausible, formats) if sample_rate(f)), 8000)
