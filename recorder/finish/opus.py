"""Standard Ogg Opus (RFC 7845): every channel its own mono stream, none coupled to another."""

import struct
from contextlib import suppress
from pathlib import Path

import numpy as np

from recorder.errors import FinishError
from recorder.finish.ogg import MAX_LACING, PageWriter, lacing_values
from recorder.finish.opus_channel import OpusChannel
from recorder.finish.opus_encoder import OpusSettings
from recorder.finish.opus_packet import multistream
from recorder.finish.policy import ArchivePolicy
from recorder.finish.stretch import FRAMES_PER_SECOND, Stretch, power_of

RATES = (8000, 12000, 16000, 24000, 48000)
_GRANULE_RATE = 48_000
"""Granule positions count samples at 48 kHz whatever the rate (RFC 7845, 4)."""
_PAGE_MILLISECONDS = 2000
"""Audio in a page: what a player seeks to, and what a running recording lags behind."""


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
        self._page_packets = _PAGE_MILLISECONDS // policy.frame_duration
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
        self._add(multistream(streams)[:needed])

    def close(self) -> None:
        """Write what the encoders still hold and end the stream at the exact sample (RFC 7845, 4.4)."""
        frame = Stretch(None, np.zeros(self._frame * FRAMES_PER_SECOND // self._rate, np.float32))
        while self._frames * self._granules_per_frame < self._end():
            self._add(multistream([channel.encode(frame) for channel in self._channels]))
        self._pages.write(self._queue, self._end(), last=True)
        self._file.close()

    def abort(self) -> None:
        """Close the file as it is."""
        with suppress(OSError):  # a full disk refuses once more what is still buffered
            self._file.close()

    def _end(self) -> int:
        return self._samples * _GRANULE_RATE // self._rate + self._pre_skip

    def _add(self, packets: list[bytes]) -> None:
        """Queue packets and write full pages; one packet at least stays to end the stream with."""
        self._queue += packets
        self._frames += len(packets)
        while len(self._queue) > self._page_packets or lacing_values(self._queue) > MAX_LACING:
            count = min(self._page_packets, len(self._queue) - 1)
            while lacing_values(self._queue[:count]) > MAX_LACING:
                count //= 2
            page, self._queue = self._queue[:count], self._queue[count:]
            self._pages.write(page, (self._frames - len(self._queue)) * self._granules_per_frame)


def _head(channels: int, pre_skip: int, rate: int) -> bytes:
    """Identification header (RFC 7845, 5.1); family 255 keeps channels apart, without places in a room."""
    head = struct.pack("<8sBBHIh", b"OpusHead", 1, channels, pre_skip, rate, 0)
    if channels == 1:
        return head + b"\x00"
    return head + bytes((255, channels, 0, *range(channels)))


def _tags() -> bytes:
    vendor = b"Earwitness"
    return b"OpusTags" + struct.pack("<I", len(vendor)) + vendor + struct.pack("<I", 0)
