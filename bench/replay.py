"""The whole recorder on a capture file: packets a second to the spool, and what finishing adds.

Makes a file of simulated two-party PCMU calls, then reads it three times, all in one process on one core:
to the spool alone, to WAV, and to Opus. The bare encode is of the very samples that the WAV files hold.
Run: ``python -m bench.replay [--calls 200] [--seconds 60]``.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from bench.bare import bare_encode
from recorder.capture import Capture
from recorder.finish.policy import ArchivePolicy
from recorder.finish.worker import FinishWorker, WorkerOptions
from recorder.simulate.options import ALL_ANSWERED, SimulationOptions
from recorder.simulate.run import to_pcap
from recorder.taps.capture_file import CaptureFileTap

NS = 1_000_000_000
CPP_WAV = 6.7
"""CPU seconds per million packets of the fastest C++ recorder that writes stereo WAV and rates calls."""


def traffic(path: Path, calls: int, seconds: float) -> None:
    """A capture file of calls that all run at the same time."""
    options = SimulationOptions(
        calls=calls,
        concurrent=calls,
        talk_seconds=seconds,
        talk_spread=0,
        legs=1,
        hold=0.0,
        outcomes=ALL_ANSWERED,
    )
    to_pcap(options, path)


def replay(path: Path, folder: Path, archive: str | None, tones: bool = True) -> tuple[float, int]:
    """CPU seconds and packets of reading the file; ``archive`` is None for the spool alone."""
    capture = Capture(folder / "spool")
    policy = ArchivePolicy(format=archive, tones=tones) if archive else ArchivePolicy()  # type: ignore[arg-type]
    worker = FinishWorker(folder / "spool", folder / "handoff", WorkerOptions(policy))
    begun, polled = time.process_time(), 0
    for batch in CaptureFileTap(path):
        capture.feed(batch)
        now = int(batch.times[-1])
        if archive and now - polled > 4 * NS:
            worker.poll()
            polled = now
    capture.finish()
    if archive:
        worker.poll()
    return time.process_time() - begun, capture.counters.rtp


def bare(handoff: Path) -> float:
    """CPU seconds of the bare encode of every WAV in the hand-off folder."""
    total = 0.0
    for path in sorted(handoff.glob("*/audio.wav")):
        samples = np.ascontiguousarray(soundfile.read(path, dtype="int16")[0].T)
        total += bare_encode(tuple(samples), ArchivePolicy())
    return total


def main() -> None:
    """Print a line for each of the three, with its ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--folder", type=Path, help="where to work; a RAM disk keeps the disk out of it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        file = folder / "calls.pcap"
        traffic(file, options.calls, options.seconds)
        spool, packets = replay(file, folder / "spool-only", None)
        print(f"pcap to spool  {spool:7.2f} CPU s  {packets / spool:9,.0f} packets/s of one core")
        for tones, what in ((True, "as shipped"), (False, "tones left unheard")):
            wav, _ = replay(file, folder / f"wav-{tones}", "wav", tones)
            million = wav / packets * 1e6
            print(f"pcap to WAV    {wav:7.2f} CPU s  {million:5.2f} s a million, {what} (C++: {CPP_WAV})")
        opus, _ = replay(file, folder / "opus", "opus")
        least = bare(folder / "wav-True" / "handoff")
        print(f"pcap to Opus   {opus:7.2f} CPU s  {opus / least:5.2f} x the bare encode ({least:.2f} s)")


if __name__ == "__main__":
    main()
