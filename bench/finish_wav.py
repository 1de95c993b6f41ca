"""CPU of finishing calls to WAV, for each packet.

Run: ``python -m bench.finish_wav [--calls 20] [--seconds 60]``.

Beside it the least that any recorder must do with the same packets: look up every sample, lay the two
parties side by side and write them.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from bench.finish_calls import KINDS, NS, START, TalkingCall, talking_calls
from recorder.finish.decoders import open_decoder
from recorder.finish.finisher import Finisher
from recorder.finish.policy import ArchivePolicy
from recorder.media import Format

_ROUNDS = 3


def least(call: TalkingCall, path: Path) -> float:
    """CPU seconds of decoding, interleaving and writing a call at once."""
    decoder = open_decoder(Format("PCMU"))
    if decoder is None:
        raise SystemExit("PCMU cannot be decoded: install PyAV from its wheel")
    begun = time.process_time()
    sides = [decoder.decode(block.payload) for block in call.blocks]
    path.write_bytes(np.stack(sides, axis=1).tobytes())
    return time.process_time() - begun


def finish(call: TalkingCall, path: Path, step: float) -> float:
    """CPU seconds of finishing the packets of a call, ``step`` seconds at a time."""
    steps = call.steps(step)
    begun = time.process_time()
    finisher = Finisher(call.plan, path, ArchivePolicy(format="wav"))
    for number, blocks in enumerate(steps, 1):
        for block in blocks:
            finisher.feed(block)
        finisher.advance(START + round(number * step * NS) - NS // 5)
    finisher.close(START + call.seconds * NS)
    return time.process_time() - begun


def main() -> None:
    """Print microseconds a packet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    calls = talking_calls(options.calls, options.seconds, KINDS[0])
    packets = sum(call.packets for call in calls)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "call.wav"
        floor = sum(min(least(call, path) for _ in range(_ROUNDS)) for call in calls)
        print(f"least possible      {floor / packets * 1e6:5.2f} µs a packet")
        for step in (2, 4, 60):
            cpu = sum(min(finish(call, path, step) for _ in range(_ROUNDS)) for call in calls)
            print(
                f"finisher, {step:2d} s each {cpu / packets * 1e6:5.2f} µs a packet, {cpu / floor:4.2f} of it"
            )


if __name__ == "__main__":
    main()
