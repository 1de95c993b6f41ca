"""How the cost of a packet and of a call grows with the number of calls that run at once.

For each size two capture files are read, of calls that all run at the same time: short ones and long ones.
What the long ones cost more is the price of their packets; the rest is that of the calls. Then the long ones
are read to Opus. Each size has a process of its own; ratios are of one run.
Run: ``python -m bench.growth [--calls 100 200 500 1000 2000] [--seconds 4 12] [--folder DIR]``.
"""

import argparse
import multiprocessing
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

from bench.replay import replay, traffic


def measure(calls: int, seconds: tuple[float, float], folder: Path, out: Connection) -> None:
    """Send microseconds a packet, milliseconds a call, milliseconds to Opus for a second of a call."""
    costs = []
    for number, span in enumerate(seconds):
        file = folder / f"{number}.pcap"
        traffic(file, calls, span)
        costs.append(replay(file, folder / f"spool-{number}", None))
    (short, few), (long, many) = costs
    each = (long - short) / (many - few)
    opus, _ = replay(file, folder / "opus", "opus")
    out.send((each * 1e6, (long - each * many) / calls * 1e3, opus / (calls * seconds[1]) * 1e3))


def main() -> None:
    """Print a line for each number of calls."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, nargs="+", default=[100, 200, 500, 1000, 2000])
    parser.add_argument("--seconds", type=float, nargs=2, default=(4.0, 12.0), help="short and long calls")
    parser.add_argument("--folder", type=Path, help="where to work; a RAM disk keeps the disk out of it")
    chosen = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    first: tuple[float, ...] = ()
    for calls in chosen.calls:
        begun = time.monotonic()
        with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
            here, there = context.Pipe()
            part = context.Process(target=measure, args=(calls, tuple(chosen.seconds), Path(name), there))
            part.start()
            found = here.recv()
            part.join()
        first = first or found
        told = [f"{one:6.2f} ({one / base:4.2f})" for one, base in zip(found, first, strict=True)]
        text = f"{calls:5,} calls: {told[0]} us a packet, {told[1]} ms a call to the spool"
        took = time.monotonic() - begun
        print(f"{text}, {told[2]} ms to Opus for a second of a call [{took:.0f} s]", flush=True)


if __name__ == "__main__":
    main()
