"""From the packets of a call to one recording, while the call runs."""

import hashlib
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path

from recorder.errors import FinishError
from recorder.finish.channels import ChannelMixer
from recorder.finish.decrypt import Encryption
from recorder.finish.encoder import Sink, open_sink
from recorder.finish.faxtones import FaxListener, Tone
from recorder.finish.inband import InbandReader
from recorder.finish.measures import Meter
from recorder.finish.peaks import PeakWriter
from recorder.finish.policy import ArchivePolicy
from recorder.finish.stretch import QUANTUM_SECONDS, Stretch, stretch
from recorder.finish.track import Track
from recorder.keys import Digit, distinct
from recorder.media import MediaBlock, RecordingPlan
from storage.model import Gap, Measures, Side

_NS = 1_000_000_000
_FOREVER = 1 << 62
_SIDES = (Side.A, Side.B)
_MAX_BLOCK_SECONDS = 12
"""Audio that is composed at once when a lot has piled up, so that it stays in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A recording and what was found while it was made.

    ``path`` is None, and ``bytes`` 0, where no audio was heard at all. ``late`` and ``undecodable`` count
    packets by stream; ``encryption`` names the streams that were encrypted on the wire; ``tones`` are those
    of fax machines and modems, by channel; ``carried`` the codecs of streams with copies (RFC 2198).
    """

    path: Path | None
    format: str
    rate: int
    channels: int
    seconds: float
    sha256: str
    peaks: bytes
    measures: Measures
    gaps: tuple[Gap, ...]
    dtmf: tuple[Digit, ...]
    late: Mapping[str, int]
    undecodable: Mapping[str, Mapping[str, int]]
    bytes: int
    encryption: Mapping[str, Encryption] = field(default_factory=dict)
    tones: tuple[tuple[Tone, ...], ...] = ()
    carried: Mapping[str, Set[str]] = field(default_factory=dict)


