"""The bare encode: what encoding samples costs when nothing else is done."""

import time
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

from recorder.finish.policy import ArchivePolicy


def bare_encode(samples: tuple[NDArray[np.int16], ...], policy: ArchivePolicy) -> float:
    """CPU seconds of encoding the samples of both parties at 8 kHz with libopus, packets thrown away.

    The least that can be done through PyAV: ready frames to a two-stream encoder.
    """
    context = av.CodecContext.create("libopus", "w")
    context.sample_rate, context.layout, context.format = 8000, "stereo", "s16"
    context.bit_rate, context.thread_count = policy.bitrate, 1
    context.options = {
        "mapping_family": "255",
        "application": policy.application,
        "frame_duration": str(policy.frame_duration),
        "compression_level": str(policy.complexity),
    }
    context.open()
    size = 8 * policy.frame_duration
    frames = []
    for start in range(0, len(samples[0]) - size + 1, size):
        part = np.stack([side[start : start + size] for side in samples], axis=1).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(part, format="s16", layout="stereo")
        frame.sample_rate, frame.time_base = 8000, Fraction(1, 8000)
        frames.append(frame)
    begun = time.process_time()
    for frame in frames:
        context.encode(frame)
    context.encode(None)
    return time.process_time() - begun
