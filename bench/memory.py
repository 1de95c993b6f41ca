"""Hours of a call centre in one process: does its memory stay where it is?

Calls through a PBX come and go, are captured, finished and handed off as fast as it goes; the hand-off
folders are thrown away. Memory is sampled at every ten minutes of simulated time; the slope is that of
a straight line through the second half, when every table has had its time to fill.
Run: ``python -m bench.memory [--hours 4] [--lines 50] [--folder DIR]``.
"""

import argparse
import gc
import os
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np

from bench.process_load import resident
from recorder.capture import Capture
from recorder.finish.worker import FinishWorker
from recorder.simulate.callcentre import CallCentre
from recorder.simulate.options import SimulationOptions

NS = 1_000_000_000
EVERY = 600
"""Simulated seconds between two samples."""
POLL = 4
"""Simulated seconds between two looks of the worker."""


def main() -> None:
    """Print a line for each sample, then the slope."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=4.0)
    parser.add_argument("--lines", type=int, default=50, help="calls at the same time")
    parser.add_argument("--capture-only", action="store_true", help="leave finishing out")
    parser.add_argument("--folder", type=Path, help="where to work; a RAM disk keeps the disk out of it")
    chosen = parser.parse_args()
    options = SimulationOptions(
        concurrent=chosen.lines, duration=chosen.hours * 3600, talk_seconds=60, truths=0
    )
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        samples = run(options, Path(name), chosen.capture_only)
    half = samples[len(samples) // 2 :]
    if len(half) >= 2:
        hours, memory = np.array(half).T
        print(f"slope {np.polyfit(hours, memory, 1)[0]:+.2f} MiB an hour over the second half")


def run(options: SimulationOptions, folder: Path, capture_only: bool) -> list[tuple[float, float]]:
    """(hours, MiB) at each sample."""
    centre, capture = CallCentre(options), Capture(folder / "spool")
    worker = FinishWorker(folder / "spool", folder / "handoff")
    samples: list[tuple[float, float]] = []
    start, polled, begun = options.start_ns, 0, time.monotonic()
    for batch in centre.steps():
        capture.feed(batch)
        if centre.now_ns - polled > POLL * NS:
            polled = centre.now_ns
            throw_away(folder, worker, capture, capture_only)
        if centre.now_ns - start > EVERY * NS * (len(samples) + 1):
            gc.collect()
            samples.append(((centre.now_ns - start) / NS / 3600, resident(os.getpid())))
            hours, memory = samples[-1]
            calls = f"{capture.counters.calls:7,} calls ended, {len(capture.book.calls):4} running"
            print(
                f"{hours:5.2f} h  {memory:7.1f} MiB  {calls}  ({time.monotonic() - begun:.0f} s)", flush=True
            )
    return samples


def throw_away(folder: Path, worker: FinishWorker, capture: Capture, capture_only: bool) -> None:
    """Finish what there is to finish, and keep none of it."""
    if not capture_only:
        worker.poll()
        shutil.rmtree(folder / "handoff", ignore_errors=True)
        return
    journal = capture.spool.journal
    for call in journal.stamps():
        file = journal.read(call)
        if file is not None and file.ended:
            journal.remove(call, file.files)


if __name__ == "__main__":
    main()
