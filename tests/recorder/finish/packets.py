"""Speech-like audio as RTP packets of a stream, and the plan that records it."""

import io
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

from recorder.media import Channel, Format, MediaBlock, RecordingPlan, Source

START = 1_795_289_148_000_000_000
"""Nanoseconds since the epoch at which test recordings start."""
MS = 1_000_000
FORMATS = {
    0: Format("PCMU"),
    8: Format("PCMA"),
    9: Format("G722"),
    13: Format("CN"),
    101: Format("TELEPHONE-EVENT"),
    15: Format("G728"),
}
_ENCODERS = {0: ("pcm_mulaw", 8000), 8: ("pcm_alaw", 8000), 9: ("g722", 16000)}


def voice(seconds: float, rate: int = 8000, seed: int = 0, level: float = 4000.0) -> NDArray[np.int16]:
    """Noise with the band and the syllables of speech; int16."""
    noise = np.random.default_rng(seed).normal(size=round(seconds * rate))
    spectrum = np.fft.rfft(noise)
    frequencies = np.fft.rfftfreq(len(noise), 1 / rate)
    spectrum[(frequencies < 250) | (frequencies > 3000)] = 0
    spectrum /= 1 + frequencies / 800
    sound = np.fft.irfft(spectrum, len(noise))
    syllables = 0.6 + 0.4 * np.sin(2 * np.pi * 3 * np.arange(len(noise)) / rate + seed)
    sound *= syllables / sound.std()
    return np.clip(sound * level, -32000, 32000).astype(np.int16)


def payload(pcm: NDArray[np.int16], payload_type: int) -> bytes:
    """The samples as FFmpeg encodes them."""
    name, rate = _ENCODERS[payload_type]
    context = av.CodecContext.create(name, "w")
    context.sample_rate, context.layout, context.format = rate, "mono", "s16"
    context.open()
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm)[None], format="s16", layout="mono")
    frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
    return b"".join(bytes(packet) for part in (frame, None) for packet in context.encode(part))


def packets(
    pcm: NDArray[np.int16],
    payload_type: int = 0,
    *,
    stream: str = "a",
    at: float = 0.0,
    packet_bytes: int = 160,
    sequence: int = 1000,
    timestamp: int = 50_000,
) -> MediaBlock:
    """The samples as a stream that begins ``at`` seconds after ``START``, without loss or jitter.

    Every packet is captured when its first sample would be heard.
    """
    data = np.frombuffer(payload(pcm, payload_type), np.uint8)
    count = len(data) // packet_bytes
    index = np.arange(count)
    return MediaBlock(
        stream=stream,
        times=START + round(at * 1e9) + index * packet_bytes * 125_000,
        sequences=sequence + index,
        timestamps=timestamp + index * packet_bytes,
        payload_types=np.full(count, payload_type, np.uint8),
        markers=index == 0,
        lengths=np.full(count, packet_bytes, np.int32),
        payload=data[: count * packet_bytes],
    )


def pick(block: MediaBlock, index: NDArray[np.int64] | NDArray[np.bool_]) -> MediaBlock:
    """Those packets of the block, in the order of the index."""
    if index.dtype == np.bool_:
        index = np.flatnonzero(index)
    ends = np.cumsum(block.lengths)
    parts = [block.payload[ends[i] - block.lengths[i] : ends[i]] for i in index.tolist()]
    return MediaBlock(
        stream=block.stream,
        times=block.times[index],
        sequences=block.sequences[index],
        timestamps=block.timestamps[index],
        payload_types=block.payload_types[index],
        markers=block.markers[index],
        lengths=block.lengths[index],
        payload=np.concatenate(parts) if parts else block.payload[:0],
    )


def plan(*channels: tuple[str, ...], rate: int = 8000) -> RecordingPlan:
    """A recording from ``START`` with the named streams on its channels."""
    sides = tuple(Channel(tuple(Source(name, FORMATS) for name in names)) for names in channels)
    return RecordingPlan(START, rate, sides)


def decode(path: object, rate: int) -> NDArray[np.int16]:
    """The file as FFmpeg decodes it, at ``rate``; int16 of shape (channels, samples)."""
    with av.open(io.BytesIO(path.read_bytes())) as container:
        resampler = av.AudioResampler(format="s16p", rate=rate)
        parts = [
            part.to_ndarray()
            for frame in [*container.decode(audio=0), None]
            for part in resampler.resample(frame)
        ]
    return np.concatenate(parts, axis=1)
