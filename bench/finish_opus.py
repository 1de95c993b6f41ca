"""CPU of finishing calls to Opus, over the bare encode of the same samples by the same library.

Bare is the least that can be done through PyAV: ready frames of both parties' samples, 60 ms each, to a
two-stream libopus, packets thrown away. Run: ``python -m bench.finish_opus [--calls 10] [--seconds 60]``.
"""

import argparse
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from bench.finish_calls import KINDS, NS, START, TalkingCall, talking_calls
from recorder.finish.finisher import Finisher
from recorder.finish.policy import ArchivePolicy

_STEP_SECONDS = 4


def bare(call: TalkingCall, policy: ArchivePolicy) -> float:
    """CPU seconds of encoding the composed samples of a call, nothing else."""
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
    for start in range(0, len(call.samples[0]) - size + 1, size):
        part = np.stack([side[start : start + size] for side in call.samples], axis=1).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(part, format="s16", layout="stereo")
        frame.sample_rate, frame.time_base = 8000, Fraction(1, 8000)
        frames.append(frame)
    begun = time.process_time()
    for frame in frames:
        context.encode(frame)
    context.encode(None)
    return time.process_time() - begun


def finish(call: TalkingCall, folder: Path, policy: ArchivePolicy) -> float:
    """CPU seconds of finishing the packets of a call as a worker does, a few seconds at a time."""
    steps = call.steps(_STEP_SECONDS)
    begun = time.process_time()
    finisher = Finisher(call.plan, folder / "call.opus", policy)
    for number, blocks in enumerate(steps, 1):
        for block in blocks:
            finisher.feed(block)
        finisher.advance(START + (number * _STEP_SECONDS * NS) - NS // 5)
    finisher.close(START + call.seconds * NS)
    return time.process_time() - begun


def _compare(name: str, calls: list[TalkingCall], folder: Path, policy: ArchivePolicy) -> None:
    seconds = sum(call.seconds for call in calls)
    encode = whole = 0.0
    for call in calls:  # by turns and the best of three, because other work on the machine disturbs both
        rounds = [(bare(call, policy), finish(call, folder, policy)) for _ in range(3)]
        encode += min(first for first, _ in rounds)
        whole += min(second for _, second in rounds)
    size = (folder / "call.opus").stat().st_size / calls[-1].seconds * 3600 / 1e6
    print(
        f"{name:<34} bare {encode:6.3f} s   finisher {whole:6.3f} s   ratio {whole / encode:5.2f}"
        f"   {seconds / whole:6.0f} calls a core   {size:5.2f} MB/h"
    )


def main() -> None:
    """Print one line a kind of call."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=10)
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    policy = ArchivePolicy()
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            calls = talking_calls(options.calls, options.seconds, kind)
            _compare(kind, calls, Path(folder), policy)
        always = ArchivePolicy(dtx=False)
        calls = talking_calls(options.calls, options.seconds, KINDS[0])
        _compare("both talk, no DTX", calls, Path(folder), always)


if __name__ == "__main__":
    main()
