"""CPU of finishing calls to Opus, over the bare encode of the same samples by the same library.

Bare is the least that can be done through PyAV: ready frames of both parties' samples, 60 ms each, to a
two-stream libopus, packets thrown away. Direct is the libopus that comes with PyAV, called frame by frame
on each party's samples. Run: ``python -m bench.finish_opus [--calls 10] [--seconds 60]``.
"""

import argparse
import ctypes
import tempfile
import time
from pathlib import Path

import av

from bench.bare import bare_encode
from bench.finish_calls import KINDS, NS, START, TalkingCall, talking_calls
from recorder.finish.finisher import Finisher
from recorder.finish.policy import ArchivePolicy

_STEP_SECONDS = 4
_ROUNDS = 3
_VOIP, _SET_BITRATE, _SET_COMPLEXITY = 2048, 4002, 4010
"""Constants of libopus' opus_defines.h."""


def direct(call: TalkingCall, policy: ArchivePolicy) -> float:
    """CPU seconds of libopus alone; 0 where PyAV does not bring its own."""
    found = sorted((Path(av.__file__).parent.parent / "av.libs").glob("libopus-*"))
    if not found:
        return 0.0
    opus = ctypes.CDLL(str(found[0]))
    opus.opus_encoder_create.restype = ctypes.c_void_p
    size = 8 * policy.frame_duration
    packet = ctypes.create_string_buffer(4000)
    begun = time.process_time()
    for samples in call.samples:
        encoder = ctypes.c_void_p(opus.opus_encoder_create(8000, 1, _VOIP, None))
        opus.opus_encoder_ctl(encoder, _SET_BITRATE, policy.bitrate // 2)
        opus.opus_encoder_ctl(encoder, _SET_COMPLEXITY, policy.complexity)
        first = samples.ctypes.data
        for start in range(0, len(samples) - size + 1, size):
            opus.opus_encode(encoder, ctypes.c_void_p(first + 2 * start), size, packet, len(packet))
        opus.opus_encoder_destroy(encoder)
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
    alone = encode = whole = 0.0
    for call in calls:  # by turns and the best of several, because other work on the machine disturbs all
        rounds = [
            (direct(call, policy), bare_encode(call.samples, policy), finish(call, folder, policy))
            for _ in range(_ROUNDS)
        ]
        least = [min(column) for column in zip(*rounds, strict=True)]
        alone, encode, whole = alone + least[0], encode + least[1], whole + least[2]
    size = (folder / "call.opus").stat().st_size / calls[-1].seconds * 3600 / 1e6
    print(
        f"{name:<24} direct {alone:6.3f} s   bare {encode:6.3f} s   finisher {whole:6.3f} s"
        f" = {whole / encode:4.2f} × bare   {seconds / whole:4.0f} calls a core   {size:5.2f} MB/h"
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
