"""Standard Ogg Opus (RFC 7845): every channel its own mono stream, none coupled to another."""

import struct
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

import av
import numpy as np
from numpy.typing import NDArray

from recorder.errors import FinishError
from recorder.finish.ogg import MAX_LACING, PageWriter, lacing_values
from recorder.finish.opus_packet import multistream
from recorder.finish.policy import ArchivePolicy
from recorder.finish.stretch import FRAMES_PER_SECOND, Stretch, power_of

Samples = NDArray[np.int16]

RATES = (8000, 12000, 16000, 24000, 48000)
_GRANULE_RATE = 48_000
"""Granule positions count samples at 48 kHz whatever the rate (RFC 7845, 4)."""
_PAGE_PACKETS = 32
_HANGOVER_SECONDS = 0.3
"""Quiet that is still encoded, so that nothing of what was said is cut off."""


@dataclass(frozen=True, slots=True)
class OpusSettings:
    """How one channel is encoded: Hz, bit/s, milliseconds."""

    rate: int
    bitrate: int
    frame_duration: int
    complexity: int
    application: str

    @property
    def frame(self) -> int:
        """Samples in a packet."""
        return self.rate * self.frame_duration // 1000

    def context(self) -> av.AudioCodecContext:
        """A fresh encoder."""
        context = av.CodecContext.create("libopus", "w")
        context.sample_rate = self.rate
        context.layout = "mono"
        context.format = "s16"
        context.bit_rate = self.bitrate
        context.thread_count = 1
        context.options = {
            "application": self.application,
            "frame_duration": str(self.frame_duration),
            "compression_level": str(self.complexity),
        }
        context.open()
        return context


def _encode(context: av.AudioCodecContext, pcm: Samples) -> list[bytes]:
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm))
    frame.planes[0].update(cast(bytes, np.ascontiguousarray(pcm)))
    frame.sample_rate = context.sample_rate
    return [bytes(packet) for packet in context.encode(frame)]


@cache
def _silence(settings: OpusSettings) -> bytes:
    """The packet of a frame of silence, made once; it decodes to silence wherever it stands."""
    return _encode(settings.context(), np.zeros(settings.frame * 20, np.int16))[-1]


class OpusChannel:
    """Encodes one channel; frames that are quiet for a while become one and the same packet of silence.

    FFmpeg's libopus has no switch for discontinuous transmission (RFC 6716, 2.1.9), and FFmpeg's own
    decoder makes noise of packets without audio, so quiet frames get real packets, without encoding.
    """

    def __init__(self, settings: OpusSettings, threshold: float) -> None:
        self._settings = settings
        self._context = settings.context()
        self._silence = _silence(settings)
        self._threshold = threshold
        self._hangover = round(_HANGOVER_SECONDS * 1000 / settings.frame_duration)
        self._quiet_frames = self._hangover
        """Quiet frames in a row so far; a channel begins quiet."""

    @property
    def pre_skip(self) -> int:
        """Samples at 48 kHz that a decoder drops at the start, from the encoder's header (RFC 7845, 5.1)."""
        header = self._context.extradata
        if header is None or len(header) < 12:
            raise FinishError("this build of FFmpeg gives no Opus header: install PyAV from its wheel")
        return cast(int, struct.unpack_from("<H", header, 10)[0])

    def encode(self, stretch: Stretch) -> list[bytes]:
        """A packet for each frame of the stretch, which is whole frames."""
        keep = self._audible(stretch.power)
        if not keep.any():
            return [self._silence] * len(keep)
        frame = self._settings.frame
        pcm = np.zeros(len(keep) * frame, np.int16) if stretch.pcm is None else stretch.pcm
        if keep.all():
            return _encode(self._context, pcm)
        encoded = iter(_encode(self._context, pcm.reshape(-1, frame)[keep].reshape(-1)))
        return [next(encoded) if kept else self._silence for kept in keep.tolist()]

    def _audible(self, power: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Which frames to encode: the loud ones and the first quiet ones after each."""
        parts = self._settings.frame_duration * FRAMES_PER_SECOND // 1000
        loud = power.reshape(-1, parts).max(axis=1) > self._threshold
        index = np.arange(len(loud))
        last_loud = np.maximum.accumulate(np.where(loud, index, -1 - self._quiet_frames))
        self._quiet_frames = len(loud) - 1 - int(last_loud[-1])
        return index - last_loud <= self._hangover


class OpusSink:
    """Writes composed audio to an Ogg Opus file as it comes."""

    def __init__(self, path: Path, rate: int, channels: int, serial: int, policy: ArchivePolicy) -> None:
        if rate not in RATES:
            raise FinishError(f"Opus takes {', '.join(map(str, RATES))} Hz, not {rate}: plan another rate")
        settings = OpusSettings(
            rate,
            policy.total_bitrate(rate) // channels,
            policy.frame_duration,
            policy.complexity,
            policy.application,
        )
        threshold = power_of(policy.dtx_dbfs) if policy.dtx else -1.0
        self._rate = rate
        self._channels = [OpusChannel(settings, threshold) for _ in range(channels)]
        self._pre_skip = self._channels[0].pre_skip
        self._frame = settings.frame
        self._granules_per_frame = _GRANULE_RATE * policy.frame_duration // 1000
        self._samples = 0
        self._frames = 0
        self._queue: list[bytes] = []
        self._file = path.open("wb")
        self._pages = PageWriter(self._file, serial)
        self._pages.write([_head(channels, self._pre_skip, rate)], 0)
        self._pages.write([_tags()], 0)

    def write(self, stretches: list[Stretch], samples: int) -> None:
        """Encode the first ``samples`` of a stretch of every channel; only the last may be cut short."""
        streams = [
            channel.encode(stretch) for channel, stretch in zip(self._channels, stretches, strict=True)
        ]
        self._samples += samples
        needed = -(-self._end() // self._granules_per_frame) - self._frames
        for packets in list(zip(*streams, strict=True))[:needed]:
            self._add(multistream(packets))

    def close(self) -> None:
        """Write what the encoders still hold and end the stream at the exact sample (RFC 7845, 4.4)."""
        frame = Stretch(None, np.zeros(self._frame * FRAMES_PER_SECOND // self._rate, np.float32))
        while self._frames * self._granules_per_frame < self._end():
            self._add(multistream([channel.encode(frame)[0] for channel in self._channels]))
        self._pages.write(self._queue, self._end(), last=True)
        self._file.close()

    def abort(self) -> None:
        """Close the file as it is."""
        self._file.close()

    def _end(self) -> int:
        return self._samples * _GRANULE_RATE // self._rate + self._pre_skip

    def _add(self, packet: bytes) -> None:
        """Queue a packet; a page goes out when another packet is there to end the stream with."""
        full = len(self._queue) >= _PAGE_PACKETS
        if full or lacing_values([*self._queue, packet]) > MAX_LACING:
            self._pages.write(self._queue, self._frames * self._granules_per_frame)
            self._queue = []
        self._queue.append(packet)
        self._frames += 1


def _head(channels: int, pre_skip: int, rate: int) -> bytes:
    """Identification header (RFC 7845, 5.1); family 255 keeps channels apart, without places in a room."""
    head = struct.pack("<8sBBHIh", b"OpusHead", 1, channels, pre_skip, rate, 0)
    if channels == 1:
        return head + b"\x00"
    return head + bytes((255, channels, 0, *range(channels)))


def _tags() -> bytes:
    vendor = b"Earwitness"
    return b"OpusTags" + struct.pack("<I", len(vendor)) + vendor + struct.pack("<I", 0)
