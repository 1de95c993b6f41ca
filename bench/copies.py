"""What copying calls costs beside a bare upload of the same bytes, to a folder and to servers of each kind.

Run: ``python -m bench.copies [--calls 200] [--kilobytes 500] [--rounds 3] [KIND]...``; KIND is local, ftp,
sftp, s3, wire.

The server runs in a process of its own. Bare is ``put`` of the blobs alone, as many at a time as copying
does; copying also reads everything back, keeps the backlog and writes down what was copied. Verified is the
bare upload and reading back alone, the least that can be done for a copy that is to be trusted. ``s3`` is a
server written in Python, slower than its clients; ``wire`` the same client and a server that is not. To both,
many calls are copied by several processes, as ``serve`` and ``backup`` do; bare and verified are of one.
"""

import argparse
import hashlib
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench.object_server import BUCKET, object_server
from earwitness.keeping.copy_team import CopyTeam
from earwitness.settings import Settings
from storage.archive_names import audio_name, peaks_name, sidecar_name
from storage.catalogue import Catalogue, Copy, sqlite_url
from storage.copies.backlog import Backlog
from storage.copies.copier import AT_ONCE, Copier
from storage.copies.placement import Placement
from storage.model import Call, CallState
from storage.targets import LocalTarget, Target
from storage.targets.contract import read_back

KINDS = ("local", "ftp", "sftp", "s3", "wire")
_PEAKS, _SIDECAR = 5_000, 6_000
NOW = datetime(2026, 11, 22, tzinfo=UTC)
Places = Callable[[str], Target]
"""A target for each name, all on the same server."""
Spec = dict[str, object]
Specs = Callable[[str], Spec | None]
"""What settings say of the target of each name."""


def fill(folder: Path, calls: int, size: int) -> tuple[Catalogue, LocalTarget, dict[str, bytes]]:
    """An archive of so many calls with ``size`` bytes of audio, and all its blobs."""
    catalogue = Catalogue(sqlite_url(folder / "catalogue.db"))
    home = LocalTarget(folder / "archive")
    blobs: dict[str, bytes] = {}
    items = []
    for number in range(calls):
        start = NOW - timedelta(minutes=calls - number)
        call = Call(id=f"call-{number:08}", start=start, end=start, duration=0, state=CallState.ANSWERED)
        names = ((peaks_name(call), _PEAKS), (audio_name(call, "opus"), size), (sidecar_name(call), _SIDECAR))
        copies = []
        # The sound goes as packets that stay closed: those need no recording in the description.
        for name, length in names:
            name = name.replace(".opus", ".packets")  # noqa: PLW2901
            blobs[name] = os.urandom(length)
            path = home.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(blobs[name])
            copies.append(Copy("local", name, length, hashlib.sha256(blobs[name]).hexdigest(), start))
        items.append((call, copies))
    catalogue.calls.add_many(items)
    return catalogue, home, blobs


def bare(target: Target, blobs: dict[str, bytes], *, verified: bool) -> float:
    """Seconds of putting the blobs."""

    def put(name: str) -> None:
        target.put(name, blobs[name])
        if verified:
            read_back(target, name)

    begun = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(put, blobs))
    return time.monotonic() - begun


def copied(catalogue: Catalogue, home: LocalTarget, name: str, target: Target, spec: Spec | None) -> float:
    """Seconds of copying all calls to ``target``, which ``spec`` describes where helpers may open it."""
    placement = Placement((name,))
    begun = time.monotonic()
    backlog = Backlog(catalogue, placement, "local")
    while backlog.fill(name, NOW):
        pass
    copier = Copier(catalogue, {"local": home, name: target}, placement, "local")
    settings = Settings.model_validate({"data": home.root.parent, "targets": [spec] if spec else []})
    done = 0
    with CopyTeam.of(settings, copier, name) as team:
        while (batch := team.batch(lambda: False)).taken:
            done += len(batch.copied)
            if batch.failed or batch.trouble:
                break
    if done != catalogue.calls.count():
        raise SystemExit(f"only {done} calls were copied: {batch.failed or batch.trouble}")
    return time.monotonic() - begun


