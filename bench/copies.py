"""What copying calls costs beside a bare upload of the same bytes, to a folder and to servers of each kind.

Run: ``python -m bench.copies [--calls 200] [--bytes 500000] [--rounds 3] [--line MBIT] [KIND]...``; KIND is
local, ftp, sftp, s3, wire.

The server runs in a process of its own. Bare is ``put`` of the blobs alone, as many at a time as copying
does; copying also reads everything back, keeps the backlog and writes down what was copied. Verified is the
bare upload and reading back alone, the least that can be done for a copy that is to be trusted. ``s3`` is a
server written in Python, slower than its clients; ``wire`` the same client and a server that is not. To both,
many calls are copied by several processes, as ``serve`` and ``backup`` do; bare and verified are of one.

``of HTTP`` is the rate of copying to the last two beside that of a plain PUT and GET of the same bytes over
the same line to the same server, without SDK, signature or checksum: the wire's own rate, which is the column
before. Loopback carries more than anybody has; ``--line 100`` makes it one of 100 Mbit/s each way (as root,
in a network namespace of its own), and ``of line`` is what of that is used in either direction. All MB/s are
those of the blobs in one direction; what is copied goes there and comes back.
"""

import argparse
import hashlib
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.bare_http import put_and_get
from bench.line import shape, within_namespace
from bench.object_server import BUCKET, missing, object_server
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
BY_HTTP = ("s3", "wire")
BY_ONE_PORT = ("sftp", *BY_HTTP)
"""Those that a line can lie before."""
_PEAKS, _SIDECAR = 5_000, 6_000
NOW = datetime(2026, 11, 22, tzinfo=UTC)
Spec = dict[str, object]


def fill(folder: Path, calls: int, size: int) -> tuple[Catalogue, LocalTarget, dict[str, Path]]:
    """An archive of so many calls with ``size`` bytes of audio, and where all its blobs are."""
    catalogue = Catalogue(sqlite_url(folder / "catalogue.db"))
    home = LocalTarget(folder / "archive")
    blobs: dict[str, Path] = {}
    items = []
    for number in range(calls):
        start = NOW - timedelta(minutes=calls - number)
        call = Call(id=f"call-{number:08}", start=start, end=start, duration=0, state=CallState.ANSWERED)
        names = ((peaks_name(call), _PEAKS), (audio_name(call, "opus"), size), (sidecar_name(call), _SIDECAR))
        copies = []
        # The sound goes as packets that stay closed: those need no recording in the description.
        for name, length in names:
            name = name.replace(".opus", ".packets")  # noqa: PLW2901
            data = os.urandom(length)
            blobs[name] = path = home.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            copies.append(Copy("local", name, length, hashlib.sha256(data).hexdigest(), start))
        items.append((call, copies))
    catalogue.calls.add_many(items)
    return catalogue, home, blobs


def bare(target: Target, blobs: Mapping[str, Path], *, verified: bool) -> float:
    """Seconds of putting the blobs."""

    def put(name: str) -> None:
        target.put(name, blobs[name].read_bytes())
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