class Finisher:
    """Decodes, aligns and encodes one call into ``path``, which it owns until ``close`` or ``abort``.

    Until then the audio grows in a file of the same name with ``.part`` behind it. Memory does not grow
    with the length of the call, but for the peaks. It has no clock: time is what the packets and the
    caller say.
    """

    def __init__(self, plan: RecordingPlan, path: Path, policy: ArchivePolicy) -> None:
        if not 1 <= len(plan.channels) <= len(_SIDES):
            raise FinishError(
                f"a recording has one or two channels, not {len(plan.channels)}: split the plan"
            )
        if plan.rate % 1000 or plan.rate <= 0:
            raise FinishError(f"cannot record at {plan.rate} Hz: plan 8000, 16000, 24000 or 48000")
        self._plan = plan
        self._policy = policy
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._sink: Sink | None = None
        self._quantum = round(plan.rate * QUANTUM_SECONDS)
        self._position = 0
        self._meter = Meter(len(plan.channels))
        self._inband = [InbandReader(plan.rate) for _ in plan.channels]
        self._tone_keys: list[Digit] = []
        self._peaks = PeakWriter(plan.rate, len(plan.channels))
        self._faxes = [FaxListener(plan.rate) for _ in plan.channels]
        self._mixers = [
            ChannelMixer(
                [Track(source, plan.start, plan.rate, policy) for source in channel.sources],
                plan.rate,
                policy.gap_fill_seconds,
            )
            for channel in plan.channels
        ]
        self._tracks: dict[str, list[Track]] = {}
        for channel, mixer in zip(plan.channels, self._mixers, strict=True):
            for source, track in zip(channel.sources, mixer.tracks, strict=True):
                self._tracks.setdefault(source.stream, []).append(track)

    def extend(self, plan: RecordingPlan) -> bool:
        """Go on with a plan that says more; False, and nothing changed, where it must be begun again.

        A later plan may name more sources and more formats. What is written stays as it is: another start,
        rate or number of channels cannot be woven in, nor another meaning of a payload type, nor a key for
        what was passed over without it, nor that two are heard together of whom one was, nor that somebody
        is heard on another channel.
        """
        old = self._plan
        if (plan.start, plan.rate, len(plan.channels)) != (old.start, old.rate, len(old.channels)):
            return False
        if _secured(plan, _secured(old)) != _secured(old) or not _means_the_same(plan, old):
            return False
        if self._came_too_late(plan) or _beside(plan, old) != _beside(old, old):
            return False
        if _placed(plan, old) != _placed(old, old):
            return False
        self._plan = plan
        for channel, mixer in zip(plan.channels, self._mixers, strict=True):
            tracks = {track.stream: track for track in mixer.tracks}
            for source in channel.sources:
                if source.stream in tracks:
                    tracks[source.stream].learn(source)
                else:
                    track = Track(source, plan.start, plan.rate, self._policy)
                    tracks[source.stream] = track
                    self._tracks.setdefault(source.stream, []).append(track)
            mixer.tracks = [tracks[source.stream] for source in channel.sources]
        return True

    def feed(self, block: MediaBlock) -> None:
        """Take in packets of a stream of the plan, in the order of their arrival.

        Packets of streams that the plan does not name are passed over.
        """
        for track in self._tracks.get(block.stream, ()):
            track.feed(block)

    @property
    def until(self) -> int:
        """When (ns) the packets fed so far end: what a packet holds follows its capture."""
        return max((track.until for mixer in self._mixers for track in mixer.tracks), default=0)

    def advance(self, until: int) -> None:
        """Encode everything before ``until`` (ns) for good.

        Every packet captured before ``until`` must have been fed; leave time for those that belong
        before it and are still on their way.
        """
        position = self._sample(until)
        self._settle(until)
        ready = min(
            (lane.advance(position) for mixer in self._mixers for lane in mixer.lanes), default=position
        )
        ready -= max(mixer.lookahead for mixer in self._mixers)
        self._compose(ready // self._quantum * self._quantum)

    def close(self, end: int) -> Finished:
        """Encode the rest up to ``end`` (ns) and complete the file."""
        self._settle(_FOREVER)
        end = max([end, *(track.held_until for mixer in self._mixers for track in mixer.tracks)])
        length = max(self._sample(end), self._position)
        padded = -(-length // self._quantum) * self._quantum
        for mixer in self._mixers:
            for lane in mixer.lanes:
                lane.advance(padded + mixer.lookahead, final=True)
        self._compose(length)
        size, digest = self._complete()
        return Finished(
            path=self._path if self._sink else None,
            format=self._policy.format,
            rate=self._plan.rate,
            channels=self._policy.channels(len(self._plan.channels)),
            seconds=length / self._plan.rate if self._sink else 0.0,
            bytes=size,
            sha256=digest,
            peaks=self._peaks.data(),
            measures=self._meter.measures(),
            gaps=self._gaps(),
            dtmf=self._digits(),
            late={name: sum(track.late for track in tracks) for name, tracks in self._tracks.items()},
            undecodable={
                name: dict(tracks[0].undecodable)
                for name, tracks in self._tracks.items()
                if tracks[0].undecodable
            },
            tones=tuple(tuple(listener.found) for listener in self._faxes),
            encryption={
                name: tracks[0].encryption for name, tracks in self._tracks.items() if tracks[0].encryption
            },
            carried={name: tracks[0].carried for name, tracks in self._tracks.items() if tracks[0].carried},
        )

    def abort(self) -> None:
        """Give up and remove what was written."""
        if self._sink is not None:
            self._sink.abort()
        self._part.unlink(missing_ok=True)

    def _came_too_late(self, plan: RecordingPlan) -> bool:
        """Whether the plan has new keys for a stream of which something stayed encrypted."""
        known = {source.stream: source.keys for channel in self._plan.channels for source in channel.sources}
        locked = {name for name, tracks in self._tracks.items() if tracks[0].encryption.locked}
        return any(
            source.stream in locked and not set(source.keys) <= set(known[source.stream])
            for channel in plan.channels
            for source in channel.sources
        )

    def _sample(self, time: int) -> int:
        return max(time - self._plan.start, 0) * self._plan.rate // _NS

    def _settle(self, until: int) -> None:
        for mixer in self._mixers:
            for track in mixer.tracks:
                track.settle(until, self._position)

    def _compose(self, end: int) -> None:
        """Compose and encode up to this sample; the last stretch is padded to a whole quantum."""
        step = self._plan.rate * _MAX_BLOCK_SECONDS
        while self._position < end:
            start, samples = self._position, min(end - self._position, step)
            padded = -(-samples // self._quantum) * self._quantum
            stretches = []
            for mixer in self._mixers:
                pcm = mixer.compose(start, start + padded)
                if pcm is not None and samples < padded:
                    pcm = pcm.copy()
                    pcm[samples:] = 0
                stretches.append(stretch(pcm, padded, self._plan.rate))
            self._meter.write(stretches, samples / self._plan.rate)
            self._peaks.write(stretches, samples)
            if self._policy.tones:
                self._listen(stretches)
            self._write(stretches, samples)
            self._position += samples

    def _listen(self, stretches: list[Stretch]) -> None:
        """Tones of machines, and of keys where no events came: phones that send these may leave a bit in."""
        for listener, part in zip(self._faxes, stretches, strict=True):
            listener.write(part)
        for side, (mixer, reader) in enumerate(zip(self._mixers, self._inband, strict=True)):
            if not any(track.digits for track in mixer.tracks):
                for sample, key in reader.read(stretches[side], self._position):
                    time = self._plan.start + sample * _NS // self._plan.rate
                    self._tone_keys.append(Digit(time, side, key))

    def _write(self, stretches: list[Stretch], samples: int) -> None:
        """Encode; the file begins with the first audio, silence before it included."""
        if self._sink is None:
            if all(part.pcm is None for part in stretches):
                return
            serial = self._plan.start & 0xFFFFFFFF
            self._part.unlink(missing_ok=True)
            self._sink = open_sink(self._part, self._plan, serial, self._policy)
            self._write_silence(self._position)
        self._sink.write(stretches, samples)

    def _write_silence(self, samples: int) -> None:
        step = self._plan.rate * _MAX_BLOCK_SECONDS
        for start in range(0, samples, step):
            part = min(step, samples - start)
            if self._sink is not None:
                self._sink.write([stretch(None, part, self._plan.rate)] * len(self._mixers), part)

    def _complete(self) -> tuple[int, str]:
        if self._sink is None:
            return 0, ""
        self._sink.close()
        self._part.replace(self._path)
        with self._path.open("rb") as file:
            return self._path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()

    def _gaps(self) -> tuple[Gap, ...]:
        rate = self._plan.rate
        gaps = [
            Gap(side=side, start=start / rate, seconds=(min(end, self._position) - start) / rate, cause=cause)
            for side, mixer in zip(_SIDES, self._mixers, strict=False)
            for cause, spans in mixer.gaps.items()
            for start, end in spans
            if start < self._position
        ]
        return tuple(sorted(gaps, key=lambda gap: (gap.start, gap.side)))

    def _digits(self) -> tuple[Digit, ...]:
        heard = [
            (mixer.rank(track), Digit(time, side, digit))
            for side, mixer in enumerate(self._mixers)
            for track in mixer.tracks
            for time, digit in track.digits
        ]
        silent = {0, 1} - {digit.side for _, digit in heard}
        return distinct([*heard, *((0, digit) for digit in self._tone_keys if digit.side in silent)])


def _secured(plan: RecordingPlan, of: Mapping[str, int] | None = None) -> dict[str, int]:
    """From when on each stream, of those named in ``of``, is encrypted (see ``Source``)."""
    sources = [source for channel in plan.channels for source in channel.sources]
    return {source.stream: source.secured for source in sources if of is None or source.stream in of}


def _placed(plan: RecordingPlan, old: RecordingPlan) -> set[tuple[str, int]]:
    """On which channels the streams of ``old`` are heard in ``plan``."""
    known = {source.stream for channel in old.channels for source in channel.sources}
    placed = ((s.stream, index) for index, channel in enumerate(plan.channels) for s in channel.sources)
    return {(stream, index) for stream, index in placed if stream in known}


def _beside(plan: RecordingPlan, old: RecordingPlan) -> set[str]:
    """Streams of the old plan that are heard together with others."""
    known = {source.stream for channel in old.channels for source in channel.sources}
    sources = (source for channel in plan.channels for source in channel.sources)
    return {source.stream for source in sources if source.is_beside and source.stream in known}


def _means_the_same(plan: RecordingPlan, old: RecordingPlan) -> bool:
    """Whether the payload types of the old plan mean in this one what they meant there."""
    sources = {source.stream: source for channel in plan.channels for source in channel.sources}
    for channel in old.channels:
        for source in channel.sources:
            now = sources.get(source.stream, source)
            if not source.formats.items() <= now.formats.items():
                return False
            if [one.since for one in now.later] != [one.since for one in source.later]:
                return False
            for before, after in zip(source.later, now.later, strict=True):
                if not before.formats.items() <= after.formats.items():
                    return False
    return True
