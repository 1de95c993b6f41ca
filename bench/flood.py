"""Floods of what never becomes a call: packets a second of one core, and the memory and files they leave.

Each flood is fed to an engine of its own, in a process of its own; normal traffic first, so that ratios are
of one run. Run: ``python -m bench.flood [--frames 200000] [--folder DIR]``.
"""

import argparse
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Iterable
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path

from recorder.batch import Batch
from recorder.capture import Capture
from recorder.simulate.callcentre import CallCentre
from recorder.simulate.options import ALL_ANSWERED, SimulationOptions
from tests.recorder.floods import FLOODS, batches

NORMAL = SimulationOptions(
    concurrent=200, calls=200, ramp_seconds=1, talk_seconds=20, talk_spread=0, legs=1, outcomes=ALL_ANSWERED
)


def normal(frames: int) -> Iterable[Batch]:
    """Two hundred calls, about as many frames."""
    centre, seen = CallCentre(NORMAL), 0
    for batch in centre.steps():
        yield batch
        seen += len(batch)
        if seen > frames:
            return


def measure(name: str, frames: int, folder: Path, out: Connection) -> None:
    """Feed one kind of traffic; send frames a CPU second, MiB of memory gained, files, what was rejected."""
    some = list(normal(frames) if name == "normal calls" else batches(FLOODS[name], frames))
    engine = Capture(folder)
    for batch in islice(some, 1):
        engine.feed(batch)
    before, begun = _peak(), time.process_time()
    for batch in some[1:]:
        engine.feed(batch)
    spent = time.process_time() - begun
    count = sum(map(len, some[1:]))
    files = sum(1 for path in folder.rglob("*") if path.is_file())
    floods = {
        key: value for key, value in engine.counters.rejected.items() if value and key.endswith("-flood")
    }
    out.send((count / spent, _peak() - before, files, len(engine.book.calls), floods))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print a line for each kind of traffic."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=200_000)
    parser.add_argument("--folder", type=Path, help="where to work; a RAM disk keeps the disk out of it")
    chosen = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    usual = 0.0
    for name in ("normal calls", *FLOODS):
        with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
            here, there = context.Pipe()
            part = context.Process(target=measure, args=(name, chosen.frames, Path(folder), there))
            part.start()
            rate, memory, files, calls, rejected = here.recv()
            part.join()
        usual = usual or rate
        text = f"{name.replace('_', ' '):24s} {rate:9,.0f} frames/s ({rate / usual:5.2f} of normal)"
        print(f"{text}, +{memory:4.0f} MiB, {files:6,} files, {calls:5,} calls running, {rejected}")


if __name__ == "__main__":
    main()