def clear(target: Target, blobs: Mapping[str, Path]) -> None:
    """Make room for what follows."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(target.delete, blobs))


@dataclass(frozen=True, slots=True)
class Places:
    """How targets on a server are had."""

    target: Callable[[str], Target]
    """One for each name, all on the same server."""
    spec: Callable[[str], Spec | None] = lambda _: None
    """What settings say of the target of each name, where helpers may open it."""
    port: int = 0
    http: tuple[str, str] | None = None
    """Address and bucket, where it speaks HTTP."""


@contextmanager
def places(kind: str, folder: Path) -> Iterator[Places]:
    """Targets of the kind; servers are stopped in the end."""
    if kind == "local":
        yield Places(lambda name: LocalTarget(folder / name))
        return
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(kind, folder, theirs))
    process.start()
    try:
        yield reached(kind, ours.recv())
    finally:
        ours.send(None)
        process.join()


def serve(kind: str, folder: Path, connection: Connection) -> None:
    """Be the server until told to stop."""
    import logging

    from tests import s3
    from tests.storage.targets import ftp_server, sftp_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # Without a handler it makes one, which tells of every command.
    logging.getLogger("pyftpdlib").addHandler(logging.NullHandler())
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

    port = told[0]
    if kind == "ftp":
        return Places(
            lambda name: FtpTarget("127.0.0.1", USER, PASSWORD, port=port, folder=name, tls=False), port=port
        )
    if kind == "sftp":
        return Places(
            lambda name: SftpTarget("127.0.0.1", USER, told[1], port=port, password=PASSWORD, folder=name),
            port=port,
        )
    bucket, address, environment = told
    os.environ.update(environment)
    client = S3Client(S3Place(bucket, endpoint=address))
    spec = {"kind": "s3", "bucket": bucket, "endpoint": address}
    return Places(
        lambda name: S3Target(client, name),
        lambda name: {**spec, "name": name, "prefix": name},
        urlsplit(address).port or 0,
        (address, bucket),
    )


def measure(kind: str, asked: argparse.Namespace) -> str:
    """One line of the table: medians of rounds in which each is done in turn."""
    seconds: dict[str, list[float]] = {"http": [], "bare": [], "verified": [], "copied": []}
    with tempfile.TemporaryDirectory() as place, places(kind, Path(place)) as found:
        catalogue, home, blobs = fill(Path(place), asked.calls, asked.bytes)
        if asked.line:
            shape(asked.line, found.port)
        for number in range(asked.rounds):
            if found.http is not None:
                address, bucket = found.http
                seconds["http"].append(put_and_get(address, f"{bucket}/http", blobs, AT_ONCE))
            for name in ("bare", "verified"):
                target = found.target(f"{name}{number}")
                seconds[name].append(bare(target, blobs, verified=name == "verified"))
                clear(target, blobs)
            name = f"c{number}"
            target = found.target(name)
            seconds["copied"].append(copied(catalogue, home, name, target, found.spec(name)))
            clear(target, blobs)
        catalogue.close()
        total = sum(path.stat().st_size for path in blobs.values())
    return row(kind, asked, total, {name: statistics.median(each) for name, each in seconds.items() if each})


def row(kind: str, asked: argparse.Namespace, total: int, seconds: Mapping[str, float]) -> str:
    """The line for the seconds that each way took for ``total`` bytes."""
    took = seconds["copied"]
    rate = total / took / 1e6
    text = f"{kind:6} {asked.calls / took:8.1f} {rate:8.1f}"
    text += f" {took / seconds['bare']:8.2f} {took / seconds['verified']:10.2f}"
    http = seconds.get("http")
    text += f" {total / http / 1e6:10.1f} {http / took:8.0%}" if http else f" {'-':>10} {'-':>8}"
    text += f" {rate * 8 / asked.line:8.0%}" if asked.line else ""
    return text


def options() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"among {', '.join(KINDS)}; all without any")
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--bytes", type=int, default=500_000, help="of audio a call")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--line", type=int, metavar="MBIT", help="Mbit/s each way; as root")
    asked = parser.parse_args()
    asked.kinds = asked.kinds or (BY_ONE_PORT if asked.line else KINDS)
    for kind in asked.kinds:
        if kind not in (BY_ONE_PORT if asked.line else KINDS):
            parser.error(f"{kind} is none of {', '.join(BY_ONE_PORT if asked.line else KINDS)}")
    return asked


def main() -> None:
    """Print a table."""
    asked = options()
    if asked.line:
        within_namespace("bench.copies", sys.argv[1:])
    heads = ("calls/s", "MB/s", "x bare", "x verified", "HTTP MB/s", "of HTTP", "of line")
    widths = (8, 8, 8, 10, 10, 8, 8)
    shown = list(zip(heads, widths, strict=True))[: None if asked.line else -1]
    print(f"{'':6} " + " ".join(f"{head:>{width}}" for head, width in shown), flush=True)
    for kind in asked.kinds:
        lacking = missing() if kind == "wire" else None
        print(f"{kind:6} skipped: {lacking}" if lacking else measure(kind, asked), flush=True)


if __name__ == "__main__":
    main()
