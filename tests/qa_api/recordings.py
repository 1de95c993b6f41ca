"""Real archived audio for the tests: Ogg Opus with two uncoupled mono streams, and its peaks."""

import hashlib
import io
import struct

import av
import numpy as np


def tones(seconds: float, rate: int = 8000) -> np.ndarray:
    """Party A hums 440 Hz in the first half, party B 1 kHz in the second: int16 of shape (2, samples)."""
    time = np.arange(round(seconds * rate)) / rate
    first = time < seconds / 2
    a = np.where(first, np.sin(2 * np.pi * 440 * time), 0)
    b = np.where(first, 0, np.sin(2 * np.pi * 1000 * time))
    return (np.stack([a, b]) * 12000).astype(np.int16)


def opus(samples: np.ndarray, rate: int = 8000) -> bytes:
    """Ogg Opus, mapping family 255, no coupling."""
    file = io.BytesIO()
    with av.open(file, "w", format="ogg") as container:
        options = {"application": "voip", "mapping_family": "255", "frame_duration": "60"}
        stream = container.add_stream("libopus", rate=rate, options=options)
        stream.layout = "stereo"
        stream.bit_rate = 24000
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T).reshape(1, -1), "s16", "stereo")
        frame.sample_rate = rate
        frame.pts = 0
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return file.getvalue()


def peaks(samples: np.ndarray, rate: int = 8000, per_second: int = 20) -> bytes:
    """audiowaveform data, version 2, 8 bit."""
    per_pixel = rate // per_second
    length = samples.shape[1] // per_pixel
    grouped = (samples[:, : length * per_pixel] >> 8).astype(np.int8).reshape(2, length, per_pixel)
    pixels = np.stack([grouped.min(axis=2), grouped.max(axis=2)], axis=2).transpose(1, 0, 2)
    return struct.pack("<iIiiIi", 2, 1, rate, per_pixel, length, 2) + pixels.tobytes()


def sha256(data: bytes) -> str:
    """Lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()
