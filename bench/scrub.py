"""How fast copies are read back, beside a bare SHA-256 over the same files.

Run: ``python -m bench.scrub [--calls 2000] [--kilobytes 500]``.

Both read the same files from the page cache in one run, so that the ratio is that of the work and not of the
disk: scrubbing also finds the copies that are due, opens them by name, and writes down that they are good.
"""

import argparse
import hashlib
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage.archive_names import audio_name, peaks_name, sidecar_name
from storage.catalogue import Catalogue, Copy, sqlite_url
from storage.model import Call, CallState
from storage.scrub.scrub import scrub_before
from storage.targets import LocalTarget

_ROUNDS = 3
_AT_ONCE = 4
_PEAKS, _SIDECAR = 5_000, 6_000
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def fill(folder: Path, calls: int, size: int) -> tuple[Catalogue, LocalTarget]:
    """An archive of so many calls of ``size`` bytes of audio."""
    catalogue = Catalogue(sqlite_url(folder / "catalogue.db"))
    target = LocalTarget(folder / "archive")
    items = []
    for number in range(calls):
        start = NOW - timedelta(minutes=calls - number)
        call = Call(id=f"call-{number:08}", start=start, end=start, duration=0, state=CallState.ANSWERED)
        blobs = ((audio_name(call, "opus"), size), (peaks_name(call), _PEAKS), (sidecar_name(call), _SIDECAR))
        copies = []
        for name, length in blobs:
            data = os.urandom(length)
            path = target.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            copies.append(Copy("local", name, length, hashlib.sha256(data).hexdigest(), start))
        items.append((call, copies))
    catalogue.calls.add_many(items)
    return catalogue, target


def bare(target: LocalTarget) -> None:
    """SHA-256 of every file, as many at a time as scrubbing reads."""

    def digest(path: Path) -> None:
        with path.open("rb") as file:
            hashlib.file_digest(file, "sha256").hexdigest()

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(digest, (path for path in target.root.rglob("*") if path.is_file())))


def timed(work: Callable[[], None]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    """Print megabytes and calls a second of both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--kilobytes", type=int, default=500, help="audio of a call: 500 are 3.5 minutes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        catalogue, target = fill(Path(folder), options.calls, options.kilobytes * 1000)
        copies, size = catalogue.copy_checks.count("local")
        results: dict[str, list[tuple[float, float]]] = {"bare SHA-256": [], "scrub": []}
        for number in range(_ROUNDS):
            now = NOW + timedelta(days=number)

            def scrub(now: datetime = now) -> None:
                done = scrub_before(catalogue, "local", target, before=now, now=now, limit=copies)
                if (done.copies, done.bad) != (copies, ()):
                    raise SystemExit(f"scrub did not read everything: {done}")

            results["bare SHA-256"].append(timed(lambda: bare(target)))
            results["scrub"].append(timed(scrub))
        catalogue.close()
    best = {name: (min(r[0] for r in runs), min(r[1] for r in runs)) for name, runs in results.items()}
    for name, (wall, cpu) in best.items():
        rate = f"{size / wall / 1e6:7.0f} MB/s {options.calls / wall:7.0f} calls/s"
        print(f"{name:13} {rate}  CPU {cpu:5.2f} s, {size / cpu / 1e6:6.0f} MB per CPU second")
    (wall, cpu), (bare_wall, bare_cpu) = best["scrub"], best["bare SHA-256"]
    print(
        f"scrub takes {wall / bare_wall:.2f} x the time and {cpu / bare_cpu:.2f} x the CPU of the bare hash"
    )


if __name__ == "__main__":
    main()