@contextmanager
def places(kind: str, folder: Path) -> Iterator[tuple[Places, Specs]]:
    """Targets of the kind; servers are stopped in the end."""
    if kind == "local":
        yield lambda name: LocalTarget(folder / name), lambda _: None
        return
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(kind, folder, theirs))
    process.start()
    try:
        told = ours.recv()
        yield reached(kind, told), partial(described, kind, told)
    finally:
        ours.send(None)
        process.join()


def serve(kind: str, folder: Path, connection: Connection) -> None:
    """Be the server until told to stop."""
    import logging

    from tests import s3
    from tests.storage.targets import ftp_server, sftp_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with ExitStack() as stack:
        if kind == "ftp":
            ftp = stack.enter_context(ftp_server.running(folder / "server"))
            connection.send((ftp.port,))
        elif kind == "sftp":
            (folder / "server").mkdir()
            sftp = stack.enter_context(sftp_server.running(folder / "server"))
            connection.send((sftp.port, sftp.known_hosts))
        elif kind == "wire":
            (folder / "server").mkdir()
            address = stack.enter_context(object_server(folder / "server"))
            connection.send((BUCKET, address, s3.ENVIRONMENT))
        else:
            bucket = stack.enter_context(s3.running())
            connection.send((bucket.bucket(), bucket.endpoint, s3.ENVIRONMENT))
        connection.recv()


def reached(kind: str, told: tuple[Any, ...]) -> Places:
    """How a server is reached that told this of itself."""
    from storage.targets.ftp import FtpTarget
    from storage.targets.s3 import S3Target
    from storage.targets.s3_client import S3Client, S3Place
    from storage.targets.sftp import SftpTarget
    from tests.storage.targets.ftp_server import PASSWORD, USER

    if kind == "ftp":
        return lambda name: FtpTarget("127.0.0.1", USER, PASSWORD, port=told[0], folder=name, tls=False)
    if kind == "sftp":
        return lambda name: SftpTarget(
            "127.0.0.1", USER, told[1], port=told[0], password=PASSWORD, folder=name
        )
    os.environ.update(told[2])
    client = S3Client(S3Place(told[0], endpoint=told[1]))
    return lambda name: S3Target(client, name)


def described(kind: str, told: tuple[Any, ...], name: str) -> Spec | None:
    """The same for settings, where helpers are of use."""
    if kind not in ("s3", "wire"):
        return None
    return {"name": name, "kind": "s3", "bucket": told[0], "endpoint": told[1], "prefix": name}


def measure(kind: str, calls: int, size: int, rounds: int) -> str:
    """One line of the table: medians of rounds in which each is done in turn."""
    seconds: dict[str, list[float]] = {"bare": [], "verified": [], "copied": []}
    with tempfile.TemporaryDirectory() as place, places(kind, Path(place)) as (targets, specs):
        catalogue, home, blobs = fill(Path(place), calls, size)
        for number in range(rounds):
            seconds["bare"].append(bare(targets(f"bare{number}"), blobs, verified=False))
            seconds["verified"].append(bare(targets(f"verified{number}"), blobs, verified=True))
            name = f"c{number}"
            seconds["copied"].append(copied(catalogue, home, name, targets(name), specs(name)))
        catalogue.close()
    middle = {name: statistics.median(values) for name, values in seconds.items()}
    total = sum(map(len, blobs.values()))
    return (
        f"{kind:6} {calls / middle['copied']:8.0f} {total / middle['copied'] / 1e6:8.1f} "
        f"{middle['copied'] / middle['bare']:12.2f} {middle['copied'] / middle['verified']:12.2f}"
    )


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"among {', '.join(KINDS)}; all without any")
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--kilobytes", type=int, default=500, help="of audio a call")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    print(f"{'':6} {'calls/s':>8} {'MB/s':>8} {'x bare':>12} {'x verified':>12}")
    for kind in asked.kinds or KINDS:
        print(measure(kind, asked.calls, asked.kilobytes * 1000, asked.rounds), flush=True)


if __name__ == "__main__":
    main()
